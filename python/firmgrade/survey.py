"""Estimates for a population from a stratified sample, as R's `survey` gives them: mean, total, domain_mean.

Every function takes `y` by row and, all optional:

- `strata`: the stratum of each row,
- `weight`: 1/π of each row; without it the stratum's population over its rows, or 1,
- `population`: how many units the stratum has, as {stratum: size}, by row, or one number where there are no strata; with it the variance
  is corrected for the finite population,
- `single`: a stratum of which one of several units was sampled is an error ("fail"), adds nothing ("remove", "certainty"), or its distance
  from the mean of all ("adjust"),
- `level`: of the interval, which is normal.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from firmgrade import _firmgrade
from firmgrade._measure import Estimate, design, labels, numbers, read
from firmgrade.errors import FirmgradeError

__all__ = ["domain_mean", "mean", "total"]


def mean(y: Any, *, strata: Any = None, weight: Any = None, population: Any = None, single: str = "fail", level: float = 0.95) -> Estimate:
    """The mean of `y` in the population (Hájek): a float with `se`, `low`, `high`.

    V = Σ_h (1 − n_h/N_h) n_h/(n_h − 1) Σ (w u − mean_h)², u = (y − mean)/Σw. Raises FirmgradeError with every fault.

    >>> found = fg.survey.mean([1, 3, 4, 4, 10], strata=["a", "a", "b", "b", "b"], population={"a": 10, "b": 20})
    >>> round(found, 4), round(found.se, 4)
    (4.6667, 1.2649)
    """
    column = numbers(y, "y")
    return _one("mean", column, design(len(column), strata, weight, population, single), level)


def total(y: Any, *, strata: Any = None, weight: Any = None, population: Any = None, single: str = "fail", level: float = 0.95) -> Estimate:
    """The total of `y` over the population (Horvitz–Thompson): a float with `se`, `low`, `high`.

    The total over a domain is that of `y` with 0 outside of it. Raises FirmgradeError with every fault.

    >>> fg.survey.total([1, 3, 4, 4, 10], strata=["a", "a", "b", "b", "b"], population={"a": 10, "b": 20}).value
    140.0
    """
    column = numbers(y, "y")
    return _one("total", column, design(len(column), strata, weight, population, single), level)


def domain_mean(
    y: Any, domain: Any, *, strata: Any = None, weight: Any = None, population: Any = None, single: str = "fail", level: float = 0.95
) -> Any:
    """The mean of `y` in parts of the population: {label: mean} by the labels of `domain`, or one mean where `domain` says True or False by row.

    Rows outside of a domain stay in the variance: how many fall into it is itself chance. Raises FirmgradeError with every fault.

    >>> y, stratum = [1, 3, 4, 4, 10], ["a", "a", "b", "b", "b"]
    >>> round(fg.survey.domain_mean(y, [True, False, True, True, False], strata=stratum, population={"a": 10, "b": 20}), 4)
    3.1818
    >>> {label: float(mean) for label, mean in fg.survey.domain_mean(y, stratum).items()}
    {'a': 2.0, 'b': 6.0}
    """
    column = numbers(y, "y")
    places, names = labels(domain, "domain")
    sampled = design(len(column), strata, weight, population, single)
    if all(isinstance(name, (bool, np.bool_)) for name in names):
        places, names = labels(domain, "domain", [False, True])
        if not places.any():
            raise FirmgradeError("the domain is True in no row, expected at least one")
        return read(_firmgrade._survey("mean", column, places, sampled, level))[1]
    found = read(_firmgrade._survey("mean", column, places, sampled, level))
    return dict(zip(names, found, strict=False))


def _one(what: str, column: Any, sampled: tuple[Any, ...], level: float) -> Estimate:
    found: Estimate = read(_firmgrade._survey(what, column, None, sampled, level))
    return found
