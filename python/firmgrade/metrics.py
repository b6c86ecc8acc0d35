"""What scores and grades are worth, measured on outcomes, with 95 % intervals.

Discrimination: auc, gini, auc_difference, ks, roc, lift. Probabilities: brier, log_loss, calibration, reliability, hosmer_lemeshow. Grades:
rate_by_grade, concentration, transition. Indicators and drift: woe_iv, psi, csi. All of it: performance.

Columns are lists or anything numpy reads: arrays, Series of pandas and polars. A score is higher for riskier firms and an outcome is 1 or
True for bad, as in scikit-learn. Missing values are refused with their rows, never dropped. Weights are 1/π. Results are floats that carry
their uncertainty (`.value`, `.se`, `.low`, `.high`). Whatever is refused raises FirmgradeError with every fault.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from firmgrade import _firmgrade
from firmgrade._measure import Estimate, Result, design, estimate, labels, numbers, outcomes, read
from firmgrade.errors import FirmgradeError

__all__ = [
    "Curve",
    "Estimate",
    "Result",
    "auc",
    "auc_difference",
    "brier",
    "calibration",
    "concentration",
    "csi",
    "gini",
    "hosmer_lemeshow",
    "indicators",
    "ks",
    "lift",
    "log_loss",
    "performance",
    "psi",
    "rate_by_grade",
    "reliability",
    "roc",
    "transition",
    "woe_iv",
]


class Curve(NamedTuple):
    """A score's ROC and CAP: one point for each distinct score from the highest down, after (0, 0)."""

    false_positive: npt.NDArray[np.float64]
    """Share of the good flagged."""
    true_positive: npt.NDArray[np.float64]
    """Share of the bad flagged."""
    threshold: npt.NDArray[np.float64]
    """Firms with this score or more are flagged; infinity first."""
    flagged: npt.NDArray[np.float64]
    """Share of all firms flagged: `true_positive` over it is the CAP (Lorenz, gains) curve."""


def auc(
    score: Any,
    outcome: Any,
    weight: Any = None,
    *,
    strata: Any = None,
    population: Any = None,
    single: str = "fail",
    level: float = 0.95,
) -> Estimate:
    """The area under the ROC curve: the chance that a bad firm scores higher than a good one, ties one half. A float, with `bad`, `good`,
    `variance` as well.

    The interval is made on the logit scale from DeLong's variance; with weights from the linearised one, with `strata` and `population` (see
    :mod:`firmgrade.survey`) from that of stratified sampling, both with Student's t. An area of 0 or 1 gets Clopper & Pearson's bounds.

    >>> area = fg.metrics.auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    >>> area == 0.75, area.bad, area.good
    (True, 2, 2)
    """
    s, y = numbers(score, "score"), outcomes(outcome)
    return estimate(_firmgrade._auc(s, y, design(len(s), strata, weight, population, single), level))


def gini(
    score: Any,
    outcome: Any,
    weight: Any = None,
    *,
    strata: Any = None,
    population: Any = None,
    single: str = "fail",
    level: float = 0.95,
) -> Estimate:
    """Gini's coefficient of a score, which is the accuracy ratio: 2·AUC − 1, with the interval of :func:`auc`.

    >>> fg.metrics.gini([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).value
    0.5
    """
    s, y = numbers(score, "score"), outcomes(outcome)
    return estimate(_firmgrade._gini(s, y, design(len(s), strata, weight, population, single), level))


def auc_difference(
    first: Any,
    second: Any,
    outcome: Any,
    weight: Any = None,
    *,
    strata: Any = None,
    population: Any = None,
    single: str = "fail",
    level: float = 0.95,
) -> Estimate:
    """The difference of two areas on the same firms, first less second, with `p` (two-sided), and both areas as `first` and `second`.

    Without a design DeLong's paired test; with one the same from linearised variables.

    >>> found = fg.metrics.auc_difference([1, 2, 3, 4], [1, 3, 2, 4], [0, 0, 1, 1])
    >>> found.value, found.first.value, found.second.value
    (0.25, 1.0, 0.75)
    """
    a, b, y = numbers(first, "first score"), numbers(second, "second score"), outcomes(outcome)
    found = read(_firmgrade._auc_difference(a, b, y, design(len(a), strata, weight, population, single), level))
    return Estimate(found.difference.to_dict() | {"p": found.p, "first": found.first, "second": found.second})


