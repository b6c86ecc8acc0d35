"""Grades under other weights, against numpy that walks down the tree, and against the base grading."""

import hashlib
import json
import os
import pickle
import subprocess
import sys

import firmgrade as fg
import numpy as np
import polars as pl
import pytest

from conftest import CARDS, PLAIN


@pytest.fixture(scope="session")
def graded(annual, firms):
    return fg.grade(annual, firms)


@pytest.fixture(scope="session")
def stability(graded):
    return graded.stability(draws=60, seed=5, steps=2)


def own_weights(card):
    tree = card.weights().filter(pl.col("kind") == "indicator")
    by_id = dict(zip(tree["id"], tree["global"]))
    return np.array([by_id[name] for name in card.indicators])


def risk(card, risks, weights):
    """Risk by firm: at each node the weighted mean of the children that have one, from the leaves up."""
    tree = card.weights()
    children = tree.group_by("parent", maintain_order=True).agg("id")
    below = {parent: ids for parent, ids in children.iter_rows() if parent is not None}
    place = {name: at for at, name in enumerate(card.indicators)}

    def node(name):
        """Risk of a node by firm (NaN for none), and its weight with all data there."""
        if name in place:
            return risks[:, place[name]], weights[place[name]]
        parts = [node(child) for child in below[name]]
        values, sizes = np.array([part[0] for part in parts]), np.array([part[1] for part in parts])
        there = ~np.isnan(values) * sizes[:, None]
        with np.errstate(invalid="ignore"):
            return (np.nan_to_num(values) * there).sum(axis=0) / there.sum(axis=0), sizes.sum()

    return node("root")[0]


def grades_by_hand(card, graded, score):
    """Cuts and overrides by the words of the card."""
    spec = json.loads(card.to_json())
    order, rules = spec["grades"]["order"], {rule["id"]: rule for rule in spec["overrides"]}
    cuts = [float(cut.removeprefix(">=")) for cut in spec["grades"]["cuts"]]
    codes = [sum(s < cut for cut in cuts) for s in score]
    for firm, hits in enumerate(graded.frame["overrides"]):
        for rule in (rules[hit] for hit in hits):
            if "set" in rule:
                codes[firm] = order.index(rule["set"])
            else:
                cap = order.index(rule["cap"]) if "cap" in rule else len(order) - 1 if rule["shift"] > 0 else 0
                moved = codes[firm] + rule["shift"]
                codes[firm] = min(moved, max(cap, codes[firm])) if rule["shift"] > 0 else max(moved, min(cap, codes[firm]))
    return [order[code] for code in codes]


def test_scores_and_grades_against_numpy(annual, firms, graded, stability):
    assert not json.loads(annual.to_json())["grades"].get("by_rule")
    risks = annual.utilities(firms)
    assert risks.shape == (firms.height, len(annual.indicators)) and np.isnan(risks).any()
    assert np.nanmin(risks) == 0.0 and np.nanmax(risks) == 1.0
    scale = json.loads(annual.to_json())["scorecard"]["scale"]
    decimals = (scale.get("round") or {}).get("decimals")
    changed = 0
    for weights in stability.weightings[:12]:
        found = graded.rescore(weights)
        exact = scale["max"] - (scale["max"] - scale["min"]) * risk(annual, risks, weights)
        half_a_step = 0.0 if decimals is None else 0.5 * 10.0**-decimals
        assert np.abs(found["score"].to_numpy() - exact).max() < half_a_step + 1e-9
        assert found["grade"].to_list() == grades_by_hand(annual, graded, found["score"])
        changed += (found["grade"] != graded.frame["grade"]).sum()
    assert changed > 100, "too few grades change to show anything"


