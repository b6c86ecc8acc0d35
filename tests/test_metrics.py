"""Metrics against scikit-learn, scipy, statsmodels, pairs counted one by one, and printed numbers."""

import copy
import csv
import itertools
import json
import math
import pickle
import random

import firmgrade as fg
import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import special, stats
from sklearn import metrics as peer
from statsmodels.api import Logit, add_constant
from statsmodels.stats.proportion import proportion_confint

from conftest import ROOT


def sample(rows=400, seed=1):
    """Scores with ties, outcomes that depend on them, weights."""
    chance = np.random.default_rng(seed)
    score = chance.normal(size=rows).round(1)
    outcome = chance.random(rows) < 1 / (1 + np.exp(1.5 - score))
    return score, outcome, chance.integers(0, 5, rows).astype(float)


SEEDS = [1, 2, 3]


@pytest.mark.parametrize("seed", SEEDS)
def test_curves_as_scikit_learn_draws_them(seed):
    score, outcome, weight = sample(seed=seed)
    for w in [None, weight]:
        assert fg.metrics.auc(score, outcome, w) == pytest.approx(peer.roc_auc_score(outcome, score, sample_weight=w), abs=1e-13)
        assert fg.metrics.gini(score, outcome, w) == pytest.approx(2 * peer.roc_auc_score(outcome, score, sample_weight=w) - 1, abs=1e-13)
    fpr, tpr, threshold = peer.roc_curve(outcome, score, drop_intermediate=False)
    curve = fg.metrics.roc(score, outcome)
    for ours, theirs in [(curve.false_positive, fpr), (curve.true_positive, tpr), (curve.threshold, threshold)]:
        np.testing.assert_allclose(ours, theirs, atol=1e-14)
    assert fg.metrics.ks(score, outcome) == pytest.approx(stats.ks_2samp(score[outcome], score[~outcome]).statistic, abs=1e-14)
    root = math.sqrt(outcome.sum() * (~outcome).sum() / len(outcome))
    assert fg.metrics.ks(score, outcome).p == pytest.approx(special.kolmogorov(root * fg.metrics.ks(score, outcome)), rel=1e-9)


def placements(score, outcome):
    """DeLong's structural components, pair by pair."""
    bad, good = score[outcome], score[~outcome]
    kernel = (bad[:, None] > good) + 0.5 * (bad[:, None] == good)
    return kernel.mean(1), kernel.mean(0)


@pytest.mark.parametrize("seed", SEEDS)
def test_delong_from_all_pairs(seed):
    first, outcome, _ = sample(seed=seed)
    second = first + np.random.default_rng(seed + 9).normal(size=len(first)).round(1)
    (a10, a01), (b10, b01) = placements(first, outcome), placements(second, outcome)
    s10, s01 = np.cov(a10, b10) / len(a10), np.cov(a01, b01) / len(a01)
    area = fg.metrics.auc(first, outcome)
    assert area.se == pytest.approx(math.sqrt(s10[0, 0] + s01[0, 0]), rel=1e-12)
    logit, reach = math.log(area / (1 - area)), 1.959963984540054 * area.se / (area * (1 - area))
    assert area.low == pytest.approx(1 / (1 + math.exp(reach - logit)), rel=1e-12)
    assert area.variance == "de_long"
    found = fg.metrics.auc_difference(first, second, outcome)
    covariance = s10 + s01
    assert found.se == pytest.approx(math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]), rel=1e-12)
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(found / found.se)), rel=1e-8)
    same = fg.metrics.auc_difference(first, first * 2, outcome)
    assert (same, same.se, same.p) == (0, 0, 1)


def test_a_perfect_score_is_not_certain():
    area = fg.metrics.auc(range(10), [0] * 5 + [1] * 5)
    assert (area, area.se, area.high) == (1, 0, 1)
    assert area.low == pytest.approx(0.025 ** (1 / 5))


