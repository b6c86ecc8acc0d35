"""A year ahead on real inspections: a card fitted on what inspectors found in 2022, tried on what they found in 2023.

Indicators know only what is dated before the year that is to be foretold; card, weights and probabilities are fixed before the first result
of 2023 is looked at. A row is a firm that was known before the year and inspected in it (with a code, as names are not unique); bad
is one failed inspection or more. Regulators choose whom to inspect, so all this holds for firms as they inspect them.

Found when this was written. Fitted on 1,098 firms of 2022 (43 bad): AUC 0.667 (95 % interval 0.575 to 0.747). Tried on 1,383 firms of 2023 (92 bad):
AUC 0.668 (0.610 to 0.722); the top tenth is 1.85 times as rich in bad firms as all (1.11 to 2.79) and holds 18 % of them. So another year of as many
firms should give an AUC between 0.59 and 0.75, both years' chance counted. Probabilities hold in sum (expected 5.6 %, found 6.7 %, 5.3 to 8.0), but
spread too far (slope 0.68, 0.41 to 0.96) and do not hold by regulator: culture found twice as many as expected, press half. For culture
the AUC is 0.727 (0.661 to 0.784), for press 0.600 (0.471 to 0.717): not shown to be better than chance. 43 bad outcomes do not move the experts' weights.
"""

import math
from datetime import date

import firmgrade as fg
import polars as pl
import pytest
from firmgrade.sklearn import ScorecardClassifier

from conftest import CARDS
from test_derive_beijing import tables

CARD = CARDS / "beijing-inspections.toml"


def year(number):
    """Indicators as of the first day of a year, with what was found in it: `bad` by firm, and by firm and regulator."""
    as_of = date(number, 1, 1)
    firms, records, later = tables(as_of)
    derived = fg.derive(fg.Scorecard.load(CARD), firms, records=records, as_of=as_of).frame
    found = later.filter(pl.col("date").dt.year() == number, pl.col("uscc").str.strip_chars() != "")
    by_firm = found.group_by("firm").agg(bad=pl.col("fail").max() == 1)
    by_regulator = found.group_by("firm", "regulator").agg(bad=pl.col("fail").max() == 1)
    return derived.join(by_firm, on="firm").sort("firm"), derived.join(by_regulator, on="firm").sort("firm", "regulator")


@pytest.fixture(scope="module")
def study():
    before, _ = year(2022)
    after, by_regulator = year(2023)
    models = {
        method: ScorecardClassifier(CARD, method=method).fit(before.drop("bad"), before["bad"].to_numpy())
        for method in ("calibrate", "reweigh")
    }
    return before, after, by_regulator, models


def test_what_2022_promises_for_2023(study):
    before, after, _, models = study
    assert (before.height, before["bad"].sum(), after.height, after["bad"].sum()) == (1098, 43, 1383, 92)
    model, bad = models["calibrate"], after["bad"].to_numpy()
    p = model.predict_proba(after.drop("bad"))[:, 1]
    area, promised = fg.metrics.auc(p, bad), fg.metrics.auc(model.decision_function(before.drop("bad")), before["bad"])
    lift, holds = fg.metrics.lift(p, bad, 0.1), fg.metrics.calibration(p, bad)
    another = 1.96 * math.sqrt(2) * area.se
    print(f"\nAUC in 2022 {promised!r}, in 2023 {area!r}; another year of as many firms: {area - another:.3f} to {area + another:.3f}")
    print(f"lift in the top tenth {lift!r}, capture {lift.capture!r}")
    print(f"calibration: intercept {holds.intercept!r}, slope {holds.slope!r}; expected {holds.expected:.4f}, observed {holds.observed!r}")
    # What 2022 said of the order holds in 2023, within the chance of both years.
    assert area.low > 0.5 and abs(area - promised) < 1.96 * math.hypot(area.se, promised.se), (promised, area)
    assert lift.low > 1 and holds.slope.low > 0 and holds.intercept.low < 0 < holds.intercept.high
    # Risk, not probability: the order is the experts' own.
    card = fg.Scorecard.load(CARD)
    graded = fg.grade(card, after.drop("bad"))
    outcomes = after.select("firm", outcome="bad").with_columns(date=pl.lit(date(2023, 12, 31)))
    report = fg.evaluate(graded, outcomes, as_of=date(2023, 1, 1))
    print(report.verdict)
    assert report.auc["value"] == pytest.approx(area, abs=1e-12) and report.auc["low"] == pytest.approx(area.low, abs=1e-9)


def test_by_regulator_it_does_not_hold_alike(study):
    _, _, by_regulator, models = study
    found = {}
    for (name,), rows in sorted(by_regulator.partition_by("regulator", as_dict=True).items()):
        bad, p = rows["bad"].to_numpy(), models["calibrate"].predict_proba(rows.drop("bad", "regulator"))[:, 1]
        if min(bad.sum(), (~bad).sum()) < 5:
            print(f"\n{name}: {len(bad)} firms, {bad.sum()} bad: not estimable", end="")
            continue
        area, lift, holds = fg.metrics.auc(p, bad), fg.metrics.lift(p, bad, 0.1), fg.metrics.calibration(p, bad)
        print(
            f"\n{name}: {len(bad)} firms, {bad.sum()} bad, expected {p.sum():.1f}: AUC {area!r}, lift {lift!r}, intercept {holds.intercept!r}",
            end="",
        )
        found[name] = area, holds.intercept
    assert set(found) == {"culture", "press"}
    assert found["culture"][0].low > 0.5 > found["press"][0].low
    assert found["culture"][1].low > 0 > found["press"][1].high


def test_few_outcomes_leave_the_experts_weights(study):
    _, after, _, models = study
    proposal = models["reweigh"].proposal_
    print(f"\n{proposal.verdict}")
    assert proposal.kind == "not_proposed" and models["reweigh"].card_ == fg.Scorecard.load(CARD)
    assert (models["reweigh"].decision_function(after.drop("bad")) == models["calibrate"].decision_function(after.drop("bad"))).all()
