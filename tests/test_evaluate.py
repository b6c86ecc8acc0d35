"""Outcomes held against grades: numbers beside numpy by hand, every row accounted for, the verdict first."""

import json
import pickle
import re
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import firmgrade as fg
import numpy as np
import polars as pl
import pytest
from statsmodels.stats.multitest import multipletests

from conftest import PLAIN

GRADES = pl.Enum(["A", "B", "C", "D"])


def population(n=6000, slope=1.4, level=-3.0, seed=1):
    """Firms with a score from 0 to 1000, high is good, graded at its quantiles; outcomes follow the score as far as `slope` says."""
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=n)
    bad = rng.random(n) < 1 / (1 + np.exp(-(level + slope * risk)))
    grade = np.digitize(risk, [0.2, 1.2, 2.0])
    graded = pl.DataFrame(
        {
            "id": [f"firm{k:05d}" for k in range(n)],
            "score": np.round(500 - 100 * risk, 3),
            "grade": pl.Series(np.array(list("ABCD"))[grade], dtype=GRADES),
            "trade": np.array(["食品", "零售", "美容"])[rng.integers(0, 3, n)],
        }
    )
    return graded, pl.DataFrame({"id": graded["id"], "outcome": bad.astype(int)})


def auc_by_pairs(risk, bad, weight):
    risk, bad, weight = np.asarray(risk), np.asarray(bad, bool), np.asarray(weight, float)
    higher = (risk[bad][:, None] > risk[~bad]) + 0.5 * (risk[bad][:, None] == risk[~bad])
    pairs = weight[bad][:, None] * weight[~bad]
    return (higher * pairs).sum() / pairs.sum()


@pytest.fixture(scope="module")
def report():
    graded, outcomes = population()
    return fg.evaluate(graded, outcomes, by="trade")


def test_the_verdict_comes_first(report):
    assert report.kind == "separates" and report.verdict.startswith("The grades separate")
    assert re.search("[一-鿿]", report.verdict_zh)
    assert report.to_json().lstrip("{ \n").startswith('"verdict"')
    assert next(iter(report.to_dict())) == "verdict"
    page = report.html()
    body = page[page.index("<body>") :]
    assert body.index("The grades separate") < body.index("<h1>")
    assert repr(report).startswith("Performance(kind='separates', outcomes=6000, bad=") and report.verdict in repr(report)


def test_rates_and_areas_by_hand(report):
    graded, outcomes = population()
    both = graded.join(outcomes, on="id")
    by_hand = both.group_by("grade").agg(pl.len(), pl.col("outcome").sum()).sort("grade")
    table = report.table()
    assert table["grade"].to_list() == list("ABCD")
    assert table["outcomes"].to_list() == by_hand["len"].to_list() and table["bad"].to_list() == by_hand["outcome"].to_list()
    assert table["rate"].to_list() == pytest.approx((by_hand["outcome"] / by_hand["len"]).to_list(), abs=1e-14)
    assert (table["low"] < table["rate"]).all() and (table["rate"] < table["high"]).all()
    area = auc_by_pairs(-both["score"].to_numpy(), both["outcome"], np.ones(both.height))
    assert report.auc["value"] == pytest.approx(area, abs=1e-12)
    assert report.auc["low"] < area < report.auc["high"]
    numbers = report.to_dict()
    assert numbers["discrimination"]["accuracy_ratio"]["value"] == pytest.approx(2 * area - 1, abs=1e-12)


def test_grades_without_information_are_called_so():
    for seed in (3, 4):
        graded, outcomes = population(slope=0.0, level=-2.0, seed=seed)
        report = fg.evaluate(graded, outcomes)
        assert report.kind == "no_information" and report.verdict.startswith("The grades carry no information")
        assert report.html().split("<p>")[1].startswith("The grades carry no information")
        assert report.auc["low"] < 0.5 < report.auc["high"]
    graded, outcomes = population(slope=-1.4)
    assert fg.evaluate(graded, outcomes).kind == "wrong_way"