@pytest.mark.parametrize("seed", SEEDS)
def test_losses_as_scikit_learn_has_them(seed):
    score, outcome, weight = sample(seed=seed)
    p = 1 / (1 + np.exp(-score))
    for w in [None, weight]:
        assert fg.metrics.brier(p, outcome, w) == pytest.approx(peer.brier_score_loss(outcome, p, sample_weight=w), rel=1e-13)
        assert fg.metrics.log_loss(p, outcome, w) == pytest.approx(peer.log_loss(outcome, p, sample_weight=w), rel=1e-13)
    assert fg.metrics.brier(p, outcome).se == pytest.approx(stats.sem((p - outcome) ** 2), rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_calibration_as_statsmodels_fits_it(seed):
    score, outcome, _ = sample(seed=seed)
    p = 1 / (1 + np.exp(-score))
    fitted = Logit(outcome.astype(float), add_constant(score)).fit(disp=0, tol=1e-12)
    found = fg.metrics.calibration(p, outcome)
    assert [found.intercept_with_slope, found.slope] == pytest.approx(fitted.params, rel=1e-8)
    assert [found.intercept_with_slope.se, found.slope.se] == pytest.approx(fitted.bse, rel=1e-6)
    level = Logit(outcome.astype(float), np.ones(len(p)), offset=score).fit(disp=0, tol=1e-12)
    assert (found.intercept, found.intercept.se) == pytest.approx((level.params[0], level.bse[0]), rel=1e-6)


@pytest.mark.parametrize("seed", SEEDS)
def test_hosmer_lemeshow_by_both_groupings(seed):
    score, outcome, _ = sample(seed=seed)
    p = 1 / (1 + np.exp(-score))
    order = np.argsort(p, kind="stable")
    equal = np.empty(len(p), dtype=int)
    for group, rows in enumerate(np.array_split(order, 10)):
        equal[rows] = group
    statistics = {}
    for ties, group in [("together", pd.qcut(p, 10, duplicates="drop").codes), ("split", equal)]:
        table = pd.DataFrame({"g": group, "y": outcome, "p": p}).groupby("g").agg(o=("y", "sum"), e=("p", "sum"), n=("y", "size"))
        expected = ((table.o - table.e) ** 2 / (table.e * (1 - table.e / table.n))).sum()
        found = fg.metrics.hosmer_lemeshow(p, outcome, 10, ties)
        assert found == pytest.approx(expected, rel=1e-12)
        assert (found.freedom, found.ties, len(found.groups)) == (len(table) - 2, ties, len(table))
        assert found.p == pytest.approx(stats.chi2.sf(expected, len(table) - 2), rel=1e-9)
        statistics[ties] = float(found)
    assert statistics["together"] != statistics["split"]
    assert fg.metrics.hosmer_lemeshow(p, outcome, 10, "split", weight=np.full(len(p), 2.5)) == statistics["split"]
    with pytest.raises(fg.FirmgradeError, match="`weight` is unequal, expected equal weights: with others the statistic has no χ² law"):
        fg.metrics.hosmer_lemeshow(p, outcome, weight=np.arange(len(p)) + 1.0)


def test_rates_have_clopper_and_pearsons_bounds():
    found = fg.metrics.rate_by_grade(["A"] * 60 + ["B"] * 40 + ["C"] * 7, [0] * 60 + [1] * 10 + [0] * 30 + [1] * 7)
    assert found.rates["A"].high == pytest.approx(0.0596, abs=5e-5)
    for grade, (hits, rows) in {"A": (0, 60), "B": (10, 40), "C": (7, 7)}.items():
        low, high = proportion_confint(hits, rows, method="beta")
        assert (found.rates[grade].low, found.rates[grade].high) == pytest.approx(
            (low if hits else 0, high if hits < rows else 1), rel=1e-9
        )
    assert found.steps[0].p == pytest.approx(stats.fisher_exact([[10, 30], [0, 60]], "greater")[1], rel=1e-9)
    assert (found.grades, found.monotone, found.bounds) == (["A", "B", "C"], True, "clopper_pearson")
    turned = fg.metrics.rate_by_grade(["A", "B"], [0, 1], grades=["B", "A"])
    assert not turned.monotone and turned.isotonic == {"B": 0.5, "A": 0.5}


def test_psi_of_shares_counts_and_values():
    e, a = np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.2, 0.2, 0.25, 0.35])
    expected = ((a - e) * np.log(a / e)).sum()
    for scale in [1, 1000]:
        assert fg.metrics.psi(e * scale, a * scale) == pytest.approx(expected, rel=1e-12)
    chance = np.random.default_rng(4)
    first, second = chance.normal(size=1000).round(2), chance.normal(0.3, 1, 800).round(2)
    edges = np.quantile(first, np.arange(1, 10) / 10)
    counts = [np.bincount(np.searchsorted(edges, x), minlength=10) / len(x) for x in (first, second)]
    expected = ((counts[1] - counts[0]) * np.log(counts[1] / counts[0])).sum()
    assert fg.metrics.psi(first, second, bins=10) == pytest.approx(expected, rel=1e-12)
    assert fg.metrics.psi(first, second, bins=edges) == pytest.approx(expected, rel=1e-12)
    assert fg.metrics.psi([10, 10], [20, 0]) == pytest.approx(0.5 * math.log(2) + (0.025 - 0.5) * math.log(0.05))
    assert fg.metrics.psi([10, 10], [20, 0], empty=1e-4) == pytest.approx(0.5 * math.log(2) + (1e-4 - 0.5) * math.log(2e-4))
    for wrong in [lambda: fg.metrics.psi(first, second), lambda: fg.metrics.psi([1, 2], [3, 0], empty="fail")]:
        with pytest.raises(fg.FirmgradeError):
            wrong()
    with pytest.raises(ValueError, match="half"):
        fg.metrics.psi([1, 2], [3, 0], empty="none")


