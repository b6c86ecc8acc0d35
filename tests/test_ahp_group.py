"""Groups of experts, recomputed with numpy and with whole numbers."""

import math

import firmgrade as fg
import numpy as np
import pytest

from conftest import oracle

ahp = oracle("ahp")
NAMES = ["past", "size", "owner", "trade"]


def experts(count=5, n=4, seed=3):
    return ahp.random_reciprocal(n, seed, count)


@pytest.mark.parametrize("how", ["judgments", "AIJ"])
@pytest.mark.parametrize("voices", [None, [1, 2, 3, 4, 0]])
def test_judgments_by_geometric_mean(how, voices):
    stack = experts()
    found = fg.ahp.aggregate(stack, weights=voices, how=how, names=NAMES)
    p = np.full(5, 0.2) if voices is None else np.array(voices) / 10
    mean = np.exp(np.tensordot(p, np.log(stack), 1))
    w, lambda_max, ci = ahp.eigen(mean)
    assert found.how == "judgments" and found.names == NAMES and found.matrix == pytest.approx(mean, rel=1e-13)
    assert found.values == pytest.approx(w, rel=1e-10) and found.voices == pytest.approx(p)
    assert (found.lambda_max, found.ci, found.ri, found.cr) == pytest.approx((lambda_max, ci, 0.9, ci / 0.9), rel=1e-9)
    assert found["size"] == found[1] and found.to_dict()["trade"] == found.values[3] and len(found) == 4


@pytest.mark.parametrize("mean", ["geometric", "arithmetic"])
def test_priorities(mean):
    stack, p = experts(), np.array([1, 2, 3, 4, 5]) / 15
    own = np.array([ahp.eigen(matrix)[0] for matrix in stack])
    raw = p @ own if mean == "arithmetic" else np.exp(p @ np.log(own))
    voices = {str(at + 1): value for at, value in enumerate(p)}
    found = fg.ahp.aggregate(list(stack), weights=voices, how="aip", mean=mean)
    assert found.values == pytest.approx(raw / raw.sum(), rel=1e-9)
    assert (found.how, found.mean, found.matrix, found.cr, found.lambda_max) == ("priorities", mean, None, None, None)
    assert [one.values.tolist() for one in found.experts] == [fg.ahp.weights(matrix).values.tolist() for matrix in stack]


def test_both_are_one_by_geometric_means():
    stack = experts()
    a, b = (fg.ahp.aggregate(stack, how=how, method="geometric_mean").values for how in ["judgments", "priorities"])
    assert a == pytest.approx(b, rel=1e-13)


def test_experts_by_name_in_their_own_order():
    one = {("a", "b"): 2, ("a", "c"): 4, ("b", "c"): 2}
    other = {("c", "b"): "1/8", ("c", "a"): "1/16", ("b", "a"): "1/2"}
    found = fg.ahp.aggregate({"Wang": one, "Li": fg.ahp.weights(other)})
    # sqrt(2·2), sqrt(4·16), sqrt(2·8)
    assert found.matrix[0] == pytest.approx([1, 2, 8]) and found.matrix[1, 2] == pytest.approx(4)
    assert found.values == pytest.approx(np.array([8, 4, 1]) / 13) and found.expert_names == ["Wang", "Li"]
    assert fg.ahp.aggregate({"Wang": one, "Li": other}, weights={"Li": 1, "Wang": 0}).values == pytest.approx(np.array([16, 8, 1]) / 25)


def test_agreement_by_hand():
    # 3 : 1 and 1 : 1, S* = .892000 as in the engine's test; ranks 1 2 and 1.5 1.5
    found = fg.ahp.aggregate([[[1, 3], ["1/3", 1]], [[1, 1], [1, 1]]])
    assert found.consensus == pytest.approx(0.892, abs=2e-5) == found.consensus_2013
    # ranks 1 2 3 and 1 3 2: W = 12·6/(4·24)
    w = np.array([[5, 3, 2], [5, 2, 3]])
    found = fg.ahp.aggregate([row[:, None] / row for row in w])
    assert found.kendalls_w == pytest.approx(0.75)
    first = found.disputes[0]
    assert (
        first["pair"] == ("2", "3") and first["mean"] == pytest.approx(1) and (first["low"], first["high"]) == pytest.approx((2 / 3, 1.5))
    )
    assert first["spread"] == pytest.approx(1.5) and first["sides"] == (1, 0, 1)
    without = found.leave_one_out()
    assert [one["expert"] for one in without] == ["1", "2"] and without[0]["values"] == pytest.approx(w[1] / 10)
    assert without[0]["largest_change"] == pytest.approx(abs(w[1] / 10 - found.values).max())
    assert found.camps is None


