"""Peers in polars: a chain of when/then for each indicator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
from card import Card, Case, Indicator, parse

from peers import Peer


def branches(indicator: Indicator) -> tuple[list[tuple[str, object, float]], float]:
    """Tests `(operator, value, term)` in order and the term of the rest.

    A null fails every test, so the worst term is made the rest where that is possible: no test
    for null is needed then. Shared with DuckDB's CASE.
    """
    terms = list(indicator.terms)
    if indicator.kind == "number":
        if terms[-1] == indicator.missing:
            return [("<=", e, t) for e, t in zip(indicator.edges, terms)], terms[-1]
        if terms[0] == indicator.missing:
            return [(">", e, t) for e, t in zip(indicator.edges[::-1], terms[:0:-1])], terms[0]
        raise ValueError(f"`{indicator.column}`: the worst band is neither the first nor the last")
    values = indicator.labels or (False, True)
    worst = terms.index(indicator.missing)
    tests = [("=", v, t) for n, (v, t) in enumerate(zip(values, terms)) if n != worst]
    return tests, terms[worst]


def _term(indicator: Indicator) -> pl.Expr:
    column, chain = pl.col(indicator.column), pl
    tests, rest = branches(indicator)
    for operator, value, term in tests:
        if operator == "=":
            test = column == value if indicator.kind == "category" else (column if value else ~column)
        else:
            test = column <= value if operator == "<=" else column > value
        chain = chain.when(test).then(term)
    return chain.otherwise(rest)


def expressions(card: Card) -> tuple[pl.Expr, pl.Expr]:
    """The score from the columns, and the grade from the score."""
    total = pl.sum_horizontal([_term(i) for i in card.indicators])
    score = (card.high - total * (card.high - card.low)).alias("score")
    chain = pl
    for grade, cut in enumerate(card.cuts):
        chain = chain.when(pl.col("score") >= cut).then(pl.lit(grade, pl.UInt8))
    return score, chain.otherwise(pl.lit(len(card.cuts), pl.UInt8)).alias("grade")


def _run(frame: pl.DataFrame, score: pl.Expr, grade: pl.Expr) -> tuple[np.ndarray, np.ndarray]:
    made = frame.select(score).with_columns(grade)
    return made["score"].to_numpy(), made["grade"].to_numpy()


def polars_when(case: Case) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """With the expressions built once; a stored lazy plan was no faster."""
    score, grade = expressions(case.card)
    return lambda: _run(case.frame, score, grade)


def polars_when_fresh(case: Case) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """With the expressions built on each call."""
    return lambda: _run(case.frame, *expressions(case.card))


def whole_job(card_text: str, source: Path, target: Path) -> None:
    """Parquet to (firm, score, grade) in Parquet, lazily, only the card's columns read."""
    card = parse(card_text)
    score, grade = expressions(card)
    plan = pl.scan_parquet(source).select(card.id_column, score).with_columns(grade)
    plan.sink_parquet(target)


def whole_job_eager(card_text: str, source: Path, target: Path) -> None:
    """The same with the whole table in memory between reading and writing."""
    card = parse(card_text)
    score, grade = expressions(card)
    frame = pl.read_parquet(source)
    frame.select(card.id_column, score).with_columns(grade).write_parquet(target)


def read_and_write(card_text: str, source: Path, target: Path) -> None:
    """Reading every column and writing three of the result's size: what no engine can save."""
    card = parse(card_text)
    frame = pl.read_parquet(source)
    first = card.names("number")[0]
    frame.select(card.id_column, first, grade=pl.lit(0, pl.UInt8)).write_parquet(target)


PEERS = [Peer("polars_when", polars_when), Peer("polars_when_fresh", polars_when_fresh)]
