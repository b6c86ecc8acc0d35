"""The whole circle with a known truth: experts' card → grades → plan → draw → inspections → evaluation → tuned card → next plan.

The experts weigh two of four indicators too much. Firms are drawn at rates by grade, inspectors find what the truth says, complaints lead to
checks beside. What is estimated from the draw must hold the truth of the population; what is tuned from it must be better on the whole population.
"""

from datetime import date, timedelta

import firmgrade as fg
import numpy as np
import polars as pl
import pytest

EXPERTS = {"a": 0.45, "b": 0.35, "c": 0.10, "d": 0.10}
TRUTH = np.array([0.30, 0.20, 0.25, 0.25])
SHARES = {"A": 0.4, "B": 0.4, "C": 0.15, "D": 0.05}
RATES = {"A": "1/10", "B": "1/10", "C": "1/4", "D": "1/2"}
FIRMS = 20_000
SEEDS = range(1, 9)

CARD = f"""
[scorecard]
id = "four"
title = "四项指标"
version = "2026.1"
id_column = "uscc"
scale = {{ min = 0, max = 1000, better = "high" }}
[judgments.root]
weights = {{ {", ".join(f"{name} = {weight}" for name, weight in EXPERTS.items())} }}
[grades]
order = ["A", "B", "C", "D"]
shares = {{ {", ".join(f"{name} = {share}" for name, share in SHARES.items())} }}
""" + "".join(
    f"""
[indicators.{name}]
title = "指标 {name}"
criterion = "root"
missing = "error"
points = [ {{ at = 0, risk = 0.0 }}, {{ at = 1, risk = 1.0 }} ]
"""
    for name in EXPERTS
)

POLICY = """
[policy]
plan_id = "2027-1"
title = "年报公示信息抽查"
period = { from = "2027-01-01", to = "2027-06-30" }
grades = ["A", "B", "C", "D"]
[draw]
reserve = 3
[[items]]
id = "report"
name = "年度报告公示信息检查"
basis = "《企业公示信息抽查办法》"
department = "市场监督管理局"
[items.rates]
A = { rule = "at_least", ratio = "10 %" }
B = { rule = "at_least", ratio = "10 %" }
C = { rule = "at_least", ratio = "25 %" }
D = { rule = "at_least", ratio = "50 %" }
"""


class World:
    """Firms whose chance of a violation is known, what would be found at each of them, and the grading by the experts' card."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        u = self.rng.random((FIRMS, 4))
        self.chance = 1 / (1 + np.exp(-(-3.0 + 9.0 * (u @ TRUTH - 0.5))))
        self.bad = self.rng.random(FIRMS) < self.chance
        self.firms = pl.DataFrame({"uscc": [f"F{k:05d}" for k in range(FIRMS)], **{name: u[:, at] for at, name in enumerate(EXPERTS)}})
        self.card = fg.Scorecard.loads(CARD)
        self.graded = fg.grade(self.card, self.firms)
        self.seed = seed

    @property
    def truth(self):
        return pl.DataFrame({"uscc": self.firms["uscc"], "bad": self.bad, "chance": self.chance})

    def by_hand(self, graded):
        """A record of a draw at rates by grade, without a policy."""
        rows = [{"id": i, "grade": grade, "stratum": grade, "rate": RATES[grade]} for i, grade in graded.frame["uscc", "grade"].iter_rows()]
        committed = fg.sampling.commit(rows, f"plan-{self.seed}", salts=bytes(16 * FIRMS), sources=["dice"])
        return committed.draw({"dice": fg.sampling.digits(f"3 1 4 {self.seed}")})

    def complaints(self, graded, count=500):
        """Checks after complaints: mostly where there is something to find."""
        pool = graded.frame.join(self.truth, on="uscc").filter(pl.col("bad"))
        return pool.head(count).select(id="uscc", outcome=pl.lit(1, pl.Int64), source=pl.lit("event"))


@pytest.fixture(scope="module")
def worlds():
    return [World(seed) for seed in SEEDS]


def outcomes(world, record):
    """The frame of a record with what was found: nothing is renamed but the truth's own column."""
    return record.frame.join(world.truth.select(id="uscc", outcome=pl.col("bad").cast(pl.Int64)), on="id")


def area(score, bad):
    """The AUC of the whole population: high scores are good."""
    order = np.argsort(-np.asarray(score), kind="stable")
    rank = np.empty(len(order))
    rank[order] = np.arange(1, len(order) + 1)
    ones = int(bad.sum())
    return (rank[bad].sum() - ones * (ones + 1) / 2) / (ones * (len(bad) - ones))