def sampled(n=40_000, seed=5):
    """A stratified draw by grade, with chances, strata and populations."""
    graded, outcomes = population(n, seed=seed)
    rates = {"A": 0.02, "B": 0.05, "C": 0.3, "D": 1.0}
    rng = np.random.default_rng(seed + 1)
    rows = []
    for grade, rate in rates.items():
        ids = graded.filter(pl.col("grade") == grade)["id"].to_list()
        take = int(np.ceil(len(ids) * rate))
        rows += [(one, grade, take / len(ids), len(ids)) for one in rng.choice(ids, take, replace=False)]
    draw = pl.DataFrame(rows, schema=["id", "stratum", "pi", "population"], orient="row").join(outcomes, on="id")
    return graded, draw.with_columns(source=pl.lit("random")), outcomes


def test_weighted_estimates_by_hand():
    graded, draw, everybody = sampled()
    report = fg.evaluate(graded, draw)
    both = draw.join(graded, on="id")
    risk, bad, weight = -both["score"].to_numpy(), both["outcome"].to_numpy(), 1 / both["pi"].to_numpy()
    assert report.auc["value"] == pytest.approx(auc_by_pairs(risk, bad, weight), abs=1e-12)
    truth = graded.join(everybody, on="id")
    whole = auc_by_pairs(-truth["score"].to_numpy()[::7], truth["outcome"].to_numpy()[::7], np.ones(len(truth[::7])))
    assert report.auc["low"] - 0.03 < whole < report.auc["high"] + 0.03
    # Rows as they are, without their chances, understate it.
    plain = fg.evaluate(graded, draw.select("id", "outcome"))
    assert plain.auc["value"] < report.auc["value"] - 0.02
    # Stratified by grade, the rate of a grade is its sample's, its variance that of sampling without replacement.
    inside = both.filter(pl.col("grade") == "C")
    p, n, size = inside["outcome"].mean(), inside.height, inside["population"][0]
    row = report.to_dict()["rates"]["grades"][2]["rate"]
    assert row["value"] == pytest.approx(p, abs=1e-14)
    assert row["se"] == pytest.approx(np.sqrt((1 - n / size) * p * (1 - p) / (n - 1)), rel=1e-12)
    assert report.to_dict()["discrimination"]["auc"]["variance"] == "stratified"


def test_event_rows_cannot_change_any_rate():
    graded, draw, _ = sampled()
    before = fg.evaluate(graded, draw, by="trade")
    others = graded.filter(~pl.col("id").is_in(draw["id"].to_list())).head(400)
    events = others.select("id", outcome=pl.lit(1, pl.Int64), source=pl.lit("event"))
    special = events.with_columns(source=pl.lit("special"), outcome=pl.lit(0, pl.Int64))
    after = fg.evaluate(graded, pl.concat([events, draw, special], how="diagonal"), by="trade")
    assert after.account["event"] == after.account["special"] == 400
    assert after.table().equals(before.table()) and after.auc == before.auc
    assert after.groups().equals(before.groups()) and after.verdict == before.verdict
    assert any("left out of all rates" in note for note in after.notes)


def test_every_row_is_accounted_for():
    graded, _ = population(400, level=-1.0)
    ids = graded["id"].to_list()
    rows = [
        *((one, "1" if at % 9 == 0 else "0", date(2024, 3, 1), "random") for at, one in enumerate(ids[:200])),
        (ids[0], "1", date(2024, 4, 1), "random"),  # a second look
        ("nobody", "1", date(2024, 3, 1), "random"),
        (ids[201], None, None, "random"),
        (ids[202], "out_of_scope", date(2024, 3, 1), "random"),
        (ids[203], "unreachable", date(2024, 3, 1), "random"),
        (ids[204], "violation", date(2023, 3, 1), "random"),
        (ids[205], "violation", date(2025, 3, 1), "random"),
        (ids[206], "none", date(2024, 3, 1), "event"),
        (ids[207], "none", date(2024, 3, 1), "special"),
    ]
    outcomes = pl.DataFrame(rows, schema=["id", "outcome", "date", "source"], orient="row")
    account = fg.evaluate(graded, outcomes, as_of="2023-12-31", early="drop", until=date(2024, 12, 31)).account
    others = {name: 1 for name in account if name not in ("read", "used", "ungraded")}
    assert account == {"read": 209, "used": 200, **others, "ungraded": 0}
    assert account["read"] == sum(count for name, count in account.items() if name != "read")