def test_counts_are_those_of_each_weighting(annual, graded, stability):
    """Stated by global weights; a firm at a cut may differ by a last bit where weights are shared, so few may."""
    grades, weightings = annual.grades, stability.weightings
    counts = np.zeros((len(graded), len(grades)), int)
    for at, weights in enumerate(weightings):
        codes = graded.rescore(weights)["grade"].to_physical().to_numpy()
        counts[np.arange(len(graded)), codes] += 1
        assert np.abs(np.bincount(codes, minlength=len(grades)) - stability.firms[at]).sum() <= 2
    frame = stability.frame
    assert np.abs(np.rint(stability.probability * len(weightings)) - counts).sum() <= 2 * 3
    assert frame.columns[1:] == ["grade", "most_frequent", "kept", "stable", *(f"P({grade})" for grade in grades)]
    assert frame[:, 0].to_list() == graded.frame[:, 0].to_list()
    assert frame["grade"].equals(graded.frame["grade"])
    assert np.abs(stability.probability.sum(axis=1) - 1).max() < 1e-12
    own = frame["grade"].to_physical().to_numpy()
    assert (frame["kept"].to_numpy() == stability.probability[np.arange(len(own)), own]).all()
    best = stability.probability.max(axis=1)
    assert (stability.probability[np.arange(len(own)), frame["most_frequent"].to_physical().to_numpy()] == best).all()
    assert stability.stable_share == (frame["kept"] >= 0.95).mean() == frame["stable"].mean()


@pytest.mark.parametrize("name", ["annual-report.toml", "general.toml"])
def test_the_cards_own_weights_change_nothing(name, firms):
    card = fg.Scorecard.load(CARDS / name)
    again = fg.reweigh(card, firms, np.tile(own_weights(card), (3, 1)), stable_at=1.0)
    assert again.stable_share == 1.0
    base = fg.grade(card, firms).frame
    assert again.graded.rescore(own_weights(card)).equals(base.select(*again.graded.rescore(own_weights(card)).columns))
    kept = fg.grade(card, firms).stability(draws=4, log_normal=0.0)
    assert kept.stable_share == 1.0 and (kept.frame["most_frequent"] == base["grade"]).all()


def test_intervals(annual, graded, stability):
    weights = stability.weights
    assert weights["id"].to_list() == annual.weights()["id"].to_list()
    leaves = weights.filter(pl.col("kind") == "indicator")
    order = [annual.indicators.index(name) for name in leaves["id"]]
    for column, level in [("lower", 0.025), ("median", 0.5), ("upper", 0.975)]:
        assert np.allclose(leaves[column], np.quantile(stability.weightings, level, axis=0)[order], rtol=0, atol=1e-15)
    assert np.allclose(stability.weightings.sum(axis=1), 1.0, rtol=0, atol=1e-12)
    shares = stability.shares
    assert shares["share"].to_list() == graded.counts()["share"].to_list()
    for column, level in [("lower", 0.025), ("upper", 0.975)]:
        assert np.allclose(shares[column], np.quantile(stability.firms / len(graded), level, axis=0), rtol=0, atol=1e-15)
    narrow = graded.stability(draws=60, seed=5, steps=2, interval=0.5).weights
    assert (narrow["upper"] - narrow["lower"] <= weights["upper"] - weights["lower"]).all()


def test_cut_points_from_shares_are_solved_again_or_kept(firms):
    spec = json.loads(fg.Scorecard.load(CARDS / "annual-report.toml").to_json())
    spec["overrides"] = []
    spec["grades"] = {"order": ["A", "B", "C"], "shares": {"A": 0.5, "B": 0.3, "C": 0.2}}
    spec["scorecard"]["scale"].pop("round", None)
    graded = fg.grade(fg.Scorecard.from_json(json.dumps(spec)), firms)
    again, kept = (graded.stability(draws=40, steps=3, cuts=cuts).firms / firms.height for cuts in ["card", "base"])
    assert np.abs(again - [0.5, 0.3, 0.2]).max() < 0.01 < np.abs(kept - [0.5, 0.3, 0.2]).max()


THREADS = """
import hashlib, firmgrade as fg
graded = fg.grade(fg.Scorecard.load({card!r}), fg.district(3000)[0])
s = graded.stability(draws=60, seed=5, steps=2)
print(hashlib.sha256(s.probability.tobytes() + s.firms.tobytes() + s.weightings.tobytes()).hexdigest())
"""