def ks(score: Any, outcome: Any, weight: Any = None) -> Estimate:
    """The Kolmogorov–Smirnov distance between the scores of the bad and the good, from 0 to 1, with `threshold` (flag that score and more) and
    `p` (Kolmogorov's limit). Rows are sorted by score; rows with the same score pass together. The interval takes the threshold as given.

    >>> fg.metrics.ks([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).value
    0.5
    """
    return estimate(_firmgrade._ks(numbers(score, "score"), outcomes(outcome), _weight(weight)))


def roc(score: Any, outcome: Any, weight: Any = None) -> Curve:
    """The ROC and CAP curves, every distinct score a point.

    >>> fpr, tpr, threshold, flagged = fg.metrics.roc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    >>> fpr.tolist(), tpr.tolist()
    ([0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0])
    """
    return Curve(*_firmgrade._curve(numbers(score, "score"), outcomes(outcome), _weight(weight)))


def lift(score: Any, outcome: Any, share: float = 0.1, weight: Any = None) -> Estimate:
    """How much richer in bad firms the riskiest `share` is than all firms, with `capture` (the share of all bad firms in it) and `rate`. Firms
    with the same score at the limit count in part.

    >>> found = fg.metrics.lift([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1], share=0.25)
    >>> found.value, found.capture.value, found.rate
    (2.0, 0.5, 1.0)
    """
    found = read(_firmgrade._lift(numbers(score, "score"), outcomes(outcome), share, _weight(weight)))
    return Estimate(found.lift.to_dict() | {"share": found.share, "capture": found.capture, "rate": found.rate})


def brier(p: Any, outcome: Any, weight: Any = None) -> Estimate:
    """The Brier score, the mean of (p − y)².

    >>> round(fg.metrics.brier([0.1, 0.9, 0.8, 0.3], [0, 1, 1, 0]), 6)
    0.0375
    """
    return estimate(_firmgrade._brier(numbers(p, "probability"), outcomes(outcome), _weight(weight)))


def log_loss(p: Any, outcome: Any, weight: Any = None) -> Estimate:
    """The log-loss, the mean of −ln p of what happened; 0 and 1 count as 2.2e-16 and 1 less that, as in scikit-learn.

    >>> round(fg.metrics.log_loss([0.9, 0.1, 0.2, 0.65], [1, 0, 0, 1]), 5)
    0.21616
    """
    return estimate(_firmgrade._log_loss(numbers(p, "probability"), outcomes(outcome), _weight(weight)))


def calibration(p: Any, outcome: Any, weight: Any = None, *, strata: Any = None, population: Any = None, single: str = "fail") -> Result:
    """Do probabilities hold as a whole? `intercept` (0 where the level holds), `slope` (1 where the spread holds), `intercept_with_slope`,
    `observed` rate and `expected`, by logistic regression on logit p (Cox 1958).

    >>> found = fg.metrics.calibration([0.25] * 10 + [0.5] * 10, [1] * 3 + [0] * 7 + [1] * 4 + [0] * 6)
    >>> found.observed.value, found.expected, round(found.slope, 3)
    (0.35, 0.375, 0.402)
    """
    column, y = numbers(p, "probability"), outcomes(outcome)
    found: Result = read(_firmgrade._calibration(column, y, design(len(column), strata, weight, population, single)))
    return found