def test_what_is_estimated_holds_the_truth_of_the_population(worlds):
    inside, areas = [], []
    for world in worlds:
        report = fg.evaluate(world.graded, outcomes(world, world.by_hand(world.graded)))
        assert report.kind in ("separates", "partly") and report.account["used"] == len(world.by_hand(world.graded))
        assert not any("chances" in note or "source" in note for note in report.notes), report.notes
        true = world.graded.frame.join(world.truth, on="uscc").group_by("grade").agg(pl.col("bad").mean()).sort("grade")["bad"]
        inside += [low <= rate <= high for low, rate, high in zip(report.table()["low"], true, report.table()["high"], strict=True)]
        # The sample's rows by themselves are the wrong population: the weighted area is that of all firms.
        whole = area(world.graded.frame["score"].to_numpy(), world.bad)
        areas.append((report.auc["low"] <= whole <= report.auc["high"], abs(report.auc["value"] - whole)))
    # Of 32 intervals at 95 % fewer than 27 would hold with chance 0.005, of 8 fewer than 6 with chance 0.006.
    assert sum(inside) >= 27, inside
    assert sum(held for held, _ in areas) >= 6 and np.mean([off for _, off in areas]) < 0.02, areas


def test_event_rows_change_no_bit(worlds):
    world = worlds[0]
    rows = outcomes(world, world.by_hand(world.graded))
    more = pl.concat([world.complaints(world.graded), rows], how="diagonal")
    alone, with_events = fg.evaluate(world.graded, rows), fg.evaluate(world.graded, more)
    assert with_events.account["event"] == 500
    assert with_events.table().equals(alone.table()) and with_events.auc == alone.auc and with_events.verdict == alone.verdict
    tuned, also = (fg.tune(world.card, world.firms, table, max_change=0.25) for table in (rows, more))
    assert also.weights.equals(tuned.weights) and also.kind == tuned.kind and also.gain == tuned.gain
    # Pooled as if they had been drawn they would move the rate of every grade that they are in.
    wrong = more.drop("stratum", "population").with_columns(source=pl.lit("random"), pi_visit=pl.lit(0.1)).unique("id", keep="first")
    assert fg.evaluate(world.graded, wrong).table()["rate"][0] > 2 * alone.table()["rate"][0]


def test_the_circle_closes(worlds, tmp_path):
    gains, held, found = [], [], []
    for world in worlds:
        rows = outcomes(world, world.by_hand(world.graded))
        proposal = fg.tune(world.card, world.firms, rows, max_change=0.25)
        assert proposal.kind == "proposed", proposal.verdict
        path = tmp_path / f"next-{world.seed}.toml"
        proposal.save(path, effective_from="2028-01-01")
        card = fg.Scorecard.load(path)
        assert card.version == "2026.2"
        again = fg.grade(card, world.firms)
        before, after = (area(graded.frame["score"].to_numpy(), world.bad) for graded in (world.graded, again))
        gains.append(after - before)
        low, high = (proposal.gain["difference"][end] for end in ("low", "high"))
        held.append(low < after - before < high)
        # The next year: the same rates on grades of the same sizes are the same effort; what is found is new.
        records = [world.by_hand(graded) for graded in (world.graded, again)]
        assert len(records[0]) == len(records[1])
        year = world.rng.random(FIRMS) < world.chance
        finds = pl.DataFrame({"id": world.firms["uscc"], "found": year})
        found.append([record.frame.join(finds, on="id")["found"].sum() for record in records])
    # Every one of eight circles must go the right way, by about as much as was promised from the rows of the draw.
    assert min(gains) > 0.02 and sum(held) >= 6, (gains, held)
    old, new = np.array(found).sum(axis=0)
    assert new > 1.05 * old and sum(b > a for a, b in found) >= 7, found


def results(world, record):
    """What inspectors hand in for a plan, with customary codes, in any order; some firms are not found, some checks follow complaints."""
    rng = np.random.default_rng(100 + world.seed)
    drawn = pl.DataFrame({"统一社会信用代码": record.selected}).join(
        world.truth, left_on="统一社会信用代码", right_on="uscc", maintain_order="left"
    )
    lost = rng.random(drawn.height) < 0.05
    bad = drawn["bad"].to_numpy()
    codes = np.where(lost, "通过登记的住所无法联系", np.where(bad, "发现问题，责令改正", "未发现问题"))
    days = [date(2027, 1, 5) + timedelta(days=int(day)) for day in rng.integers(0, 170, drawn.height)]
    handed = drawn.select("统一社会信用代码", 检查结果=pl.Series(codes), 检查完成日期=pl.Series(days), 来源=pl.lit(None, pl.String))
    events = world.complaints(world.graded, 200).select(
        统一社会信用代码="id", 检查结果=pl.lit("未按规定公示"), 检查完成日期=pl.lit(date(2027, 3, 1)), 来源=pl.lit("投诉举报")
    )
    return pl.concat([events, handed]).sample(fraction=1.0, shuffle=True, seed=world.seed)


