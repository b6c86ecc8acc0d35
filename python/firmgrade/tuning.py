"""Doing better from outcomes, beside the weights: columns screened, bands and cut points found, a plain challenger fitted.

Each is a proposal with its reasons. Nothing is changed by any of them: a person adopts, by saving a new card. Outcomes are read as
:func:`firmgrade.evaluate` reads them (only random rows enter), with the keywords `codes`, `early`, `until`, `repeats`, `single`. For weights there
is :func:`firmgrade.tune`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

import polars as pl

from firmgrade import _firmgrade

__all__ = ["Bands", "Challenger", "Screening", "Thresholds", "bands", "challenger", "screen", "thresholds"]


@dataclass(frozen=True)
class Screening:
    """Screened columns; none is dropped by this. Made by :func:`firmgrade.screen`."""

    verdict: str
    """What is proposed, in a sentence."""
    frame: pl.DataFrame
    """One row for each column: column, kind, missing, distinct, top, top_share, iv, iv_p, ks, trend, trend_p, cluster, strongest, nearest,
    nearest_correlation, vif, psi, advice ("keep", "review" or "drop"), reasons (in words). Shares, IV, KS and PSI from 0; trend from −1 to 1."""
    clusters: list[list[str]]
    """Columns that say the same, the strongest first."""
    account: dict[str, int]
    """What became of every row of the outcomes; `read` is the sum of the others."""
    notes: list[str]
    """What had to be concluded, or could not be checked."""

    def columns(self, *advice: str) -> list[str]:
        """The columns with this advice, in their order; without one those that are not proposed to be dropped."""
        return self.frame.filter(pl.col("advice").is_in(advice or ("keep", "review")))["column"].to_list()

    def __repr__(self) -> str:
        return f"Screening({self.verdict})"

    def _repr_html_(self) -> str:
        return f"<p>{self.verdict}</p>" + self.frame.select("column", "iv", "ks", "missing", "psi", "advice", "reasons")._repr_html_()


@dataclass(frozen=True)
class Challenger:
    """A penalised logistic regression on the card's own bands, without the experts. Made by :func:`firmgrade.challenger`."""

    verdict: str
    """What it reaches beside the card, in a sentence."""
    frame: pl.DataFrame
    """One row for each column of the regression: indicator, levels and values (risks and what the column holds for them; empty for the risk
    itself), coefficient (change of the log-odds for one more of the column; it may be below 0)."""
    card: dict[str, float]
    """AUC of the card: value, se, low, high."""
    challenger: dict[str, float]
    """AUC of the challenger fitted without the row's fold."""
    difference: dict[str, float]
    """Challenger minus card, paired."""
    intercept: float
    """The log-odds of a firm whose columns are all 0."""
    penalty: float
    """λ of `½λ Σ β²` on columns of standard deviation 1, chosen by cross-validation."""
    account: dict[str, int]
    """What became of every row of the outcomes; `read` is the sum of the others."""
    notes: list[str]
    """What had to be concluded, or could not be checked."""

    def __repr__(self) -> str:
        return f"Challenger({self.verdict})"


@dataclass(frozen=True)
class _Proposal:
    """What can become a new card."""

    _found: Any = field(repr=False, compare=False)
    _made: tuple[Any, ...] = field(repr=False, compare=False)

    def to_json(self) -> str:
        """All of it as JSON text."""
        return self._found.json()

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, self._made


