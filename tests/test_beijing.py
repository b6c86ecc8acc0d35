"""Real inspections, as messy as they were published: every firm comes out once."""

import firmgrade as fg
import polars as pl

from conftest import shared

CARD = """
[scorecard]
id = "inspections"
title = "检查记录"
version = "1"
id_column = "firm"
scale = { min = 0, max = 100, better = "high" }
[judgments.root.pairs]
"fails:fail_share" = 2
"fails:last_result" = 3
"fails:regulators" = 5
"fail_share:last_result" = 2
"fail_share:regulators" = 3
"last_result:regulators" = 2
[indicators.fails]
title = "不合格次数"
criterion = "root"
missing = "error"
bands = [ { upto = 0, risk = 0.0 }, { upto = 1, risk = 0.6 }, { risk = 1.0 } ]
[indicators.fail_share]
title = "不合格比例"
criterion = "root"
missing = "reweight"
points = [ { at = 0, risk = 0.0 }, { at = 0.5, risk = 1.0 } ]
[indicators.last_result]
title = "最近一次结果"
criterion = "root"
missing = { value = 0.5 }
categories = { "合格" = 0.0, "不合格" = 1.0 }
[indicators.regulators]
title = "检查部门数"
criterion = "root"
missing = "best"
bands = [ { upto = 1, risk = 0.0 }, { upto = 3, risk = 0.5 }, { risk = 1.0 } ]
[columns.has_code]
type = "flag"
[grades]
order = ["A", "B", "C", "D"]
cuts = [">= 95", ">= 60", ">= 30"]
[[overrides]]
id = "failed-last"
title = "屡次不合格且最近一次不合格"
when = "fails >= 3 AND last_result = '不合格' AND has_code IS NOT NULL"
set = "D"
"""


def test_every_firm_comes_out_once():
    inspections = pl.read_parquet(shared("beijing", "inspections_to_2023.parquet"))
    assert inspections.height == 43_016
    # The code where there is one, else the name; some rows have neither.
    named = inspections.with_columns(firm=pl.coalesce("uscc", "entity")).filter(pl.col("firm").str.strip_chars() != "")
    firms = (
        named.sort("date", nulls_last=False, maintain_order=True)
        .group_by("firm", maintain_order=True)
        .agg(
            fails=pl.col("fail").sum(),
            fail_share=pl.col("fail").cast(pl.Float64).mean(),
            last_result=pl.when(pl.col("fail").last() == 1).then(pl.lit("不合格")).otherwise(pl.lit("合格")),
            regulators=pl.col("regulator").n_unique(),
            has_code=pl.col("uscc").is_not_null().any(),
        )
    )
    card = fg.Scorecard.loads(CARD)
    graded = fg.grade(card, firms, keep=["fails"])
    frame = graded.frame
    assert frame["firm"].to_list() == firms["firm"].to_list()
    assert frame["firm"].n_unique() == frame.height == named["firm"].n_unique() > 5_000
    assert frame["grade"].null_count() == 0
    assert graded.counts()["firms"].sum() == frame.height
    # nobody without a failure is below A unless many regulators came, and nobody with two is in A
    assert set(frame.filter(pl.col("fails") >= 2)["grade"]) <= {"B", "C", "D"}
    assert frame.filter(pl.col("fails") == 0)["score"].min() >= 90
    hit = graded.hits()["firms"].to_list()
    assert hit == [firms.filter((pl.col("fails") >= 3) & (pl.col("last_result") == "不合格")).height]