def reliability(p: Any, outcome: Any, weight: Any = None, *, groups: int = 10, ties: str = "together") -> list[Result]:
    """The reliability table: for each group `from`, `to`, `rows`, `observed`, `expected`, `predicted` and the `rate`. `ties` as in
    :func:`hosmer_lemeshow`.

    >>> [(row.rows, row.predicted, row.rate.value) for row in fg.metrics.reliability([0.2, 0.2, 0.6, 0.6], [0, 0, 0, 1], groups=2)]
    [(2, 0.2, 0.0), (2, 0.6, 0.5)]
    """
    found: list[Result] = read(_firmgrade._reliability(numbers(p, "probability"), outcomes(outcome), _weight(weight), groups, ties))
    return found


def hosmer_lemeshow(p: Any, outcome: Any, groups: int = 10, ties: str = "together", fitted: bool = True, *, weight: Any = None) -> Estimate:
    """Hosmer & Lemeshow's statistic, with `p`, `freedom`, `groups` and `ties`. The statistic depends on how groups are made:

    - "together": groups end at the quantiles of p (type 7, closed on the right), as R's hoslem.test and pandas' qcut do;
    - "blocks": groups fill up to ⌊n/g + ½⌋ rows, a value's rows staying together, as SAS does;
    - "split": equal counts, rows with the same p in the order in which they stand.

    `fitted`: p was fitted to these outcomes, and the degrees of freedom are groups − 2; otherwise as many as groups.

    Raises FirmgradeError for a `weight` that is not the same for all rows: the statistic then has no χ² law, and Archer and Lemeshow's Wald
    test of mean residuals, made for such samples, refuses true probabilities in half of all samples and more where bad outcomes are
    rare. :func:`reliability`, and the intercept and slope of :func:`calibration`, hold with weights.

    >>> found = fg.metrics.hosmer_lemeshow([0.25] * 10 + [0.5] * 10, [1] * 3 + [0] * 7 + [1] * 4 + [0] * 6, fitted=False)
    >>> round(found, 4), found.freedom, round(found.p, 4)
    (0.5333, 2, 0.7659)
    """
    column, y = numbers(p, "probability"), outcomes(outcome)
    return estimate(_firmgrade._hosmer_lemeshow(column, y, _weight(weight), groups, ties, fitted), "statistic")


def rate_by_grade(
    grade: Any,
    outcome: Any,
    weight: Any = None,
    *,
    grades: Any = None,
    strata: Any = None,
    population: Any = None,
    single: str = "fail",
) -> Result:
    """Bad outcomes by grade, `grades` from the best to the riskiest (sorted where left out): `rates` by grade with Clopper & Pearson's bounds,
    with weights Korn & Graubard's; `steps` between neighbours with one-sided `p`; `monotone`, `isotonic` rates, and whether anything is
    `estimable` ("open", "narrow", "shut").

    >>> found = fg.metrics.rate_by_grade(["A"] * 60 + ["B"] * 40, [0] * 60 + [1] * 10 + [0] * 30)
    >>> found.rates["A"].value, round(found.rates["A"].high, 4), found.rates["B"].value, found.monotone
    (0.0, 0.0596, 0.25, True)
    """
    places, names = labels(grade, "grade", grades)
    sampled = design(len(places), strata, weight, population, single)
    found = read(_firmgrade._rate_by_grade(places, len(names), outcomes(outcome), sampled))
    rates = {
        name: Estimate(one.rate.to_dict() | {field: one[field] for field in ("rows", "bad", "firms", "effective")})
        for name, one in zip(names, found.rates.grades, strict=True)
    }
    steps = [Estimate(step.difference.to_dict() | {"p": step.p}) for step in found.rates.steps]
    least = found.estimable.least_sampled
    return Result(
        {
            "grades": names,
            "rates": rates,
            "bounds": found.rates.bounds,
            "steps": steps,
            "monotone": found.rates.monotone,
            "isotonic": dict(zip(names, found.rates.isotonic, strict=True)),
            "estimable": found.estimable.gate,
            "expected": found.estimable.expected,
            "least_sampled": None if least is None else names[least],
        }
    )