def test_outcomes_from_before_the_grading_are_refused():
    graded, outcomes = population(900, level=-1.0)
    outcomes = outcomes.with_columns(date=date(2024, 1, 1) + pl.Series([timedelta(days=k % 300) for k in range(900)]))
    with pytest.raises(fg.DataError, match=r'on or before 2024-01-10.*early = "drop"') as caught:
        fg.evaluate(graded, outcomes, as_of=date(2024, 1, 10))
    problem = caught.value.problems[0]
    assert (problem.kind, problem.table, problem.total, problem.values[0]) == ("leak", "outcomes", 30, "2024-01-01")
    dropped = fg.evaluate(graded, outcomes, as_of=date(2024, 1, 10), early="drop")
    assert (dropped.account["early"], dropped.account["used"]) == (30, 870)
    assert fg.evaluate(graded, outcomes, as_of="2024-01-10", early="use").account["used"] == 900
    assert any("was not checked" in note for note in fg.evaluate(graded, outcomes).notes)
    with pytest.raises(fg.DataError, match="missing date"):
        fg.evaluate(graded, outcomes.with_columns(date=pl.lit(None, pl.Date)), as_of="2024-01-10")


def test_codes_and_flags():
    graded, outcomes = population(900, level=-1.0)
    base = fg.evaluate(graded, outcomes)
    flags = outcomes.with_columns(pl.col("outcome") == 1)
    words = outcomes.with_columns(pl.when(pl.col("outcome") == 1).then(pl.lit("violation")).otherwise(pl.lit("none")).alias("outcome"))
    office = outcomes.with_columns(
        pl.when(pl.col("outcome") == 1).then(pl.lit("责令改正")).otherwise(pl.lit("未发现问题")).alias("outcome")
    )
    for table in (flags, words, outcomes.to_pandas(), outcomes.with_columns(pl.col("outcome").cast(pl.Float64))):
        assert fg.evaluate(graded, table).table().equals(base.table())
    assert fg.evaluate(graded, office, codes={"责令改正": True, "未发现问题": "none"}).table().equals(base.table())
    with pytest.raises(fg.DataError, match="say what other codes mean by `codes`") as caught:
        fg.evaluate(graded, office)
    assert (caught.value.problems[0].kind, caught.value.problems[0].total) == ("unknown_code", 900)
    assert fg.evaluate(graded, outcomes.with_columns(pl.col("outcome").cast(pl.String))).auc == base.auc
    with pytest.raises(ValueError, match="codes: found `bad`"):
        fg.evaluate(graded, office, codes={"责令改正": "bad"})
    with pytest.raises(ValueError, match="early: found `never`"):
        fg.evaluate(graded, outcomes, early="never")


def test_faults_name_the_place_and_the_remedy():
    graded, draw, _ = sampled(12_000)
    for table, kind, match in [
        (draw.drop("outcome"), "missing_column", "no column `outcome`"),
        (draw.rename({"id": "firm"}), "missing_column", "no column `id`"),
        (draw.with_columns(pi=pl.lit(0.0)), "chance", "impossible chance"),
        (draw.with_columns(source=pl.lit("chance")), "unknown_source", "`random`, `event` or `special`"),
        (draw.with_columns(population=pl.lit(None, pl.Int64)), "population", "number of firms in the row's stratum"),
        (draw.with_columns(id=pl.lit("x") + pl.col("id")), "no_outcomes", "look whether ids are written alike"),
        (draw.with_columns(stratum=pl.col("id")), "lonely_stratum", "which has no variance"),
    ]:
        with pytest.raises(fg.DataError, match=match) as caught:
            fg.evaluate(graded, table)
        assert caught.value.problems[0].kind == kind
        assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems
    with pytest.raises(fg.DataError, match="no column `trad`.*did you mean `trade`"):
        fg.evaluate(graded, draw, by=["trad"])
    with pytest.raises(fg.DataError, match='repeats = "worst"'):
        fg.evaluate(graded, pl.concat([draw, draw.head(3)]), repeats="fail")
    twice = fg.evaluate(graded, pl.concat([draw, draw.head(3).with_columns(outcome=pl.lit(1, pl.Int64))]))
    assert twice.account["merged"] == 3
    with pytest.raises(fg.DataError, match="another chance of being drawn"):
        fg.evaluate(graded, pl.concat([draw, draw.head(3).with_columns(pi=pl.lit(0.5))]))