def test_the_same_bits_for_any_number_of_threads(stability):
    parts = [stability.probability.tobytes(), stability.firms.tobytes(), stability.weightings.tobytes()]
    expected = hashlib.sha256(b"".join(parts)).hexdigest()
    for threads in ["1", "2"]:
        command = [sys.executable, "-c", THREADS.format(card=str(CARDS / "annual-report.toml"))]
        env = {**os.environ, "RAYON_NUM_THREADS": threads}
        assert subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout.strip() == expected


def test_pickles_and_what_people_see(small, table, stability):
    again = pickle.loads(pickle.dumps(stability))
    assert again.frame.equals(stability.frame) and again.provenance == stability.provenance and len(again) == len(stability)
    provenance = stability.provenance
    assert provenance["weightings"] == 60 and provenance["generator"] == "splitmix64"
    assert provenance["draws"] == {"draws": 60, "seed": 5, "spread": {"kind": "steps", "size": 2}, "stated": 0.0}
    stated = fg.reweigh(small, table, [[0.5, 0.5], [0.9, 0.1]], cuts="base", interval=0.9)
    again = pickle.loads(pickle.dumps(stated))
    assert again.provenance == stated.provenance and again.provenance["draws"] is None
    assert again.provenance["stability"] == {"cuts": "base", "stable_at": 0.95, "interval": 0.9}
    # By hand: b's missing `tax` leaves `fines` alone; d has fines 1, tax 0.5; c has both at their worst.
    assert stated.probability.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1]]
    assert repr(stated) == "Stability(card='example', version='1', firms=4, weightings=2, stable_share=1.0000, stable_at=0.95)"
    html = stated._repr_html_()
    assert html.startswith("<table>") and "100.0 % of 4 firms" in html and "90.0 % interval" in html


def test_stated_weights_vary_where_a_spread_is_given(small, table):
    graded = fg.grade(small, table)
    with pytest.raises(fg.JudgmentError, match="state a spread for the stated weights"):
        graded.stability()
    found = graded.stability(draws=500, stated=0.3)
    fines = found.weightings[:, 0]
    # ln of the odds is 0.3·(normal − normal) around ln 1.5: standard deviation 0.424, error of 500 draws 0.013.
    odds = np.log(fines / (1 - fines))
    assert abs(odds.mean() - np.log(1.5)) < 0.1 and abs(odds.std() - 0.4243) < 0.06


def test_faults(annual, graded, small, table):
    firms = fg.grade(small, table)
    with pytest.raises(fg.JudgmentError) as caught:
        graded.stability(draws=0, log_normal=-1, stated=11)
    assert len(caught.value.problems) == 3
    with pytest.raises(ValueError, match="at most one of `steps`"):
        graded.stability(steps=1, log_normal=0.1)
    with pytest.raises(ValueError, match='cuts: found `new`, expected "card" or "base"'):
        graded.stability(cuts="new")
    with pytest.raises(fg.JudgmentError, match="`stable_at` 1.5, expected a number from 0 to 1"):
        graded.stability(draws=1, stable_at=1.5)
    with pytest.raises(ValueError, match="found shape .2,., expected"):
        firms.reweigh([0.5, 0.5])
    with pytest.raises(fg.JudgmentError, match="weighting 2: found weights with the sum 0.9"):
        firms.reweigh([[0.5, 0.5], [0.5, 0.4]])
    with pytest.raises(fg.JudgmentError, match="found 3 weights, expected 2"):
        firms.reweigh([[0.5, 0.3, 0.2]])
    with pytest.raises(fg.JudgmentError) as caught:
        firms.rescore({"fines": 0.5, "taxes": 0.5})
    assert [problem.kind for problem in caught.value.problems] == ["unknown_name", "weight_count"]
    with pytest.raises(fg.DataError, match="unweighable firm .row 2"):
        firms.reweigh([[0.0, 1.0]])
    assert fg.grade(fg.Scorecard.loads(PLAIN), table).rescore([0.4, 0.6])["score"].to_list() == pytest.approx([100, 50, 0, 30])
