"""Weights from experts and outcomes: proposed where they are better, stopped where there is no signal."""

import json
import pickle

import firmgrade as fg
import numpy as np
import polars as pl
import pytest

CARD = """
[scorecard]
id = "four"
title = "四项指标"
version = "2024.1"
id_column = "id"
scale = {{ min = 0, max = 1000, better = "high" }}
[judgments.root]
weights = {{ a = 0.4, b = 0.3, c = 0.2, d = 0.1 }}
{indicators}
[grades]
order = ["A", "B", "C", "D"]
cuts = [">= 600", ">= 500", ">= 400"]
"""
INDICATOR = """
[indicators.{id}]
title = "指标 {id}"
criterion = "root"
missing = "error"
points = [ {{ at = 0, risk = 0.0 }}, {{ at = 1, risk = 1.0 }} ]
"""


def make_card():
    return fg.Scorecard.loads(CARD.format(indicators="".join(INDICATOR.format(id=name) for name in "abcd")))


def world(weights, slope=9.0, n=12_000, seed=1):
    rng = np.random.default_rng(seed)
    u = rng.random((n, 4))
    risk = u @ np.asarray(weights)
    bad = rng.random(n) < 1 / (1 + np.exp(-(-2.0 + slope * (risk - 0.5))))
    firms = pl.DataFrame({"id": [f"f{k}" for k in range(n)], **{name: u[:, at] for at, name in enumerate("abcd")}})
    return firms, pl.DataFrame({"id": firms["id"], "outcome": bad})


@pytest.fixture(scope="module")
def proposal():
    firms, outcomes = world([0.30, 0.30, 0.20, 0.20])
    return fg.tune(make_card(), firms, outcomes, max_change=0.15)


def test_better_weights_are_proposed(proposal, tmp_path):
    assert (proposal.kind, proposal.proposed) == ("proposed", True) and proposal.verdict.startswith("proposed")
    assert [gate["name"] for gate in proposal.gates] == ["outcomes", "signal", "gain", "change"] and all(g["open"] for g in proposal.gates)
    weights = proposal.weights
    assert weights["indicator"].to_list() == list("abcd") and weights["expert"].to_list() == [0.4, 0.3, 0.2, 0.1]
    assert weights["tuned"].sum() == pytest.approx(1, abs=1e-9) and (weights["tuned"] >= 0).all()
    # Nearer to the truth than the experts were.
    truth = np.array([0.30, 0.30, 0.20, 0.20])
    assert np.abs(weights["tuned"].to_numpy() - truth).max() < 0.06 < np.abs(weights["expert"].to_numpy() - truth).max()
    assert (weights["low"] <= weights["high"]).all()
    gain = proposal.gain
    assert gain["difference"]["low"] > 0 and gain["after"]["value"] > gain["before"]["value"]


def test_the_new_card_grades_as_the_moves_say(proposal, tmp_path):
    firms, _ = world([0.30, 0.30, 0.20, 0.20])
    path = tmp_path / "four-2.toml"
    proposal.save(path, note="人工复核")
    assert path.read_text(encoding="utf-8") == proposal.card_text(note="人工复核")
    old, new = make_card(), fg.Scorecard.load(path)
    assert (new.id, new.version) == ("four", "2024.2") and "人工复核" in json.loads(new.to_json())["scorecard"]["note"]
    before, after = (fg.grade(card, firms).frame["grade"].cast(pl.String) for card in (old, new))
    moved = pl.DataFrame({"id": firms["id"], "before": before, "after": after}).filter(pl.col("before") != pl.col("after"))
    assert moved.height > 0
    assert proposal.moves.with_columns(pl.col("before", "after").cast(pl.String)).equals(moved)
    tree = new.weights().filter(pl.col("kind") == "indicator")
    assert dict(zip(tree["id"], tree["global"])) == pytest.approx(
        dict(zip(proposal.weights["indicator"], proposal.weights["tuned"])), abs=1e-9
    )
    assert proposal.card_text(version="9", effective_from="2025-01-01").count('version = "9"') == 1


def test_a_limited_step_is_proposed():
    firms, outcomes = world([0.15, 0.25, 0.25, 0.35])
    proposal, whole = (fg.tune(make_card(), firms, outcomes, **how) for how in ({}, {"max_change": 1}))
    assert proposal.proposed and whole.proposed and whole.step == 1 and whole.asked == proposal.asked > 0.18
    weights = proposal.weights
    assert weights["change"].abs().max() == pytest.approx(0.1, abs=1e-4) and weights["change"].abs().max() <= 0.1 + 1e-9
    assert proposal.step == pytest.approx(0.1 / proposal.asked, abs=1e-3)
    # What the outcomes ask for is told beside the step, and is what is proposed where nothing limits it.
    assert weights.select("found", "low", "high").equals(whole.weights.select("found", "low", "high"))
    assert whole.weights["tuned"].to_numpy() == pytest.approx(weights["found"].to_numpy(), abs=1e-4)
    line = weights["expert"] + proposal.step * (weights["found"] - weights["expert"])
    assert weights["tuned"].to_numpy() == pytest.approx(line.to_numpy(), abs=2e-4)
    assert proposal.gates[3]["open"] and "the step is limited to 0.1" in proposal.gates[3]["words"]
    assert "the step is limited to 0.1" in proposal.verdict and 0 < proposal.gain["difference"]["value"] < whole.gain["difference"]["value"]
    written = proposal.to_dict()
    assert (written["asked"], written["step"], written["estimable"]["gate"]) == (proposal.asked, proposal.step, "open")
    new = fg.Scorecard.loads(proposal.card_text()).weights().filter(pl.col("kind") == "indicator")
    assert dict(zip(new["id"], new["global"])) == pytest.approx(dict(zip(weights["indicator"], weights["tuned"])), abs=1e-9)


