"""Hierarchies: every way to write them, their weights recomputed with fractions and numpy, and what is refused."""

from fractions import Fraction

import firmgrade as fg
import numpy as np
import polars as pl
import pytest

from conftest import oracle

ahp = oracle("ahp")

# Saaty's consumption of drinks in the USA: judgments and printed weights .177 .019 .042 .116 .190 .129 .327, CR .022 (Saaty, Int. J. Services
# Sciences 1(1), 2008, table 3).
DRINKS = ["coffee", "wine", "tea", "beer", "sodas", "milk", "water"]
DRUNK = fg.ahp.from_upper(
    [[9, 5, 2, 1, 1, "1/2"], ["1/3", "1/9", "1/9", "1/9", "1/9"], ["1/3", "1/4", "1/3", "1/9"], ["1/2", 1, "1/3"], [2, "1/2"], ["1/3"]]
)
PRINTED = [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327]


def test_drinks_as_printed():
    found = fg.ahp.weights(DRUNK, names=DRINKS)
    w, _, ci = ahp.eigen(DRUNK)
    assert found.values == pytest.approx(PRINTED, abs=6e-4) and found.values == pytest.approx(w, rel=1e-12)
    # printed with the random index 1.32 of 1980
    assert found.cr == pytest.approx(0.022, abs=5e-4) and found.cr == pytest.approx(ci / 1.32, rel=1e-9)
    tree = fg.ahp.Tree({"drinks": {"children": DRINKS, "judgments": DRUNK}})
    assert tree.weights == found.to_dict() and tree.cr == {"drinks": found.cr} and tree.total_cr == pytest.approx(found.cr)


ROOT = [[1, 2, 6], ["1/2", 1, 3], ["1/6", "1/3", 1]]
# weights 6 : 3 : 1; past 3 : 1; size a leaf; owner direct
EXPECTED = {
    "fines": Fraction(6, 10) * Fraction(3, 4),
    "complaints": Fraction(6, 10) * Fraction(1, 4),
    "size": Fraction(3, 10),
    "age": Fraction(1, 10) * Fraction(7, 10),
    "licence": Fraction(1, 10) * Fraction(3, 10),
}
NESTED = {
    "risk": {
        "judgments": ROOT,
        "children": {
            "past": {"judgments": {("fines", "complaints"): 3}},
            "size": None,
            "owner": {"weights": {"age": 0.7, "licence": 0.3}},
        },
    }
}
FLAT = {
    "owner": {"weights": [0.7, 0.3], "children": ["age", "licence"]},
    "risk": {"judgments": ROOT, "children": ["past", "size", "owner"], "method": "eigen"},
    "past": [[1, 3], ["1/3", 1]],
}
FLAT["past"] = {"matrix": FLAT["past"], "children": ["fines", "complaints"]}


@pytest.mark.parametrize(
    "spec",
    [
        NESTED,
        FLAT,
        NESTED["risk"],
        {**NESTED["risk"], "name": "risk"},
        {
            "risk": {"judgements": ROOT, "children": ["past", "size", "owner"]},
            "past": {"fines:complaints": 3},
            "owner": {"children": {"age": 0.7, "licence": 0.3}},
        },
        {
            "risk": {
                "comparisons": ROOT,
                "children": [
                    {"name": "past", "pairs": {"fines:complaints": 3}},
                    "size",
                    {"owner": {"weights": {"age": 0.7, "licence": 0.3}}},
                ],
            }
        },
        {
            "risk": {
                "children": ["past", "size", "owner"],
                "judgments": pl.DataFrame(
                    [[1.0, 1 / 6, 1 / 3], [6.0, 1.0, 2.0], [3.0, 0.5, 1.0]], schema=["owner", "past", "size"], orient="row"
                ),
            },
            "past": fg.ahp.weights([[1, 3], ["1/3", 1]], names=["fines", "complaints"]),
            "owner": {"weights": np.array([0.7, 0.3]), "children": ("age", "licence")},
            "size": {},
        },
    ],
)
def test_every_way_to_write_it(spec):
    tree = fg.ahp.Tree(spec)
    assert tree.weights == pytest.approx({name: float(w) for name, w in EXPECTED.items()}, rel=1e-14)
    assert list(tree.weights) == tree.leaves == list(EXPECTED) and len(tree) == 5
    assert tree.global_weights == tree.weights and abs(sum(tree.weights.values()) - 1) < 1e-15
    assert tree.root in {"risk", "goal"} and tree["past"] == pytest.approx(0.6) and tree[tree.root] == 1
    assert tree.local_weights == pytest.approx(
        {"past": 0.6, "fines": 0.75, "complaints": 0.25, "size": 0.3, "owner": 0.1, "age": 0.7, "licence": 0.3}
    )
    assert tree.consistent and set(tree.cr) == {tree.root, "past"} and max(tree.cr.values()) < 1e-15


