"""Peer in DuckDB: one SELECT, a CASE for each indicator, over the frame as an Arrow table."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import numpy as np
from card import Card, Case, Indicator
from peer_numpy import THREADS
from peer_polars import branches

from peers import Peer


def query(card: Card) -> str:
    """The card as SQL."""
    total = " + ".join(_case(i) for i in card.indicators)
    score = f"{_double(card.high)} - ({total}) * {_double(card.high - card.low)}"
    cuts = " ".join(f"WHEN score >= {_double(c)} THEN {n}" for n, c in enumerate(card.cuts))
    grade = f"(CASE {cuts} ELSE {len(card.cuts)} END)::UTINYINT"
    return f"SELECT score, {grade} AS grade FROM (SELECT {score} AS score FROM firms)"


def _case(indicator: Indicator) -> str:
    tests, rest = branches(indicator)
    whens = [f'WHEN "{indicator.column}" {op} {_literal(v)} THEN {_double(t)}' for op, v, t in tests]
    return f"CASE {' '.join(whens)} ELSE {_double(rest)} END"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return _double(value)


def _double(value: float) -> str:
    """With an exponent the literal is a DOUBLE; without it DuckDB reads a DECIMAL."""
    return f"{value:.17e}"


def duckdb_case(case: Case) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """With the table registered and the text of the query made beforehand."""
    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}")
    connection.register("firms", case.frame.to_arrow())
    sql = query(case.card)

    def run() -> tuple[np.ndarray, np.ndarray]:
        made = connection.execute(sql).fetchnumpy()
        return made["score"], made["grade"]

    return run


PEERS = [Peer("duckdb_case", duckdb_case)]