def test_leaving_one_out_by_judgments():
    stack = experts()
    found = fg.ahp.aggregate(stack, names=NAMES)
    for at, without in enumerate(found.leave_one_out()):
        rest = np.exp(np.delete(np.log(stack), at, axis=0).mean(axis=0))
        assert without["values"] == pytest.approx(ahp.eigen(rest)[0], rel=1e-9)
    by_weights = fg.ahp.aggregate(stack, how="priorities").leave_one_out()
    own = np.log([ahp.eigen(matrix)[0] for matrix in stack])
    raw = np.exp(np.delete(own, 2, axis=0).mean(axis=0))
    assert by_weights[2]["values"] == pytest.approx(raw / raw.sum(), rel=1e-9)


def test_camps():
    a, b = np.array([8.0, 3, 1]), np.array([1.0, 3, 8])
    with pytest.warns(UserWarning, match="expert v says the opposite of the others"):
        found = fg.ahp.aggregate({name: w[:, None] / w for name, w in zip("uvwxyz", [a, b, a * [1, 1.1, 1], a, a, a], strict=True)})
    assert found.camps["members"] == [["u", "w", "x", "y", "z"], ["v"]] and found.camps["silhouette"] > 0.5


def test_experts_above_the_limit_are_named():
    good, bad = [[1, 2, 4], ["1/2", 1, 2], ["1/4", "1/2", 1]], [[1, 9, "1/9"], ["1/9", 1, 9], [9, "1/9", 1]]
    experts = {"Wang": good, "Li": bad, "Zhao": good}
    with pytest.warns(UserWarning, match=r"left out because CR is above 0.1: Li"):
        found = fg.ahp.aggregate(experts, weights=[1, 5, 3], max_cr=0.1)
    assert found.expert_names == ["Wang", "Zhao"] and found.left_out == ["Li"] and found.voices.tolist() == [0.25, 0.75]
    assert found == fg.ahp.aggregate(experts, weights=[1, 5, 3]).within()
    assert found.values == pytest.approx(np.array([4, 2, 1]) / 7)
    with pytest.raises(fg.FirmgradeError, match="no expert has a CR of at most 0.1: 1 "):
        fg.ahp.aggregate([bad], max_cr=0.1)


def test_what_is_refused():
    with pytest.raises(fg.JudgmentError) as caught:
        fg.ahp.aggregate({"Wang": [[1, 3], [3, 1]], "Li": [[1, 2], ["1/2", 1]], "Zhao": [["x", 2], [0, 1]]})
    problems = caught.value.problems
    assert [(p.kind, p.names[0], p.row) for p in problems] == [("not_reciprocal", "Wang", 0), ("no_ratio", "Zhao", 0), ("entry", "Zhao", 1)]
    assert "expert `Wang`: row 1, column 2" in str(caught.value)
    two = [[[1, 2], ["1/2", 1]]] * 2
    for options, kind in [({"weights": [1]}, "voice_count"), ({"weights": [1, -1]}, "voice"), ({"weights": [0, 0]}, "no_voice")]:
        with pytest.raises(fg.JudgmentError) as caught:
            fg.ahp.aggregate(two, **options)
        assert caught.value.problems[0].kind == kind
    for options in [{"how": "both"}, {"mean": "arithmetic"}, {"weights": {"3": 1}}, {"weights": {"1": 1}}, {"method": "x"}]:
        with pytest.raises(fg.FirmgradeError):
            fg.ahp.aggregate(two, **options)
    with pytest.raises(fg.JudgmentError, match="found no experts"):
        fg.ahp.aggregate([])
    with pytest.raises(fg.JudgmentError, match="compares other things"):
        fg.ahp.aggregate([{"a:b": 2}, {"a:c": 2}])


def test_one_expert_is_the_group():
    found = fg.ahp.aggregate([[[1, 2], ["1/2", 1]]])
    assert found.values == pytest.approx([2 / 3, 1 / 3]) and found.leave_one_out() == [] and found.consensus == pytest.approx(1)
    assert math.isclose(found.kendalls_w, 1)
