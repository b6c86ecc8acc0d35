"""The card as every peer reads it: TOML in, one list of indicators with ready products out.

Covers what data.py writes: one level of criteria, direct weights, bands with closed upper bounds,
categories, flags, missing = "worst", a scale where high is better, no rounding, no overrides.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace

import numpy as np
import polars as pl


@dataclass(frozen=True)
class Indicator:
    """One indicator; `terms[code]` is global weight × risk of that band, label or flag."""

    column: str
    kind: str  # number | category | flag
    edges: tuple[float, ...]  # number: x <= edges[0] is band 0, …, above the last is the last band
    labels: tuple[str, ...]  # category: code = place in this list; a flag's codes are 0 and 1
    terms: tuple[float, ...]

    @property
    def missing(self) -> float:
        """The term of a missing cell: the worst of the indicator."""
        return max(self.terms)

    @property
    def lost(self) -> np.ndarray:
        """Points below the indicator's best (on a scale of 1000) for each code, last a missing cell.

        Rounded far below the card's step of 1e-7, so that equal losses are equal numbers and the
        rule "ties in document order" does not hang on the last bit.
        """
        terms = np.array([*self.terms, self.missing])
        return np.round((terms - terms.min()) * 1000.0, 9)


@dataclass(frozen=True)
class Card:
    """Indicators in document order, the scale and the cuts, highest first."""

    id_column: str
    indicators: tuple[Indicator, ...]
    low: float
    high: float
    cuts: tuple[float, ...]

    def of(self, *kinds: str) -> list[int]:
        """Places of the indicators of these kinds, in document order."""
        return [j for j, i in enumerate(self.indicators) if i.kind in kinds]

    def names(self, *kinds: str) -> list[str]:
        """Columns of the indicators of these kinds, in document order."""
        return [self.indicators[j].column for j in self.of(*kinds)]

    def table(self) -> np.ndarray:
        """Terms as (indicators, 16): a row for each indicator, its missing term after its last."""
        table = np.zeros((len(self.indicators), 16))
        for row, indicator in zip(table, self.indicators):
            row[: len(indicator.terms)] = indicator.terms
            row[len(indicator.terms)] = indicator.missing
        return table

    def aligned(self, frame: pl.DataFrame) -> Card:
        """The same card with the labels of each pl.Enum column in the order of its dtype, so that
        its physical codes are the card's codes. Document order of the indicators stays."""
        made = []
        for i in self.indicators:
            if isinstance(frame.schema[i.column], pl.Enum):
                labels = tuple(frame.schema[i.column].categories)
                i = replace(i, labels=labels, terms=tuple(i.terms[i.labels.index(x)] for x in labels))
            made.append(i)
        return replace(self, indicators=tuple(made))

    def finish(self, total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Sums of terms to (score, grade); `total` is overwritten."""
        np.multiply(total, self.low - self.high, out=total)
        np.add(total, self.high, out=total)
        grade = np.zeros(len(total), dtype=np.uint8)
        for cut in self.cuts:
            grade += (total < cut).view(np.uint8)
        return total, grade


@dataclass(frozen=True)
class Case:
    """What a peer is given: the card as text and parsed, and the firms."""

    text: str
    card: Card
    frame: pl.DataFrame


def parse(text: str) -> Card:
    """Read the card; global weight = criterion's weight × indicator's weight."""
    raw = tomllib.loads(text)
    head, judgments = raw["scorecard"], raw["judgments"]
    indicators = []
    for name, spec in raw["indicators"].items():
        criterion = spec["criterion"]
        local = judgments[criterion]["weights"][name]
        indicators.append(_indicator(name, spec, judgments["root"]["weights"][criterion] * local))
    cuts = tuple(float(c.removeprefix(">=")) for c in raw["grades"]["cuts"])
    scale = head["scale"]
    return Card(head["id_column"], tuple(indicators), scale["min"], scale["max"], cuts)


def _indicator(name: str, spec: dict, weight: float) -> Indicator:
    column = spec.get("column", name)
    edges, labels = (), ()
    if "bands" in spec:
        kind, risks = "number", [b["risk"] for b in spec["bands"]]
        edges = tuple(float(b["upto"]) for b in spec["bands"][:-1])
    elif "flag" in spec:
        kind, risks = "flag", [spec["flag"]["false"], spec["flag"]["true"]]
    else:
        kind, risks = "category", list(spec["categories"].values())
        labels = tuple(spec["categories"])
    return Indicator(column, kind, edges, labels, tuple(weight * r for r in risks))
