"""What a notebook and a pickle make of the results of fg.ahp."""

import copy
import pickle
import re
import warnings
from xml.etree import ElementTree

import firmgrade as fg
import numpy as np
import pytest

from conftest import oracle

ahp = oracle("ahp")
NAMES = ["<b>&", "规模", "'q'"]
# 9 : 1/9 : 9 goes round: CR far above 0.1
BAD = fg.ahp.from_upper([[9, "1/9"], [9]])
GOOD = fg.ahp.from_upper([[2, 4], [2]])
WEIGHTS = fg.ahp.weights(BAD, names=NAMES, random_index="exact")
TREE = {
    "<i>": {"children": NAMES, "judgments": BAD, "method": "geometric_mean"},
    "规模": {"children": ["x", "y"], "weights": [0.1, 0.9]},
    "'q'": {"children": ["u", "v", "w"], "weights": "equal"},
    "u": {"children": ["only"]},
}


def made():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        rounded = fg.ahp.weights([[1, 3, 5], [0.33, 1, 1.01], [0.2, 1.01, 1]], names=NAMES)
        return [
            WEIGHTS,
            rounded,
            fg.ahp.consistency(WEIGHTS, limit=0.2, gci_limits=(0.1, 0.2, 0.3)),
            fg.ahp.incomplete([[1, 2, None], ["1/2", 1, 4], [None, "1/4", 1]], names=NAMES, method="harker"),
            fg.ahp.aggregate({"Li & Wang": GOOD, "Zhao": BAD, "Qian": GOOD}, weights=[1, 2, 3], names=NAMES, max_cr=0.1),
            fg.ahp.aggregate([GOOD, BAD], names=NAMES, how="priorities", mean="arithmetic"),
            fg.ahp.repair(WEIGHTS, limit=0.05),
            fg.ahp.batch(ahp.random_reciprocal(5, 1, 30), method="column_mean", random_index="contest"),
            fg.ahp.Tree(TREE),
            fg.ahp.derivatives(GOOD, names=NAMES),
            fg.ahp.monte_carlo(GOOD, draws=200, spread=0.3, shape="uniform", names=NAMES),
            fg.ahp.monte_carlo(GOOD, draws=200, steps=2, names=NAMES, method="geometric_mean"),
        ]


MADE = made()
IDS = [f"{type(one).__name__}{at}" for at, one in enumerate(MADE)]


@pytest.mark.parametrize("result", MADE, ids=IDS)
def test_it_survives_a_pickle(result):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for again in [pickle.loads(pickle.dumps(result)), copy.deepcopy(result)]:
            assert again == result and repr(again) == repr(result) and again._repr_html_() == result._repr_html_()
    assert result != 3 and all(result != other for other in MADE if other is not result)


@pytest.mark.parametrize("result", MADE, ids=IDS)
def test_its_html_is_whole_and_escaped(result):
    html = result._repr_html_()
    ElementTree.fromstring(f"<div>{html.replace('&nbsp;', ' ')}</div>")
    assert "<b>&" not in html and "<script" not in html and "http" not in html
    if hasattr(result, "names"):
        assert "&lt;b&gt;&amp;" in html and "规模" in html


def test_what_a_pickle_keeps():
    rounded = MADE[1]
    again = pickle.loads(pickle.dumps(rounded))
    assert again.roundings == rounded.roundings and len(again.roundings) == 2
    group = pickle.loads(pickle.dumps(MADE[4]))
    assert group.left_out == ["Zhao"] and group.voices.tolist() == [0.25, 0.75]


def test_inconsistent_judgments_are_marked():
    framed = re.findall(r"outline:2px", WEIGHTS._repr_html_())
    # three judgments as bad as each other: two of them make half of it, each on both sides
    assert len(framed) == 4 and "▲" in WEIGHTS._repr_html_() and "▼" in WEIGHTS._repr_html_()
    calm = fg.ahp.weights(GOOD)._repr_html_()
    assert "outline" not in calm and calm.count("rgba(") == 6 and "<td" in calm and ">1/4<" in calm
    assert "<i>(8)</i>" in MADE[3]._repr_html_() and "<i>(1/8)</i>" in MADE[3]._repr_html_()
    large = fg.ahp.weights(np.ones((30, 30)))._repr_html_()
    assert "rgba" not in large and large.count("<tr>") == 31


def test_the_strong_side_is_marked_as_too_strong():
    # 3 over 1 is 8 where the others say 1/4: too strong seen from 3, too weak seen from 1
    html = fg.ahp.weights(fg.ahp.from_upper([[2, "1/8"], [2]]))._repr_html_()
    rows = html.split("<tr>")
    assert "8&nbsp;▲" in rows[4] and "1/8&nbsp;▼" in rows[2]


def test_bars_and_intervals():
    tree = fg.ahp.Tree(TREE)
    html = tree._repr_html_()
    assert html.count("width:100.00%") == 1 and f"width:{100 * tree['y']:.2f}%" in html and "color:#dc2626" in html
    figure = ElementTree.fromstring(MADE[10]._repr_html_())
    svg = figure.find("svg")
    assert len(svg.findall("circle")) == len(svg.findall("rect")) == 3
    ticks = [text for text in svg.findall("text") if text.get("text-anchor") == "middle"]
    at = {float(text.text): float(text.get("x")) for text in ticks}
    scale = (at[max(at)] - at[0.0]) / max(at)
    for circle, value in zip(svg.findall("circle"), MADE[10].values, strict=True):
        assert float(circle.get("cx")) == pytest.approx(at[0.0] + scale * value, abs=0.11)


def test_repr():
    assert repr(fg.ahp.incomplete([[1, 2], [None, 1]])) == (
        "Completed({1: 0.6667, 2: 0.3333}, cr=0.0000, missing=0, method='least_squares', random_index='saaty_1980')"
    )
    assert repr(fg.ahp.repair([[1, 2, 9], ["1/2", 1, "1/3"], ["1/9", 3, 1]], names=list("abc"))) == (
        "Repair([c : b: 3 → 1/2], cr=0.6906 → 0.0634, limit=0.1)"
    )
    assert repr(fg.ahp.aggregate([[[1, 2], ["1/2", 1]]])) == (
        "Group({1: 0.6667, 2: 0.3333}, cr=0.0000, experts=1, left_out=[], consensus=1.0000, how='judgments', method='eigenvector')"
    )
    assert (
        repr(fg.ahp.batch(np.ones((2, 3, 3))))
        == "Batch(2 matrices of 3 things, 2 with cr ≤ 0.1, method='eigenvector', random_index='saaty_1980')"
    )
    assert repr(fg.ahp.Tree({"g": {"a:b": 3}})).splitlines()[1].split() == ["a", "0.7500"]
    assert repr(fg.ahp.derivatives(GOOD)) == "Derivatives(3 weights, 3 judgments)"
    assert repr(fg.ahp.monte_carlo([[1]], draws=3)) == "MonteCarlo({1: 1.0000…1.0000}, draws=3, steps=1, seed=1)"
    assert repr(fg.ahp.consistency([[1]])).startswith("Consistency(consistent: cr=0.0000, limit=0.1, ")
