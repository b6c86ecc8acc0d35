"""Records as indicators: against a slow oracle in Python, the laws of as-of days, the account of every record, and clear refusals."""

import calendar
import pickle
import random
from datetime import date, datetime, timedelta

import firmgrade as fg
import polars as pl
import pytest

CARD = """
[scorecard]
id = "raw"
title = "记录"
version = "1"
id_column = "uscc"
scale = { min = 0, max = 100, better = "high" }
[judgments.root]
equal = true
[[records]]
id = "penalties"
title = "行政处罚"
firm_id = "uscc"
date = "decided_on"
repaired = "repaired_on"
end = "ended_on"
kind = "kind"
not_counted = ["警告"]
severity = "severity"
publication = { minor = "3 months", general = "12 months" }
undated = "UNDATED"
duplicates = "DUPLICATES"
INDICATORS
[grades]
order = ["A", "B"]
cuts = [">= 50"]
"""

# id: aggregate and the rest, window in months (None: all)
DERIVED = {
    "n_all": ('aggregate = "count"', None),
    "n_6m": ('aggregate = "count"', 6),
    "big_24m": ('aggregate = "count"\nwhere = "amount > 100"', 24),
    "sum_12m": ('aggregate = "sum"\nof = "amount"', 12),
    "mean_12m": ('aggregate = "mean"\nof = "amount"', 12),
    "max_12m": ('aggregate = "max"\nof = "amount"', 12),
    "min_all": ('aggregate = "min"\nof = "amount"', None),
    "last_amount": ('aggregate = "last"\nof = "amount"', None),
    "kinds": ('aggregate = "distinct"\nof = "kind"', 24),
    "since_last": ('aggregate = "days_since_last"', None),
    "since_first": ('aggregate = "days_since_first"', 24),
    "big_share": ('aggregate = "share"\nshare_where = "amount > 100"', 24),
    "months": ('aggregate = "months"', 12),
    "trend": ('aggregate = "trend"\nof = "amount"', 6),
    "top": ('aggregate = "top_share"\nof = "amount"\nby = "kind"', None),
}


def card(undated="drop", duplicates="count", derived=DERIVED):
    """A card with these derived indicators."""
    texts = [
        f'[indicators.{name}]\ntitle = "{name}"\ncriterion = "root"\nmissing = "best"\nfrom = "penalties"\n{rest}\n'
        + (f'window = "{months} months"\n' if months else "")
        + "points = [ { at = 0, risk = 0 }, { at = 10, risk = 1 } ]"
        for name, (rest, months) in derived.items()
    ]
    text = CARD.replace("INDICATORS", "\n".join(texts)).replace("UNDATED", undated).replace("DUPLICATES", duplicates)
    return fg.Scorecard.loads(text)


FIRMS = pl.DataFrame({"uscc": [f"F{i}" for i in range(8)]})
BASE = date(2022, 1, 1)


def generate(seed, rows=200):
    """Records of eight firms and of one that is not there, around 2022."""
    r = random.Random(seed)

    def day(share):
        return BASE + timedelta(days=r.randrange(-800, 500)) if r.random() < share else None

    return [
        {
            "uscc": r.choice([f"F{i}" for i in range(7)] + ["X", None]),
            "decided_on": day(0.95),
            "repaired_on": day(0.15),
            "ended_on": day(0.15),
            "kind": r.choice(["罚款", "警告", "没收", None]),
            "severity": r.choice(["minor", "general", "serious", None]),
            "amount": r.choice([None, 50.0, 0.1, 0.2, 1e9, 150.0, 300.25]),
        }
        for _ in range(rows)
    ]


SCHEMA = {"uscc": pl.String, "decided_on": pl.Date, "repaired_on": pl.Date, "ended_on": pl.Date, "kind": pl.String, "severity": pl.String}


def frame(rows):
    return pl.DataFrame(rows, schema={**SCHEMA, "amount": pl.Float64})


