"""Peers in numba: blocks of rows in parallel, u8 codes by accumulated comparisons, one table look-up."""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np
from card import Card, Case
from peer_numpy import THREADS, code_columns, number_columns

from peers import Peer

BLOCK = 1024
TOP = 5
numba.set_num_threads(min(THREADS, numba.config.NUMBA_NUM_THREADS))


@numba.njit(inline="always")
def _codes_and_sums(x, k, edges, counts, table, numbers, others, a, codes, total):
    """Codes (indicators, block) in document order and the sums of terms for rows a, a + 1, …"""
    m = len(total)
    total[:] = 0.0
    for q in range(len(numbers)):
        v, terms, code = x[q, a : a + m], table[numbers[q]], codes[numbers[q]]
        missing = np.uint8(counts[q] + 1)
        for i in range(m):
            code[i] = missing if v[i] != v[i] else np.uint8(0)
        for z in range(counts[q]):
            edge = edges[q, z]
            for i in range(m):
                code[i] += np.uint8(v[i] > edge)
        for i in range(m):
            total[i] += terms[code[i]]
    for q in range(len(others)):
        v, terms, code = k[q, a : a + m], table[others[q]], codes[others[q]]
        for i in range(m):
            code[i] = v[i]
            total[i] += terms[v[i]]


@numba.njit(inline="always")
def _finish(total, grade, low, high, cuts):
    for i in range(len(total)):
        total[i] = high - total[i] * (high - low)
        for cut in cuts:
            grade[i] += total[i] < cut


@numba.njit(parallel=True, nogil=True)
def _score(x, k, edges, counts, table, numbers, others, low, high, cuts, block):
    rows = x.shape[1]
    total, grade = np.empty(rows), np.zeros(rows, np.uint8)
    for b in numba.prange((rows + block - 1) // block):
        a, end = b * block, min(b * block + block, rows)
        codes = np.empty((len(table), block), np.uint8)
        _codes_and_sums(x, k, edges, counts, table, numbers, others, a, codes, total[a:end])
        _finish(total[a:end], grade[a:end], low, high, cuts)
    return total, grade


@numba.njit(inline="always")
def _reasons_plain(codes, lost, top, best):
    """Top losses of each row in one scan in document order: a later equal loss moves nothing."""
    for i in range(len(top)):
        best[:] = 0.0
        for j in range(len(lost)):
            v = lost[j, codes[j, i]]
            if v > best[TOP - 1]:
                p = TOP - 1
                while p > 0 and v > best[p - 1]:
                    best[p], top[i, p] = best[p - 1], top[i, p - 1]
                    p -= 1
                best[p], top[i, p] = v, j


@numba.njit(inline="always")
def _reasons_sorted(codes, lost, top, best, order, most):
    """The same, the heaviest indicators first, stopping when no later one can reach the fifth."""
    for i in range(len(top)):
        best[:] = 0.0
        for j in order:
            if most[j] < best[TOP - 1]:
                break
            v = lost[j, codes[j, i]]
            if v > 0.0 and (v > best[TOP - 1] or (v == best[TOP - 1] and j < top[i, TOP - 1])):
                p = TOP - 1
                while p > 0 and (v > best[p - 1] or (v == best[p - 1] and j < top[i, p - 1])):
                    best[p], top[i, p] = best[p - 1], top[i, p - 1]
                    p -= 1
                best[p], top[i, p] = v, j


@numba.njit(parallel=True, nogil=True)
def _score_reasons(x, k, edges, counts, table, numbers, others, low, high, cuts, block, lost, order, most):
    """Score, grade and reasons; an empty `order` asks for the plain scan."""
    rows = x.shape[1]
    total, grade = np.empty(rows), np.zeros(rows, np.uint8)
    top = np.full((rows, TOP), np.int16(-1))
    for b in numba.prange((rows + block - 1) // block):
        a, end = b * block, min(b * block + block, rows)
        codes, best = np.empty((len(table), block), np.uint8), np.empty(TOP)
        _codes_and_sums(x, k, edges, counts, table, numbers, others, a, codes, total[a:end])
        _finish(total[a:end], grade[a:end], low, high, cuts)
        if len(order) == 0:
            _reasons_plain(codes, lost, top[a:end], best)
        else:
            _reasons_sorted(codes, lost, top[a:end], best, order, most)
    return total, grade, top


def _arguments(card: Card) -> tuple:
    """The card as arrays."""
    numbers, others = card.of("number"), card.of("category", "flag")
    counts = np.array([len(card.indicators[j].edges) for j in numbers])
    edges = np.zeros((len(numbers), counts.max()))
    for row, j in zip(edges, numbers):
        row[: len(card.indicators[j].edges)] = card.indicators[j].edges
    places = np.array(numbers), np.array(others)
    return edges, counts, card.table(), *places, float(card.low), float(card.high), np.array(card.cuts), BLOCK


def _lost_table(card: Card) -> np.ndarray:
    lost = np.zeros((len(card.indicators), 16))
    for row, indicator in zip(lost, card.indicators):
        row[: len(indicator.lost)] = indicator.lost
    return lost


def numba_blocked(case: Case) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """With the arrays held ready and the kernel compiled."""
    card = case.card.aligned(case.frame)
    x, k, rest = number_columns(case.frame, card), code_columns(case.frame, card), _arguments(card)
    return lambda: _score(x, k, *rest)


def numba_frame(case: Case) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """From the polars frame: getting the arrays out of it is in the time."""
    card = case.card.aligned(case.frame)
    rest = _arguments(card)
    return lambda: _score(number_columns(case.frame, card), code_columns(case.frame, card), *rest)


def numba_reasons(case: Case, sort: bool = False) -> Callable[[], tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Score, grade and the five reasons; arrays held ready."""
    card = case.card.aligned(case.frame)
    x, k, rest = number_columns(case.frame, card), code_columns(case.frame, card), _arguments(card)
    lost = _lost_table(card)
    most = lost.max(axis=1)
    order = np.argsort(-most, kind="stable") if sort else np.empty(0, np.int64)
    return lambda: _score_reasons(x, k, *rest, lost, order, most)


PEERS = [
    Peer("numba_blocked", numba_blocked),
    Peer("numba_frame", numba_frame),
    Peer("numba_reasons", numba_reasons, kind="reasons"),
    Peer("numba_reasons_sorted", lambda case: numba_reasons(case, sort=True), kind="reasons"),
]