def test_nodes_and_frame():
    tree = fg.ahp.Tree(NESTED)
    past = tree.nodes["past"]
    assert (past["parent"], past["depth"], past["children"], past["leaf"]) == ("risk", 1, ["fines", "complaints"], False)
    assert past["judged"].values == pytest.approx([0.75, 0.25]) and tree.nodes["size"]["judged"] is None and tree.nodes["size"]["leaf"]
    frame = tree.to_frame()
    assert frame.columns == ["name", "parent", "depth", "leaf", "local", "global", "cr", "method", "random_index"]
    assert frame.filter("leaf")["global"].sum() == pytest.approx(1) and frame["name"].to_list() == list(tree.nodes)


def test_twenty_one_equal_leaves():
    for judgments in ["equal", None]:

        def node(children, judgments=judgments):
            how = {"weights": "equal"} if judgments else {"judgments": np.ones((len(children), len(children)))}
            return {"children": children, **how}

        groups = {f"g{g}": node([f"g{g}.{leaf}" for leaf in range(7)]) for g in range(3)}
        tree = fg.ahp.Tree({"goal": node(list(groups)), **groups})
        assert len(tree) == 21 and abs(sum(tree.weights.values()) - 1) <= 1e-15
        assert all(weight == pytest.approx(1 / 21, rel=1e-15) for weight in tree.weights.values())


def test_consistency_of_the_whole():
    # t = (1·8/1)^(1/3) = 2, λ = 3.5, CI = 0.25 at both nodes
    off = fg.ahp.from_upper([[1, 1], [8]])
    tree = fg.ahp.Tree(
        {"goal": {"children": list("abc"), "judgments": off}, "a": {"children": list("xyz"), "judgments": off}}, random_index="exact"
    )
    w = ahp.eigen(off)[0]
    assert tree.total_ci == pytest.approx(0.25 * (1 + w[0])) and tree.total_ri == pytest.approx(0.5244574543 * (1 + w[0]))
    assert tree.total_cr == pytest.approx(0.25 / 0.5244574543) and not tree.consistent
    assert [level["depth"] for level in tree.levels] == [0, 1] and tree.levels[1]["ci"] == pytest.approx(0.25 * w[0])


def test_methods_of_nodes_and_of_the_whole():
    matrix = ahp.random_reciprocal(5, 1)
    children = list("abcde")
    spec = {"goal": {"children": children, "judgments": matrix, "method": "方根法"}, "a": {"children": list("vwxyz"), "judgments": matrix}}
    tree = fg.ahp.Tree(spec, method="column_mean", random_index="contest")
    top, below = tree.nodes["goal"]["judged"], tree.nodes["a"]["judged"]
    assert (top.method, below.method, top.random_index) == ("geometric_mean", "column_mean", "contest")
    assert top.values == pytest.approx(ahp.least_squares(matrix))
    mine = fg.ahp.weights(matrix, names=children, method="column_mean", random_index="exact")
    kept = fg.ahp.Tree({"goal": mine}).nodes["goal"]["judged"]
    assert kept == mine and fg.ahp.Tree({"goal": mine}, method="eigen").nodes["goal"]["judged"].method == "eigenvector"


def test_deep_and_single():
    depth = 2000
    spec = {f"n{at}": {"children": [f"n{at + 1}"]} for at in range(depth)}
    tree = fg.ahp.Tree(spec)
    assert tree.weights == {f"n{depth}": 1.0} and tree.nodes[f"n{depth}"]["depth"] == depth
    assert fg.ahp.Tree({"goal": None}).weights == {"goal": 1.0}


def faults(spec, **options):
    with pytest.raises(fg.JudgmentError) as caught:
        fg.ahp.Tree(spec, **options)
    return {problem.kind: problem for problem in caught.value.problems}


def test_a_misnamed_child():
    spec = {
        "goal": {"children": ["penalty", "size"], "judgments": {"penalty:size": 2}},
        "penalties": {"children": ["x", "y"], "weights": "equal"},
    }
    found = faults(spec)
    assert found["unknown_child"].names == ("goal", "penalty") and "did you mean `penalties`?" in found["unknown_child"].message
    assert found["unreachable"].names == ("penalties", "goal")
    found = faults({"goal": {"children": ["size", "fines"], "judgments": {"sise:fines": 2}}})
    assert "node `goal`: `sise` is not among the things compared, did you mean `size`?" in found["unknown_name"].message
    found = faults({"goal": {"children": ["size", "fine"], "weights": "equal"}}, leaves=["size", "fines"])
    assert "did you mean `fines`?" in found["unknown_child"].message
    assert (
        "expected one for each of `size`, `fines`"
        in faults({"goal": {"children": ["size", "fines"], "weights": {"sise": 1, "fines": 0}}})["stated"].message
    )


