"""Text in frames read as the card says, from every kind of frame; the account of messy tables; the same bits for any number of threads."""

import json
import os
import random
import subprocess
import sys
from datetime import date

import duckdb
import firmgrade as fg
import polars as pl
import pyarrow as pa
import pytest

from conftest import CARDS, shared

CARD = """
[scorecard]
id = "messy"
title = "记录"
version = "1"
id_column = "uscc"
name_column = "name"
scale = { min = 0, max = 100, better = "high" }
[mapping.firms]
"统一社会信用代码" = "uscc"
[mapping.penalties]
"处罚日期" = "day"
"罚款（万元）" = "amount"
[reading]
missing = ["/", "无"]
dates = "day_first"
unreadable = "UNREADABLE"
[[records]]
id = "penalties"
firm_id = "uscc"
date = "day"
undated = "drop"
duplicates = "DUPLICATES"
numbers = { amount = "ten_thousand_yuan" }
[[records]]
id = "complaints"
match = "name"
name = "entity"
date = "day"
undated = "drop"
[judgments.root]
equal = true
[indicators.fines]
title = "罚款"
criterion = "root"
from = "penalties"
aggregate = "sum"
of = "amount"
window = "12 months"
missing = "best"
points = [ { at = 0, risk = 0 }, { at = 100000, risk = 1 } ]
[indicators.complaints]
title = "投诉"
criterion = "root"
from = "complaints"
aggregate = "count"
missing = "error"
points = [ { at = 0, risk = 0 }, { at = 10, risk = 1 } ]
[indicators.age]
title = "成立天数"
criterion = "root"
expression = "as_of - established"
missing = "worst"
points = [ { at = 0, risk = 1 }, { at = 9000, risk = 0 } ]
[grades]
order = ["A", "B"]
cuts = [">= 50"]
"""
DAY = date(2022, 12, 31)


def card(unreadable="error", duplicates="count"):
    return fg.Scorecard.loads(CARD.replace("UNREADABLE", unreadable).replace("DUPLICATES", duplicates))


# Published examples of codes; one in lower case with a blank.
FIRMS = {
    "统一社会信用代码": ["91350100M000100Y43", " 91512081ma62k0260e", "91110000600037341L"],
    "name": ["甲（北京）有限公司", "乙公司", "乙公司 "],
    "established": ["2021年12月31日", "31/12/2020", "无"],
    "note": [" kept as it is ", None, "x"],
}
PENALTIES = {
    "uscc": ["９１３５０１００Ｍ０００１００Ｙ４３", "91350100m000100y43", "91512081MA62K0260E", "/"],
    "处罚日期": ["2022年3月7日", "7/3/2022", "44627", "9999-12-31"],
    "罚款（万元）": ["1.1", "500元", "无", "1"],
}
COMPLAINTS = {"entity": ["甲(北京)有限公司", "乙公司", "丙公司", None], "day": ["2022-03-07 11:46:00"] * 4}
TYPED = {
    "uscc": ["91350100M000100Y43", "91350100M000100Y43", "91512081MA62K0260E", None],
    "day": [date(2022, 3, 7)] * 3 + [None],
    "amount": [1.1, 0.05, None, 1.0],
}


def records(penalties=PENALTIES):
    return {"penalties": pl.DataFrame(penalties), "complaints": pl.DataFrame(COMPLAINTS)}


def test_text_is_read_as_the_card_says():
    derived = fg.derive(card(), pl.DataFrame(FIRMS), records=records(), as_of=DAY)
    frame = derived.frame
    assert frame.columns == ["uscc", "name", "established", "note", "fines", "complaints", "age"]
    assert frame["uscc"].to_list() == ["91350100M000100Y43", "91512081MA62K0260E", "91110000600037341L"]
    assert frame["fines"].to_list() == [11_500.0, None, 0.0]
    assert frame["complaints"].to_list() == [1.0, 0.0, 0.0], "乙公司 is two firms"
    assert frame["age"].to_list() == [365.0, 730.0, None]
    assert frame["note"].to_list() == FIRMS["note"] and frame["established"].dtype == pl.Date
    # Typed columns give the same, with amounts in 万元 all the same.
    typed = fg.derive(card(), pl.DataFrame(FIRMS), records=records(TYPED), as_of=DAY)
    assert typed.frame.equals(frame)


