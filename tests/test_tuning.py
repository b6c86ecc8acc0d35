"""Screening, bands, cut points and a challenger: beside scikit-learn and numpy by hand, as cards that grade, and where there is nothing."""

import copy
import json
import pickle

import firmgrade as fg
import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from scipy.stats import chi2, spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

CARD = """
[scorecard]
id = "three"
title = "三项指标"
version = "2026.1"
id_column = "id"
scale = { min = 0, max = 100, better = "high" }
[judgments.root]
weights = { debt = 0.5, age = 0.3, trade = 0.2 }
[indicators.debt]
title = "负债"
criterion = "root"
missing = "reweight"
points = [ { at = 0, risk = 0.0 }, { at = 1, risk = 1.0 } ]
[indicators.age]
title = "年限"
criterion = "root"
missing = "error"
bands = [ { upto = 10, risk = 0.0 }, { risk = 1.0 } ]
[indicators.trade]
title = "行业"
criterion = "root"
missing = "worst"
categories = { "食品" = 0.5, "零售" = 0.5, "电梯" = 0.5 }
[grades]
order = ["A", "B", "C"]
cuts = [">= 65", ">= 40"]
"""


@pytest.fixture(scope="module")
def card():
    return fg.Scorecard.loads(CARD)


def world(n=6000, signal=1.0, seed=1):
    rng = np.random.default_rng(seed)
    debt, age = rng.random(n), rng.integers(0, 21, n)
    trade = np.array(["食品", "零售", "电梯"])[rng.integers(0, 3, n)]
    odds = -1.5 + signal * (2.5 * (debt - 0.5) - 0.15 * (age - 10.0) + (trade == "电梯"))
    bad = rng.random(n) < 1 / (1 + np.exp(-odds))
    firms = pl.DataFrame({"id": [f"f{k}" for k in range(n)], "debt": debt, "age": age, "trade": trade, "copy": debt**3, "same": 1})
    firms = firms.with_columns(debt=pl.when(pl.int_range(pl.len()) % 10 == 3).then(None).otherwise(pl.col("debt")))
    return firms, pl.DataFrame({"id": firms["id"], "outcome": bad.astype(int)})


@pytest.fixture(scope="module")
def population(card):
    firms, outcomes = world()
    return firms, outcomes, fg.grade(card, firms)


def test_screening_by_hand(population):
    firms, outcomes, _ = population
    found = fg.screen(firms, outcomes)
    frame = {row["column"]: row for row in found.frame.to_dicts()}
    assert list(frame) == ["debt", "age", "trade", "copy", "same"] and found.account["used"] == 6000
    bad = outcomes["outcome"].to_numpy()
    age = frame["age"]
    assert age["trend"] == pytest.approx(spearmanr(firms["age"], bad).statistic, abs=1e-12)
    values = firms["age"].to_numpy()
    apart = max(abs((values[bad == 1] <= cut).mean() - (values[bad == 0] <= cut).mean()) for cut in range(21))
    assert age["ks"] == pytest.approx(apart, abs=1e-12)
    assert frame["debt"]["missing"] == 0.1 and frame["same"]["advice"] == "drop" and frame["same"]["top_share"] == 1
    assert ["debt", "copy"] in [sorted(cluster, reverse=True) for cluster in found.clusters]
    # Categories: the textbook sum.
    counts = firms.select("trade").with_columns(bad=bad).group_by("trade").agg(b=pl.sum("bad"), n=pl.len())
    b, g = counts["b"] / bad.sum(), (counts["n"] - counts["b"]) / (len(bad) - bad.sum())
    assert frame["trade"]["iv"] == pytest.approx(((b - g) * (b / g).log()).sum(), abs=1e-9)
    assert set(found.columns()) | set(found.columns("drop")) == set(frame) and "same" in found.columns("drop")
    assert found.verdict in repr(found) and "debt" in found._repr_html_()


