"""Weights from judgments, against fixtures/cases/ahp.json: published tables, and 60 digits."""

import json
import math
import pickle
import warnings
from fractions import Fraction

import firmgrade as fg
import numpy as np
import pytest

from conftest import ROOT

CASES = json.loads((ROOT / "fixtures" / "cases" / "ahp.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_case(case):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = fg.ahp.weights(case["matrix"], method=case["method"], random_index=case["random_index"])
    assert case["kind"] in {"published", "computed"}
    relative = case["kind"] == "computed"

    def near(value, expected, tolerance):
        return abs(value - expected) <= (tolerance * abs(expected) if relative else tolerance)

    for value, expected in zip(found.values, case["values"], strict=True):
        assert near(value, expected, case["tolerance"]), (value, expected)
    # Entries such as 1/3 are rounded in the file: CI, quadratic in what they deviate, carries 1e-15/sqrt(CI) of itself.
    loose = max(case["tolerance"], 1e-15 / math.sqrt(case["ci"]) if relative and case["ci"] else 0.0)
    for what in ["lambda_max", "ci", "cr"]:
        if case[what] is not None:
            tolerance = case.get(f"tolerance_{what}") or case["tolerance"]
            tolerance = loose if relative and what != "lambda_max" else tolerance
            assert near(getattr(found, what), case[what], tolerance), what


# Shared notes on the field, section 7: CI .053924 passes or fails with the table.
@pytest.mark.parametrize(
    "table, cr",
    [("saaty_1980", 0.0930), ("saaty_2005", 0.1037), ("contest", 0.1037), ("alonso_lamata", 0.1028), ("donegan_dodd_1991", 0.1097)],
)
def test_the_verdict_that_flips_with_the_table(table, cr):
    found = fg.ahp.weights([[1, 1, 8], [1, 1, 3], ["1/8", "1/3", 1]], random_index=table)
    assert found.ci == pytest.approx(0.053924, abs=5e-7)
    assert found.cr == pytest.approx(cr, abs=5e-5)
    assert found.random_index == found.random_index_used == table


def test_every_way_to_say_it():
    matrix = [[1, 3, 5], [1 / 3, 1, 2], [1 / 5, 1 / 2, 1]]
    expected = fg.ahp.weights(matrix, names=["a", "b", "c"])
    assert expected.names == ["a", "b", "c"]
    text = [["1", "3", "5"], ["1/3", 1, 2], [Fraction(1, 5), "1:2", 1]]
    pairs = {("a", "b"): 3, ("a", "c"): "5", ("b", "c"): np.float64(2)}
    for other in [text, np.array(matrix), tuple(map(tuple, matrix))]:
        assert fg.ahp.weights(other, names=["a", "b", "c"]) == expected
    assert fg.ahp.weights(pairs) == expected
    assert fg.ahp.weights(pairs, names=["c", "b", "a"]).values.tolist() == pytest.approx(expected.values[::-1].tolist())
    assert fg.ahp.weights(matrix).names == ["1", "2", "3"]


def test_defaults_are_the_engines():
    found = fg.ahp.weights([[1, 2], [0.5, 1]])
    assert (found.method, found.random_index, found.random_index_used) == ("eigenvector", "saaty_1980", "not_needed")
    assert (found.lambda_max, found.ci, found.ri, found.cr) == (2.0, 0.0, 0.0, 0.0)


def test_beyond_the_table():
    found = fg.ahp.weights(np.ones((16, 16)))
    assert found.random_index_used == "alonso_lamata_regression"
    # Alonso & Lamata 2006: (1.7699 n - 4.3513)/(n - 1)
    assert found.ri == pytest.approx((1.7699 * 16 - 4.3513) / 15)


def test_values_cannot_be_written_to():
    found = fg.ahp.weights([[1, 2], [0.5, 1]])
    assert found.values.dtype == np.float64 and found.values.shape == (2,) and found.matrix.shape == (2, 2)
    for array in [found.values, found.matrix]:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


def test_rounded_reciprocals_are_reported():
    with pytest.warns(UserWarning, match="0.33"):
        found = fg.ahp.weights([[1, 3], [0.33, 1]])
    assert len(found.roundings) == 1
    assert found.values.tolist() == [0.75, 0.25]


@pytest.mark.parametrize(
    "matrix, kinds",
    [
        ([[1, 3], [3, 1]], {"not_reciprocal"}),
        ([[1, -3], [float("nan"), 2]], {"entry", "diagonal"}),
        ([[1, 3]], {"row_length"}),
        ([], {"nothing"}),
        ([[1, "three"], ["1/3", 1]], {"no_ratio"}),
        ([[1, None], [1, 1]], {"no_ratio"}),
        ({("a", "b"): 3, ("b", "c"): 2}, {"missing_pairs"}),
        ({("a", "b"): 3, ("b", "a"): 3}, {"contradiction"}),
        ({("a", "a"): 3}, {"self_judgment"}),
    ],
)
def test_faults(matrix, kinds):
    with pytest.raises(fg.JudgmentError) as caught:
        fg.ahp.weights(matrix)
    assert {problem.kind for problem in caught.value.problems} >= kinds
    assert all(problem.message in str(caught.value) for problem in caught.value.problems)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.problems == caught.value.problems and str(again) == str(caught.value)


def test_unknown_choices():
    with pytest.raises(fg.FirmgradeError, match="unknown method `eigenvektor`, expected one of eigenvector"):
        fg.ahp.weights([[1]], method="eigenvektor")
    with pytest.raises(fg.FirmgradeError, match="saaty_2005"):
        fg.ahp.weights([[1]], random_index="saaty")