@pytest.mark.parametrize("make", ["polars", "lazy", "pandas", "arrow", "duckdb", "dict"])
def test_every_kind_of_table_gives_the_same(make):
    def table(columns):
        frame = pl.DataFrame(columns)
        arrow = frame.to_arrow()
        return {
            "polars": lambda: frame,
            "lazy": frame.lazy,
            "pandas": lambda: frame.to_pandas(),
            "arrow": lambda: pa.table(arrow),
            "duckdb": lambda: duckdb.from_arrow(arrow),
            "dict": lambda: columns,
        }[make]()

    derived = fg.derive(card(), table(FIRMS), records={"penalties": table(PENALTIES), "complaints": table(COMPLAINTS)}, as_of=DAY)
    assert derived.frame.equals(fg.derive(card(), pl.DataFrame(FIRMS), records=records(), as_of=DAY).frame)


def test_the_report_is_a_dict_tables_and_json():
    report = fg.derive(card(), pl.DataFrame(FIRMS), records=records(), as_of=DAY).report
    assert isinstance(report, fg.DeriveReport) and json.loads(report.json()) == report
    table = report.table()
    fates = table.drop("table", "title", "file", "read")
    assert table["read"].to_list() == [4, 4] == fates.sum_horizontal().to_list()
    columns = report.columns().filter(pl.col("table") == "penalties")
    assert columns["repaired"].to_list() == [2, 3, 1] and columns["placeholders"].to_list() == [0, 1, 0]
    assert columns["header"].to_list() == [None, "处罚日期", "罚款(万元)"]
    assert columns.row(1, named=True)["least"] == columns.row(1, named=True)["greatest"] == "2022-03-07"
    assert report["tables"][1]["names"] == {
        "rows": 4,
        "matched": 1,
        "ambiguous": 1,
        "unmatched": 1,
        "unnamed": 1,
        "rate": 0.25,
        "first_ambiguous": [["乙公司", 1]],
    }
    assert report["identity"]["names_with_several_codes"] == 1
    assert report.indicators()["indicator"].to_list() == ["fines", "complaints", "age"] and report.problems().is_empty()
    html = report._repr_html_()
    assert "penalties" in html and "Indicators" in html and "Not read" not in html
    again = fg.derive(card(), pl.DataFrame(FIRMS), records=records(), as_of=DAY, earlier=report)
    assert again.report.indicators()["psi"].to_list() == [0.0] * 3


def test_cells_that_cannot_be_read_follow_the_policy():
    bad = {**PENALTIES, "处罚日期": ["2022-02-30", "7/3/2022", "44627", "昨天"], "罚款（万元）": ["约一万", "500元", "无", "1"]}
    with pytest.raises(fg.DataError) as refused:
        fg.derive(card(), pl.DataFrame(FIRMS), records=records(bad), as_of=DAY)
    problems = refused.value.problems
    assert [(p.kind, p.table, p.column, p.total, p.rows) for p in problems] == [
        ("unreadable", "penalties", "day", 1, (1,)),
        ("unreadable", "penalties", "day", 1, (4,)),
        ("unreadable", "penalties", "amount", 1, (1,)),
    ]
    assert 'say what happens to them: `[reading] unreadable = "missing"` or `"drop"`' in str(refused.value)
    missing = fg.derive(card("missing"), pl.DataFrame(FIRMS), records=records(bad), as_of=DAY).report
    assert missing.problems().select("column", "count", "row", "found").rows() == [
        ("day", 1, 1, "2022-02-30"),
        ("day", 1, 4, "昨天"),
        ("amount", 1, 1, "约一万"),
    ]
    dropped = fg.derive(card("drop"), pl.DataFrame(FIRMS), records=records(bad), as_of=DAY).report
    assert (dropped["tables"][0]["read"], dropped["tables"][0]["fates"]["rejected"]) == (4, 2)