def test_the_grade_sampled_least_needs_outcomes_here_as_in_an_evaluation():
    firms, outcomes = world([0.1, 0.2, 0.3, 0.4], slope=14.0, n=6000)
    graded = fg.grade(make_card(), firms)
    rate = {"A": 1 / 60, "B": 1 / 10, "C": 1 / 2, "D": 1.0}
    drawn = graded.frame.select("id", "grade").with_columns(
        pi=pl.col("grade").cast(pl.String).replace_strict(rate, return_dtype=pl.Float64)
    )
    drawn = drawn.filter(pl.int_range(pl.len()).over("grade") % (1 / pl.col("pi")).round().cast(pl.Int64) == 0)
    table = outcomes.join(drawn, on="id").select("id", "outcome", "pi")
    report, proposal = fg.evaluate(graded, table), fg.tune(make_card(), firms, table)
    lacking = report.verdict.removeprefix("Not estimable: ")
    assert "bad outcomes to be expected in grade A, which was sampled least; at least 5 are needed" in lacking
    assert (proposal.kind, proposal.verdict) == ("not_proposed", f"not proposed: {lacking}") and not proposal.gates[0]["open"]
    # All is computed and shown; whoever writes the card decides.
    assert proposal.to_dict()["bad"] > 100 and proposal.gain["difference"]["low"] > 0 and proposal.weights.height == 4
    assert fg.Scorecard.loads(proposal.card_text()).version == "2024.2"


def test_no_signal_stops():
    firms, outcomes = world([0.25] * 4, slope=0.0)
    proposal = fg.tune(make_card(), firms, outcomes)
    assert (proposal.kind, proposal.proposed) == ("no_signal", False) and proposal.verdict.startswith("no signal")
    assert repr(proposal).splitlines()[1].startswith("no signal")
    assert proposal.weights.height == 0 and proposal.moves.height == 0
    assert proposal.gain is None and proposal.step is None and proposal.asked is None
    with pytest.raises(fg.FirmgradeError, match="there is no new card: no signal"):
        proposal.card_text()
    with pytest.raises(fg.FirmgradeError, match="no signal"):
        proposal.save("nowhere.toml")
    assert "no signal" in proposal._repr_html_()


def test_experts_who_are_right_stay():
    firms, outcomes = world([0.4, 0.3, 0.2, 0.1], seed=3)
    proposal = fg.tune(make_card(), firms, outcomes)
    assert proposal.kind == "not_proposed" and not proposal.proposed
    # A person may still look at what was found.
    assert fg.Scorecard.loads(proposal.card_text()).version == "2024.2"


def test_event_rows_do_not_enter():
    firms, outcomes = world([0.30, 0.30, 0.20, 0.20], n=6000)
    random = outcomes.head(4000).with_columns(source=pl.lit("random"), outcome=pl.col("outcome").cast(pl.Int64))
    events = outcomes.tail(2000).with_columns(source=pl.lit("event"), outcome=pl.lit(1, pl.Int64))
    alone, pooled = (fg.tune(make_card(), firms, table) for table in (random, pl.concat([events, random])))
    assert pooled.account["event"] == 2000 and pooled.account["used"] == 4000
    assert pooled.weights.equals(alone.weights) and pooled.kind == alone.kind


def test_seeds_orders_and_pickles(proposal):
    firms, outcomes = world([0.30, 0.30, 0.20, 0.20])
    again = fg.tune(make_card(), firms, outcomes.reverse(), max_change=0.15)
    assert again.weights.equals(proposal.weights) and again.gain == proposal.gain
    other = fg.tune(make_card(), firms, outcomes, max_change=0.15, seed=9)
    assert other.gain != proposal.gain
    kept = pickle.loads(pickle.dumps(proposal))
    assert kept.to_json() == proposal.to_json() and kept.moves.equals(proposal.moves)
    assert json.loads(proposal.to_json()) == proposal.to_dict() and proposal.to_dict()["moved"] == proposal.moves.height


def test_bad_arguments():
    firms, outcomes = world([0.25] * 4, n=500)
    with pytest.raises(fg.FirmgradeError, match="`folds` is 2"):
        fg.tune(make_card(), firms, outcomes, folds=2)
    with pytest.raises(fg.FirmgradeError, match="`tau`"):
        fg.tune(make_card(), firms, outcomes, tau=[1.0, 0.5])
    with pytest.raises(ValueError, match="weighting: found `no`"):
        fg.tune(make_card(), firms, outcomes, weighting="no")
    with pytest.raises(fg.DataError, match="on or before 2024-06-30"):
        fg.tune(make_card(), firms, outcomes.with_columns(date=pl.lit("2024-06-01")), as_of="2024-06-30")
