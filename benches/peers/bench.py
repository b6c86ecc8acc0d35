"""Score and grade the same firms with every peer: check first, then time in interleaved repeats.

    python bench.py                                  60,000 and 1,000,000 firms, all peers
    python bench.py --rows 60000 --repeats 31
    python bench.py --rows 2000 --repeats 1 --peers numpy_blocked polars_when      as a test

Exit 1 if any peer is wrong; a wrong peer is not timed.
"""

from __future__ import annotations

import argparse
import gc
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from statistics import median

import data
import numpy as np
import one_firm
import peer_polars
import polars as pl
from card import Case, parse
from check import Checker

import peers

SLOW_ROWS = 60_000
SLOW_REPEATS = 3
WHOLE_JOBS = {
    "read and write only": peer_polars.read_and_write,
    "polars_lazy": peer_polars.whole_job,
    "polars_eager": peer_polars.whole_job_eager,
}
PACKAGES = ["numpy", "numba", "polars", "duckdb", "pandas", "pyarrow", "toad", "optbinning", "firmgrade"]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[60_000, 1_000_000])
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--peers", nargs="+", help="default: all")
    parser.add_argument("--categories", nargs="+", choices=["enum", "string"], default=["enum", "string"])
    parser.add_argument("--seed", type=int, default=20230701)
    parser.add_argument("--only-score", action="store_true", help="leave out the whole job and one firm")
    return parser.parse_args()