def back(day, months):
    """So many calendar months before a day, or the last day of that month."""
    at = day.year * 12 + day.month - 1 - months
    year, month = divmod(at, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def counts(row, as_of):
    """Whether a record counts as of a day, window aside."""
    if row["decided_on"] is None or row["decided_on"] > as_of or row["kind"] == "警告":
        return False
    if any(row[name] is not None and row[name] <= as_of for name in ("repaired_on", "ended_on")):
        return False
    period = {"minor": 3, "general": 12}.get(row["severity"])
    return period is None or row["decided_on"] > back(as_of, period)


def expected(rows, firm, name, as_of):
    """The indicator of one firm, the slow way."""
    _, months = DERIVED[name]
    mine = [row for row in rows if row["uscc"] == firm and counts(row, as_of)]
    window = [row for row in mine if months is None or row["decided_on"] > back(as_of, months)]
    amounts = sorted((row["decided_on"], row["amount"]) for row in window if row["amount"] is not None)
    values = [amount for _, amount in amounts]
    days = [row["decided_on"] for row in window]
    big = [row for row in window if (row["amount"] or 0) > 100]
    total = sum(values)
    if name in ("n_all", "n_6m"):
        return len(window)
    if name == "big_24m":
        return len(big)
    if name == "sum_12m":
        return 0 if not window else total if values else None
    if name == "mean_12m":
        return total / len(values) if values else None
    if name in ("max_12m", "min_all"):
        return (max if name == "max_12m" else min)(values, default=None)
    if name == "last_amount":
        return amounts[-1][1] if amounts else None
    if name == "kinds":
        return len({row["kind"] for row in window} - {None})
    if name in ("since_last", "since_first"):
        return (as_of - (max if name == "since_last" else min)(days)).days if days else None
    if name == "big_share":
        return len(big) / len(window) if window else None
    if name == "months":
        return len({(day.year, day.month) for day in days})
    if name == "trend":
        earlier = [r for r in mine if back(as_of, 12) < r["decided_on"] <= back(as_of, 6) and r["amount"] is not None]
        before = sum(amount for _, amount in sorted((r["decided_on"], r["amount"]) for r in earlier))
        return (total - before) / before if before else None
    groups = {kind: sum(row["amount"] or 0 for row in window if row["kind"] == kind) for kind in ("罚款", "没收")}
    return max(groups.values()) / total if total > 0 and any(row["kind"] for row in window if row["amount"] is not None) else None


def derive(rows, as_of, **policies):
    return fg.derive(card(**policies), FIRMS, records={"penalties": frame(rows)}, as_of=as_of)


@pytest.mark.parametrize("seed", range(6))
def test_every_indicator_is_what_the_slow_way_gives(seed):
    rows = generate(seed)
    as_of = [date(2022, 8, 31), date(2022, 2, 28), date(2023, 1, 1), date(2020, 2, 29), date(2022, 6, 30), date(2021, 12, 31)][seed]
    # The days on which windows and publication periods begin, and the day itself.
    edges = [back(as_of, months) for months in (0, 3, 6, 12, 24)]
    rows += [
        dict(row, uscc=f"F{i % 7}", decided_on=day, repaired_on=None, ended_on=None)
        for day in edges
        for i, row in enumerate(generate(seed + 50, 30))
    ]
    found = derive(rows, as_of).frame
    filled = 0
    for firm, *_ in found.iter_rows():
        for name in DERIVED:
            value, wanted = found.filter(pl.col("uscc") == firm)[name][0], expected(rows, firm, name, as_of)
            assert value == (pytest.approx(wanted, rel=1e-12) if wanted is not None else None), (firm, name)
            filled += bool(value)
    assert filled > 40 or as_of.year == 2020


def test_the_order_of_rows_and_chunks_and_threads_change_no_bit():
    rows = generate(11, 4000)
    whole = derive(rows, date(2022, 8, 31))
    shuffled = random.Random(1).sample(rows, len(rows))
    chunked = pl.concat([frame(shuffled[:1]), frame(shuffled[1:777]), frame(shuffled[777:])], rechunk=False)
    other = fg.derive(card(), FIRMS, records={"penalties": chunked}, as_of="2022-08-31")
    assert whole.frame.equals(other.frame)
    assert whole.report["indicators"] == other.report["indicators"]


@pytest.mark.parametrize("seed", range(4))
def test_a_record_of_the_future_changes_nothing(seed):
    rows, as_of = generate(seed), date(2022, 6, 30)
    later = [dict(row, decided_on=as_of + timedelta(days=1 + i % 400)) for i, row in enumerate(generate(seed + 100))]
    assert derive(later + rows, as_of).frame.equals(derive(rows, as_of).frame)


@pytest.mark.parametrize("seed", range(4))
def test_repair_changes_nothing_before_its_day_and_deletes_from_it_on(seed):
    rows = generate(seed, 60)
    at, day = seed * 7, date(2022, 5, 5) + timedelta(days=seed)
    rows[at] |= {"uscc": "F1", "decided_on": date(2022, 3, 1), "kind": "罚款", "severity": "serious", "repaired_on": None, "ended_on": None}
    repaired = [dict(row, repaired_on=day) if i == at else row for i, row in enumerate(rows)]
    deleted = rows[:at] + rows[at + 1 :]
    for step in (-400, -64, -1):
        assert derive(repaired, day + timedelta(days=step)).frame.equals(derive(rows, day + timedelta(days=step)).frame)
    for step in (0, 1, 400):
        assert derive(repaired, day + timedelta(days=step)).frame.equals(derive(deleted, day + timedelta(days=step)).frame)
    assert not derive(repaired, day).frame.equals(derive(rows, day).frame)


def test_day_by_day_an_indicator_moves_only_when_a_record_enters_or_leaves():
    rows, name = generate(5, 40), "n_6m"
    before, moved = None, 0
    for step in range(300):
        as_of = date(2022, 1, 1) + timedelta(days=step)
        inside = {
            i
            for i, row in enumerate(rows)
            if row["uscc"] in set(FIRMS["uscc"]) and counts(row, as_of) and row["decided_on"] > back(as_of, DERIVED[name][1])
        }
        values = derive(rows, as_of).frame[name].to_list()
        if before is not None:
            touched = {rows[i]["uscc"] for i in inside ^ before[0]}
            changed = {firm for firm, now, then in zip(FIRMS["uscc"], values, before[1], strict=True) if now != then}
            assert changed <= touched
            moved += bool(changed)
        before = (inside, values)
    assert moved > 3


def test_every_record_is_accounted_for():
    rows = generate(3)
    rows += rows[:5]
    report = derive(rows, date(2022, 6, 30), duplicates="drop").report
    (table,) = report["tables"]
    assert table["read"] == 205 == sum(table["fates"].values())
    assert table["duplicates"] >= 5 and table["undated"] == sum(row["decided_on"] is None for row in rows)
    assert table["fates"]["unmatched"] == sum(row["uscc"] in ("X", None) for row in rows)
    unmatched = table["unmatched"]
    assert unmatched["without_id"] + unmatched["unknown_id"] == table["fates"]["unmatched"] and unmatched["first"][0]["value"] == "X"
    assert table["without_period"] == sum(row["severity"] not in ("minor", "general") for row in rows)
    assert min(table["fates"].values()) >= 0 and table["fates"]["repaired"] > 0 and table["fates"]["expired"] > 0
    for indicator in report["indicators"]:
        used = indicator["records"]
        assert used["used"] + used["out_of_window"] + used["filtered_out"] == table["fates"]["counting"]
    columns = {column["column"]: column for column in table["columns"]}
    assert columns["amount"]["missing"] == sum(row["amount"] is None for row in rows)


def test_undated_and_repeated_records_follow_their_policy():
    rows = [{"uscc": "F0", "kind": "罚款", "amount": 7.0}, {"uscc": "F0", "kind": "罚款", "amount": 7.0}]
    rows = [{**dict.fromkeys(SCHEMA), **row} for row in rows]
    assert derive(rows, BASE, undated="drop").frame["n_all"][0] == 0
    counted = derive(rows, BASE, undated="count").frame
    assert (counted["n_all"][0], counted["n_6m"][0], counted["sum_12m"][0], counted["since_last"][0]) == (2, 2, 14.0, None)
    assert derive(rows, BASE, undated="count", duplicates="drop").frame["n_6m"][0] == 1
    with pytest.raises(fg.DataError) as refused:
        derive(rows, BASE, undated="error", duplicates="error")
    assert [(p.kind, p.table, p.total) for p in refused.value.problems] == [("undated", "penalties", 2), ("repeated_rows", "penalties", 1)]
    assert "2 undated records (row 1, row 2)" in str(refused.value)


def test_a_natural_persons_number_is_masked():
    # The example of GB 11643.
    rows = [{**dict.fromkeys(SCHEMA), "uscc": "11010519491231002X", "decided_on": BASE, "amount": 1.0}]
    derived = derive(rows, BASE)
    assert derived.report["tables"][0]["unmatched"]["first"] == [{"row": 1, "value": "110105***********X"}]
    assert "1949" not in str(derived.report) + derived._repr_html_()


def test_drift_against_an_earlier_run():
    rows = generate(2, 400)
    first = derive(rows, date(2022, 1, 31))
    same = fg.derive(card(), FIRMS, records={"penalties": frame(rows)}, as_of="2022-01-31", earlier=first)
    assert {i["drift"]["psi"] for i in same.report["indicators"]} == {0.0}
    later = fg.derive(card(), FIRMS, records={"penalties": frame(rows)}, as_of="2023-04-30", earlier=first.report)
    drift = {i["indicator"]: i["drift"] for i in later.report["indicators"]}
    assert drift["since_last"]["psi"] > 0 and drift["since_last"]["since"] == "2022-01-31"


def test_grade_derives_first_and_says_as_of_when():
    rows = frame(generate(1))
    graded = fg.grade(card(), FIRMS, records={"penalties": rows}, as_of=datetime(2022, 8, 31, 12))
    by_hand = fg.grade(card(), fg.derive(card(), FIRMS, records={"penalties": rows}, as_of=date(2022, 8, 31)).frame)
    assert graded.frame.equals(by_hand.frame)
    assert graded.provenance["as_of"] == "2022-08-31" and "as_of" not in by_hand.provenance
    again = pickle.loads(pickle.dumps(graded))
    assert again.provenance == graded.provenance and again.frame.equals(graded.frame)


def test_refusals():
    rows = frame(generate(1))
    for records, kind, text in [
        ({"penaltys": rows}, "unknown_table", "did you mean `penalties`?"),
        ({}, "missing_table", "the record table `penalties` is not there"),
        ({"penalties": rows.drop("uscc", "amount")}, "missing_column", "table `penalties`: column `uscc` is missing"),
        ({"penalties": rows.with_columns(decided_on=pl.lit("2023-02-30"))}, "unreadable", "`2023-02-30`"),
        ({"penalties": rows.with_columns(decided_on=pl.lit(20220101))}, "wrong_kind", "holds i32, expected dates"),
    ]:
        with pytest.raises(fg.DataError) as refused:
            fg.derive(card(), FIRMS, records=records, as_of=BASE)
        assert refused.value.problems[0].kind == kind and text in str(refused.value)
    with pytest.raises(fg.DataError, match="already has a column `n_all`"):
        fg.derive(card(), FIRMS.with_columns(n_all=1), records={"penalties": rows}, as_of=BASE)
    with pytest.raises(fg.DataError, match="repeated id"):
        fg.derive(card(), pl.concat([FIRMS, FIRMS]), records={"penalties": rows}, as_of=BASE)
    for as_of, error in [("2023-02-30", ValueError), (20230101, TypeError), (None, TypeError)]:
        with pytest.raises(error):
            fg.derive(card(), FIRMS, records={"penalties": rows}, as_of=as_of)
    with pytest.raises(TypeError, match="without as_of"):
        fg.grade(card(), FIRMS, records={"penalties": rows})


def test_people_see_tables():
    derived = derive(generate(1), BASE)
    assert "行政处罚" in derived._repr_html_() and "records=200" in repr(derived) and len(derived) == 8
    assert derived.as_of == "2022-01-01"
