"""A year ahead on real inspections: a card fitted on what inspectors found in 2022, tried on what they found in 2023.

Indicators know only what is dated before the year that is to be foretold; card, weights and probabilities are fixed before the first result
of 2023 is looked at. A row is a firm that was known before the year and inspected in it (with a code, as names are not unique); bad
is one failed inspection or more. Regulators choose whom to inspect, so all this holds for firms as they inspect them.
"""

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
    before, after, by_regulator, models = study
    assert (before.height, before["bad"].sum(), after.height, after["bad"].sum()) == (1098, 43, 1383, 92)
    model, bad = models["calibrate"], after["bad"].to_numpy()
    p = model.predict_proba(after.drop("bad"))[:, 1]
    area, fitted_on = fg.metrics.auc(p, bad), fg.metrics.auc(model.decision_function(before.drop("bad")), before["bad"])
    lift, holds = fg.metrics.lift(p, bad, 0.1), fg.metrics.calibration(p, bad)
    print(f"\nAUC in 2022 {fitted_on!r}, in 2023 {area!r}; lift in the top tenth {lift!r}, capture {lift.capture!r}")
    print(f"calibration: intercept {holds.intercept!r}, slope {holds.slope!r}; expected {holds.expected:.4f}, observed {holds.observed!r}")
    for name, rows in sorted(by_regulator.partition_by("regulator", as_dict=True).items()):
        y, q = rows["bad"].to_numpy(), model.predict_proba(rows.drop("bad", "regulator"))[:, 1]
        inside = repr(fg.metrics.auc(q, y)) if min(y.sum(), (~y).sum()) >= 5 else "not estimable"
        print(f"{name[0]}: {len(y)} firms, {y.sum()} bad, expected {q.sum():.1f}, AUC {inside}")
    print("re-weighting:", models["reweigh"].proposal_.verdict)
    # The promise of the year before holds in the year after: the order does, as far as its own interval says.
    assert area.low > 0.5 and fitted_on.low - 0.02 <= area <= fitted_on.high + 0.02, (fitted_on, area)
    assert lift.low > 1, lift
