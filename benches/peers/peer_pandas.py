"""What the two peers on pandas share: the firms as they want them, splits, grades."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
from card import Card, Case, Indicator


def pandas_frame(case: Case) -> pd.DataFrame:
    """Numbers and flags as f64 with NaN, categories as Python strings: of three
    forms tried with toad (object, str, category) the fastest; optbinning was tried with this one only."""
    columns = {}
    for indicator in case.card.indicators:
        series = case.frame[indicator.column]
        if indicator.kind == "category":
            columns[indicator.column] = pd.Series(series.cast(pl.String).to_list(), dtype=object)
        else:
            columns[indicator.column] = pd.Series(series.cast(pl.Float64).to_numpy())
    return pd.DataFrame(columns)


def splits(indicator: Indicator) -> list[float]:
    """Bounds closed below that part the numbers as the card's bounds closed above do."""
    if indicator.kind == "flag":
        return [0.5]
    return [float(np.nextafter(e, np.inf)) for e in indicator.edges]


def grades(card: Card, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The score as f64 with its grade."""
    score = np.asarray(score, dtype=np.float64)
    return score, sum((score < cut).astype(np.uint8) for cut in card.cuts)
