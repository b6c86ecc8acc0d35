"""Weights from judgments with gaps: the 40-digit cases, numpy's least squares, and what blanks look like."""

import json

import firmgrade as fg
import numpy as np
import pytest

from conftest import ROOT, oracle

ahp = oracle("ahp")
FULL = [[1, 1, 8], [1, 1, 3], ["1/8", "1/3", 1]]
INCOMPLETE = json.loads((ROOT / "fixtures" / "cases" / "ahp_incomplete.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", INCOMPLETE, ids=[f"{case['name']}, {case['completion']}" for case in INCOMPLETE])
def test_case_with_gaps(case):
    found = fg.ahp.incomplete(case["matrix"], method=case["completion"])
    assert found.values == pytest.approx(case["values"], rel=max(case["tolerance"], 1e-12))
    # gaps of 1e-9 in least_lambda are 1e-7 in what fills them
    assert list(found.filled.values()) == pytest.approx(case["filled"], rel=max(100 * case["tolerance"], 1e-10))
    assert found.lambda_max == pytest.approx(case["lambda_max"], rel=1e-10)


@pytest.mark.parametrize("blank", [None, float("nan"), "", " ", "-", "?", np.nan, "NaN"])
def test_every_blank(blank):
    matrix = [[1, 2, blank, 4], ["1/2", 1, 3, blank], [blank, "1/3", 1, blank], [blank, blank, blank, 1]]
    found = fg.ahp.incomplete(matrix, names=list("abcd"))
    assert found.missing == [("a", "c"), ("b", "d"), ("c", "d")] == list(found.filled)
    plain = np.array([[1, 2, np.nan, 4], [0.5, 1, 3, np.nan], [np.nan, 1 / 3, 1, np.nan], [0.25, np.nan, np.nan, 1]])
    assert found.values == pytest.approx(ahp.least_squares(plain), rel=1e-12)
    # m = 3 of a possible 3: only a tree is left
    assert found.ri == 0 and found.cr == 0 and found.consistent and found.ci < 1e-15
    assert found.matrix == pytest.approx(found.values[:, None] / found.values)


@pytest.mark.parametrize("seed", range(4))
def test_gaps_against_numpy(seed):
    matrix = ahp.random_reciprocal(6, seed)
    for i, j in [(0, 3), (1, 4), (2, 5)]:
        matrix[i, j] = matrix[j, i] = np.nan
    found = fg.ahp.incomplete(matrix, method="llsm", random_index="alonso_lamata")
    assert found.values == pytest.approx(ahp.least_squares(matrix), rel=1e-12) and found.method == "least_squares"
    # Agoston & Csato 2022, eq. 3
    assert found.ri == pytest.approx((1 - 2 * 3 / (5 * 4)) * 1.2479) and found.cr == pytest.approx(found.ci / found.ri)
    best = fg.ahp.incomplete(matrix, method="lambda_max")
    w, lambda_max, _ = ahp.eigen(best.matrix)
    assert best.method == "least_lambda" and best.values == pytest.approx(w, rel=1e-10) and best.lambda_max == pytest.approx(lambda_max)
    for i, j in [(0, 3), (1, 4), (2, 5)]:
        for factor in [1.02, 1 / 1.02]:
            near = best.matrix.copy()
            near[i, j], near[j, i] = near[i, j] * factor, near[j, i] / factor
            assert ahp.eigen(near)[1] >= best.lambda_max
    harker = fg.ahp.incomplete(matrix, method="harker")
    own = np.nan_to_num(matrix, nan=0.0)
    np.fill_diagonal(own, 1 + np.isnan(matrix).sum(axis=1))
    assert harker.values == pytest.approx(ahp.eigen(own)[0], rel=1e-10)


def test_nothing_missing_and_pairs():
    full = fg.ahp.weights(FULL, method="geometric_mean")
    assert fg.ahp.incomplete(FULL).values == pytest.approx(full.values) and fg.ahp.incomplete(FULL).missing == []
    assert fg.ahp.incomplete([[1]]).values.tolist() == [1.0]
    pairs = {"a:b": 2, "b:c": 3, "c:d": "?"}
    with pytest.raises(fg.JudgmentError) as caught:
        fg.ahp.incomplete(pairs)
    (problem,) = caught.value.problems
    assert problem.kind == "disconnected" and problem.names == ("a", "b", "c", "d") and "{`a`, `b`, `c`} and {`d`}" in problem.message
    # 1, 1/2, 1/6, 1
    assert fg.ahp.incomplete({**pairs, "d:a": 1})["a"] == pytest.approx(3 / 8)


def test_what_is_refused_in_gaps():
    with pytest.raises(fg.JudgmentError, match="row 1, column 2: found `x`") as caught:
        fg.ahp.incomplete([[1, "x", None], [None, 1, 0], [None, None, 1]])
    assert {problem.kind for problem in caught.value.problems} == {"no_ratio", "entry"}
    with pytest.raises(fg.FirmgradeError, match="least_squares, least_lambda, harker"):
        fg.ahp.incomplete(FULL, method="guess")
