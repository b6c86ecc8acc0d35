"""Real inspections and penalties up to a day, held against the failures of the year after it."""

import csv
import math
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import date

import firmgrade as fg
import polars as pl

from conftest import CARDS, shared

AS_OF = date(2023, 1, 1)


def tables(as_of=AS_OF):
    """Firm table and record tables before a day, and the inspections from it on, all with the column `firm`."""
    # A firm is its code where there is one, else its name.
    firm = pl.coalesce(pl.col("uscc").str.strip_chars().replace("", None), pl.col("entity").str.strip_chars().replace("", None))
    inspections = pl.read_parquet(shared("beijing", "inspections_to_2023.parquet")).with_columns(
        firm=firm, date=pl.col("date").cast(pl.Date)
    )
    events = pl.read_parquet(shared("beijing", "events_to_2023.parquet")).with_columns(firm=firm, date=pl.col("date").cast(pl.Date))
    past = inspections.filter(pl.col("date") < as_of)
    records = {
        "inspections": past,
        "penalties": events.filter(pl.col("kind") == "admin_penalty", (pl.col("date") < as_of) | pl.col("date").is_null()),
        # Complaints carry names only.
        "complaints": events.filter(pl.col("kind") == "complaint_12315", pl.col("date") < as_of).drop("firm"),
    }
    # A firm has the name of its latest inspection.
    firms = past.filter(pl.col("firm").is_not_null()).sort("date", "entity").group_by("firm").agg(pl.col("entity").last()).sort("firm")
    return firms, records, inspections.filter(pl.col("date") >= as_of)


def by_name(firms, complaints):
    """How many complaints name one firm: another way to compare, good for these names."""
    key = (
        pl.col("entity").str.to_uppercase().str.replace_all(r"[\s\p{Cf}]", "").str.replace_many(list("（【［〔）】］〕"), list("(((())))"))
    )
    alone = firms.select(key=key).filter(pl.col("key") != "").group_by("key").len().filter(pl.col("len") == 1)
    return complaints.select(key=key).join(alone, on="key", how="semi").height


def auc(risk, bad):
    """The area under the curve and its standard error (DeLong 1988): the share of pairs in which the bad one has more risk, ties a half."""
    ranks = pl.DataFrame({"risk": risk, "bad": bad}).with_columns(
        all=pl.col("risk").rank("average"), own=pl.col("risk").rank("average").over("bad")
    )
    m, n = sum(bad), len(bad) - sum(bad)
    of_bad = ranks.filter("bad").select((pl.col("all") - pl.col("own")) / n).to_series()
    of_good = ranks.filter(~pl.col("bad")).select(1 - (pl.col("all") - pl.col("own")) / m).to_series()
    return of_bad.mean(), math.sqrt(of_bad.var() / m + of_good.var() / n)


def test_auc_by_hand():
    # bad 3, 1; good 2, 1, 0: of six pairs the bad one has more in 3 + 1, ties in 1.
    area, _ = auc([3.0, 1.0, 2.0, 1.0, 0.0], [True, True, False, False, False])
    assert area == 4.5 / 6


def test_scores_before_the_year_rank_the_failures_of_the_year():
    firms, records, later = tables()
    card = fg.Scorecard.load(CARDS / "beijing-inspections.toml")
    derived = fg.derive(card, firms, records=records, as_of=AS_OF)
    report = {table["table"]: table for table in derived.report["tables"]}
    assert report["inspections"]["read"] == records["inspections"].height == sum(report["inspections"]["fates"].values())
    complaints = report["complaints"]["names"]
    assert (
        complaints["rows"]
        == records["complaints"].height
        == sum(complaints[fate] for fate in ("matched", "ambiguous", "unmatched", "unnamed"))
    )
    assert complaints["matched"] == report["complaints"]["fates"]["counting"] == by_name(firms, records["complaints"])
    print(f"complaints matched by name: {complaints['matched']} of {complaints['rows']} ({complaints['rate']:.1%})")
    # One firm under several names, one name under several codes: told, not merged.
    identity = derived.report["identity"]
    assert identity["codes_with_several_names"] > 0 and identity["names_with_several_codes"] > 0
    assert report["penalties"]["fates"]["undated"] <= 12 and report["inspections"]["last_day"] == "2022-12-31"

    graded = fg.grade(card, firms, records=records, as_of=AS_OF)
    assert len(graded) == firms.height and graded.frame["grade"].null_count() == 0
    failed = later.filter(pl.col("uscc").str.strip_chars() != "").group_by("firm").agg(bad=pl.col("fail").max() == 1)
    both = graded.frame.join(failed, on="firm")
    assert (both.height, both["bad"].sum()) == (1383, 92)
    area, error = auc((-both["score"]).to_list(), both["bad"].to_list())
    low, high = area - 1.96 * error, area + 1.96 * error
    print(f"AUC {area:.3f}, 95 % interval {low:.3f} to {high:.3f}")
    assert area >= 0.58 and low > 0.5, (area, low, high)


def test_the_future_changes_nothing():
    firms, records, later = tables()
    card = fg.Scorecard.load(CARDS / "beijing-inspections.toml")
    before = fg.derive(card, firms, records=records, as_of=AS_OF).frame
    tomorrow = later.filter(pl.col("date") > AS_OF)
    records["inspections"] = pl.concat([tomorrow, records["inspections"]])
    assert fg.derive(card, firms, records=records, as_of=AS_OF).frame.equals(before)


def test_published_files_through_the_command_line(tmp_path):
    """The files as they were published, by the mapping in a card alone, against a count of their rows by hand."""
    culture = shared("beijing", "raw", "市文化执法总队-文化领域行政检查信息.csv")
    with culture.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    def code(text):
        return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()

    firms = {code(row["证件号码"]): row["行政相对人"].strip() for row in rows if len(code(row["证件号码"])) == 18}
    with (tmp_path / "firms.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["行政相对人", "证件号码"], *((name, code) for code, name in firms.items())])
    failed = Counter(
        code(row["证件号码"]) for row in rows if row["监督检查结果"] == "不合格" and "2021-01-01" < row["监督检查日期"][:10] <= "2023-01-01"
    )
    records = {
        "inspections": culture,
        "penalties": shared("beijing", "raw", "市生态环境局-环境违法和受行政处罚信息.csv"),
        "complaints": shared("beijing", "raw", "12315绿色通道.csv"),
    }
    given = [CARDS / "beijing-raw.toml", "--firms", tmp_path / "firms.csv", "--as-of", "2023-01-01", "--records"]
    given += [f"{name}={path}" for name, path in records.items()]
    for command, output in [("derive", "derived.parquet"), ("grade", "graded.csv")]:
        arguments = [command, *map(str, given), "-o", str(tmp_path / output)]
        run = [sys.executable, "-c", "import sys; from firmgrade._cli import main; sys.exit(main())", *arguments]
        ran = subprocess.run(run, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        assert "CSV, GB18030" in ran.stdout and "nothing was merged" in ran.stdout
    derived = pl.read_parquet(tmp_path / "derived.parquet")
    assert derived["uscc"].to_list() == list(firms)
    assert {firm: int(n) for firm, n in derived.select("uscc", "failures_24m").iter_rows() if n} == {
        f: n for f, n in failed.items() if f in firms
    }
    graded = pl.read_csv(tmp_path / "graded.csv")
    assert graded.height == len(firms) and graded["grade"].null_count() == 0
