"""Peer toad: `ScoreCard().load(card)` and `predict` on a pandas frame.

toad's bins are closed below, the card's above, so each edge moves to the next larger f64; a flag is
a number split at 0.5. A null category reaches toad's default, its least points, which here is the
card's worst. `get_reason` scores again and throws the score away, so score and reasons cost two passes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from card import Card, Case, Indicator
from peer_pandas import grades, pandas_frame, splits
from toad.scorecard import ScoreCard

from peers import Peer


def rules(card: Card) -> dict[str, dict[str, float]]:
    """The card as toad writes it: bin label → points; the points of a firm add up to its score."""
    return {i.column: _rule(i, card) for i in card.indicators}


def _rule(indicator: Indicator, card: Card) -> dict[str, float]:
    base, width = card.high / len(card.indicators), card.high - card.low
    points = [base - width * t for t in indicator.terms]
    if indicator.kind == "category":
        return dict(zip(indicator.labels, points))
    bounds = ["-inf", *map(repr, splits(indicator)), "inf"]
    bins = {f"[{low} ~ {high})": p for low, high, p in zip(bounds, bounds[1:], points)}
    return bins | {"nan": base - width * indicator.missing}


def toad(case: Case) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """Score by `predict`, grade by counting the cuts above it."""
    card, firms = ScoreCard().load(rules(case.card)), pandas_frame(case)
    return lambda: grades(case.card, card.predict(firms))


def toad_reasons(case: Case) -> Callable[[], tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Score, grade and the five features farthest below their best, by `get_reason`."""
    given = rules(case.card)
    card, firms = ScoreCard().load(given), pandas_frame(case)
    best = pd.Series({name: max(rule.values()) for name, rule in given.items()})

    def run() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        score, grade = grades(case.card, card.predict(firms))
        made = card.get_reason(firms, base_effect=best, keep=5)
        return score, grade, made.xs("feats", axis=1, level=1).to_numpy()

    return run


PEERS = [
    Peer("toad", toad, slow=True),
    Peer("toad_reasons", toad_reasons, kind="reasons", slow=True, exact_ties=False),
]