def interleaved(calls: dict[str, Callable[[], object]], repeats: dict[str, int]) -> dict[str, list[float]]:
    """Seconds of each call; the calls take turns, so that noise falls on all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    gc.collect()
    gc.disable()
    try:
        for turn in range(max(repeats.values(), default=0)):
            for name, call in calls.items():
                if turn < repeats[name]:
                    start = time.perf_counter()
                    call()
                    seconds[name].append(time.perf_counter() - start)
    finally:
        gc.enable()
    return seconds


def prepare(wanted: list[peers.Peer], case: Case, checker: Checker) -> tuple[dict[str, Callable[[], object]], list[str]]:
    """The timed calls of the peers that are right (each called twice: check, warm), and the faults."""
    calls, faults = {}, []
    for peer in wanted:
        if peer.slow and case.frame.height > SLOW_ROWS:
            continue
        try:
            call = peer.make(case)
            wrong = checker.problems(peer, call())
            call()
        except Exception as error:  # noqa: BLE001 a peer that fails is reported; the others go on
            wrong = [f"failed: {type(error).__name__}: {error}"]
        if wrong:
            faults.append(f"{peer.name}: {'; '.join(wrong)}")
        else:
            calls[peer.name] = call
    return calls, faults


def score_table(rows: int, categories: str, args: argparse.Namespace) -> list[str]:
    """Check and time the scoring of one frame; the faults found."""
    frame, text = data.generate(rows, args.seed, categories), data.card_text(args.seed)
    case = Case(text, parse(text), frame)
    wanted, absent = peers.find(args.peers)
    checker = Checker(case)
    calls, faults = prepare(wanted, case, checker)
    slow = {p.name for p in wanted if p.slow}
    repeats = {n: min(args.repeats, SLOW_REPEATS) if n in slow else args.repeats for n in calls}
    print(f"\n{rows:,} firms × 100 indicators, categories as {categories}; {shares(checker)}")
    report(interleaved(calls, repeats), ("read_pass", "numpy_blocked"))
    for name in absent:
        print(f"{name:<22} not installed")
    for fault in faults:
        print(f"WRONG {fault}")
    return faults


def shares(checker: Checker) -> str:
    """Share of each grade, from the first peer that was right."""
    if checker.first is None:
        return "no peer gave scores"
    counts = np.bincount(checker.first[2], minlength=len(data.GRADES)) / len(checker.first[2])
    return " ".join(f"{g} {100 * c:.1f} %" for g, c in zip(data.GRADES, counts))


def report(seconds: dict[str, list[float]], against: tuple[str, ...]) -> None:
    """Medians in milliseconds and their ratio to the calls named."""
    middle = {name: 1000 * median(values) for name, values in seconds.items()}
    base = [name for name in against if name in middle]
    print(f"{'':<22} {'median ms':>10} {'least ms':>10} {'n':>4}" + "".join(f" {'× ' + b:>16}" for b in base))
    for name, values in seconds.items():
        ratios = "".join(f" {middle[name] / middle[b]:>16.2f}" for b in base)
        print(f"{name:<22} {middle[name]:>10.2f} {1000 * min(values):>10.2f} {len(values):>4}{ratios}")


def whole_job_table(rows: int, categories: str, args: argparse.Namespace) -> list[str]:
    """Parquet → score, grade → Parquet; files in a temporary directory, in the page cache."""
    frame, text = data.generate(rows, args.seed, categories), data.card_text(args.seed)
    jobs = dict(WHOLE_JOBS)
    if firmgrade := peers.load("peer_firmgrade"):
        jobs["firmgrade"] = firmgrade.whole_job
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "firms.parquet")
        frame.write_parquet(source)
        targets = {name: Path(folder, f"{n}.parquet") for n, name in enumerate(jobs)}
        calls = {n: lambda j=j, t=targets[n]: j(text, source, t) for n, j in jobs.items()}
        for call in calls.values():
            call()
        faults = unlike({n: t for n, t in targets.items() if n != "read and write only"})
        print(f"\nwhole job, Parquet → score, grade → Parquet: {rows:,} firms, categories as {categories}")
        report(interleaved(calls, dict.fromkeys(calls, args.repeats)), ("polars_lazy",))
    print_absent(firmgrade, faults)
    return faults


def unlike(targets: dict[str, Path]) -> list[str]:
    """Result files that differ from the first: firms and grades the same, scores within 1e-9."""
    first, *others = targets
    expected, faults = pl.read_parquet(targets[first]), []
    for name in others:
        made = pl.read_parquet(targets[name])
        same = made.height == expected.height and made["firm"].equals(expected["firm"])
        same = same and (made["grade"].cast(pl.Int64) == expected["grade"].cast(pl.Int64)).all()
        if not (same and ((made["score"] - expected["score"]).abs() <= 1e-9).all()):
            faults.append(f"whole job of {name}: result unlike {first}")
    return faults


def one_firm_table(args: argparse.Namespace) -> list[str]:
    """One firm from a dict: seconds for each of 2,000 firms in turn, spread over the repeats."""
    frame, text = data.generate(2_000, args.seed, "string"), data.card_text(args.seed)
    firms = list(frame.iter_rows(named=True))
    functions = {"plain Python": one_firm.one_firm(text)}
    if firmgrade := peers.load("peer_firmgrade"):
        functions["firmgrade"] = firmgrade.one_firm(text)
    checker = Checker(Case(text, parse(text), frame))
    faults = []
    for name, function in functions.items():
        score, grade = (np.array(part) for part in zip(*map(function, firms)))
        wrong = checker.problems(peers.Peer(name, None), (score, grade))
        faults += [f"one firm by {name}: {w}" for w in wrong]
    calls = {n: lambda f=f: [f(firm) for firm in firms] for n, f in functions.items()}
    seconds = interleaved(calls, dict.fromkeys(calls, args.repeats))
    print("\none firm from a dict, a call for each")
    for name, values in seconds.items():
        print(f"{name:<22} {1e6 * median(values) / len(firms):>10.2f} µs")
    print_absent(firmgrade, faults)
    return faults


def print_absent(firmgrade: object, faults: list[str]) -> None:
    """The last lines of a table."""
    if firmgrade is None:
        print(f"{'firmgrade':<22} not installed")
    for fault in faults:
        print(f"WRONG {fault}")


def version(package: str) -> str:
    """Installed version of a package, or a dash."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "–"


def main() -> int:
    """Run what was asked; 1 if anything was wrong."""
    args = arguments()
    print(f"Python {platform.python_version()}, {pl.thread_pool_size()} threads, seed {args.seed}")
    print(", ".join(f"{p} {version(p)}" for p in PACKAGES))
    faults = []
    for rows in args.rows:
        for categories in args.categories:
            faults += score_table(rows, categories, args)
    if not args.only_score:
        for categories in args.categories:
            faults += whole_job_table(min(args.rows), categories, args)
        faults += one_firm_table(args)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
