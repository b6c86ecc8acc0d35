"""Stability in the performance report: what was found by time, and how scores, grades and columns moved since earlier gradings."""

import pickle
import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import firmgrade as fg
import numpy as np
import polars as pl
import pytest

from conftest import PLAIN
from test_evaluate import auc_by_pairs, population, sampled


def dated(outcomes, first=date(2024, 1, 1), days=700, seed=3):
    chance = np.random.default_rng(seed)
    return outcomes.with_columns(date=pl.Series([first + timedelta(days=int(day)) for day in chance.integers(0, days, outcomes.height)]))


def test_outcomes_by_quarter_by_hand():
    graded, outcomes = population()
    outcomes = dated(outcomes)
    found = fg.evaluate(graded, outcomes).to_dict()["stability"]["outcomes"]
    assert found["unit"] == "quarter"
    rows = graded.join(outcomes, on="id").with_columns(quarter=pl.format("{} Q{}", pl.col("date").dt.year(), pl.col("date").dt.quarter()))
    names = sorted(rows["quarter"].unique())
    assert [period["name"] for period in found["periods"]] == names and len(names) == 8
    for period in found["periods"]:
        inside = rows.filter(pl.col("quarter") == period["name"])
        assert (period["rows"], period["bad"]) == (inside.height, inside["outcome"].sum())
        assert period["rate"]["value"] == pytest.approx(inside["outcome"].mean(), abs=1e-14)
        area = auc_by_pairs(-inside["score"].to_numpy(), inside["outcome"], np.ones(inside.height))
        assert period["auc"]["value"] == pytest.approx(area, abs=1e-12) and period["auc"]["low"] < area < period["auc"]["high"]
        for grade, one in zip("ABCD", period["grades"], strict=True):
            of_grade = inside.filter(pl.col("grade") == grade)["outcome"]
            assert (one["rows"], one["bad"]) == (len(of_grade), of_grade.sum())


def test_outcomes_by_time_stand_for_the_firms_they_were_drawn_from():
    graded, draw, _ = sampled()
    whole = fg.evaluate(graded, draw).to_dict()
    report = fg.evaluate(graded, dated(draw, days=80)).to_dict()
    found = report["stability"]["outcomes"]
    # Days decide where rows stand and change nothing else: strata are those of the whole sample.
    assert report["rates"] == whole["rates"] and report["discrimination"] == whole["discrimination"]
    assert found["unit"] == "month" and [period["name"] for period in found["periods"]] == ["2024-01", "2024-02", "2024-03"]
    assert sum(period["firms"] for period in found["periods"]) == pytest.approx(graded.height, rel=1e-9)
    # Nothing changed over these days, so every interval holds the rate of all.
    rate = whole["method"]["bad"] and np.average(draw["outcome"], weights=1 / draw["pi"].to_numpy())
    assert all(period["rate"]["low"] < rate < period["rate"]["high"] for period in found["periods"])


def test_a_card_that_stops_working_is_seen():
    graded, outcomes = population(8000)
    shuffled = np.random.default_rng(4).permutation(4000)
    half = outcomes["outcome"].to_numpy().copy()
    half[4000:] = half[4000:][shuffled]
    days = [date(2023, 3, 1) if at < 4000 else date(2024, 3, 1) for at in range(8000)]
    report = fg.evaluate(graded, outcomes.with_columns(outcome=half, date=pl.Series(days)))
    first, second = (period["auc"] for period in report.to_dict()["stability"]["outcomes"]["periods"])
    assert first["low"] > 0.7 and second["low"] < 0.5 < second["high"] and report.kind == "separates"


def test_nothing_is_said_where_days_do_not_say_it():
    graded, outcomes = population(3000)
    for table in (outcomes, dated(outcomes, days=20), dated(outcomes).with_columns(date=pl.when(pl.col("id") != "firm00007").then("date"))):
        assert fg.evaluate(graded, table).to_dict()["stability"]["outcomes"] is None
    assert fg.evaluate(graded, dated(outcomes, days=5000)).to_dict()["stability"]["outcomes"]["unit"] == "year"


