"""firmgrade itself, as a data scientist calls it: a polars frame in, a polars frame out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import firmgrade as fg
import numpy as np
import polars as pl
from card import Case

from peers import Peer


def _columns(graded: fg.Graded) -> tuple[np.ndarray, np.ndarray]:
    frame = graded.frame
    return frame["score"].to_numpy(), frame["grade"].to_physical().to_numpy()


class _Reasons:
    """The reasons of all firms; turned into an array only when the checker asks for one, as no user would."""

    def __init__(self, reasons: pl.Series, order: list[str]) -> None:
        self.reasons, self.order = reasons, order

    def __getitem__(self, rows: np.ndarray) -> np.ndarray:
        place = {name: index for index, name in enumerate(self.order)}
        rows = [[place[name] for name in names] for names in self.reasons.gather(rows).to_list()]
        return np.array([row + [-1] * (5 - len(row)) for row in rows])


def make(case: Case) -> Callable[[], object]:
    """Score and grade."""
    card = fg.Scorecard.loads(case.text)
    return lambda: _columns(fg.grade(card, case.frame, reasons=0))


def make_reasons(case: Case) -> Callable[[], object]:
    """Score, grade and the five strongest reasons, as lists of names in the frame."""
    card = fg.Scorecard.loads(case.text)
    order = [indicator.column for indicator in case.card.indicators]

    def call() -> object:
        graded = fg.grade(card, case.frame, reasons=5)
        return *_columns(graded), _Reasons(graded.frame["reasons"], order)

    return call


PEERS = [Peer("firmgrade", make), Peer("firmgrade_reasons", make_reasons, kind="reasons")]


def whole_job(card_text: str, source: Path, target: Path) -> None:
    """Parquet in, score and grade in Parquet out; the provenance is not asked for, as the others have none."""
    card = fg.Scorecard.loads(card_text)
    graded = fg.grade(card, pl.read_parquet(source), reasons=0)
    grade = pl.col("grade").to_physical()
    graded.frame.select("firm", "score", grade).write_parquet(target)


def one_firm(card_text: str) -> Callable[[dict], tuple[float, int]]:
    """One firm from a dict."""
    card = fg.Scorecard.loads(card_text)
    place = {name: index for index, name in enumerate("ABCD")}

    def score_one(firm: dict) -> tuple[float, int]:
        one = card.score_one(firm, reasons=0)
        return one.score, place[one.grade]

    return score_one
