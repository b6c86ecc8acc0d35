"""Batches, derivatives, swaps, curves, simulation and other weightings: differences, brute force, numpy."""

import firmgrade as fg
import numpy as np
import pandas as pd
import polars as pl
import pytest

from conftest import oracle

ahp = oracle("ahp")


@pytest.mark.parametrize("n", [1, 2, 3, 7, 12])
@pytest.mark.parametrize("method", ["eigenvector", "geometric_mean", "column_mean"])
def test_a_batch_is_one_by_one(n, method):
    stack = ahp.random_reciprocal(n, n, 50)
    for given in [stack, np.asfortranarray(stack), stack[::-1][::-1], stack.tolist()]:
        found = fg.ahp.batch(given, method=method, random_index="exact")
        one = [fg.ahp.weights(matrix, method=method, random_index="exact") for matrix in stack]
        assert found.weights.shape == (50, n) and len(found) == 50
        assert (found.weights == [w.values for w in one]).all()
        for what in ["lambda_max", "ci", "cr"]:
            assert getattr(found, what).tolist() == [getattr(w, what) for w in one]
        assert (found.ri, found.method, found.random_index_used) == (one[0].ri, method, one[0].random_index_used)


def test_a_batch_reads_strides_and_refuses():
    stack = ahp.random_reciprocal(4, 0, 20)
    assert (fg.ahp.batch(stack[::2]).weights == fg.ahp.batch(stack).weights[::2]).all()
    assert fg.ahp.batch(stack.astype(">f8")) == fg.ahp.batch(stack) and len(fg.ahp.batch(stack[:0])) == 0
    stack[3, 0, 1] = np.nan
    stack[5, 2, 3] = -1
    with pytest.raises(fg.JudgmentError, match="matrix 4: row 1, column 2: found `NaN`"):
        fg.ahp.batch(stack)
    for bad in [np.ones((2, 3)), np.ones((2, 2, 3)), [["x"]]]:
        with pytest.raises(fg.FirmgradeError):
            fg.ahp.batch(bad)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_derivatives_are_differences(n):
    matrix = ahp.random_reciprocal(n, 11)
    found = fg.ahp.derivatives(matrix)
    assert found.by_log.shape == (n, n * (n - 1) // 2)
    for at, (a, b) in enumerate(found.pairs):
        i, j, step = int(a) - 1, int(b) - 1, 1e-6

        def moved(by, i=i, j=j):
            other = matrix.copy()
            other[i, j], other[j, i] = matrix[i, j] * np.exp(by), matrix[j, i] / np.exp(by)
            return ahp.eigen(other)[0]

        assert found.by_log[:, at] == pytest.approx((moved(step) - moved(-step)) / (2 * step), abs=1e-8)
        assert found.by_judgment[:, at] == pytest.approx(found.by_log[:, at] / matrix[i, j])


def test_swaps_swap():
    matrix = fg.ahp.weights({"a:b": 2, "a:c": 3, "b:c": 2}).matrix
    names, found = ["a", "b", "c"], fg.ahp.swaps(matrix, names=["a", "b", "c"])
    assert found and [swap["factor"] for swap in found] == sorted(swap["factor"] for swap in found)
    for swap in found:
        for factor, same in [(0.999, True), (1.001, False)]:
            other, i, j = matrix.copy(), swap["row"], swap["column"]
            value = swap["value"] * (swap["to"] / swap["value"]) ** factor
            other[i, j], other[j, i] = value, 1 / value
            first, second = (ahp.eigen(other)[0][names.index(name)] for name in swap["things"])
            assert (first > second) == same
    assert fg.ahp.swaps([[1]]) == []


def test_one_at_a_time():
    w = fg.ahp.weights({"a:b": 2, "a:c": 4, "b:c": 2})
    curves = fg.ahp.one_at_a_time(w, "b", np.linspace(0, 1, 5))
    assert curves.shape == (5, 3) and curves[:, 1].tolist() == [0, 0.25, 0.5, 0.75, 1] and curves.sum(axis=1) == pytest.approx(1)
    assert curves[:4, 0] / curves[:4, 2] == pytest.approx(4)
    assert fg.ahp.one_at_a_time(w.to_dict(), "b", [0.5]) == pytest.approx(curves[2:3]) == fg.ahp.one_at_a_time(w.values, 1, [0.5])
    with pytest.raises(fg.JudgmentError):
        fg.ahp.one_at_a_time([1, 2], 2, [0.5, 1.5])
    with pytest.raises(KeyError):
        fg.ahp.one_at_a_time(w, "x", [0.5])


def test_monte_carlo_steps_are_all_neighbours():
    # one judgment of 3, one step: 2, 3 or 4
    found = fg.ahp.monte_carlo([[1, 3], ["1/3", 1]], draws=3000, seed=5)
    values, counts = np.unique(found.weights[:, 0].round(12), return_counts=True)
    assert values == pytest.approx([2 / 3, 3 / 4, 4 / 5]) and (abs(counts - 1000) < 100).all()
    assert found.ranks.tolist() == [[1, 0], [0, 1]] and found.generator == "splitmix64" and (found.draws, found.seed) == (3000, 5)


@pytest.mark.parametrize("shape, moments", [("normal", (0.4, 0.16)), ("uniform", (0.4 / 3**0.5, 0.16 / 3))])
def test_monte_carlo_spread(shape, moments):
    found = fg.ahp.monte_carlo([[1, 3], ["1/3", 1]], draws=20_000, seed=2, spread=0.4, shape=shape)
    logs = np.log(found.weights[:, 0] / found.weights[:, 1])
    assert logs.mean() == pytest.approx(np.log(3), abs=4 * moments[0] / 20_000**0.5) and logs.std() == pytest.approx(moments[0], rel=0.03)


def test_monte_carlo_summaries():
    matrix = ahp.random_reciprocal(4, 8)
    found = fg.ahp.monte_carlo(matrix, draws=501, seed=9, names=list("abcd"), spread=0.3)
    shares = [0.025, 0.3, 0.5, 1.0]
    assert found.quantiles(shares) == pytest.approx(np.quantile(found.weights, shares, axis=0), rel=1e-13)
    assert found.intervals(0.9)["c"] == pytest.approx(np.quantile(found.weights[:, 2], [0.05, 0.95]))
    order = (-found.weights).argsort(axis=1, kind="stable")
    assert found.ranks == pytest.approx(np.array([[(order[:, rank] == thing).mean() for rank in range(4)] for thing in range(4)]))
    frame = found.to_frame()
    assert frame["mean"].to_numpy() == pytest.approx(found.weights.mean(axis=0)) and frame["first"].sum() == pytest.approx(1)
    longer = fg.ahp.monte_carlo(matrix, draws=800, seed=9, spread=0.3)
    assert (longer.weights[:501] == found.weights).all() and (
        fg.ahp.monte_carlo(matrix, 501, 10, spread=0.3).weights != found.weights
    ).any()
    still = fg.ahp.monte_carlo(matrix, steps=0, draws=3)
    assert still.weights == pytest.approx(np.tile(ahp.eigen(matrix)[0], (3, 1)))


@pytest.mark.parametrize(
    "options", [{"steps": 1, "spread": 0.1}, {"shape": "uniform"}, {"spread": 0.1, "shape": "x"}, {"spread": -1}, {"draws": 0}]
)
def test_monte_carlo_refuses(options):
    with pytest.raises(ValueError):
        fg.ahp.monte_carlo([[1, 3], ["1/3", 1]], **options)


DATA = np.random.default_rng(1).gamma(2, 1, (200, 5))


@pytest.mark.parametrize("table", [DATA, pd.DataFrame(DATA), pl.DataFrame(DATA), DATA.tolist(), np.asfortranarray(DATA)])
def test_entropy_and_critic_against_numpy(table):
    p = DATA / DATA.sum(axis=0)
    entropy = 1 + (p * np.log(p)).sum(axis=0) / np.log(200)
    assert fg.ahp.entropy(table) == pytest.approx(entropy / entropy.sum(), rel=1e-11)
    z = (DATA - DATA.min(axis=0)) / (DATA.max(axis=0) - DATA.min(axis=0))
    content = z.std(axis=0, ddof=1) * (1 - np.corrcoef(z.T)).sum(axis=1)
    assert fg.ahp.critic(table) == pytest.approx(content / content.sum(), rel=1e-11)


def test_combinations():
    a, b = fg.ahp.weights({"x:y": 3}), fg.ahp.equal(2)
    assert fg.ahp.multiplicative([a, b]) == pytest.approx([0.75, 0.25]) and fg.ahp.additive([a, b]) == pytest.approx([0.625, 0.375])
    assert fg.ahp.multiplicative([a, [0.2, 0.8]], powers=[2, 1]) == pytest.approx(np.array([9 * 0.2, 0.8]) / 2.6)
    assert fg.ahp.additive([a, b], shares=[1, 3]) == pytest.approx([0.5625, 0.4375]) and fg.ahp.ideal(a) == pytest.approx([1, 1 / 3])
    u, v = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])
    gram = np.array([[u @ u, u @ v], [v @ u, v @ v]])
    alpha = np.abs(np.linalg.solve(gram, [u @ u, v @ v]))
    weights, shares = fg.ahp.game_theoretic([u, v])
    assert shares == pytest.approx(alpha / alpha.sum()) and weights == pytest.approx(shares[0] * u + shares[1] * v)
    for call in [
        lambda: fg.ahp.additive([[1, 2], [1]]),
        lambda: fg.ahp.ideal([0, 0]),
        lambda: fg.ahp.entropy([[1, -1], [1, 1]]),
        lambda: fg.ahp.critic([[1]]),
    ]:
        with pytest.raises(fg.JudgmentError):
            call()
    with pytest.raises(fg.FirmgradeError, match="cannot be read as numbers"):
        fg.ahp.entropy([["x"]])
