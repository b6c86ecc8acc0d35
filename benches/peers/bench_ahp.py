"""Weights from judgments beside other ways to them: check first, then time in interleaved repeats.

    python bench_ahp.py                                    10,000 random 7 × 7 matrices, 200 trees of 5 × 8 leaves, all peers
    python bench_ahp.py --matrices 200 --trees 5 --repeats 1 --peers numpy_loop      as a test

The judgments are uniform on the 17 values 1/9 … 9; the consistency ratio is by Donegan & Dodd, the table of ahpy. Peers start from what suits
them: numpy from the array, ahpy from dicts made before the clock starts. ahpy rounds to four decimals; the others are checked to 1e-9.
Exit 1 if any peer is wrong; a wrong peer is not timed.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable
from statistics import median

import numpy as np
from bench import interleaved, version

try:
    import ahpy
except ImportError:
    ahpy = None
try:
    import firmgrade as fg
except ImportError:
    fg = None

# Donegan & Dodd 1991 for n = 5, 7, 8.
RANDOM_INDEX = {5: 1.0591, 7: 1.2519, 8: 1.3171}
ROUNDED = 1e-4
EXACT = 1e-9
SLOW = {"ahpy": 3}
N, CRITERIA, LEAVES = 7, 5, 8


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--matrices", type=int, default=10_000)
    parser.add_argument("--trees", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=11)
    parser.add_argument("--peers", nargs="+", help="default: all")
    parser.add_argument("--seed", type=int, default=20230701)
    return parser.parse_args()


def random_judgments(rng: np.random.Generator, count: int, n: int) -> np.ndarray:
    """Random reciprocal matrices, shape (count, n, n)."""
    scale = np.array([1 / k for k in range(9, 1, -1)] + list(range(1, 10)))
    stack = np.ones((count, n, n))
    row, column = np.triu_indices(n, 1)
    stack[:, row, column] = rng.choice(scale, (count, len(row)))
    stack[:, column, row] = 1 / stack[:, row, column]
    return stack


def eigen(matrix: np.ndarray) -> tuple[np.ndarray, float]:
    """Weights and CR of one matrix, as people write it with numpy."""
    values, vectors = np.linalg.eig(matrix)
    at = values.real.argmax()
    n = len(matrix)
    w = np.abs(vectors[:, at].real)
    return w / w.sum(), (values[at].real - n) / (n - 1) / RANDOM_INDEX[n]


def numpy_loop(stack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """One np.linalg.eig after another."""
    found = [eigen(matrix) for matrix in stack]
    return np.array([w for w, _ in found]), np.array([cr for _, cr in found])


def numpy_power(stack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The power method on all matrices at once, until the last of them stands still."""
    n = stack.shape[1]
    w = np.full((len(stack), n, 1), 1 / n)
    while True:
        product = stack @ w
        following = product / product.sum(axis=1, keepdims=True)
        if np.abs(following / w - 1).max() < 1e-13:
            break
        w = following
    lambda_max = (stack @ w / w).mean(axis=(1, 2))
    return w[:, :, 0], (lambda_max - n) / (n - 1) / RANDOM_INDEX[n]