@pytest.mark.parametrize("seed", range(30))
def test_every_row_is_accounted_for_whatever_stands_in_it(seed):
    r = random.Random(seed)
    cells = {
        "uscc": [*FIRMS["统一社会信用代码"], "unknown", "", "/", None, "11010519491231002X"],
        "day": ["2022-03-07", "7/3/2022", "2022-02-30", "9999-12-31", "", "无", None, "昨天", "2023-06-01", "2010-01-01"],
        "amount": ["1", "1,000", "500元", "约一万", "", None, "1e400"],
    }
    n = r.randrange(200)
    rows = {name: pl.Series([r.choice(values) for _ in range(n)], dtype=pl.String) for name, values in cells.items()}
    entities = pl.Series([r.choice(["甲(北京)有限公司", "乙公司", "丙", None]) for _ in range(n)], dtype=pl.String)
    tables = {"penalties": pl.DataFrame(rows), "complaints": pl.DataFrame({"entity": entities, "day": rows["day"]})}
    unreadable, duplicates = r.choice(["missing", "drop"]), r.choice(["count", "drop"])
    report = fg.derive(card(unreadable, duplicates), pl.DataFrame(FIRMS), records=tables, as_of=DAY).report
    for table in report["tables"]:
        fates = table["fates"]
        assert table["read"] == n == sum(fates.values())
        bad = [value in ("2022-02-30", "昨天") for value in rows["day"]]
        if table["table"] == "penalties":
            bad = [b or amount in ("约一万", "1e400") for b, amount in zip(bad, rows["amount"], strict=True)]
        assert fates["rejected"] == (sum(bad) if unreadable == "drop" else 0)
        assert sum(reason["count"] for reason in table.get("rejected", [])) == fates["rejected"]
        for indicator in report["indicators"]:
            used = indicator.get("records")
            if used and used["table"] == table["table"]:
                assert used["used"] + used["out_of_window"] + used["filtered_out"] == fates["counting"]
    assert "19491231" not in json.dumps(report)


# GB 11643's own example of the form, and another of the same region, birth in 1950, and last character.
PERSONS = ["11010519491231002X", "11010519500101008X"]


def test_numbers_of_natural_persons_are_masked_in_results_and_stay_apart():
    firms = pl.DataFrame(
        {
            "uscc": [*PERSONS, "91350100M000100Y43"],
            "name": ["a", "b", "c"],
            "established": [None] * 3,
            "owner": [f"店主{PERSONS[0]}", "", ""],
        }
    )
    day = ["2022-03-07"] * 3
    penalties = {"uscc": [PERSONS[1], PERSONS[1], PERSONS[0]], "day": day, "amount": ["1"] * 3}
    derived = fg.derive(card(), firms, records=records(penalties), as_of=DAY)
    shown = ["110105***********X", "110105***********X#2", "91350100M000100Y43"]
    assert derived.frame["uscc"].to_list() == shown and derived.frame["fines"].to_list() == [10_000.0, 20_000.0, 0.0]
    assert derived.frame["owner"][0] == "店主110105***********X"
    graded = fg.grade(card(), firms, records=records(penalties), as_of=DAY, contributions=True)
    assert graded.frame["uscc"].to_list() == shown
    assert graded.explain(shown[1]).grade == graded.frame["grade"][1]
    table = derived.report["firm_table"]
    assert (table["persons"], table["persons_alike"]) == (2, 1)
    everything = [
        derived.report.json(),
        derived._repr_html_(),
        repr(derived),
        str(derived.frame),
        str(graded.frame),
        repr(graded),
        graded._repr_html_(),
    ]
    everything += [str(graded.contributions()) if callable(graded.contributions) else str(graded.contributions)]
    for text in everything:
        assert "19491231" not in text and "19500101" not in text, text
    with pytest.raises(fg.DataError) as refused:
        fg.derive(card(), pl.concat([firms, firms]), records=records(penalties), as_of=DAY)
    assert "19491231" not in str(refused.value) and "19491231" not in str(refused.value.problems)


def test_grading_alone_reads_text_where_the_card_says_so():
    text = """
[scorecard]
id = "plain"
title = "plain"
version = "1"
id_column = "uscc"
scale = { min = 0, max = 100, better = "high" }
[mapping.firms]
"统一社会信用代码" = "uscc"
"罚款" = "fines"
[reading]
missing = ["/"]
[judgments.root]
equal = true
[indicators.fines]
title = "罚款"
criterion = "root"
missing = "worst"
points = [ { at = 0, risk = 0 }, { at = 100000, risk = 1 } ]
[grades]
order = ["A", "B"]
cuts = [">= 50"]
"""
    plain = fg.Scorecard.loads(text)
    graded = fg.grade(plain, {"统一社会信用代码": ["a", "b", "c"], "罚款": ["１．２万元", "/", "25,000"]})
    assert graded.frame["score"].to_list() == [88.0, 0.0, 75.0]
    # Ids of persons are found as they came in and as they are shown; kept columns are masked too.
    people = {"统一社会信用代码": PERSONS, "罚款": ["0", "100000"], "owner": ["x", f"店主 {PERSONS[0]}"], "n": [1, 110105491231002]}
    graded = fg.grade(plain, people, keep=["owner", "n"])
    assert graded.frame["uscc"].to_list() == ["110105***********X", "110105***********X#2"]
    assert graded.frame["owner"][1] == "店主 110105***********X" and graded.frame["n"].to_list() == ["1", "110105********2"]
    for id in (PERSONS[1], "110105***********X#2"):
        assert graded.explain(id).score == 0.0 and PERSONS[1] not in repr(graded.explain(id)) + graded.explain(id).id
    with pytest.raises(KeyError, match=r"110105\*+3"):
        graded.explain("110105194912310023")
    with pytest.raises(fg.DataError, match="column `fines` has 1 unreadable cell"):
        fg.grade(plain, {"统一社会信用代码": ["a"], "罚款": ["多"]})