def test_woe_and_iv():
    bins, outcome = ["a"] * 100 + ["b"] * 80 + ["c"] * 20, [1] * 10 + [0] * 90 + [1] * 20 + [0] * 60 + [1] * 10 + [0] * 10
    table = {"a": (90, 10), "b": (60, 20), "c": (10, 10)}
    woe = {bin: math.log((bad / 40) / (good / 160)) for bin, (good, bad) in table.items()}
    iv = sum((bad / 40 - good / 160) * woe[bin] for bin, (good, bad) in table.items())
    found = fg.metrics.woe_iv(bins, outcome)
    assert found == pytest.approx(iv) and found.iv == found.value and found.woe == pytest.approx(woe)
    assert (found.table["b"].good, found.table["b"].bad, found.table["b"].rate) == (60, 20, 0.25)
    turned = fg.metrics.woe_iv(bins, outcome, sign="good_over_bad")
    assert turned.woe["c"] == -found.woe["c"] and turned == found


def test_transitions_of_named_grades():
    found = fg.metrics.transition(["A", "A", "B", "C"], ["A", "B", "C", "C"], grades=["C", "B", "A"])
    assert found.grades == ["C", "B", "A"] and found.counts.tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 1]]
    assert (found.stayed, found.better, found.worse) == (0.5, 0.5, 0.0)
    with pytest.raises(fg.FirmgradeError, match="`D`"):
        fg.metrics.transition(["A"], ["D"], grades=["A", "B"])


def schools():
    with (ROOT / "fixtures" / "cases" / "api_schools.csv").open(encoding="utf-8") as file:
        return pl.DataFrame(list(csv.DictReader(file))).with_columns(pl.exclude("stype").cast(pl.Float64))


def test_estimates_as_r_prints_them():
    """R's survey, apistrat: 662.29 (9.4089), 3687178 (114642); emer > 20: 558.52 (21.708), emer == 0: 749.09 (17.516)."""
    table = schools()
    by_type = {"strata": table["stype"], "population": {"E": 4421, "M": 1018, "H": 755}}
    by_row = {"strata": table["stype"].to_list(), "population": table["fpc"].to_numpy()}
    for design in [by_type, by_row]:
        found = fg.survey.mean(table["api00"], **design)
        assert (round(found, 2), round(found.se, 4)) == (662.29, 9.4089)
    found = fg.survey.total(table["enroll"], **by_type)
    assert (round(found), round(found.se)) == (3687178, 114642)
    found = fg.survey.domain_mean(table["api00"], table["emer"] > 20, **by_type)
    assert (round(found, 2), round(found.se, 3)) == (558.52, 21.708)
    label = ["none" if emer == 0 else "some" for emer in table["emer"]]
    found = fg.survey.domain_mean(table["api00"], label, **by_type)["none"]
    assert (round(found, 2), round(found.se, 3)) == (749.09, 17.516)


def test_a_single_unit_is_a_named_policy():
    call = {"y": [1.0, 3.0, 8.0], "strata": ["a", "a", "b"], "population": {"a": 10, "b": 5}}
    with pytest.raises(fg.FirmgradeError, match="one sampled row"):
        fg.survey.total(**call)
    assert fg.survey.total(**call, single="remove").se == pytest.approx(math.sqrt(80))
    assert fg.survey.total(**call, single="adjust").se == pytest.approx(math.sqrt(400))
    with pytest.raises(ValueError, match="single"):
        fg.survey.total(**call, single="whatever")


