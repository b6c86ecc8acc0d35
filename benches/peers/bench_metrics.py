"""The AUC of a million scores and the worth of a hundred indicators: check first, then time in interleaved repeats.

    python bench_metrics.py                                        1,000,000 scores; 60,000 firms × 100 indicators
    python bench_metrics.py --rows 20000 --firms 2000 --repeats 1        as a test

firmgrade gives the area with its interval, scikit-learn the area alone; "numpy, DeLong" is both by midranks. For indicators firmgrade gives
missing share, IV, KS and AUC with intervals; the peers give what their name says. Exit 1 if numbers differ.
"""

from __future__ import annotations

import argparse
import sys

import firmgrade as fg
import numpy as np
from bench import interleaved, report
from scipy import stats
from sklearn.metrics import roc_auc_score


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--firms", type=int, default=60_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20230701)
    return parser.parse_args()


def delong(score: np.ndarray, outcome: np.ndarray) -> tuple[float, float]:
    """Area and standard error by midranks (Sun & Xu 2014)."""
    bad, good = score[outcome], score[~outcome]
    together = stats.rankdata(np.concatenate([bad, good]))
    m, n = len(bad), len(good)
    of_bad = (together[:m] - stats.rankdata(bad)) / n
    of_good = 1 - (together[m:] - stats.rankdata(good)) / m
    return float(of_bad.mean()), float(np.sqrt(of_bad.var(ddof=1) / m + of_good.var(ddof=1) / n))


def rows(args: argparse.Namespace) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Scores, outcomes, and columns of indicators with 5 % missing."""
    chance = np.random.default_rng(args.seed)
    score = chance.normal(size=args.rows)
    outcome = chance.random(args.rows) < 1 / (1 + np.exp(3 - score))
    columns = {}
    for at in range(100):
        column = (50 * (chance.normal(size=args.firms) + 0.01 * at * score[: args.firms])).round()
        column[chance.random(args.firms) < 0.05] = np.nan
        columns[f"i{at}"] = column
    return score, outcome, columns


def iv_by_pandas(columns: dict[str, np.ndarray], outcome: np.ndarray) -> list[float]:
    """IV in ten quantile bins, written by hand with pandas."""
    import pandas as pd

    found = []
    for column in columns.values():
        bins = pd.qcut(column, 10, labels=False, duplicates="drop")
        table = pd.crosstab(np.where(np.isnan(column), -1, bins), outcome).to_numpy(dtype=float, copy=True)
        table[table == 0] = 0.5
        shares = table / table.sum(axis=0)
        found.append(float(((shares[:, 1] - shares[:, 0]) * np.log(shares[:, 1] / shares[:, 0])).sum()))
    return found


def main() -> int:
    """Check, then time."""
    args = arguments()
    score, outcome, columns = rows(args)
    some = outcome[: args.firms]
    area, peer = fg.metrics.auc(score, outcome), delong(score, outcome)
    worth = fg.metrics.indicators(columns, some)
    by_hand = iv_by_pandas(columns, some)
    ks = [stats.ks_2samp(c[some & ~np.isnan(c)], c[~some & ~np.isnan(c)]).statistic for c in list(columns.values())[:5]]
    checks = {
        "AUC": abs(area - roc_auc_score(outcome, score)) < 1e-12 and abs(area - peer[0]) < 1e-12,
        "standard error": abs(area.se / peer[1] - 1) < 1e-9,
        "IV": all(abs(one.woe.iv - other) < 2e-2 * max(other, 1e-3) for one, other in zip(worth.values(), by_hand, strict=True)),
        "KS": all(abs(one.ks - other) < 1e-12 for one, other in zip(worth.values(), ks, strict=False)),
    }
    for what, right in checks.items():
        print(f"{what}: {'right' if right else 'WRONG'}")
    calls = {
        "firmgrade, AUC ± ": lambda: fg.metrics.auc(score, outcome),
        "scikit-learn, AUC": lambda: roc_auc_score(outcome, score),
        "numpy, DeLong": lambda: delong(score, outcome),
        "firmgrade, indicators": lambda: fg.metrics.indicators(columns, some),
        "pandas, IV": lambda: iv_by_pandas(columns, some),
        "scikit-learn, AUCs": lambda: [roc_auc_score(some[k], c[k]) for c in columns.values() for k in [~np.isnan(c)]],
        "scipy, KS": lambda: [stats.ks_2samp(c[some], c[~some], nan_policy="omit") for c in columns.values()],
    }
    try:
        import pandas as pd
        import toad

        frame = pd.DataFrame(columns | {"y": some.astype(int)})
        calls["toad, quality"] = lambda: toad.quality(frame, target="y", iv_only=True)
    except ImportError:
        print("toad is not installed")
    seconds = interleaved(calls, dict.fromkeys(calls, args.repeats))
    report(seconds, ("firmgrade, AUC ± ", "firmgrade, indicators"))
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