SCRIPT = """
import hashlib, sys
from datetime import date
import firmgrade as fg, polars as pl
card = fg.Scorecard.load(sys.argv[1])
frames = [pl.read_parquet(path) for path in sys.argv[2:]]
derived = fg.derive(card, frames[0], records={"sales": frames[1], "purchases": frames[2]}, as_of=date(2020, 2, 29))
text = derived.frame.write_csv() + repr(derived.report["indicators"])
print(hashlib.sha256(text.encode()).hexdigest())
"""


def test_the_same_bits_for_any_number_of_threads_and_any_order_of_rows(tmp_path):
    r = random.Random(7)
    firms = pl.DataFrame({"企业代号": [f"E{i}" for i in range(50)]})
    n = 60_000
    rows = [
        {
            "企业代号": f"E{r.randrange(52)}",
            "发票号码": str(i),
            "开票日期": date(2017, 1, 1).toordinal() - date(1970, 1, 1).toordinal() + r.randrange(1200),
            "单位代号": f"B{r.randrange(300)}",
            "金额": r.choice([0.1, 0.2, 0.3, 1e9, -0.7]) * r.random(),
            "发票状态": r.choice(["有效发票", "有效发票 ", "作废发票"]),
        }
        for i in range(n)
    ]
    sales = pl.DataFrame(rows).with_columns(pl.col("开票日期").cast(pl.Int32).cast(pl.Date)).rename({"单位代号": "购方单位代号"})
    purchases = sales.rename({"购方单位代号": "销方单位代号"})
    digests = set()
    for threads, order in [("1", None), ("2", None), ("2", 3), ("1", 5)]:
        paths = [tmp_path / f"{name}.parquet" for name in ("firms", "sales", "purchases")]
        for path, frame in zip(paths, (firms, sales, purchases), strict=True):
            shuffled = frame if order is None or frame is firms else frame.sample(fraction=1.0, shuffle=True, seed=order)
            shuffled.write_parquet(path, row_group_size=n // (order or 1))
        environment = {**os.environ, "RAYON_NUM_THREADS": threads, "POLARS_MAX_THREADS": threads}
        command = [sys.executable, "-c", SCRIPT, str(CARDS / "invoices.toml"), *map(str, paths)]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
        digests.add(run.stdout.strip())
    assert len(digests) == 1


def test_voided_share_of_real_invoices_rises_with_the_grade_of_the_bank():
    firms = pl.read_csv(shared("cumcm2020c", "附件1_企业信息_123.csv"))
    tables = {
        name: pl.read_parquet(shared("cumcm2020c", f"附件1_{kind}发票.parquet"))
        for name, kind in [("sales", "销项"), ("purchases", "进项")]
    }
    card = fg.Scorecard.load(CARDS / "invoices.toml")
    derived = fg.derive(card, firms, records=tables, as_of=date(2020, 2, 29))
    shares = derived.frame.group_by("信誉评级").agg(pl.len(), pl.col("voided_share").mean()).sort("信誉评级")
    # Voided invoices of all invoices that a firm issued (销项), the mean over the firms of a grade; by hand with polars over distinct rows.
    assert [(grade, n, round(100 * share, 1)) for grade, n, share in shares.rows()] == [
        ("A", 27, 8.0),
        ("B", 38, 9.4),
        ("C", 34, 10.0),
        ("D", 24, 23.3),
    ]
    report = derived.report.table()
    assert report["read"].to_list() == [162_484, 210_947]