@pytest.mark.parametrize(
    "spec, kinds",
    [
        ({"goal": {"children": ["a", "b"]}}, {"not_weighed"}),
        ({"goal": {"children": {"a": {}, "b": None}}}, {"not_weighed"}),
        ({"a": {"children": ["b"]}, "b": {"children": ["a"]}}, {"cycle"}),
        ({"goal": {"children": ["a"]}, "a": {"children": ["b"]}, "b": {"children": ["a"]}}, {"second_parent"}),
        ({"goal": {"weights": "equal", "children": ["a", "b"]}, "a": ["x"], "b": ["x"]}, {"second_parent"}),
        ({"goal": {"weights": "equal", "children": ["a", "a"]}}, {"second_parent"}),
        ({"goal": {"weights": "equal", "children": {"a": ["x"], "b": {"children": {"a": ["y"]}}}}}, {"repeated_name", "second_parent"}),
        ({"goal": ["a"], "other": ["b"]}, {"unreachable"}),
        ({"goal": {"judgment": [[1]], "children": ["a"]}}, {"stated"}),
        ({"goal": {"judgments": [[1]], "weights": [1], "children": ["a"]}}, {"stated"}),
        ({"goal": {"judgments": [[1, 2], [0.5, 1]]}}, {"stated"}),
        ({"goal": {"children": ["a", "b"], "judgments": [[1, 2, 3], [0.5, 1, 1], ["1/3", 1, 1]]}}, {"name_count"}),
        (
            {
                "goal": {"children": ["a", "b"], "judgments": [[1, 0], ["x", 1]]},
                "b": {"children": ["c", "d"], "judgments": [[1, 3], [3, 1]]},
            },
            {"entry", "no_ratio", "not_reciprocal"},
        ),
        ({"goal": {"children": ["a", "b"], "weights": [0.5, 0.4]}}, {"weight_sum"}),
        ({"goal": {"children": ["a", "b"], "weights": [1.5, -0.5]}}, {"weight_range"}),
        ({"goal": {"children": ["a", "b"], "weights": [1]}}, {"weight_count"}),
        ({"goal": {"children": ["a", "b"], "weights": "same"}}, {"stated"}),
        ({"goal": {"children": ["a", "b"], "judgments": fg.ahp.weights({"a:c": 2})}}, {"not_judged", "no_child"}),
        ({}, {"unknown_root"}),
    ],
)
def test_what_is_refused(spec, kinds):
    assert set(faults(spec)) == kinds


def test_what_is_no_tree():
    with pytest.raises(TypeError):
        fg.ahp.Tree([1, 2])
    with pytest.raises(fg.FirmgradeError, match="unknown method"):
        fg.ahp.Tree(NESTED, method="x")
    with pytest.raises(KeyError):
        fg.ahp.Tree(NESTED)["nobody"]


def test_many_trees_at_once_are_the_trees_one_by_one():
    rng = np.random.default_rng(5)

    def stack(n: int) -> np.ndarray:
        upper = np.triu(np.exp(rng.uniform(-2, 2, (20, n, n))), 1)
        lower = np.where(upper > 0, 1 / np.where(upper > 0, upper, 1), 0).transpose(0, 2, 1)
        return upper + lower + np.eye(n)

    stacks = {"risk": stack(2), "past": stack(4)}
    children = {"risk": ["past", "size"], "past": ["fines", "complaints", "delays", "moves"]}
    tree = fg.ahp.Tree({name: {"weights": "equal", "children": own} for name, own in children.items()})
    many = tree.batch(stacks)
    assert many.leaves == ["fines", "complaints", "delays", "moves", "size"] and len(many) == 20
    for at in range(20):
        one = fg.ahp.Tree({name: {"judgments": stacks[name][at], "children": own} for name, own in children.items()})
        assert many.weights[at].tolist() == list(one.weights.values())
        assert {name: ratios[at] for name, ratios in many.cr.items()} == one.cr
    assert "20 times 5 leaves" in repr(many) and "<table" in many._repr_html_()


def test_faults_of_many_trees_are_all_told():
    tree = fg.ahp.Tree({"risk": {"weights": "equal", "children": ["past", "size"]}})
    with pytest.raises(fg.JudgmentError) as caught:
        tree.batch({"rsk": np.ones((2, 2, 2)), "risk": np.ones((2, 3, 3))})
    assert [problem.kind for problem in caught.value.problems] == ["unknown_node", "stack_shape"]
    with pytest.raises(fg.JudgmentError, match="expected those of at least one node"):
        tree.batch({})
