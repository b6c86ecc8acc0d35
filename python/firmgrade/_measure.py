"""Columns of any library as arrays, and results of the engine as numbers that carry their uncertainty."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from firmgrade.errors import FirmgradeError


class Result(Mapping[str, Any]):
    """What was found: fields by name, as attributes or by ``["name"]``."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self.__dict__.update(fields)

    def __getitem__(self, name: str) -> Any:
        return self.__dict__[name]

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"found no `{name}`, only {', '.join(f'`{field}`' for field in self.__dict__)}")

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __len__(self) -> int:
        return len(self.__dict__)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"`{name}` cannot be set: results do not change")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self.__dict__),)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


class Estimate(float):
    """A number with what is known about it: a float in every computation and comparison, with ``value``, mostly ``se``, ``low`` and ``high``
    (standard error and ends of the interval), and whatever else its metric gives; by attribute or by ``["name"]``.
    """

    def __new__(cls, fields: Mapping[str, Any]) -> Estimate:  # noqa: PYI034 (Self needs Python 3.11)
        made = super().__new__(cls, fields["value"])
        made.__dict__.update(fields)
        return made

    def __getitem__(self, name: str) -> Any:
        return self.__dict__[name]

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"found no `{name}`, only {', '.join(f'`{field}`' for field in self.__dict__)}")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"`{name}` cannot be set: results do not change")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self.__dict__),)

    def to_dict(self) -> dict[str, Any]:
        """All fields."""
        return dict(self.__dict__)

    def __str__(self) -> str:
        return float.__repr__(self)

    def __repr__(self) -> str:
        if "low" not in self.__dict__:
            return f"{float(self):.6g}"
        return f"{float(self):.6g} ({self.low:.6g} to {self.high:.6g})"


def wrap(found: Any) -> Any:
    """What the engine gave, estimates as numbers."""
    if isinstance(found, list):
        return [wrap(one) for one in found]
    if not isinstance(found, dict):
        return found
    if found.keys() >= {"value", "se", "low", "high"}:
        # JSON has no word for a number that is none.
        numbers = {name: math.nan if found[name] is None else found[name] for name in ("value", "se", "low", "high")}
        return Estimate({name: wrap(value) for name, value in found.items()} | numbers)
    return Result({name: wrap(value) for name, value in found.items()})


def read(text: str) -> Any:
    """Results from the engine's JSON."""
    return wrap(json.loads(text))


def estimate(text: str, value: str = "value") -> Estimate:
    """A result whose number is the field `value`."""
    fields = json.loads(text)
    # JSON has no word for infinity: a group in which what could not happen did happen.
    number = math.inf if fields[value] is None else fields[value]
    return Estimate({"value": number} | {name: wrap(field) for name, field in fields.items()})


def numbers(column: Any, what: str) -> npt.NDArray[np.float64]:
    """A column as float64, missing values as NaN; the engine names them."""
    try:
        if hasattr(column, "isna"):  # pandas, whose nullable columns turn to objects otherwise
            array = np.asarray(column.to_numpy(dtype="float64", na_value=np.nan))
        else:
            array = np.asarray(column, dtype="float64")
    except (TypeError, ValueError) as error:
        raise FirmgradeError(f"the {what} cannot be read as numbers: {error}") from None
    if array.ndim != 1:
        raise FirmgradeError(f"the {what} has shape {array.shape}, expected one number for each row")
    return np.ascontiguousarray(array)


def outcomes(column: Any) -> npt.NDArray[np.bool_]:
    """A column of outcomes: booleans, or 1 for bad and 0 for good."""
    array = numbers(column, "outcome")
    other = np.flatnonzero((array != 0) & (array != 1))
    if other.size:
        rows = ", ".join(f"row {row + 1}: {array[row]:g}" for row in other[:5])
        raise FirmgradeError(f"the outcome has {other.size} values other than 0 and 1 ({rows}); give 1 or True for a bad outcome")
    return np.equal(array, 1)


def labels(column: Any, what: str, order: Any = None) -> tuple[npt.NDArray[np.uint32], list[Any]]:
    """A column of labels as places in a list: in `order`, or sorted."""
    if order is None and isinstance(column, np.ndarray) and column.ndim == 1 and column.dtype.kind in "biu":
        found, at = np.unique(column, return_inverse=True)
        return at.astype(np.uint32), found.tolist()
    values = column.tolist() if hasattr(column, "tolist") else column.to_list() if hasattr(column, "to_list") else list(column)
    missing = [row for row, value in enumerate(values) if value is None or (isinstance(value, float) and math.isnan(value))]
    if missing:
        rows = ", ".join(f"row {row + 1}" for row in missing[:5])
        raise FirmgradeError(f"the {what} has {len(missing)} missing values ({rows}); fill them in, or leave these rows out of all columns")
    if order is None:
        seen = set(values)
        try:
            names = sorted(seen)
        except TypeError:
            names = sorted(seen, key=str)
    else:
        names = list(order)
    places = {name: place for place, name in enumerate(names)}
    unknown = sorted({str(value) for value in values if value not in places})
    if unknown:
        raise FirmgradeError(f"the {what} has {', '.join(f'`{one}`' for one in unknown[:5])}, expected one of {names}")
    return np.fromiter((places[value] for value in values), dtype=np.uint32, count=len(values)), names


def design(rows: int, strata: Any, weight: Any, population: Any, single: str) -> tuple[Any, ...]:
    """How rows were sampled, as the engine takes it. `population` is a number for each row, by stratum, or one for all."""
    places, names = (None, []) if strata is None else labels(strata, "stratum")
    if population is not None:
        if isinstance(population, Mapping):
            if places is None:
                raise FirmgradeError("population: a size by stratum needs `strata`")
            lacking = [name for name in names if name not in population]
            if lacking:
                raise FirmgradeError(f"population: found no size of {', '.join(f'`{name}`' for name in lacking)}")
            population = np.array([population[name] for name in names], dtype="float64")[places]
        elif np.ndim(population) == 0:
            if len(names) > 1:
                raise FirmgradeError("population: several strata need a size for each, by stratum or by row")
            population = np.full(rows, float(population))
        else:
            population = numbers(population, "population")
    return (None if weight is None else numbers(weight, "weight"), places, population, single)