def _again(verb: str, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
    """What a pickle was made by, made again: the same bits."""
    verbs: dict[str, Any] = {"bands": bands, "thresholds": thresholds}
    return verbs[verb](*args, **keywords)


@dataclass(frozen=True)
class Bands(_Proposal):
    """New bands for indicators of a card. Made by :func:`firmgrade.bands`."""

    kind: str
    """ "proposed", "not_proposed" (no bands, or not surely better) or "not_estimable"."""
    verdict: str
    """The same in a sentence."""
    frame: pl.DataFrame
    """One row for each band: indicator, upto (null for the last band and for categories), categories, missing (whether it is the band of
    rows without a value), rows, share, bad, rate, woe, iv, risk (0 to 1)."""
    indicators: pl.DataFrame
    """One row for each indicator: indicator, bands (how many), taken (whether the new card takes them), iv, p (of an information value as
    large by chance), rising, agreement (correlation
    with the card's risk; below 0 the outcomes say the reverse of what the experts said), words."""
    gain: dict[str, dict[str, float]] | None
    """AUC before and after, and their difference, on rows that the bands have not seen, each with value, se, low, high; None where no bands
    could be found."""
    account: dict[str, int]
    """What became of every row of the outcomes; `read` is the sum of the others."""
    notes: list[str]
    """What had to be concluded, or could not be checked."""

    @property
    def proposed(self) -> bool:
        """Whether the gain lies above 0 with its whole 95 % interval."""
        return self.kind == "proposed"

    def card_text(
        self,
        indicators: str | Iterable[str] = (),
        version: str | None = None,
        id: str | None = None,
        effective_from: str | None = None,
        note: str | None = None,
    ) -> str:
        """The new card as TOML text: the card that was banded, inheritance resolved, with the new bands of `indicators` (all that are taken where
        none are named), `version` (None: the last number of the old one plus one), `id`, `effective_from` (YYYY-MM-DD) and a note of where the
        bands come from, to which `note` is added. The verdict is not asked: whoever writes the card decides.

        Raises FirmgradeError for indicators without new bands, ScorecardError where the result is no card.
        """
        return self._found.card_text(_names(indicators), version, id, effective_from, note)

    def save(
        self,
        path: str | PathLike[str],
        indicators: str | Iterable[str] = (),
        version: str | None = None,
        id: str | None = None,
        effective_from: str | None = None,
        note: str | None = None,
    ) -> None:
        """Writes :meth:`card_text` to a file, which appears whole or not at all. Raises FileError, and as :meth:`card_text`."""
        self._found.save(path, _names(indicators), version, id, effective_from, note)

    def __repr__(self) -> str:
        return f"Bands(kind='{self.kind}')\n{self.verdict}"

    def _repr_html_(self) -> str:
        return f"<p>{self.verdict}</p>" + self.frame.select("indicator", "upto", "categories", "rows", "rate", "risk")._repr_html_()


@dataclass(frozen=True)
class Thresholds(_Proposal):
    """Cut points for an aim, and what they would do. Made by :func:`firmgrade.thresholds`."""

    cuts: list[str] | None
    """As a card's ``cuts`` are written, best grade first; None where a grade would be empty."""
    frame: pl.DataFrame
    """One row for each cut point, best grade first: score, low and high (95 %), se, wanted and reached (share of firms on the good side),
    ties (firms with exactly this score, kept together)."""
    grades: pl.DataFrame
    """One row for each grade, best first: rows, share, bad, rate, days, cost; null where the aim has none."""
    objective: float | None
    """What was reached: inspector-days, twice the log-likelihood above one rate for all, or cost; None for shares."""
    account: dict[str, int]
    """What became of every row of the outcomes; `read` is the sum of the others."""
    notes: list[str]
    """Ties, empty grades, unused days, and what had to be concluded or could not be checked."""

    def card_text(
        self, version: str | None = None, id: str | None = None, effective_from: str | None = None, note: str | None = None
    ) -> str:
        """The new card as TOML text: the card of the grading, inheritance resolved, with these cut points; the rest as for :meth:`Bands.card_text`.

        Raises FirmgradeError for another number of grades than the card scores and where a grade would be empty.
        """
        return self._found.card_text([], version, id, effective_from, note)

    def save(
        self,
        path: str | PathLike[str],
        version: str | None = None,
        id: str | None = None,
        effective_from: str | None = None,
        note: str | None = None,
    ) -> None:
        """Writes :meth:`card_text` to a file, which appears whole or not at all. Raises FileError, and as :meth:`card_text`."""
        self._found.save(path, [], version, id, effective_from, note)

    def __repr__(self) -> str:
        return f"Thresholds(cuts={self.cuts})"

    def _repr_html_(self) -> str:
        return self.frame._repr_html_() + self.grades._repr_html_()


def screen(
    firms: Any,
    outcomes: Any,
    columns: str | Iterable[str] = (),
    card: _firmgrade.Scorecard | None = None,
    period: str | None = None,
    as_of: Any = None,
    codes: Mapping[str, bool | str] | None = None,
    early: str | None = None,
    until: Any = None,
    repeats: str | None = None,
    single: str | None = None,
    **limits: float,
) -> Screening:
    """Screen the columns of a firm table on outcomes: missing values, one value for nearly all, information value, KS, trend, likeness to other
    columns (rank correlation, variance inflation), drift between periods.

    `columns` are those of the card where none are named, and without a card all that hold numbers, text or flags; the id is the card's, or the
    first column. `period` names a column whose values in order are the periods. Outcomes must come after `as_of`. `limits` set the
    engine's, each a custom of the trade: cells (10), missing_drop (0.95), missing_review (0.5), same_drop (0.99), same_review (0.95), chance (0.1),
    iv_weak (0.02), iv_suspicious (0.5), correlated (0.8), vif (10), psi (0.25).

    Raises DataError with every fault of the tables, FirmgradeError for what cannot be screened, ValueError for an unknown word or limit.
    """
    read = {"codes": codes, "early": early, "until": until, "repeats": repeats, "single": single}
    found = json.loads(_firmgrade._screen(firms, outcomes, card, _names(columns), period, as_of, limits, read))
    rows = []
    for column in found["columns"]:
        nearest = column["nearest"] or (None, None)
        reasons = [reason["words"] for reason in column["reasons"]]
        rows.append({**column, "nearest": nearest[0], "nearest_correlation": nearest[1], "reasons": reasons})
    return Screening(found["words"], _frame(rows, _SCREENED), found["clusters"], found["account"], found["notes"])


def challenger(
    graded: _firmgrade.Graded,
    outcomes: Any,
    encoding: str | None = None,
    folds: int | None = None,
    seed: int | None = None,
    lambdas: Iterable[float] | None = None,
    codes: Mapping[str, bool | str] | None = None,
    early: str | None = None,
    until: Any = None,
    repeats: str | None = None,
    single: str | None = None,
) -> Challenger:
    """What one would fit without the experts: a penalised logistic regression on the card's own bands, beside the card, on rows not seen.

    `encoding` is what it sees of a value: the weight of evidence of its risk ("woe", default), a column for each risk but the least ("one_hot"), or
    the risk itself ("utility"). `folds` (5) and `seed` (1) as for :func:`tune`, whose folds they are; `lambdas` are the penalties tried,
    descending (300 … 0.3).

    Raises DataError with every fault of the tables, FirmgradeError for what cannot be fitted, ValueError for an unknown word.
    """
    read = {"codes": codes, "early": early, "until": until, "repeats": repeats, "single": single}
    given = {"encoding": encoding, "folds": folds, "seed": seed, "lambda": None if lambdas is None else list(lambdas)}
    found = json.loads(_firmgrade._challenger(graded, outcomes, _there(given), read))
    rows = [
        {**column, "levels": [level for level, _ in column["levels"]], "values": [value for _, value in column["levels"]]}
        for column in found["columns"]
    ]
    frame = _frame(rows, {"indicator": pl.String, "levels": pl.List(pl.Float64), "values": pl.List(pl.Float64), "coefficient": pl.Float64})
    return Challenger(
        found["words"],
        frame,
        found["card"],
        found["challenger"],
        found["difference"],
        found["intercept"],
        found["lambda"],
        found["account"],
        found["notes"],
    )


def bands(
    graded: _firmgrade.Graded,
    outcomes: Any,
    indicators: str | Iterable[str] = (),
    codes: Mapping[str, bool | str] | None = None,
    early: str | None = None,
    until: Any = None,
    repeats: str | None = None,
    single: str | None = None,
    **options: Any,
) -> Bands:
    """Find bands of a card's indicators (all where none are named) with the greatest information value, of all that are monotone and large enough,
    exactly; and say what the card with its own weights and these bands is worth on rows that the bands have not seen.

    `options` set the engine's: cells (50: values are joined to so many before the search), most (6 bands at most), min_share (0.05 of the rows),
    min_outcomes (5 bad and 5 good rows in a band), trend ("monotone", "rising", "falling", "free"), chance (0.01: bands whose information value
    chance gives with a greater probability are not taken), folds (5), seed (1).

    Raises DataError with every fault of the tables, FirmgradeError for what cannot be banded, ValueError for an unknown word or option.
    """
    read = {"codes": codes, "early": early, "until": until, "repeats": repeats, "single": single}
    named = _names(indicators)
    handle = _firmgrade._bands(graded, outcomes, named, options, read)
    found = json.loads(handle.json())
    rows, each = [], []
    for one in found["indicators"]:
        banded = one["banded"] or {"bands": [], "missing": None, "iv": None, "p": None, "rising": None}
        places = [*banded["bands"], *([banded["missing"]] if banded["missing"] else [])]
        rows += [{**band, "indicator": one["indicator"], "missing": at == len(banded["bands"])} for at, band in enumerate(places)]
        each.append({**one, "bands": len(banded["bands"]), "iv": banded["iv"], "p": banded["p"], "rising": banded["rising"]})
    made = ("bands", (graded, outcomes, named), {**_there(read), **options})
    tables = _frame(rows, _BANDS), _frame(each, _BANDED)
    return Bands(handle, made, found["verdict"], found["words"], *tables, found["gain"], found["account"], found["notes"])


def thresholds(
    graded: _firmgrade.Graded,
    outcomes: Any = None,
    shares: Iterable[float] | None = None,
    capacity: Mapping[str, Any] | None = None,
    separation: int | Mapping[str, Any] | None = None,
    cost: Iterable[Sequence[float]] | None = None,
    draws: int | None = None,
    seed: int | None = None,
    level: float | None = None,
    codes: Mapping[str, bool | str] | None = None,
    early: str | None = None,
    until: Any = None,
    repeats: str | None = None,
    single: str | None = None,
) -> Thresholds:
    """Find the cut points of a score for one aim, each with its uncertainty.

    One of: `shares`, one for each grade from the best, summing to 1; `capacity`, a dict with shares, rates (the share of its firms that is
    inspected, by grade), days (of an inspection, by grade) and available (inspector-days); `separation`, the number of grades, or a dict with
    grades, min_share (0.05) and min_bad (5); `cost`, by grade the cost of giving it to a good firm and to a bad one. Separation and cost need
    outcomes; with outcomes only firms that have one count, weighted by 1/π. Intervals of `level` (0.95) are binomial order statistics for
    shares without weights, else from `draws` (500) bootstrap samples by `seed` (1).

    Raises DataError with every fault of the tables, FirmgradeError for what cannot be reached, ValueError for other than one aim.
    """
    separation = {"grades": separation} if isinstance(separation, int) else separation
    aims: dict[str, Any] = {
        "shares": None if shares is None else [float(share) for share in shares],
        "capacity": None if capacity is None else {name: _plain(value) for name, value in capacity.items()},
        "separation": None if separation is None else {"min_share": 0.05, "min_bad": 5, **separation},
        "cost": None if cost is None else [[float(one) for one in pair] for pair in cost],
    }
    aim = _there(aims)
    if len(aim) != 1:
        raise ValueError(f"found {len(aim)} aims, expected one of shares, capacity, separation, cost")
    read = {"codes": codes, "early": early, "until": until, "repeats": repeats, "single": single}
    options = _there({"draws": draws, "seed": seed, "level": level})
    handle = _firmgrade._thresholds(graded, outcomes, aim, options, read)
    found = json.loads(handle.json())
    sign = -1.0 if json.loads(graded.card.to_json())["scorecard"].get("scale", {}).get("better", "high") == "high" else 1.0
    cuts = []
    for cut in found["cuts"]:
        low, high = sorted(sign * cut[end] for end in ("low", "high"))
        cuts.append({**cut, "score": None if cut["risk"] is None else sign * cut["risk"], "low": low, "high": high})
    made = ("thresholds", (graded, outcomes), {**aim, **options, **_there(read)})
    tables = (_frame(cuts, _CUTS), _frame(found["grades"], _GRADES))
    return Thresholds(handle, made, found["texts"], *tables, found["objective"], found["account"], found["notes"])


_NUMBERS = dict.fromkeys(("iv", "iv_p", "ks", "trend", "trend_p"), pl.Float64)
_SCREENED = {
    "column": pl.String,
    "kind": pl.String,
    "missing": pl.Float64,
    "distinct": pl.Int64,
    "top": pl.String,
    "top_share": pl.Float64,
    **_NUMBERS,
    "cluster": pl.Int64,
    "strongest": pl.Boolean,
    "nearest": pl.String,
    "nearest_correlation": pl.Float64,
    "vif": pl.Float64,
    "psi": pl.Float64,
    "advice": pl.String,
    "reasons": pl.List(pl.String),
}
_BANDS = {
    "indicator": pl.String,
    "upto": pl.Float64,
    "categories": pl.List(pl.String),
    "missing": pl.Boolean,
    "rows": pl.Int64,
    "share": pl.Float64,
    "bad": pl.Int64,
    **dict.fromkeys(("rate", "woe", "iv", "risk"), pl.Float64),
}
_BANDED = {
    "indicator": pl.String,
    "bands": pl.Int64,
    "taken": pl.Boolean,
    "iv": pl.Float64,
    "p": pl.Float64,
    "rising": pl.Boolean,
    "agreement": pl.Float64,
    "words": pl.String,
}
_CUTS = {**dict.fromkeys(("score", "low", "high", "se", "wanted", "reached"), pl.Float64), "ties": pl.Int64}
_GRADES = {"rows": pl.Int64, "share": pl.Float64, "bad": pl.Int64, **dict.fromkeys(("rate", "days", "cost"), pl.Float64)}


def _frame(rows: list[dict[str, Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([[row[name] for name in schema] for row in rows], schema=dict(schema), orient="row")


def _names(names: str | Iterable[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _there(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}


def _plain(value: Any) -> Any:
    """A number, or a list of numbers of whatever it came in."""
    return [float(one) for one in value] if isinstance(value, Iterable) else float(value)