def test_screening_of_a_card_and_periods(card, population):
    firms, outcomes, _ = population
    firms = firms.with_columns(year=pl.when(pl.int_range(pl.len()) < 3000).then(2024).otherwise(2025)).with_columns(
        age=pl.when(pl.col("year") == 2025).then(pl.col("age") // 4).otherwise("age")
    )
    found = fg.screen(firms, outcomes, card=card, period="year")
    frame = {row["column"]: row for row in found.frame.to_dicts()}
    assert list(frame) == ["debt", "age", "trade"] and frame["age"]["psi"] > 0.25 > frame["debt"]["psi"]
    assert any("stab" in reason or "drift" in reason or "PSI" in reason for reason in frame["age"]["reasons"]), frame["age"]["reasons"]
    days = firms.with_columns(day=pl.date(2020, 1, 1))
    assert any("`day` was not screened" in note for note in fg.screen(days, outcomes).notes)
    with pytest.raises(ValueError, match=r"there is no option `iv_week` \(near: `iv_weak`\)"):
        fg.screen(firms, outcomes, iv_week=0.1)
    with pytest.raises(fg.DataError, match="`aeg`"):
        fg.screen(firms, outcomes, columns="aeg")
    with pytest.raises(fg.FirmgradeError, match="`cells` is 1"):
        fg.screen(firms, outcomes, cells=1)


def test_bands_become_a_card(card, population, tmp_path):
    firms, outcomes, graded = population
    found = fg.bands(graded, outcomes)
    assert found.proposed and found.verdict.startswith("proposed: with new bands for 3 of 3 indicators")
    each = {row["indicator"]: row for row in found.indicators.to_dicts()}
    assert each["age"]["agreement"] < 0 and each["age"]["rising"] is False and "against the card" in each["age"]["words"]
    assert each["debt"]["agreement"] > 0.9 and each["trade"]["agreement"] is None
    bad = outcomes["outcome"].to_numpy()
    whole = found.frame.filter(pl.col("indicator") == "debt")
    assert whole["rows"].sum() == 6000 and whole["bad"].sum() == bad.sum()
    for row in found.indicators.to_dicts():
        # Missing debt is a band like the others.
        inside = found.frame.filter(pl.col("indicator") == row["indicator"])
        b, g = inside["bad"].to_numpy(), (inside["rows"] - inside["bad"]).to_numpy()
        iv = ((b / b.sum() - g / g.sum()) * np.log((b / b.sum()) / (g / g.sum()))).sum()
        p = chi2.sf(iv * b.sum() * g.sum() / (b.sum() + g.sum()), inside.height - 1)
        assert row["p"] == pytest.approx(p, rel=1e-9) and row["taken"]
    # Weights of evidence by hand, and risks in proportion to them.
    debt, edges = firms["debt"].to_numpy(), whole.filter(~pl.col("missing"))["upto"].to_list()[:-1]
    there = ~np.isnan(debt)
    places = np.searchsorted(edges, debt[there], side="left")
    b, g = (np.bincount(places, minlength=len(edges) + 1, weights=side) for side in (bad[there], 1 - bad[there]))
    woe = np.log(b / b.sum()) - np.log(g / g.sum())
    lost = np.log(bad[~there].sum() / b.sum()) - np.log((1 - bad[~there]).sum() / g.sum())
    low, high = min(*woe, lost), max(*woe, lost)
    assert whole.filter(~pl.col("missing"))["woe"].to_numpy() == pytest.approx(woe, abs=1e-9)
    assert whole.filter(~pl.col("missing"))["risk"].to_numpy() == pytest.approx(np.round((woe - low) / (high - low), 3), abs=1e-9)
    # The card with them orders firms better that were not there.
    found.save(tmp_path / "new.toml", note="复核")
    new = fg.Scorecard.load(tmp_path / "new.toml")
    assert new.version == "2026.2" and "复核" in json.loads(new.to_json())["scorecard"]["note"]
    others, later = world(20_000, seed=5)
    before, after = (roc_auc_score(later["outcome"], -fg.grade(one, others).frame["score"].to_numpy()) for one in (card, new))
    gain = found.gain["difference"]
    assert gain["low"] - 0.01 <= after - before <= gain["high"] + 0.01 and gain["low"] > 0
    only = json.loads(fg.Scorecard.loads(found.card_text("age")).to_json())["indicators"]
    assert "points" in only["debt"] and len(only["age"]["bands"]) == each["age"]["bands"]
    with pytest.raises(fg.FirmgradeError, match="`aeg`"):
        found.card_text("aeg")


def test_chance_gives_no_bands(card):
    firms, outcomes = world(3000, signal=0.0, seed=7)
    found = fg.bands(fg.grade(card, firms), outcomes)
    assert found.kind == "not_proposed" and not found.proposed and found.verdict.startswith("not proposed")
    # Bands are shown and not taken.
    each = found.indicators
    assert each["bands"].max() > 1 and not each["taken"].any() and (each["p"] > 0.01).all()
    assert all("chance gives as much" in row["words"] for row in each.to_dicts() if row["bands"] > 1)
    with pytest.raises(fg.FirmgradeError, match="no new bands"):
        found.card_text()


def test_few_outcomes_are_not_estimable(card):
    firms, outcomes = world(400)
    few = outcomes.with_columns(outcome=(pl.int_range(pl.len()) < 4).cast(pl.Int64))
    found = fg.bands(fg.grade(card, firms), few)
    assert found.kind == "not_estimable" and found.gain is None and found.verdict.startswith("not estimable: 4 bad")
    with pytest.raises(fg.FirmgradeError, match="no new bands"):
        found.card_text()


def test_events_and_orders_change_no_band(population):
    _, outcomes, graded = population
    random = outcomes.head(4000).with_columns(source=pl.lit("random"))
    events = outcomes.tail(2000).with_columns(source=pl.lit("event"), outcome=pl.lit(1, pl.Int64))
    alone, pooled = fg.bands(graded, random), fg.bands(graded, pl.concat([events, random.reverse()]))
    assert alone.frame.equals(pooled.frame) and alone.gain == pooled.gain and pooled.account["event"] == 2000


def test_shares_are_those_of_the_card(population, tmp_path):
    firms, _, graded = population
    found = fg.thresholds(graded, shares=[0.2, 0.5, 0.3])
    new = fg.Scorecard.loads(found.card_text())
    counts = fg.grade(new, firms).frame["grade"].cast(pl.String).value_counts().sort("grade")["count"].to_list()
    assert counts == found.grades["rows"].to_list() == pytest.approx([1200, 3000, 1800], abs=2)
    assert found.cuts is not None and all(cut.startswith(">= ") for cut in found.cuts)
    low, score, high = (found.frame[name].to_numpy() for name in ("low", "score", "high"))
    assert (low <= score).all() and (score <= high).all()
    assert [float(cut.split()[1]) for cut in found.cuts] == score.tolist()
    found.save(tmp_path / "cuts.toml", version="7")
    assert fg.Scorecard.load(tmp_path / "cuts.toml").version == "7"
    with pytest.raises(fg.FirmgradeError, match="`grades` is 2, expected 3"):
        fg.thresholds(graded, shares=(0.5, 0.5)).card_text()


def test_costs_are_the_least_of_all_cuts(population):
    _, outcomes, graded = population
    few = outcomes.head(300)
    found = fg.thresholds(graded, few, cost=[[0, 20], [1, 8], [3, 3]], draws=50)
    score, bad = graded.frame["score"].to_numpy()[:300], few["outcome"].to_numpy()
    cuts = np.r_[np.unique(score), np.inf]
    price = np.array([[0, 20], [1, 8], [3, 3]])
    best = min(price[np.where(score >= high, 0, np.where(score >= low, 1, 2)), bad].sum() for high in cuts for low in cuts if low <= high)
    assert found.objective == pytest.approx(best, abs=1e-9) and found.grades["cost"].sum() == pytest.approx(best, abs=1e-9)


def test_capacity_and_separation(population):
    _, outcomes, graded = population
    rates, days = [0.01, 0.02, 0.5], [1, 1, 2]
    found = fg.thresholds(graded, capacity={"shares": [0.25, 0.5, 0.25], "rates": np.array(rates), "days": days, "available": 400})
    rows = found.grades["rows"].to_numpy()
    used = (rows * rates * np.array(days)).sum()
    assert 395 < used <= 400 and found.objective == pytest.approx(used, abs=1e-6)
    apart = fg.thresholds(graded, outcomes, separation=3, draws=50)
    assert apart.grades["rate"].is_sorted() and apart.objective > 0
    with pytest.raises(fg.FirmgradeError):
        fg.thresholds(graded, separation=3)
    with pytest.raises(ValueError, match="found 0 aims"):
        fg.thresholds(graded)
    with pytest.raises(ValueError, match="found 2 aims"):
        fg.thresholds(graded, outcomes, shares=[1.0], separation=2)


def test_the_challenger_is_scikit_learns(card, population):
    _, outcomes, graded = population
    whole = graded.card.utilities(population[0])
    found = fg.challenger(graded, outcomes, encoding="utility", lambdas=[1.0])
    # Missing debt: the mean of its siblings by the card's weights.
    filled = np.where(np.isnan(whole), ((whole[:, 1] * 0.3 + whole[:, 2] * 0.2) / 0.5)[:, None], whole)
    spread = filled.std(axis=0)
    spread[spread < 1e-12] = 1.0
    model = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(filled / spread, outcomes["outcome"].to_numpy())
    coefficients = dict(zip(found.frame["indicator"], found.frame["coefficient"], strict=True))
    for name, at in (("debt", 0), ("age", 1)):
        assert coefficients[name] == pytest.approx(model.coef_[0, at] / spread[at], abs=1e-4)
    assert found.penalty == 1.0 and found.intercept == pytest.approx(model.intercept_[0], abs=1e-3)
    assert found.difference["low"] > 0 and found.challenger["value"] > found.card["value"] and "Challenger(" in repr(found)
    assert fg.challenger(graded, outcomes).frame["levels"].list.len().to_list()[1] == 2
    with pytest.raises(ValueError, match="encoding"):
        fg.challenger(graded, outcomes, encoding="wow")


def test_sizes_of_strata_are_weights(card, population):
    """Whether a sample's chances are stated or the sizes of its strata: the same estimates."""
    firms, outcomes, graded = population
    part = outcomes.head(3000).with_columns(stratum=pl.when(pl.int_range(pl.len()) < 600).then(pl.lit("a")).otherwise(pl.lit("b")))
    part = part.with_columns(population=pl.when(pl.col("stratum") == "a").then(6000).otherwise(4800))
    with_pi = part.with_columns(pi=pl.when(pl.col("stratum") == "a").then(0.1).otherwise(0.5))
    for found in (
        lambda table: fg.screen(firms, table, card=card).frame,
        lambda table: fg.bands(graded, table).frame,
        lambda table: fg.thresholds(graded, table, separation=3, draws=50).grades,
    ):
        ours, theirs, plain = found(part), found(with_pi), found(part.drop("stratum", "population"))
        assert_frame_equal(ours, theirs, rel_tol=1e-9)
        assert not ours.equals(plain)


def test_pickles_and_json(population):
    _, outcomes, graded = population
    for found in (fg.bands(graded, outcomes, indicators=["age"], most=3), fg.thresholds(graded, shares=[0.2, 0.5, 0.3])):
        for again in (pickle.loads(pickle.dumps(found)), copy.deepcopy(found)):
            assert again.to_json() == found.to_json() and again.card_text() == found.card_text()
        said = json.loads(found.to_json())
        assert said["scorecard"]["digest"] == graded.card.digest and said["engine_version"] == fg.__version__
        assert repr(found) and found._repr_html_()
