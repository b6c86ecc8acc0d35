"""Peer optbinning: `Scorecard.score` with given bins and given points.

optbinning has no way to load a card made elsewhere. The nearest honest thing: fit on 3,000 made-up
rows that put firms of both outcomes into every bin, all splits fixed by the user; then write the
card's points over the fitted ones (`_df_scorecard`, private). Scoring is optbinning's own.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from card import Card, Case, Indicator
from peer_pandas import grades, pandas_frame, splits
from sklearn.linear_model import LogisticRegression

from peers import Peer

# cvxpy prints about solvers that it cannot load
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    from optbinning import BinningProcess, Scorecard

TRAINING_ROWS = 3_000


def _training(indicator: Indicator) -> pd.Series:
    """A value of each bin in turn."""
    if indicator.kind == "category":
        values = np.array(indicator.labels, dtype=object)
    elif indicator.kind == "flag":
        values = np.array([0.0, 1.0])
    else:
        values = np.array([*indicator.edges, indicator.edges[-1] + 1.0])
    return pd.Series(values[np.arange(TRAINING_ROWS) % len(values)])


def _fixed(indicator: Indicator) -> dict:
    """Every bin of the card kept as it is."""
    if indicator.kind == "category":
        bins = np.array([[label] for label in indicator.labels], dtype=object)
    else:
        bins = splits(indicator)
    return {"user_splits": bins, "user_splits_fixed": [True] * len(bins), "monotonic_trend": None}


def fitted(card: Card) -> Scorecard:
    """A scorecard with the card's bins and the card's points."""
    firms = pd.DataFrame({i.column: _training(i) for i in card.indicators})
    outcome = np.random.default_rng(0).integers(0, 2, TRAINING_ROWS)
    process = BinningProcess(
        list(firms.columns),
        categorical_variables=card.names("category"),
        binning_fit_params={i.column: _fixed(i) for i in card.indicators},
    )
    made = Scorecard(process, LogisticRegression())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.fit(firms, outcome)
    for indicator in card.indicators:
        _set_points(made, indicator, card)
    return made


def _set_points(made: Scorecard, indicator: Indicator, card: Card) -> None:
    """Bins come in optbinning's order (categories by event rate), then special, then missing."""
    rows = made._df_scorecard.Variable == indicator.column
    bins = made._df_scorecard.loc[rows, "Bin"].to_list()
    terms = list(indicator.terms)
    if indicator.kind == "category":
        terms = [terms[indicator.labels.index(b[0])] for b in bins[:-2]]
    if len(bins) != len(terms) + 2:
        raise ValueError(f"optbinning merged bins of `{indicator.column}`")
    terms += [indicator.missing, indicator.missing]
    base, width = card.high / len(card.indicators), card.high - card.low
    made._df_scorecard.loc[rows, "Points"] = [base - width * t for t in terms]


def optbinning(case: Case) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """Score by `Scorecard.score`, grade by counting the cuts above it."""
    card, firms = fitted(case.card), pandas_frame(case)
    return lambda: grades(case.card, card.score(firms))


PEERS = [Peer("optbinning", optbinning, slow=True)]
