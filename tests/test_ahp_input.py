"""What judgments are taken, in which form, and what is refused."""

import warnings
from decimal import Decimal
from fractions import Fraction

import firmgrade as fg
import numpy as np
import pandas as pd
import polars as pl
import pytest

from conftest import oracle

ahp = oracle("ahp")
ABC = ["a", "b", "c"]
MATRIX = [[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]]


def kinds(matrix, function=fg.ahp.weights, **options):
    with pytest.raises(fg.JudgmentError) as caught:
        function(matrix, **options)
    return {(problem.kind, problem.row, problem.column) for problem in caught.value.problems}


@pytest.mark.parametrize(
    "matrix",
    [
        np.array(MATRIX),
        np.asfortranarray(MATRIX),
        np.array(MATRIX, dtype=object),
        np.array([["1", "3", "5"], ["1/3", "1", "2"], ["1:5", "1/2", "1"]]),
        [[1, Fraction(3), "5"], ["1/3", Decimal(1), np.int8(2)], ["1：5", "1/2", True]],
        pd.DataFrame(MATRIX, columns=ABC),
        pd.DataFrame(MATRIX, columns=ABC, index=ABC),
        pd.DataFrame(MATRIX, columns=ABC, index=ABC).loc[["c", "a", "b"]],
        pl.DataFrame(MATRIX, schema=ABC, orient="row"),
        pl.DataFrame([["c", *MATRIX[2]], ["a", *MATRIX[0]], ["b", *MATRIX[1]]], schema=["criterion", *ABC], orient="row"),
        {("a", "b"): 3, ("c", "a"): "1/5", ("b", "c"): 2},
        {"a:b": 3, "a:c": 5, "c:b": Fraction(1, 2)},
        fg.ahp.weights(MATRIX, names=ABC, method="column_mean"),
        fg.ahp.from_upper([[3, "5"], [2]]),
    ],
)
def test_every_form_is_the_same(matrix):
    own = isinstance(matrix, (pd.DataFrame, pl.DataFrame, dict, fg.ahp.Weights))
    found = fg.ahp.weights(matrix, names=ABC if isinstance(matrix, dict) or not own else None)
    assert found.names == ABC
    w, lambda_max, ci = ahp.eigen(MATRIX)
    assert found.values == pytest.approx(w, rel=1e-12) and found.matrix == pytest.approx(np.array(MATRIX), rel=1e-12)
    assert found.lambda_max == pytest.approx(lambda_max, rel=1e-12) and found.ci == pytest.approx(ci, abs=1e-12)


def test_names_go_before_those_of_the_frame():
    assert fg.ahp.weights(pd.DataFrame(MATRIX, columns=ABC), names=[1, "y", "z"]).names == ["1", "y", "z"]
    assert fg.ahp.weights(pd.DataFrame(MATRIX), names=pd.Index(ABC)).names == ABC
    with pytest.raises(TypeError, match="one text"):
        fg.ahp.weights(MATRIX, names="abc")
    with pytest.raises(fg.FirmgradeError, match="rows are called `x`"):
        fg.ahp.weights(pd.DataFrame(MATRIX, columns=ABC, index=["x", "b", "c"]))


@pytest.mark.parametrize("alias", ["eigen", "EVM", "saaty", "特征根法"])
def test_customary_names_of_the_eigenvector(alias):
    assert fg.ahp.weights(MATRIX, method=alias).method == "eigenvector"


@pytest.mark.parametrize(
    "alias, method",
    [("llsm", "geometric_mean"), ("方根法", "geometric_mean"), ("Additive Normalisation", "column_mean"), ("和积法", "column_mean")],
)
def test_other_customary_names(alias, method):
    expected = {"geometric_mean": ahp.least_squares(MATRIX), "column_mean": (np.array(MATRIX) / np.sum(MATRIX, axis=0)).mean(axis=1)}
    found = fg.ahp.weights(MATRIX, method=alias)
    assert found.method == method and found.values == pytest.approx(expected[method], rel=1e-13)


@pytest.mark.parametrize("n", [1, 2, 16, 100])
@pytest.mark.parametrize("method", ["eigenvector", "geometric_mean", "column_mean"])
def test_sizes(n, method):
    matrix = ahp.random_reciprocal(n, n)
    found = fg.ahp.weights(matrix, method=method)
    w, lambda_max, _ = ahp.eigen(matrix)
    if method == "eigenvector":
        assert found.values == pytest.approx(w, rel=1e-10) and found.lambda_max == pytest.approx(lambda_max, rel=1e-12)
    assert abs(found.values.sum() - 1) <= 1e-15 * max(1, n / 30) and len(found) == n
    assert found.ri == pytest.approx(0 if n <= 2 else (1.7699 * n - 4.3513) / (n - 1))
    assert found.random_index_used == ("not_needed" if n <= 2 else "alonso_lamata_regression")
    assert (found.cr == 0) == (n <= 2)