@pytest.fixture(scope="module")
def planned(worlds):
    """A policy's plan of the first world, drawn, with its results accounted for."""
    policy = fg.sampling.Policy.loads(POLICY)
    record = fg.sampling.plan(policy, worlds[0].graded.frame).commit(["dice"], bytes(16 * FIRMS)).draw({"dice": b"314159"})
    handed = results(worlds[0], record)
    return policy, record, handed, fg.sampling.account(policy, record, handed, as_of="2027-07-31")


def test_results_of_a_plan_go_in_without_renaming(worlds, planned):
    world, (_, record, _, accounted) = worlds[0], planned
    rows = accounted.frame
    assert len(accounted) == rows.height == len(record) + 200
    report = fg.evaluate(world.graded, rows, as_of="2026-12-31")
    lost = accounted.strata.filter(pl.col("stratum").is_null())["unreachable"][0]
    assert lost > 50 and report.account["unreachable"] == lost and report.account["event"] == 200
    assert report.account["used"] == len(record) - lost and report.notes == [
        "200 rows of events and campaigns are left out of all rates and areas"
    ]
    method = report.to_dict()["method"]
    assert "1/π" in method["design"] and "finite-population correction" in method["design"]
    assert (method["first_day"], method["last_day"]) == (str(rows.filter(pl.col("source") == "random")["date"].min()), "2027-06-23")
    eligible = dict(record.strata.select("stratum", "eligible").iter_rows())
    drawn = rows.filter(pl.col("source") == "random")
    assert all(eligible[stratum] == size for stratum, size in drawn.select("stratum", "population").iter_rows())
    assert rows.filter(pl.col("source") == "event").select("pi_visit", "population").null_count().row(0) == (200, 200)
    # The rate of a grade by hand: inside a stratum all chances are alike.
    for grade, rate in report.table().select("grade", "rate").iter_rows():
        inside = rows.filter((pl.col("stratum") == grade) & pl.col("outcome").is_in(["violation", "none"]))
        assert rate == pytest.approx((inside["outcome"] == "violation").mean(), abs=1e-12)
    proposal = fg.tune(world.card, world.firms, rows, as_of="2026-12-31", max_change=0.25)
    assert proposal.kind == "proposed" and proposal.account == report.account
    assert set(rows.columns) >= {"id", "outcome", "date", "source", "pi_visit", "pi_item", "stratum", "population", "plan_id"}


def test_the_next_plan_is_made_by_the_new_card(worlds, planned, tmp_path):
    world, (policy, record, _, accounted) = worlds[0], planned
    proposal = fg.tune(world.card, world.firms, accounted.frame, max_change=0.25)
    proposal.save(tmp_path / "next.toml")
    again = fg.grade(fg.Scorecard.load(tmp_path / "next.toml"), world.firms)
    plan = fg.sampling.plan(policy, again.frame)
    assert plan.n == len(record)
    # The firms that the new card moves are those that the proposal named.
    moved = world.graded.frame.join(again.frame, on="uscc").filter(pl.col("grade") != pl.col("grade_right"))
    assert set(moved["uscc"]) == set(proposal.moves["uscc"])
    expected = [g.frame.join(world.truth, on="uscc").filter(pl.col("grade") == "D")["chance"].mean() for g in (world.graded, again)]
    assert expected[1] > expected[0]


def test_the_account_of_results(planned):
    policy, record, handed, accounted = planned
    strata = accounted.strata
    sums = strata.select(pl.sum_horizontal("violation", "none", "out_of_scope", "unreachable", "outstanding"))
    assert strata["drawn"].to_list() == sums.to_series().to_list() and strata["drawn"][-1] == len(record)
    assert accounted.outstanding.height == 0 and accounted.blank == 0
    assert accounted.report["total"]["violation"] == strata["violation"][-1]
    assert repr(accounted).startswith("Accounted(plan_id='2027-1', drawn=") and "outstanding" in accounted._repr_html_()
    # Half of the table: the others are outstanding, and after the last day overdue.
    form = handed.with_columns(检查结果=pl.when(pl.int_range(pl.len()) % 2 == 0).then("检查结果"))
    form = form.with_columns(检查完成日期=pl.when(pl.col("检查结果").is_not_null()).then("检查完成日期"))
    half = fg.sampling.account(policy, record, form, as_of=date(2027, 12, 31))
    assert half.blank == handed.height // 2 and half.outstanding["overdue"].all() and half.outstanding.height > 0
    assert half.strata["drawn"].to_list() == strata["drawn"].to_list()


