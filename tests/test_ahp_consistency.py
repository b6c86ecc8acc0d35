"""Consistency by several measures, located and repaired; against numpy and by hand."""

import itertools
import math

import firmgrade as fg
import numpy as np
import pytest

from conftest import oracle

ahp = oracle("ahp")
# Shared notes on the field: CI .053924 passes or fails with the table.
FLIPS = [[1, 1, 8], [1, 1, 3], ["1/8", "1/3", 1]]
# a12·a23/a13 = 3·3/(1/3) = 27: t = 3, λ = 1 + 3 + 1/3, and 1 > 2 > 3 > 1 goes round.
CIRCLE = [[1, 3, "1/3"], ["1/3", 1, 3], [3, "1/3", 1]]


def test_three_things_by_hand():
    found = fg.ahp.consistency(CIRCLE, names=["a", "b", "c"])
    assert found.lambda_max == pytest.approx(13 / 3) and found.ci == pytest.approx(2 / 3) and found.cr == pytest.approx(2 / 3 / 0.58)
    # GCI = 2/(2·1)·Σ ln² e_ij, each e = 3
    assert found.gci == pytest.approx(3 * math.log(3) ** 2) and found.gci_limit == 0.31 and not found.gci_consistent
    assert found.koczkodaj == pytest.approx(1 - 1 / 27) and found.worst_triad == ("a", "b", "c") and found.cycles == [("a", "b", "c")]
    assert not found.consistent and found.n == 3 and found.limit == 0.1
    assert [s["best"] for s in found.suspects] == pytest.approx([1 / 9] * 3, rel=1e-9)
    assert all(s["cr_best"] < 1e-12 and s["on_scale"] == pytest.approx(1 / 9) for s in found.suspects)


def test_the_table_decides_and_it_is_said():
    found = fg.ahp.consistency(FLIPS)
    assert found.consistent and {v["random_index"]: v["passes"] for v in found.verdicts}["saaty_2005"] is False
    assert (
        found.notice.startswith("the verdict depends on the table") and "0.0930" in found.notice and "saaty_2005 (0.1037)" in found.notice
    )
    other = fg.ahp.consistency(FLIPS, random_index="saaty_2005")
    assert not other.consistent and "saaty_1980 (0.0930)" in other.notice
    assert fg.ahp.consistency(FLIPS, limit=0.2).notice is None
    for verdict in found.verdicts:
        assert verdict["cr"] == pytest.approx(fg.ahp.weights(FLIPS, random_index=verdict["random_index"]).cr)


@pytest.mark.parametrize("seed", range(5))
def test_measures_against_numpy(seed):
    n = 4 + seed
    matrix = ahp.random_reciprocal(n, seed)
    found = fg.ahp.consistency(matrix, gci_limits=(0.3, 0.35, 0.5))
    w = ahp.least_squares(matrix)
    gci = 2 / ((n - 1) * (n - 2)) * sum(np.log(matrix[i, j] * w[j] / w[i]) ** 2 for i, j in itertools.combinations(range(n), 2))
    assert found.gci == pytest.approx(gci, rel=1e-10) and found.gci_limit == (0.35 if n == 4 else 0.5)
    triads = {t: matrix[t[0], t[1]] * matrix[t[1], t[2]] / matrix[t[0], t[2]] for t in itertools.combinations(range(n), 3)}
    assert found.koczkodaj == pytest.approx(max(1 - min(x, 1 / x) for x in triads.values()))
    cycles = [t for t in itertools.permutations(range(n), 3) if t[0] == min(t) and all(matrix[t[k], t[(k + 1) % 3]] > 1 for k in range(3))]
    assert sorted(found.cycles) == sorted(tuple(str(at + 1) for at in t) for t in cycles)
    # the CR if one judgment is changed, by LAPACK
    assert len(found.suspects) == n * (n - 1) // 2 and sum(s["share"] for s in found.suspects) == pytest.approx(1)
    for suspect in found.suspects:
        i, j = suspect["row"], suspect["column"]
        assert suspect["value"] == matrix[i, j] >= 1 and suspect["pair"] == (str(i + 1), str(j + 1))

        def cr(value, i=i, j=j):
            changed = matrix.copy()
            changed[i, j], changed[j, i] = value, 1 / value
            return ahp.eigen(changed)[2] / found.ri

        assert suspect["cr_if_changed"] == pytest.approx(cr(suspect["on_scale"]), abs=1e-9)
        assert suspect["cr_best"] <= min(cr(suspect["best"] * 1.01), cr(suspect["best"] / 1.01)) + 1e-12


def test_a_result_keeps_its_method_and_table():
    judged = fg.ahp.weights(FLIPS, method="geometric_mean", random_index="contest")
    found = fg.ahp.consistency(judged)
    assert (found.method, found.random_index, found.weights) == ("geometric_mean", "contest", judged)
    assert fg.ahp.consistency(judged, method="eigen").method == "eigenvector"


@pytest.mark.parametrize("matrix", [[[1]], [[1, 7], ["1/7", 1]]])
def test_nothing_to_contradict(matrix):
    found = fg.ahp.consistency(matrix)
    assert (found.cr, found.gci, found.koczkodaj, found.worst_triad, found.cycles, found.suspects) == (0, 0, 0, None, [], [])
    assert found.gci_limit == math.inf and found.consistent and found.notice is None
    assert fg.ahp.repair(matrix).changes == [] and fg.ahp.repair(matrix).possible


def test_a_limit_below_zero():
    for function in [fg.ahp.consistency, fg.ahp.repair]:
        for limit in [-1, float("nan")]:
            with pytest.raises(ValueError, match="limit"):
                function(FLIPS, limit=limit)


# Weights 8 : 4 : 2 : 1 : 1, all judgments exact but 2:4, turned round from 4 to 1/4.
PLANTED = fg.ahp.from_upper([[2, 4, 8, 8], [2, "1/4", 4], [2, 2], [1]])


def test_a_planted_error_is_found_and_undone():
    first = fg.ahp.consistency(PLANTED).suspects[0]
    assert (
        (first["pair"], first["value"]) == (("4", "2"), 4)
        and first["best"] == pytest.approx(0.25, rel=1e-6)
        and first["cr_if_changed"] < 1e-12
    )
    found = fg.ahp.repair(PLANTED)
    (change,) = found.changes
    assert change["pair"] == ("4", "2") and change["from"] == 4 and change["to"] < 4 and found.possible and found.fewest
    assert found.cr_before > 0.1 >= found.cr_after == change["cr"]
    assert ahp.eigen(found.matrix)[2] / 1.12 == pytest.approx(found.cr_after, abs=1e-12)
    assert (found.original == PLANTED).all()
    assert found.accept().cr == pytest.approx(found.cr_after) and fg.ahp.repair(found.accept()).changes == []


@pytest.mark.parametrize("seed", range(4))
def test_several_changes_are_followed_one_by_one(seed):
    matrix = ahp.random_reciprocal(7, seed)
    found = fg.ahp.repair(matrix, limit=0.08, random_index="exact")
    assert found.possible and found.changes and found.limit == 0.08
    for change in found.changes:
        matrix[change["row"], change["column"]], matrix[change["column"], change["row"]] = change["to"], 1 / change["to"]
        assert ahp.eigen(matrix)[2] / fg.ahp.weights(matrix, random_index="exact").ri == pytest.approx(change["cr"], abs=1e-9)
    assert found.matrix == pytest.approx(matrix) and found.cr_after == found.changes[-1]["cr"] <= 0.08
