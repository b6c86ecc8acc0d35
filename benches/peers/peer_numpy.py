"""Peers in numpy: the pass that only reads, and the hand-written blocked scorer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
from card import Card, Case, Indicator

from peers import Peer

THREADS = pl.thread_pool_size()
POOL = ThreadPoolExecutor(THREADS)
# Smaller blocks stay in cache but lose more to the interpreter's lock: 16 384 rows take 1.5 times
# as long with two threads.
BLOCK = 65_536


def number_columns(frame: pl.DataFrame, card: Card) -> np.ndarray:
    """The numeric columns as (numbers, rows) f64, one contiguous row each; null is NaN."""
    return frame.select(card.names("number")).to_numpy(order="fortran").T


def code_columns(frame: pl.DataFrame, card: Card) -> np.ndarray:
    """Categories and flags as (others, rows) u8: the aligned card's code, one past the last for null."""
    indicators = [card.indicators[j] for j in card.of("category", "flag")]
    return frame.select(_code(i, frame) for i in indicators).to_numpy(order="fortran").T


def _code(indicator: Indicator, frame: pl.DataFrame) -> pl.Expr:
    column = pl.col(indicator.column)
    if indicator.kind == "category":
        if frame.schema[indicator.column] == pl.String:
            column = column.cast(pl.Enum(indicator.labels))
        column = column.to_physical()
    return column.cast(pl.UInt8).fill_null(len(indicator.terms))


def read_pass(case: Case) -> Callable[[], int]:
    """Sum every buffer the indicators hold: f64 values, codes, views, flag bits, validity bits."""
    table = case.frame.drop(case.card.id_column).to_arrow(compat_level=pl.CompatLevel.newest())
    words = [a for c in table.columns for b in c.chunk(0).buffers() if (a := _words(b)) is not None]
    step = BLOCK // 8
    parts = [w[i : i + step] for w in words for i in range(0, len(w), step)]
    shares = [parts[i::THREADS] for i in range(THREADS)]

    def run() -> int:
        return sum(POOL.map(lambda share: sum(int(np.add.reduce(p)) for p in share), shares))

    return run


def _words(buffer: object) -> np.ndarray | None:
    """A buffer as whole 64-bit words; the few bytes left over are not worth a second sum."""
    if buffer is None or buffer.size < 8:
        return None
    return np.frombuffer(buffer, dtype=np.uint64, count=buffer.size // 8)


def _reversed_row(indicator: Indicator) -> np.ndarray:
    """Terms by the number of bounds (edges and infinity) that x is within; 0 of them is missing."""
    row = np.zeros(16)
    row[: len(indicator.terms) + 1] = [indicator.missing, *indicator.terms[::-1]]
    return row


def _pair_tables(rows: list[np.ndarray]) -> list[np.ndarray]:
    """For each two indicators one table of 256 sums: halves the takes and the additions."""
    if len(rows) % 2:
        raise ValueError("the blocked scorer takes its columns in pairs; found an odd number")
    return [np.add.outer(a, b).ravel() for a, b in zip(rows[::2], rows[1::2])]


class Blocked:
    """Blocks of rows; comparisons accumulated into u8 codes, two codes in one byte, one table take."""

    def __init__(self, card: Card) -> None:
        numbers = [card.indicators[j] for j in card.of("number")]
        table = card.table()
        self.card = card
        self.bounds = [(*i.edges, np.inf) for i in numbers]
        self.number_tables = _pair_tables([_reversed_row(i) for i in numbers])
        self.code_tables = _pair_tables([table[j] for j in card.of("category", "flag")])

    def score(self, numbers: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Score and grade of prepared arrays; the blocks go to a pool of threads."""
        rows = numbers.shape[1]
        block = min(BLOCK, -(-rows // THREADS))
        total = np.zeros(rows)
        list(POOL.map(lambda a: self._block(numbers, codes, total, a, a + block), range(0, rows, block)))
        return self.card.finish(total)

    def _block(self, numbers: np.ndarray, codes: np.ndarray, total: np.ndarray, a: int, b: int) -> None:
        out = total[a:b]
        first, second, pair = (np.empty(len(out), np.uint8) for _ in range(3))
        mask, taken = np.empty(len(out), bool), np.empty(len(out))
        for p, table in enumerate(self.number_tables):
            _count(numbers[2 * p, a:b], self.bounds[2 * p], first, mask)
            _count(numbers[2 * p + 1, a:b], self.bounds[2 * p + 1], second, mask)
            _add_pair(table, first, second, pair, taken, out)
        for p, table in enumerate(self.code_tables):
            _add_pair(table, codes[2 * p, a:b], codes[2 * p + 1, a:b], pair, taken, out)


def _count(x: np.ndarray, bounds: tuple[float, ...], code: np.ndarray, mask: np.ndarray) -> None:
    """How many bounds each x is within; NaN is within none, not even infinity."""
    np.less_equal(x, bounds[0], out=code.view(bool))
    for bound in bounds[1:]:
        np.less_equal(x, bound, out=mask)
        np.add(code, mask.view(np.uint8), out=code)


def _add_pair(
    table: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    pair: np.ndarray,
    taken: np.ndarray,
    out: np.ndarray,
) -> None:
    """Add to `out` the table's sums at code `first * 16 + second`."""
    np.left_shift(first, 4, out=pair)
    np.add(pair, second, out=pair)
    table.take(pair, out=taken, mode="clip")
    np.add(out, taken, out=out)


def numpy_blocked(case: Case) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """With the arrays held ready: numbers with NaN for null, categories already codes."""
    card = case.card.aligned(case.frame)
    scorer, numbers, codes = Blocked(card), number_columns(case.frame, card), code_columns(case.frame, card)
    return lambda: scorer.score(numbers, codes)


def numpy_frame(case: Case) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """From the polars frame: getting the arrays out of it is in the time."""
    card = case.card.aligned(case.frame)
    scorer = Blocked(card)
    return lambda: scorer.score(number_columns(case.frame, card), code_columns(case.frame, card))


PEERS = [
    Peer("read_pass", read_pass, kind="read"),
    Peer("numpy_blocked", numpy_blocked),
    Peer("numpy_frame", numpy_frame),
]
