"""Weigh the same firms again by many weightings and count grades: check first, then time in interleaved repeats.

    python bench_reweigh.py                                        60,000 firms × 100 indicators, 1,000 weightings
    python bench_reweigh.py --rows 2000 --weightings 50 --repeats 1      as a test

firmgrade is timed with its utilities held ready, as the others hold theirs, and once from the frame. "numpy matmul" only multiplies:
it is what the machine can do, with fused multiply-add and without an order of the sum. Exit 1 if counts differ.
"""

from __future__ import annotations

import argparse
import platform
import resource
import sys

import data
import firmgrade as fg
import numpy as np
import polars as pl
from bench import interleaved, report, version
from card import parse

BLOCK = 4096


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--weightings", type=int, default=1_000)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--seed", type=int, default=20230701)
    return parser.parse_args()


def draw(own: np.ndarray, weightings: int, seed: int) -> np.ndarray:
    """Weightings around the card's own, shape (weightings, indicators)."""
    drawn = own * np.exp(np.random.default_rng([seed, 4]).normal(0.0, 0.3, (weightings, len(own))))
    return drawn / drawn.sum(axis=1, keepdims=True)


def matmul_only(risks: np.ndarray, weights: np.ndarray, out: np.ndarray) -> None:
    """The product in blocks of firms, nothing counted."""
    for start in range(0, len(risks), BLOCK):
        block = risks[start : start + BLOCK]
        np.matmul(block, weights.T, out=out[: len(block)])


def matmul_and_count(risks: np.ndarray, weights: np.ndarray, limits: np.ndarray, out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Counts of each grade by firm and by weighting: the product in blocks, codes by searchsorted, counts by bincount."""
    grades = len(limits) + 1
    by_firm, by_weighting = np.empty((len(risks), grades), np.uint32), np.zeros((len(weights), grades), np.int64)
    column = np.arange(len(weights)) * grades
    for start in range(0, len(risks), BLOCK):
        block = risks[start : start + BLOCK]
        scores = np.matmul(block, weights.T, out=out[: len(block)])
        codes = np.searchsorted(limits, scores.ravel(), side="left").reshape(scores.shape)
        row = np.arange(len(block))[:, None] * grades
        by_firm[start : start + BLOCK] = np.bincount((codes + row).ravel(), minlength=len(block) * grades).reshape(-1, grades)
        by_weighting += np.bincount((codes + column).ravel(), minlength=by_weighting.size).reshape(-1, grades)
    return by_firm, by_weighting


def compare_and_count(risks: np.ndarray, weights: np.ndarray, limits: np.ndarray, out: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same by comparing with each cut and adding up: what a careful hand would write."""
    by_firm, by_weighting = [np.full(len(risks), len(weights))], [np.full(len(weights), len(risks))]
    failed_by_firm, failed_by_weighting = np.empty((len(limits), len(risks))), np.zeros((len(limits), len(weights)))
    for start in range(0, len(risks), BLOCK):
        block = risks[start : start + BLOCK]
        scores = np.matmul(block, weights.T, out=out[: len(block)])
        for cut, limit in enumerate(limits):
            failed = scores > limit
            failed_by_firm[cut, start : start + BLOCK] = np.count_nonzero(failed, axis=1)
            failed_by_weighting[cut] += np.count_nonzero(failed, axis=0)
    by_firm = np.vstack([*by_firm, failed_by_firm, np.zeros(len(risks))])
    by_weighting = np.vstack([*by_weighting, failed_by_weighting, np.zeros(len(weights))])
    return -np.diff(by_firm, axis=0).T, -np.diff(by_weighting, axis=0).T


def main() -> int:
    """Check, then time."""
    args = arguments()
    frame, text = data.generate(args.rows, args.seed), data.card_text(args.seed)
    card, cuts = fg.Scorecard.loads(text), parse(text).cuts
    graded = fg.grade(card, frame, reasons=0)
    tree = card.weights()
    own = dict(tree.filter(pl.col("kind") == "indicator").select("id", "global").iter_rows())
    weights = draw(np.array([own[name] for name in card.indicators]), args.weightings, args.seed)
    risks = card.utilities(frame)
    out = np.empty((BLOCK, args.weightings))
    limits = np.array([1.0 - cut / 1000.0 for cut in cuts])
    calls = {
        "numpy matmul": lambda: matmul_only(risks, weights, out),
        "firmgrade": lambda: graded.reweigh(weights),
        "firmgrade, from frame": lambda: fg.reweigh(card, frame, weights),
        "numpy, compare": lambda: compare_and_count(risks, weights, limits, out),
        "numpy, searchsorted": lambda: matmul_and_count(risks, weights, limits, out),
    }
    print(f"Python {platform.python_version()}, numpy {version('numpy')}, firmgrade {version('firmgrade')}, seed {args.seed}")
    faults = []
    found = graded.reweigh(weights)
    counts = np.rint(found.probability * args.weightings).astype(np.int64)
    for name in ["numpy, compare", "numpy, searchsorted"]:
        by_firm, by_weighting = calls[name]()
        # The sums of a matrix product have no order: a firm within a last bit of a cut may fall on either side.
        differing = int(np.abs(by_firm - counts).sum()) // 2
        if differing > 1e-7 * counts.sum() or np.abs(by_weighting - found.firms.astype(np.int64)).sum() // 2 != differing:
            faults.append(f"{name}: {differing} grades differ from firmgrade's")
    calls["firmgrade"]()
    print(f"\n{args.rows:,} firms × {len(card.indicators)} indicators × {args.weightings:,} weightings; stable {found.stable_share:.1%}")
    report(interleaved(calls, dict.fromkeys(calls, args.repeats)), ("numpy matmul",))
    before = resource.getrusage(resource.RUSAGE_SELF)
    calls["firmgrade"]()
    after = resource.getrusage(resource.RUSAGE_SELF)
    print(f"firmgrade once: {after.ru_utime - before.ru_utime:.2f} s of CPU time")
    for fault in faults:
        print(f"WRONG {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