def concentration(counts: Any) -> Result:
    """How far firms gather in few grades, from counts by grade: `herfindahl` = Σ share², `normalised` from 0 to 1, `effective` = 1/herfindahl.

    >>> fg.metrics.concentration([50, 50]).herfindahl
    0.5
    """
    found: Result = read(_firmgrade._concentration(numbers(counts, "counts")))
    return found


def psi(expected: Any, actual: Any, bins: Any = None, *, empty: str | float = "half") -> Estimate:
    """The population stability index Σ (a − e) ln(a/e), with `expected`, `actual`, `parts` by bin, and `edges`.

    Without `bins`, `expected` and `actual` are counts or shares by bin (shares where they sum to 1 within 2 %, taken as they are). With
    `bins` they are values: a number of bins between quantiles of `expected`, or ascending edges, each the upper end of its bin.

    An `empty` bin counts as half a firm ("half"; needs counts), as a share such as 0.0001, is left out ("skip"), or is an error ("fail").

    >>> round(fg.metrics.psi([0.2, 0.5, 0.3], [0.3, 0.5, 0.2]), 4)
    0.0811
    >>> fg.metrics.psi(range(100), range(100), bins=10).value
    0.0
    """
    e, a = numbers(expected, "expected"), numbers(actual, "actual")
    if bins is None and (len(e) != len(a) or len(e) > 200):
        raise FirmgradeError(f"found {len(e)} expected and {len(a)} actual numbers, expected counts by bin; for values give bins=10")
    edges = None if bins is None or np.ndim(bins) == 0 else numbers(bins, "bins")
    return estimate(_firmgrade._psi(e, a, None if bins is None or edges is not None else int(bins), edges, empty))


def csi(expected: Any, actual: Any, points: Any) -> float:
    """The characteristic stability index of an indicator, Σ (a − e)·points over its bands: how far its mean points moved because firms moved
    between bands. `expected` and `actual` are counts or shares by band.

    >>> round(fg.metrics.csi([50, 50], [30, 70], [10, 40]), 6)
    6.0
    """
    return _firmgrade._csi(numbers(expected, "expected"), numbers(actual, "actual"), numbers(points, "points"))


def woe_iv(bins: Any, outcome: Any, weight: Any = None, *, empty: str | float = "half", sign: str = "bad_over_good") -> Estimate:
    """The information value of an indicator's bins, with `iv`, `woe` by bin and a `table` (good, bad, share, rate, woe, iv) by bin.

    `bins` are labels. `sign`: "bad_over_good" is ln(share of the bad / share of the good), above 0 riskier than average, as in toad;
    "good_over_bad" is its opposite, as in Siddiqi's book, SAS and optbinning. The information value is the same. A bin without bad or without good
    firms counts half a firm there (`empty`, as in :func:`psi`).

    >>> found = fg.metrics.woe_iv(["old"] * 65 + ["young"] * 55, [1] * 5 + [0] * 60 + [1] * 15 + [0] * 40)
    >>> round(found, 4), {bin: round(woe, 4) for bin, woe in found.woe.items()}
    (0.5264, {'old': -0.8755, 'young': 0.6286})
    """
    places, names = labels(bins, "bins")
    found = read(_firmgrade._woe_iv((places, len(names)), outcomes(outcome), _weight(weight), empty, sign))
    table = dict(zip(names, found.bins, strict=True))
    woe = {name: row.woe for name, row in table.items()}
    return Estimate({"value": found.iv, "iv": found.iv, "woe": woe, "table": table, "sign": found.sign})


def indicators(columns: Any, outcome: Any, weight: Any = None, *, bins: int = 10) -> dict[str, Result]:
    """What single indicators are worth: for each column of numbers `missing`, `commonest` (share of its commonest value), `distinct`, `edges`
    of the bins between quantiles, `woe` (with `iv`; a missing value is a bin of its own), `ks` and `auc` over rows with a value.

    `columns` is a frame of polars or pandas, or {name: column}. Only here a missing value is no error.

    >>> found = fg.metrics.indicators({"late": [0, 1, 3, None], "size": [5, 5, 5, 5]}, [0, 0, 1, 1], bins=2)
    >>> found["late"].missing, found["late"].auc.value, found["size"].distinct
    (0.25, 1.0, 1)
    """
    names = [str(name) for name in (columns.columns if hasattr(columns, "columns") else columns)]
    arrays = [numbers(columns[name], f"indicator `{name}`") for name in names]
    found = read(_firmgrade._indicators(arrays, outcomes(outcome), _weight(weight), bins))
    return dict(zip(names, found, strict=True))