def test_too_few_outcomes_are_not_estimable():
    graded, outcomes = population(600, level=-7.0)
    report = fg.evaluate(graded, outcomes)
    assert report.kind == "not_estimable" and report.verdict.startswith("Not estimable") and report.auc is None
    assert "not estimable" in report.html() and report.to_dict()["discrimination"] is None
    # Five bad outcomes by chance in D alone say nothing of A, of which one in a hundred was drawn.
    graded, draw, _ = sampled(6000)
    assert fg.evaluate(graded, draw).to_dict()["estimable"]["gate"] == "shut"


def test_directions_and_orders_are_concluded_or_told():
    graded, outcomes = population()
    told = fg.evaluate(graded, outcomes)
    low = graded.with_columns(score=1000 - pl.col("score"), grade=pl.col("grade").cast(pl.String))
    concluded = fg.evaluate(low, outcomes)
    assert concluded.auc["value"] == pytest.approx(told.auc["value"], abs=1e-12)
    assert any("low scores taken to be good" in note for note in concluded.notes)
    assert any("A < B < C < D" in note for note in concluded.notes)
    with pytest.raises(fg.DataError, match="whether high scores are good"):
        fg.evaluate(graded.with_columns(score=pl.lit(5.0)), outcomes)


def test_a_grading_brings_its_card_day_and_kept_columns(annual):
    firms, outcomes = fg.district(8000)
    keep = [name for name in ("street", "trade", "size") if name in firms.columns][:2]
    graded = fg.grade(annual, firms, keep=keep)
    report = fg.evaluate(graded, outcomes.drop("result"), by=keep)
    assert report.kind in ("separates", "partly")
    assert report.account["used"] + report.account["no_outcome"] == outcomes.height
    assert report.to_dict()["method"]["graded_by"].startswith(annual.title)
    assert report.groups()["column"].unique().sort().to_list() == sorted(keep)
    assert report.groups().group_by("column").agg(pl.col("outcomes").sum())["outcomes"].unique().to_list() == [report.account["used"]]
    by_table = fg.evaluate(graded.frame, outcomes.drop("result"), by=keep, card=annual)
    assert by_table.table().equals(report.table()) and by_table.auc == report.auc
    again = pickle.loads(pickle.dumps(report))
    assert again.to_json() == report.to_json()


def test_findings_of_many_groups_are_holms():
    graded, outcomes = population(seed=4)
    rng = np.random.default_rng(5)
    # Forty streets and ten sizes that mean nothing, and a trade of which scores say the opposite and more is found than they say.
    turned = pl.Series(rng.random(graded.height) < 0.12)
    graded = graded.with_columns(
        street=pl.Series(rng.integers(0, 40, graded.height)).cast(pl.String),
        size=pl.Series(rng.integers(0, 10, graded.height)).cast(pl.String),
        trade=pl.when(turned).then(pl.lit("药品")).otherwise("trade"),
    )
    flipped = graded.select(turned & (pl.col("score") > 550) & pl.Series(rng.random(graded.height) < 0.3)).to_series()
    outcomes = outcomes.with_columns(outcome=pl.when(flipped).then(1).when(turned).then(0).otherwise("outcome"))
    report = fg.evaluate(graded, outcomes, by=["street", "size", "trade"])
    levels = [level for group in report.to_dict()["groups"] for level in group["levels"]]
    assert len(levels) == 21 + 10 + 4
    for kind in ("works", "worse", "level"):
        tests = [level[kind] for level in levels if level[kind] is not None]
        raw, adjusted = ([test[part] for test in tests] for part in ("p", "adjusted"))
        assert adjusted == pytest.approx(multipletests(raw, method="holm")[1], abs=1e-12)
        # Uncorrected, chance alone would name some.
        assert sum(p < 0.05 for p in raw) >= sum(p < 0.05 for p in adjusted)
    found = {level["value"]: level["finding"] for level in levels if level["finding"] not in ("holds", "unproven", "too_few")}
    assert found == {"药品": "fails"}
    # The rate of a group against what scores made expect: bounds and p-value agree.
    for level in levels:
        rate, test = level["rate"], level["level"]
        assert (test["p"] < 0.05) == (not rate["low"] <= level["expected"] <= rate["high"])
    tested = sum(level["works"] is not None for level in levels)
    assert f"{tested} groups were tested, and findings are corrected for that (Holm)" in report.html()


