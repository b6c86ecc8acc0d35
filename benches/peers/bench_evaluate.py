"""Evaluation beside its peers: check first, then time in interleaved repeats.

    python bench_evaluate.py                                              1,000,000 scores; 60,000 firms × 100 indicators
    python bench_evaluate.py --rows 20000 --firms 3000 --repeats 1 --quick      as a test, without the slow peers

An area with its interval: scikit-learn has none, so its turn is a bootstrap of 10 resamples (1,000 are usual: a hundred times as long). The full
evaluation is the yearly report (discrimination, calibration, rates by grade, stability, by trade) and what each of a hundred indicators is worth (missing
share, bins, WoE, IV, KS, AUC with intervals). No peer has all of it, and each row says what it times: "indicators" is IV, Gini and entropy (toad), optimal
bins with IV (optbinning) or IV (scorecardpy); "score" is AUC, KS and, in toad, PSI, without intervals; "by hand" are AUC, KS and IV in quantile bins by
scikit-learn, scipy and pandas. What a peer cannot do, or does not run here, stands in a row of its own. Exit 1 if numbers differ.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import bench_metrics
import firmgrade as fg
import numpy as np
import pandas as pd
import polars as pl
from bench import interleaved, report
from scipy import stats
from sklearn.metrics import roc_auc_score

RESAMPLES = 10
# Turns of peers that take minutes.
SLOW = 1


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--firms", type=int, default=60_000)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--seed", type=int, default=20230701)
    parser.add_argument("--quick", action="store_true", help="leave out optbinning, which is slow")
    return parser.parse_args()


def bootstrap(score: np.ndarray, outcome: np.ndarray, seed: int) -> np.ndarray:
    """Areas of resamples."""
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(RESAMPLES):
        rows = chance.integers(0, len(score), len(score))
        found.append(roc_auc_score(outcome[rows], score[rows]))
    return np.array(found)


def graded(score: np.ndarray, outcome: np.ndarray) -> tuple[pl.DataFrame, pl.DataFrame]:
    """A grading by cuts of the score, and its outcomes, as tables."""
    ids = pl.int_range(len(score), eager=True).cast(pl.String)
    grade = pl.Series(np.array(list("ABCD"))[np.digitize(score, [0.0, 1.0, 2.0])], dtype=pl.Enum(list("ABCD")))
    trade = pl.Series(np.array(["food", "retail", "services", "works", "other"])[np.arange(len(score)) % 5])
    firms = pl.DataFrame({"id": ids, "score": 500 - 100 * score, "grade": grade, "trade": trade})
    return firms, pl.DataFrame({"id": ids, "outcome": outcome})


def by_hand(columns: dict[str, np.ndarray], outcome: np.ndarray) -> list[tuple[float, float, float]]:
    """IV, KS and AUC of each column."""
    ivs, found = bench_metrics.iv_by_pandas(columns, outcome), []
    for iv, column in zip(ivs, columns.values(), strict=True):
        there = ~np.isnan(column)
        values, bad = column[there], outcome[there]
        found.append((iv, float(stats.ks_2samp(values[bad], values[~bad]).statistic), float(roc_auc_score(bad, values))))
    return found


Work = Callable[["Rows"], object]
# What no peer can do, whatever it is given: it stands in the table, since a time for less work is no time for this work.
CANNOT = {
    "toad": "intervals, weights 1/π, calibration, rates by grade, groups",
    "optbinning": "intervals, weights 1/π, rates by grade, groups",
    "scorecardpy": "intervals, weights 1/π, calibration, rates by grade, groups",
}
# Rows on which a peer shows first that it can do the work at all.
TRIED = 2_000


@dataclass(frozen=True)
class Rows:
    """What a peer is given."""

    frame: pd.DataFrame
    outcome: np.ndarray
    score: np.ndarray

    def head(self) -> Rows:
        """The first rows."""
        return Rows(self.frame.head(TRIED), self.outcome[:TRIED], self.score[:TRIED])

    @property
    def whole(self) -> pd.DataFrame:
        """Indicators and outcome in one frame."""
        return self.frame.assign(y=self.outcome.astype(int))


def toad_work() -> dict[str, Work]:
    """The worth of indicators, and the score's measures with its stability."""
    import toad
    from toad.metrics import AUC, KS, PSI

    half = lambda rows: len(rows.score) // 2
    return {
        "toad, indicators": lambda rows: toad.quality(rows.whole, target="y"),
        "toad, score": lambda rows: (
            AUC(rows.score, rows.outcome),
            KS(rows.score, rows.outcome),
            PSI(pd.Series(rows.score[: half(rows)]), pd.Series(rows.score[half(rows) :])),
        ),
    }


def optbinning_work() -> dict[str, Work]:
    """Optimal bins with their IV, and the score's measures."""
    with contextlib.redirect_stdout(io.StringIO()):  # it prints what solvers are missing
        from optbinning import BinningProcess
        from optbinning.metrics.classification import gini, ks

    return {
        "optbinning, indicators": lambda rows: BinningProcess(list(rows.frame)).fit(rows.frame, rows.outcome.astype(int)).summary(),
        "optbinning, score": lambda rows: (gini(rows.outcome, rows.score), ks(rows.outcome.astype(int), rows.score)),
    }