def test_a_plain_table_is_enough(worlds):
    world = worlds[0]
    record = world.by_hand(world.graded)
    full = outcomes(world, record)
    plain = full.select("id", "outcome", "source", date=pl.lit("2027-03-01"), pi=pl.col("pi_visit"))
    report, other = fg.evaluate(world.graded, plain, as_of="2026-12-31"), fg.evaluate(world.graded, full)
    assert report.table()["rate"].to_list() == pytest.approx(other.table()["rate"].to_list(), abs=1e-12)
    assert report.auc["value"] == pytest.approx(other.auc["value"], abs=1e-12) and report.notes == []
    # Words of the results table are understood here too.
    words = plain.with_columns(
        source=pl.lit("双随机抽查"), outcome=pl.when(pl.col("outcome") == 1).then(pl.lit("violation")).otherwise(pl.lit("none"))
    )
    assert fg.evaluate(world.graded, words, as_of="2026-12-31").auc == report.auc


def test_results_of_several_items(worlds):
    """Of a firm visited for two items the rows of one item weigh by that item's chance; both together by that of the visit, and that is said."""
    world = worlds[0]
    rows = outcomes(world, world.by_hand(world.graded)).drop("ticket").with_columns(item=pl.lit("report"), pi_item=pl.col("pi_visit") / 2)
    alone = fg.evaluate(world.graded, rows)
    assert alone.to_dict()["method"]["represented"] == pytest.approx(2 * FIRMS, rel=1e-9)
    both = fg.evaluate(world.graded, pl.concat([rows, rows.with_columns(item=pl.lit("food"))]))
    assert both.to_dict()["method"]["represented"] == pytest.approx(FIRMS, rel=1e-9) and both.account["merged"] == rows.height
    assert any("several items (food, report)" in note for note in both.notes), both.notes


def test_refusals_teach(worlds, planned):
    world, (policy, record, handed, accounted) = worlds[0], planned
    rows = outcomes(world, world.by_hand(world.graded))
    for call in (lambda t, **k: fg.evaluate(world.graded, t, **k), lambda t, **k: fg.tune(world.card, world.firms, t, **k)):
        for table, options, said in [
            (handed, {}, "firmgrade.sampling.account"),
            (accounted.frame, {"as_of": "2027-03-01"}, 'on or before 2027-03-01, .*early = "drop"'),
            (rows.with_columns(source=pl.lit("draw")), {}, "unknown source.*expected `random`, `event` or `special`"),
            (rows.with_columns(pi_visit=None), {}, "column `pi_visit` has .*above 0 and at most 1"),
            (rows.rename({"id": "firm"}), {}, "no column `uscc` or `id`"),
            (rows.drop("outcome"), {}, "no column `outcome`.*violation, none, out_of_scope or unreachable"),
            (rows.group_by("stratum").head(1), {}, "one random row each.*remove, certainty or adjust"),
        ]:
            with pytest.raises(fg.DataError, match=f"(?s){said}"):
                call(table, **options)
    for table, said in [
        (handed.with_columns(检查结果=pl.lit("没问题")), "unknown result codes: `没问题`"),
        (handed.drop("检查结果"), "column `code` \\(or `检查结果`\\) is missing"),
        (handed.with_columns(来源=pl.lit("偶然")), "expected random, event or special"),
        (handed.with_columns(来源=None), "neither drawn nor in reserve"),
        (pl.concat([handed, handed]), "keep one result for each firm and item"),
    ]:
        with pytest.raises(fg.SamplingError, match=said):
            fg.sampling.account(policy, record, table, as_of="2027-07-31")
    with pytest.raises(fg.SamplingError, match="after the as-of day"):
        fg.sampling.account(policy, record, handed, as_of="2027-03-31")
    other = fg.sampling.Policy.loads(POLICY.replace("25 %", "26 %"))
    with pytest.raises(fg.SamplingError, match="give the policy that was committed to"):
        fg.sampling.account(other, record, handed, as_of="2027-07-31")