def firmgrade_batch(stack: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """fg.ahp.batch."""
    found = fg.ahp.batch(stack, random_index="donegan_dodd_1991")
    return found.weights, found.cr


def comparisons(matrix: np.ndarray, names: list[str]) -> dict[tuple[str, str], float]:
    """What ahpy reads."""
    n = len(names)
    return {(names[i], names[j]): float(matrix[i, j]) for i in range(n) for j in range(i + 1, n)}


def ahpy_calls(stack: np.ndarray) -> Callable[[], tuple[np.ndarray, np.ndarray]]:
    """ahpy.Compare of each matrix."""
    names = [str(at) for at in range(stack.shape[1])]
    dicts = [comparisons(matrix, names) for matrix in stack]

    def call() -> tuple[np.ndarray, np.ndarray]:
        found = [ahpy.Compare("goal", one) for one in dicts]
        return np.array([[one.local_weights[name] for name in names] for one in found]), np.array([one.consistency_ratio for one in found])

    return call


def matrices_table(args: argparse.Namespace) -> list[str]:
    """Weights and CR of many matrices; the faults found."""
    stack = random_judgments(np.random.default_rng(args.seed), args.matrices, N)
    calls = {"numpy_loop": lambda: numpy_loop(stack), "numpy_power": lambda: numpy_power(stack)}
    if ahpy:
        calls["ahpy"] = ahpy_calls(stack)
    if fg:
        calls["firmgrade"] = lambda: firmgrade_batch(stack)
    return table(f"{args.matrices:,} random {N} × {N} matrices, weights and CR", calls, args)


def tree_parts(rng: np.random.Generator) -> tuple[np.ndarray, list[np.ndarray]]:
    """Judgments of the criteria, and of the leaves below each."""
    return random_judgments(rng, 1, CRITERIA)[0], list(random_judgments(rng, CRITERIA, LEAVES))


def tree_names() -> tuple[list[str], list[list[str]]]:
    """Names of the criteria, and of the leaves below each."""
    criteria = [f"c{at}" for at in range(CRITERIA)]
    return criteria, [[f"{name}.{leaf}" for leaf in range(LEAVES)] for name in criteria]


def tree_numpy(parts: tuple[np.ndarray, list[np.ndarray]]) -> list[float]:
    """Global weights by hand."""
    top = eigen(parts[0])[0]
    return [weight * own for weight, matrix in zip(top, parts[1], strict=True) for own in eigen(matrix)[0]]


def tree_firmgrade(spec: dict[str, object]) -> list[float]:
    """fg.ahp.Tree, built and solved."""
    return list(fg.ahp.Tree(spec).weights.values())


def trees_firmgrade(tree: object, stacks: dict[str, np.ndarray]) -> np.ndarray:
    """fg.ahp.Tree.batch: one tree, judged many times."""
    return tree.batch(stacks).weights


def tree_ahpy(dicts: tuple[dict[tuple[str, str], float], list[dict[tuple[str, str], float]]], names: list[str]) -> list[float]:
    """ahpy.Compose, built and solved."""
    criteria, below = names
    compose = ahpy.Compose()
    compose.add_comparisons([("goal", dicts[0]), *zip(criteria, dicts[1], strict=True)])
    compose.add_hierarchy({"goal": criteria})
    weights = compose["goal"].target_weights
    return [weights[leaf] for group in below for leaf in group]


def tree_table(args: argparse.Namespace) -> list[str]:
    """Trees of 5 criteria and 8 leaves each, built and solved one by one; the faults found."""
    rng = np.random.default_rng(args.seed)
    all_parts = [tree_parts(rng) for _ in range(args.trees)]
    criteria, below = tree_names()

    def spec(parts: tuple[np.ndarray, list[np.ndarray]]) -> dict[str, object]:
        inner = {name: {"judgments": m, "children": leaves} for name, m, leaves in zip(criteria, parts[1], below, strict=True)}
        return {"goal": {"judgments": parts[0], "children": criteria}, **inner}

    calls = {"numpy_loop": lambda: (np.array([tree_numpy(parts) for parts in all_parts]), None)}
    if ahpy:
        dicts = [
            (comparisons(top, criteria), [comparisons(m, leaves) for m, leaves in zip(inner, below, strict=True)])
            for top, inner in all_parts
        ]
        calls["ahpy"] = lambda: (np.array([tree_ahpy(one, (criteria, below)) for one in dicts]), None)
    if fg:
        specs = [spec(parts) for parts in all_parts]
        stacks = {"goal": np.array([top for top, _ in all_parts])}
        stacks |= {name: np.array([inner[at] for _, inner in all_parts]) for at, name in enumerate(criteria)}
        tree = fg.ahp.Tree(specs[0])
        calls["firmgrade, one by one"] = lambda: (np.array([tree_firmgrade(one) for one in specs]), None)
        calls["firmgrade"] = lambda: (trees_firmgrade(tree, stacks), None)
    return table(f"{args.trees:,} trees of {CRITERIA} × {LEAVES} leaves", calls, args)


def table(title: str, calls: dict[str, Callable[[], tuple]], args: argparse.Namespace) -> list[str]:
    """Check against the first peer, time those that are right; the faults found."""
    calls = {
        name: call
        for name, call in calls.items()
        if not args.peers or name in {*args.peers, "numpy_loop", "firmgrade", "firmgrade, one by one"}
    }
    faults, first = [], None
    for name, call in list(calls.items()):
        weights, ratios = call()
        first = first or (weights, ratios)
        tolerance = ROUNDED if name == "ahpy" else EXACT
        far = np.abs(weights - first[0]).max()
        if ratios is not None:
            far = max(far, np.abs(ratios - first[1]).max())
        if not far <= tolerance:
            faults.append(f"{name}: {far:.1e} from {next(iter(calls))}, expected {tolerance:.0e}")
            del calls[name]
    seconds = interleaved(calls, {name: min(args.repeats, SLOW.get(name, args.repeats)) for name in calls})
    print(f"\n{title}")
    ours = median(seconds["firmgrade"]) if "firmgrade" in seconds else None
    print(f"{'':<22} {'median ms':>10} {'least ms':>10} {'n':>4} {'× firmgrade':>12}")
    for name, values in seconds.items():
        ratio = f"{median(values) / ours:>12.1f}" if ours else ""
        print(f"{name:<22} {1000 * median(values):>10.2f} {1000 * min(values):>10.2f} {len(values):>4} {ratio}")
    for name, module in [("ahpy", ahpy), ("firmgrade", fg)]:
        if module is None:
            print(f"{name:<22} not installed")
    for fault in faults:
        print(f"WRONG {fault}")
    return faults


def main() -> int:
    """Run both; 1 if anything was wrong."""
    args = arguments()
    print(f"Python {platform.python_version()}, seed {args.seed}")
    print(", ".join(f"{package} {version(package)}" for package in ["numpy", "ahpy", "firmgrade"]))
    return 1 if matrices_table(args) + tree_table(args) else 0


if __name__ == "__main__":
    sys.exit(main())