def psi_by_hand(then, now):
    """In tenths of the earlier values; firms without a value are a group, an empty group is half a firm."""
    known, values = np.sort(then[~np.isnan(then)]), now[~np.isnan(now)]
    edges = np.unique(known[[int(np.ceil(len(known) * tenth / 10)) - 1 for tenth in range(1, 10)]])
    edges = edges[edges < known[-1]]
    shares = []
    for column, there in ((then, known), (now, values)):
        counts = np.bincount(np.searchsorted(edges, there), minlength=len(edges) + 1).astype(float)
        counts = np.append(counts, np.isnan(column).sum())
        shares.append((counts, len(column)))
    kept = (shares[0][0] + shares[1][0]) > 0
    q, p = (np.where(counts == 0, 0.5, counts)[kept] / size for counts, size in shares)
    return float(((p - q) * np.log(p / q)).sum())


def test_columns_against_an_earlier_grading_by_hand():
    graded, outcomes = population(5000)
    chance = np.random.default_rng(8)
    x, missing = chance.normal(size=5000), chance.random(5000)
    now = graded.with_columns(x=np.where(missing < 0.2, np.nan, x + 0.4), same=pl.lit(1), flag=pl.Series(x > 0), name="id")
    old = graded.with_columns(x=np.where(missing < 0.1, np.nan, x), same=pl.lit(1), flag=pl.Series(x > 0.5), name="id")
    report = fg.evaluate(now, outcomes, before=old)
    found = {one["column"]: one["psi"] for one in report.to_dict()["stability"]["before"]["columns"]}
    # `name` says who a firm is, and is no measure.
    assert set(found) == {"x", "same", "flag", "trade"} and found["same"] == found["trade"] == 0
    values = [table["x"].to_numpy() for table in (old, now)]
    assert found["x"] == pytest.approx(psi_by_hand(*values), abs=1e-12) and found["x"] > 0.1
    shares = np.array([[np.mean(x > at), np.mean(x <= at)] for at in (0.5, 0.0)])
    assert found["flag"] == pytest.approx(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum(), abs=1e-12)
    assert list(found) == sorted(found, key=lambda name: -found[name])


def test_several_gradings_in_order_and_their_drawings():
    card = fg.Scorecard.loads(PLAIN)
    chance = np.random.default_rng(2)

    def grading(more):
        fines = chance.poisson(0.5 + more, 3000).astype(float)
        return fg.grade(card, {"id": [f"f{k}" for k in range(3000)], "fines": fines, "tax": chance.choice(["A", "B", "D"], 3000).tolist()})

    years = [grading(more) for more in (0.0, 0.3, 0.6, 0.9)]
    outcomes = dated(pl.DataFrame({"id": [f"f{k}" for k in range(3000)], "outcome": (chance.random(3000) < 0.2).astype(int)}))
    report = fg.evaluate(years[-1], outcomes, before=years[:-1])
    gradings = report.to_dict()["stability"]["gradings"]
    assert [one["name"] for one in gradings] == ["before 1", "before 2", "before 3", "now"]
    for which in ("score_psi", "grade_psi"):
        found = [one[which] for one in gradings]
        assert found[0] == 0 and found == sorted(found) and found[-1] > 0.1
    assert all(sum(one["shares"]) == pytest.approx(1) for one in gradings)
    # The first is what is expected, so it makes the bins.
    scores = [-graded.frame["score"].to_numpy() for graded in years]
    assert [one["score_psi"] for one in gradings] == pytest.approx(
        [float(fg.metrics.psi(scores[0], score, bins=10)) for score in scores], abs=1e-12
    )
    # The indicators themselves are compared without having been kept.
    columns = {one["column"]: one["psi"] for one in report.to_dict()["stability"]["before"]["columns"]}
    assert set(columns) == {"fines", "tax"} and columns["fines"] > columns["tax"]
    page = report.html()
    captions = re.findall("<figcaption>(.*?)</figcaption>", page)
    for part in ("PSI since before 1", "PSI by column since before 3", "AUC by period", "Bad outcomes by grade and period"):
        assert any(caption.startswith(part) for caption in captions), (part, captions)
    for drawing in re.findall(r"<svg role.*?</svg>", page, re.DOTALL):
        ET.fromstring(drawing)
    assert pickle.loads(pickle.dumps(report)).to_json() == report.to_json()
    one = fg.evaluate(years[-1], outcomes, before=years[2])
    assert "PSI since" not in one.html() and one.to_dict()["stability"]["before"]["matched"] == 3000