@pytest.mark.parametrize(
    "matrix, expected",
    [
        ([[1, 0], [1, 1]], {("entry", 0, 1)}),
        ([[1, -3], [-1 / 3, 1]], {("entry", 0, 1), ("entry", 1, 0)}),
        ([[1, float("nan")], [1, 1]], {("entry", 0, 1)}),
        (np.array([[1, np.inf], [0, 1]]), {("entry", 0, 1), ("entry", 1, 0)}),
        ([[1, "three", "x"], ["1/3", 1, 2], ["-1/-2", "1/2", 1]], {("no_ratio", 0, 1), ("no_ratio", 0, 2), ("no_ratio", 2, 0)}),
        ([["one", 2], [0.5, -1]], {("no_ratio", 0, 0), ("entry", 1, 1)}),
        ([[1, 2, 3], [0.5, 1, 1]], {("row_length", 0, None), ("row_length", 1, None)}),
        ([[1, 2], [0.5]], {("row_length", 1, None)}),
        ([1, 2], {("row_length", 0, None), ("row_length", 1, None)}),
        (["12", "34"], {("row_length", 0, None), ("row_length", 1, None), ("diagonal", 0, 0)}),
        (np.ones((2, 2, 2)), {("no_ratio", 0, 0), ("no_ratio", 0, 1), ("no_ratio", 1, 0), ("no_ratio", 1, 1)}),
        ([[2, 3], [1 / 3, 1]], {("diagonal", 0, 0)}),
        ([[1, 3], [3, 1]], {("not_reciprocal", 0, 1)}),
        ({("a", "b"): 3, ("b", "a"): 2}, {("contradiction", None, None)}),
        ({("a", "b"): 3, ("b", "b"): 1}, {("self_judgment", None, None)}),
        ({("a", "b"): "much"}, {("no_ratio", None, None)}),
        ({("a", "b"): -1}, {("pair_entry", None, None)}),
    ],
)
def test_what_is_refused(matrix, expected):
    assert kinds(matrix) == expected


def test_every_text_is_named_with_its_place():
    with pytest.raises(fg.JudgmentError, match="row 1, column 2: found `three`, expected a positive number or ratio"):
        fg.ahp.weights([[1, "three"], [1, 1]])


def test_misnamed_in_pairs():
    with pytest.raises(fg.JudgmentError, match="did you mean `fines`"):
        fg.ahp.weights({("fine", "tax"): 3}, names=["fines", "tax"])


@pytest.mark.parametrize("matrix", ["1,2;3,4", 5, None])
def test_what_is_no_matrix(matrix):
    with pytest.raises(TypeError):
        fg.ahp.weights(matrix)


def test_products_beyond_the_range():
    big = fg.ahp.weights([[1, 1e300, 1e300], [1e-300, 1, 1e300], [1e-300, 1e-300, 1]])
    assert np.isfinite([big.lambda_max, big.ci, big.cr, *big.values]).all() and big.values[0] == pytest.approx(1)
    # eleven rows of 1e30: the product of a row is 1e330
    weights = np.array([1e30, *[1.0] * 11])
    found = fg.ahp.weights(weights[:, None] / weights, method="geometric_mean")
    assert found.values[0] == pytest.approx(1) and found.values[1] == pytest.approx(1e-30, rel=1e-12) and found.cr < 1e-12
    assert kinds([[1, 1e301], [1e-301, 1]]) == {("entry", 0, 1), ("entry", 1, 0)}


def test_a_result_is_like_an_array_and_like_a_dict():
    found = fg.ahp.weights(MATRIX, names=ABC)
    assert np.asarray(found).tolist() == found.values.tolist() == list(found)
    assert np.array(found, dtype="float32").dtype == np.float32
    assert found["b"] == found[1] == found[-2] and found.to_dict() == dict(zip(ABC, found.values, strict=True))
    assert found.to_frame().to_dict(as_series=False) == {"name": ABC, "weight": found.values.tolist(), "rank": [1, 2, 3]}
    assert found.ranks == [1, 2, 3] and found.consistent and not fg.ahp.weights([[1, 9, 1], [1 / 9, 1, 9], [1, 1 / 9, 1]]).consistent
    for key, error in [("d", KeyError), (3, IndexError), (-4, IndexError), (1.5, TypeError)]:
        with pytest.raises(error):
            found[key]


def test_roundings_are_said_where_they_are_met():
    rounded = [[1, 3, 5], [0.33, 1, 2], [0.2, 0.5, 1]]
    for function in [fg.ahp.weights, fg.ahp.consistency, fg.ahp.incomplete, fg.ahp.repair, fg.ahp.monte_carlo]:
        with pytest.warns(UserWarning, match="`0.33` is a rounded reciprocal of 3"):
            function(rounded)
    with pytest.warns(UserWarning, match="expert 2: row 2"):
        fg.ahp.aggregate([MATRIX, rounded])
    with pytest.warns(UserWarning, match="node goal: row 2"):
        fg.ahp.Tree({"goal": {"children": ABC, "judgments": rounded}})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert fg.ahp.weights(MATRIX).roundings == []