def transition(before: Any, after: Any, grades: Any = None) -> Result:
    """Firms by grade before (rows) and after (columns): `counts`, `shares` of each row, `grades`, and the shares of all firms that `stayed` or
    whose grade is `better` (earlier in `grades`, sorted where left out) or `worse`.

    >>> found = fg.metrics.transition(["A", "A", "B", "C"], ["A", "B", "B", "A"])
    >>> found.counts.tolist(), found.shares[0].tolist(), found.stayed
    ([[1, 1, 0], [0, 1, 0], [1, 0, 0]], [0.5, 0.5, 0.0], 0.5)
    """
    if grades is None:
        rows = labels(before, "grade before")[1] + labels(after, "grade after")[1]
        grades = labels(list(dict.fromkeys(rows)), "grade")[1]
    first, names = labels(before, "grade before", grades)
    second, _ = labels(after, "grade after", grades)
    found = dict(read(_firmgrade._transition(first, second, len(names))))
    return Result(found | {"grades": names, "counts": np.array(found["counts"]), "shares": np.array(found["shares"])})


def performance(
    score: Any,
    grade: Any,
    outcome: Any,
    weight: Any = None,
    *,
    grades: Any = None,
    source: Any = None,
    strata: Any = None,
    population: Any = None,
    single: str = "fail",
    probability: Any = None,
    challenger: Any = None,
    by: Any = None,
    before: Any = None,
    now: Any = None,
) -> Result:
    """The yearly performance report in numbers: `verdict` (in words, `en` and `zh`), `method`, `estimable`, `discrimination`, `grades`,
    `calibration`, `stability`, `groups`, `challenger`.

    `source` is "random", "event" or "special" by row: only random rows enter. `by` is {name: labels by row}, such as trade, region, size;
    `probability` gives the calibration part, `challenger` another score to compare with; `before` and `now` are the gradings of all firms that have
    both. Where fewer than five bad outcomes are to be expected in the grade sampled least, nothing is estimable and the verdict says so.

    >>> import random
    >>> chance = random.Random(1)
    >>> grade = [chance.choice("ABCD") for _ in range(4000)]
    >>> outcome = [chance.random() < {"A": 0.02, "B": 0.06, "C": 0.12, "D": 0.3}[g] for g in grade]
    >>> print(fg.metrics.performance(["ABCD".index(g) for g in grade], grade, outcome).verdict.en[:19])
    The grades separate
    """
    s, y = numbers(score, "score"), outcomes(outcome)
    places, names = labels(grade, "grade", grades)
    sources = None if source is None else labels(source, "source", ["random", "event", "special"])[0].astype(np.uint8)
    dimensions = []
    for name, column in (by or {}).items():
        group, members = labels(column, name)
        dimensions.append((name, [str(member) for member in members], group))
    if (before is None) != (now is None):
        raise FirmgradeError("`before` and `now` belong together: give the gradings of the same firms at both times")
    gradings = None if before is None else (labels(before, "grade before", names)[0], labels(now, "grade now", names)[0])
    others = (
        None if probability is None else numbers(probability, "probability"),
        None if challenger is None else numbers(challenger, "challenger"),
    )
    sampled = design(len(s), strata, weight, population, single)
    text = _firmgrade._performance((s, places, y, sources), [str(name) for name in names], sampled, others, dimensions, gradings)
    found: Result = read(text)
    return found


def _weight(weight: Any) -> Any:
    return None if weight is None else numbers(weight, "weight")