def scorecardpy_work() -> dict[str, Work]:
    """IV of indicators, and the score's measures."""
    import scorecardpy

    def score(rows: Rows) -> object:
        chance = 1 / (1 + np.exp(3 - rows.score))
        return scorecardpy.perf_eva(rows.outcome.astype(int), chance, show_plot=False)

    return {"scorecardpy, indicators": lambda rows: scorecardpy.iv(rows.whole, y="y"), "scorecardpy, score": score}


def slow_peers(rows: Rows, *, quick: bool) -> tuple[dict[str, Callable[[], object]], dict[str, str]]:
    """The work of those peers that are installed and can do it, and why the others cannot."""
    calls, without = {}, {}
    for peer, work in (("toad", toad_work), ("optbinning", optbinning_work), ("scorecardpy", scorecardpy_work)):
        if quick and peer == "optbinning":
            continue
        try:
            found = work()
        except Exception as error:  # noqa: BLE001 a peer that cannot be imported is reported; the others go on
            without[peer] = f"not run: {type(error).__name__}: {error}".split("\n")[0]
            continue
        for name, call in found.items():
            try:
                call(rows.head())
                calls[name] = lambda call=call: call(rows)
            except Exception as error:  # noqa: BLE001 the same
                without[name] = f"fails: {type(error).__name__}: {error}".split("\n")[0]
        without[f"{peer}, the rest"] = f"cannot: {CANNOT[peer]}"
    return calls, without


def main() -> int:
    """Check, then time."""
    warnings.simplefilter("ignore")
    args = arguments()
    score, outcome, columns = bench_metrics.rows(args)
    some = outcome[: args.firms]
    firms, outcomes = graded(score[: args.firms], some)

    area, performance, worth = (
        fg.metrics.auc(score, outcome),
        fg.evaluate(firms, outcomes, by="trade"),
        fg.metrics.indicators(columns, some),
    )
    spread = bootstrap(score, outcome, args.seed).std(ddof=1)
    rates = firms.join(outcomes, on="id").group_by("grade").agg(pl.col("outcome").mean()).sort("grade")["outcome"].to_list()
    hand = by_hand(columns, some)
    checks = {
        "AUC": abs(area - roc_auc_score(outcome, score)) < 1e-12,
        # Ten resamples know a standard error to a factor of two.
        "standard error": 0.4 < area.se / spread < 2.5,
        "AUC of the report": abs(performance.auc["value"] - roc_auc_score(some, score[: args.firms])) < 1e-12,
        "rates by grade": np.allclose(performance.table()["rate"].to_list(), rates, atol=1e-14),
        "KS and AUC of indicators": all(
            abs(one.ks - ks) < 1e-12 and abs(one.auc.value - auc) < 1e-12 for one, (_, ks, auc) in zip(worth.values(), hand, strict=True)
        ),
        "IV": all(abs(one.woe.iv - iv) < 2e-2 * max(iv, 1e-3) for one, (iv, _, _) in zip(worth.values(), hand, strict=True)),
    }
    for what, right in checks.items():
        print(f"{what}: {'right' if right else 'WRONG'}")
    if not all(checks.values()):
        return 1

    print(f"\n{args.rows:,} scores: the area with its interval")
    calls: dict[str, Callable[[], object]] = {
        "firmgrade, AUC ±": lambda: fg.metrics.auc(score, outcome),
        "numpy, DeLong ±": lambda: bench_metrics.delong(score, outcome),
        "scikit-learn, no ±": lambda: roc_auc_score(outcome, score),
        f"same, {RESAMPLES} resamples": lambda: bootstrap(score, outcome, args.seed),
    }
    slow = f"same, {RESAMPLES} resamples"
    times = {name: min(args.repeats, 3) if name == slow else args.repeats for name in calls}
    report(interleaved(calls, times), ("firmgrade, AUC ±",))

    print(f"\n{args.firms:,} firms × {len(columns)} indicators: full evaluation")
    calls = {
        "firmgrade, all of it": lambda: (fg.evaluate(firms, outcomes, by="trade"), fg.metrics.indicators(columns, some)),
        "firmgrade, report": lambda: fg.evaluate(firms, outcomes, by="trade"),
        "firmgrade, indicators": lambda: fg.metrics.indicators(columns, some),
        "by hand, indicators": lambda: by_hand(columns, some),
    }
    others, without = slow_peers(Rows(pd.DataFrame(columns), some, score[: args.firms]), quick=args.quick)
    times = dict.fromkeys(calls, args.repeats) | dict.fromkeys(others, min(args.repeats, SLOW))
    report(interleaved(calls | others, times), ("firmgrade, all of it", "firmgrade, indicators", "firmgrade, report"))
    for name, why in without.items():
        print(f"{name:<22} {why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
