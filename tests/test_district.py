"""The generated district as a register and tables of records: shares, as-of days, and outcomes that the grades do not know."""

from datetime import date

import firmgrade as fg
import polars as pl
import pytest

from conftest import CARDS

AS_OF = date(2023, 12, 31)
# Putuo District, 2023: 21,550, 24,848, 7,252 and 1,938 of 55,588 firms.
PUTUO = {"A": 0.388, "B": 0.447, "C": 0.130, "D": 0.035}


@pytest.fixture(scope="module")
def card():
    return fg.Scorecard.load(CARDS / "district-records.toml")


@pytest.fixture(scope="module")
def made():
    return fg.district_records()


@pytest.fixture(scope="module")
def graded(card, made):
    firms, records, _ = made
    return fg.grade(card, firms, records=records, as_of=AS_OF).frame.select("uscc", "score", "grade")


def test_the_grades_of_the_demonstration_are_near_those_of_putuo(graded):
    shares = dict(graded["grade"].value_counts(normalize=True).iter_rows())
    assert graded.height == 60_000
    assert all(abs(shares[grade] - share) < 0.01 for grade, share in PUTUO.items()), shares


def test_every_record_is_accounted_for(card, made):
    firms, records, _ = made
    derived = fg.derive(card, firms, records=records, as_of=AS_OF)
    report = derived.report
    assert 900_000 < sum(table["read"] for table in report["tables"]) < 1_100_000
    for table in report["tables"]:
        assert table["read"] == records[table["table"]].height == sum(table["fates"].values())
    fates = {fate for table in report["tables"] for fate, n in table["fates"].items() if n}
    assert fates == {"counting", "unmatched", "duplicate", "undated", "future", "not_counted", "repaired", "ended", "expired"}
    names = [indicator["indicator"] for indicator in report["indicators"]]
    assert len(names) == 32 and all(derived.frame[name].n_unique() > 1 for name in names)


def test_what_happened_later_changes_no_grade(card, made, graded):
    firms, records, _ = made
    days = {name: frame.columns[1] for name, frame in records.items()}
    past = {name: frame.filter(pl.col(days[name]).is_null() | (pl.col(days[name]) <= AS_OF)) for name, frame in records.items()}
    assert all(past[name].height < frame.height for name, frame in records.items())
    # What is known later of earlier records: removals, repairs, closures.
    ends = {"removed_on", "repaired_on", "resolved_on", "closed_on", "settled_on", "checked_on"}
    past = {
        name: frame.with_columns(pl.when(pl.col(end) <= AS_OF).then(end).alias(end) for end in ends & set(frame.columns))
        for name, frame in past.items()
    }
    # Two complaints that differed in what came later may now be equal rows, one of which is dropped; there are none such.
    again = fg.grade(card, firms, records=past, as_of=AS_OF).frame.select("uscc", "score", "grade")
    assert again.equals(graded)


def auc(score, bad):
    """The share of pairs in which the bad one has the lower score, ties a half."""
    ranks = pl.DataFrame({"score": -score, "bad": bad == 1}).with_columns(rank=pl.col("score").rank("average"))
    m, n = ranks["bad"].sum(), (~ranks["bad"]).sum()
    return (ranks.filter("bad")["rank"].sum() - m * (m + 1) / 2) / (m * n)


def test_later_random_inspections_find_more_in_worse_grades(made, graded):
    outcomes = made[2].with_columns(pl.col("source").cast(pl.String)).join(graded, on="uscc", how="inner")
    assert outcomes.height == made[2].height and outcomes["date"].min() > AS_OF
    assert set(outcomes["source"]) == {"random", "event", "special"}
    random = outcomes.filter(pl.col("source") == "random")
    rates = [random.filter(pl.col("grade") == grade)["outcome"].mean() for grade in "ABCD"]
    assert rates == sorted(rates) and rates[3] > 4 * rates[0], rates
    assert 0.65 < auc(random["score"], random["outcome"]) < 0.9
    # Directed inspections go where records are bad.
    directed = outcomes.filter(pl.col("source") != "random")
    assert directed["score"].mean() < random["score"].mean() - 10


def test_the_same_seed_is_the_same_district():
    (firms, records, outcomes), again, other = (fg.district_records(300, seed) for seed in (None, 2023, 7))
    assert firms.equals(again[0]) and outcomes.equals(again[2]) and not firms.equals(other[0])
    assert all(frame.equals(again[1][name]) and not frame.equals(other[1][name]) for name, frame in records.items())
    assert firms["uscc"].equals(fg.district(300)[0]["uscc"]) and firms.height == 300
    assert fg.district_records(0)[0].height == 0