def test_an_estimate_is_a_float():
    area = fg.metrics.auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    assert isinstance(area, float) and area == 0.75 == area.value == area["value"] and area == pytest.approx(0.75)
    assert (round(area, 1), f"{area:.2f}", str(area), area + 1, area > 0.5, 1 - area) == (0.8, "0.75", "0.75", 1.75, True, 0.25)
    assert json.dumps({"auc": area}) == '{"auc": 0.75}' and repr(area).startswith("0.75 (0.")
    for again in [pickle.loads(pickle.dumps(area)), copy.deepcopy(area)]:
        assert again == area and again.low == area.low
    with pytest.raises(AttributeError, match="do not change"):
        area.low = 0
    with pytest.raises(AttributeError, match="`low`"):
        area.lower  # noqa: B018
    rates = fg.metrics.rate_by_grade(["A", "B"], [0, 1])
    assert dict(rates)["monotone"] is rates["monotone"] is True and pickle.loads(pickle.dumps(rates)).rates == rates.rates


def test_columns_of_any_library():
    score, outcome, weight = sample(50)
    expected = fg.metrics.auc(score, outcome, weight)
    kinds = [list, np.array, pd.Series, pl.Series, lambda x: pd.Series(x).convert_dtypes(), tuple]
    for kind in kinds:
        found = fg.metrics.auc(kind(score), kind(outcome), kind(weight))
        assert found.to_dict() == expected.to_dict()
        assert fg.metrics.auc(kind(score), kind(outcome.astype(int))) == fg.metrics.auc(score, outcome)
    assert fg.metrics.auc(score[::-1], outcome[::-1]) == fg.metrics.auc(score, outcome)


def test_nothing_is_dropped_in_silence():
    gap = [1.0, None, 3.0, float("nan")]
    for column in [gap, np.array(gap, dtype=float), pd.Series(gap), pl.Series([1.0, None, 3.0, None])]:
        with pytest.raises(fg.FirmgradeError, match=r"the score has 2 missing values \(row 2, row 4\)"):
            fg.metrics.auc(column, [0, 1, 1, 0])
    wrong = {
        "2 values other than 0 and 1": ([1, 2, 3], [0, 7, 2]),
        "expected 3": ([1, 2, 3], [0, 1]),
        "no firm with a bad outcome": ([1, 2, 3], [0, 0, 0]),
        "infinite": ([1, math.inf, 3], [0, 1, 0]),
    }
    for text, (score, outcome) in wrong.items():
        with pytest.raises(fg.FirmgradeError, match=text):
            fg.metrics.auc(score, outcome)
    with pytest.raises(fg.FirmgradeError, match="2 problems"):
        fg.metrics.auc([1, math.nan, 3, 4], [0, 1, 0, 1], [-1, 1, 1, 1])


def report(seed=1, events=0, rates=(0.02, 0.06, 0.12, 0.3)):
    chance = random.Random(seed)
    rows = [(grade, chance.random(), "random") for grade, count in zip("ABCD", (1500, 900, 500, 300), strict=True) for _ in range(count)]
    outcome = [luck < rates["ABCD".index(grade)] for grade, luck, _ in rows]
    rows += [(grade, 0, "event") for grade, _ in zip(itertools.cycle("ABCD"), range(events), strict=False)]
    outcome += [True] * events
    grade = [row[0] for row in rows]
    return fg.metrics.performance(
        ["ABCD".index(g) for g in grade],
        grade,
        outcome,
        source=[row[2] for row in rows],
        strata=grade,
        population={"A": 30000, "B": 15000, "C": 5000, "D": 1000},
        by={"trade": ["food" if at % 3 else "beauty" for at in range(len(rows))]},
    )


def test_the_first_line_of_a_report():
    found = report()
    assert next(iter(found)) == "verdict"
    assert found.verdict.en.startswith("The grades separate, A ") and found.verdict.zh.startswith("分级有区分力")
    assert found.discrimination.auc.low > 0.5 and [group.group for group in found.groups] == ["beauty", "food"]
    blind = report(rates=(0.05,) * 4)
    assert blind.verdict.finding == "no_information" and "carry no information" in blind.verdict.en
    scarce = report(rates=(0.0005, 0.06, 0.12, 0.3))
    assert scarce.verdict.en.startswith("Not estimable") and scarce.discrimination is None


def test_event_rows_change_no_rate():
    alone, more = report(), report(events=400)
    assert (alone.method.event, more.method.event) == (0, 400)
    assert {**more, "method": None, "groups": None} == {**alone, "method": None, "groups": None}