def test_challenger_and_earlier_grading():
    graded, outcomes = population()
    rng = np.random.default_rng(9)
    noisy = graded.select("id", risk=-pl.col("score") + pl.Series(rng.normal(scale=80, size=graded.height)))
    old = graded.with_columns(score=pl.col("score") + pl.Series(rng.normal(scale=40, size=graded.height))).with_columns(
        grade=pl.when(pl.col("score") > 480)
        .then(pl.lit("A"))
        .when(pl.col("score") > 380)
        .then(pl.lit("B"))
        .otherwise(pl.lit("D"))
        .cast(GRADES)
    )
    report = fg.evaluate(graded, outcomes, challenger=noisy.reverse(), before=old.head(5000))
    numbers = report.to_dict()
    both = noisy.join(outcomes, on="id")
    assert numbers["challenger"]["difference"]["second"]["value"] == pytest.approx(
        auc_by_pairs(both["risk"], both["outcome"], np.ones(both.height)), abs=1e-12
    )
    assert "worse than the card in force" in numbers["challenger"]["words"]
    before = numbers["stability"]["before"]
    assert (before["matched"], before["new"], before["gone"]) == (5000, 1000, 0)
    pairs = old.head(5000).join(graded, on="id", suffix="_now")
    counts = [[pairs.filter((pl.col("grade") == b) & (pl.col("grade_now") == a)).height for a in "ABCD"] for b in "ABCD"]
    assert before["transition"]["counts"] == counts
    with pytest.raises(fg.DataError, match="no score for 1 firm"):
        fg.evaluate(graded, outcomes, challenger=noisy.head(5999))


def test_given_probabilities():
    graded, outcomes = population(4000)
    p = 1 / (1 + np.exp(-(-3.0 + 1.4 * (500 - graded["score"].to_numpy()) / 100)))
    report = fg.evaluate(graded.with_columns(p=pl.Series(p)), outcomes, probability="p")
    part = report.to_dict()["calibration"]
    assert part["source"] == "given"
    assert part["brier"]["value"] == pytest.approx(np.mean((p - outcomes["outcome"].to_numpy()) ** 2), abs=1e-12)
    assert part["calibration"]["slope"]["low"] < 1 < part["calibration"]["slope"]["high"]
    assert fg.evaluate(graded, outcomes).to_dict()["calibration"]["source"] == "fitted"


def test_the_page_is_one_file_with_drawings(report, tmp_path):
    path = tmp_path / "report.html"
    report.save(path)
    page = path.read_text(encoding="utf-8")
    assert page == report.html() and "<script" not in page and "http" not in page.replace("http-equiv", "")
    drawings = re.findall(r"<svg role.*?</svg>", page, re.DOTALL)
    assert len(drawings) >= 6
    for drawing in drawings:
        ET.fromstring(drawing)
    for title in ("ROC", "CAP", "KS", "Calibration", "Bad outcomes by grade", "Firms by grade"):
        assert f"{title}" in page
    assert "nan" not in page.lower().replace("finance", "") and "inf " not in page
    report.save(tmp_path / "report.json")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8")) == report.to_dict()
    with pytest.raises(ValueError, match="ends in .html or .json"):
        report.save(tmp_path / "report.pdf")
    with pytest.raises(fg.FileError):
        report.save(tmp_path / "nowhere" / "report.html")
    assert "<strong>The grades separate" in report._repr_html_()


def test_names_in_a_page_are_escaped():
    graded, outcomes = population(2000, level=-1.0)
    page = fg.evaluate(graded.with_columns(trade=pl.lit("<b>&")), outcomes, by="trade").html()
    assert "<b>" not in page and "&lt;b&gt;&amp;" in page


def test_a_small_card_end_to_end():
    card = fg.Scorecard.loads(PLAIN)
    graded = fg.grade(card, pl.DataFrame({"id": ["a", "b"], "fines": [0.0, 5.0], "tax": ["A", "D"]}))
    report = fg.evaluate(graded, pl.DataFrame({"id": ["a", "b"], "outcome": [0, 1]}))
    assert report.kind == "not_estimable" and report.table()["outcomes"].to_list() == [1, 0, 1]
