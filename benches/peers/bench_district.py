"""From a million records to grades: all indicators of the shipped card by firmgrade and by hand-written polars, checked first, then timed.

    python bench_district.py                            60,000 firms with about a million records
    python bench_district.py --firms 2000 --repeats 1   as a test

Exit 1 if an indicator differs.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from datetime import date
from pathlib import Path

import firmgrade as fg
import numpy as np
import polars as pl

CARD = Path(__file__).resolve().parents[2] / "fixtures" / "scorecards" / "district-records.toml"
AS_OF = date(2023, 12, 31)
# So many months before the as-of day: the day after which records count.
M3, M12, M24, M36 = date(2023, 9, 30), date(2022, 12, 31), date(2021, 12, 31), date(2020, 12, 31)
ID = "uscc"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--firms", type=int, default=60_000)
    parser.add_argument("--repeats", type=int, default=9)
    return parser.parse_args()


def days_since(day: pl.Expr) -> pl.Expr:
    """Days from a day to the as-of day."""
    return (pl.lit(AS_OF) - day).dt.total_days().cast(pl.Float64)


def open_at_as_of(day: str) -> pl.Expr:
    """Not over by the as-of day."""
    return pl.col(day).is_null() | (pl.col(day) > AS_OF)


def counted(condition: pl.Expr, name: str) -> pl.Expr:
    """How many records of the group satisfy a condition."""
    return condition.sum().cast(pl.Float64).alias(name)


def by_hand(firms: pl.DataFrame, records: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """What an analyst writes in polars."""
    table = {name: frame.lazy() for name, frame in records.items()}
    kind, severity, decided = pl.col("kind"), pl.col("severity"), pl.col("decided_on")
    published = pl.when(severity == "轻微").then(pl.lit(M3)).when(severity == "一般").then(pl.lit(M12)).otherwise(pl.lit(M36))
    penalties = table["penalties"].filter(
        decided <= AS_OF, ~kind.is_in(["警告", "通报批评"]), open_at_as_of("repaired_on"), decided > published
    )
    recent = pl.col("amount").filter(decided > M24)
    listings = table["abnormal"].filter(pl.col("listed_on") <= AS_OF, open_at_as_of("removed_on"))
    changes = table["changes"].filter(pl.col("changed_on") <= AS_OF, pl.col("changed_on") > M36)
    filed, role = pl.col("filed_on"), pl.col("role")
    suits = table["lawsuits"].filter(filed <= AS_OF, open_at_as_of("settled_on"))
    lost = (role == "被告") & (pl.col("result") == "败诉") & (pl.col("closed_on") <= AS_OF) & (filed > M24)
    inspected, failed = pl.col("inspected_on"), pl.col("failed")
    inspections = table["inspections"].filter(inspected <= AS_OF)
    received, resolved = pl.col("received_on"), pl.col("resolved_on")
    complaints = table["complaints"].unique().filter(received <= AS_OF)
    refused = pl.col("outcome").eq_missing(pl.lit("拒绝调解"))
    reports = table["annual_reports"].filter(filed <= AS_OF)
    now = pl.col("revenue_10k").filter(filed > M12).sum()
    before = pl.col("revenue_10k").filter((filed > M24) & (filed <= M12)).sum()
    parts = {
        "penalties": penalties.group_by(ID).agg(
            counted(decided > M24, "penalties_24m"),
            pl.when(((decided > M24).sum() == 0) | (recent.count() > 0)).then(recent.sum()).alias("fines_24m"),
            counted(severity == "严重", "serious_penalties"),
            days_since(decided.max()).alias("days_since_penalty"),
        ),
        "abnormal": listings.group_by(ID).agg(
            pl.lit(True).first().alias("on_abnormal_list"), days_since(pl.col("listed_on").min()).alias("days_on_abnormal_list")
        ),
        "changes": changes.group_by(ID).agg(
            counted(pl.col("item") == item, f"{name}_changes_36m")
            for name, item in {"legal_rep": "法定代表人", "address": "住所", "shareholder": "股东"}.items()
        ),
        "lawsuits": suits.group_by(ID).agg(
            counted((role == "被告") & (filed > M24), "lawsuits_24m"),
            counted(lost.fill_null(value=False), "lost_24m"),
            pl.col("amount").filter(lost).sum().alias("lost_amount_24m"),
            counted(role == "被执行人", "debts"),
            (role == "失信被执行人").any().alias("dishonest_debtor"),
        ),
        "inspections": inspections.group_by(ID).agg(
            counted(failed & (inspected > M36), "failed_inspections_36m"),
            failed.filter(inspected > M36).mean().alias("failed_share_36m"),
            pl.col("result").cast(pl.String).filter(inspected == inspected.max()).max().alias("last_result"),
            counted(kind.is_in(["专项检查", "线索核查"]) & (inspected > M24), "special_inspections_24m"),
        ),
        "complaints": complaints.group_by(ID).agg(
            counted((kind == "投诉") & (received > M12), "complaints_12m"),
            counted((kind == "举报") & (received > M12), "reports_12m"),
            counted(
                (received > M24) & ((pl.lit(AS_OF) - received).dt.total_days() > 60) & open_at_as_of("resolved_on"), "overdue_complaints"
            ),
            refused.filter((kind == "投诉") & (resolved <= AS_OF) & (received > M24)).mean().alias("refused_share_24m"),
        ),
        "licences": table["licences"]
        .filter(pl.col("issued_on") <= AS_OF, open_at_as_of("valid_until"))
        .group_by(ID)
        .agg(pl.len().cast(pl.Float64).alias("licences_valid")),
        "annual_reports": reports.group_by(ID).agg(
            days_since(filed.max()).alias("days_since_report"),
            counted((filed > pl.col("due_on")) & (filed > M36), "reports_late_36m"),
            pl.when(before != 0).then((now - before) / before).alias("revenue_trend"),
            pl.col("employees").filter(filed == filed.max()).max().cast(pl.Float64).alias("employees"),
        ),
    }
    frame = firms.lazy()
    for part in pl.collect_all(list(parts.values())):
        frame = frame.join(part.lazy(), on=ID, how="left", maintain_order="left")
    paid, registered, said = pl.col("paid_in_capital_10k"), pl.col("registered_capital_10k"), pl.col("reported_paid_in_10k")
    # The as-of day is the last of its year, so every birthday of that year has been.
    years = AS_OF.year - pl.col("established").dt.year()
    none = ["penalties_24m", "serious_penalties", "lawsuits_24m", "lost_24m", "lost_amount_24m", "debts", "failed_inspections_36m"]
    none += ["special_inspections_24m", "complaints_12m", "reports_12m", "overdue_complaints", "licences_valid", "reports_late_36m"]
    none += ["legal_rep_changes_36m", "address_changes_36m", "shareholder_changes_36m"]
    flags = ["on_abnormal_list", "dishonest_debtor"]
    # A fine is nothing where there is no penalty, and unknown where no penalty has an amount.
    no_penalty = pl.col("penalties_24m").is_null()
    return (
        frame.with_columns(pl.when(no_penalty).then(0.0).otherwise("fines_24m").alias("fines_24m"))
        .with_columns(*(pl.col(name).fill_null(0.0) for name in none), *(pl.col(name).fill_null(value=False) for name in flags))
        .with_columns(
            (paid / registered).alias("paid_in_share"),
            ((pl.col("subscription_due") <= AS_OF) & (paid < registered)).alias("capital_overdue"),
            ((paid - said).abs() > 0.05 * pl.max_horizontal(paid.abs(), said.abs())).alias("paid_in_mismatch"),
            years.cast(pl.Float64).alias("established_years"),
            (pl.col("licence_required") & (pl.col("licences_valid") == 0)).alias("licence_missing"),
        )
        .collect()
    )


def same(a: pl.DataFrame, b: pl.DataFrame, names: list[str]) -> list[str]:
    """Indicators that differ beyond the rounding of sums in another order."""

    def close(x: object, y: object) -> bool:
        if isinstance(x, float) and isinstance(y, float):
            return abs(x - y) <= 1e-9 * max(1.0, abs(x))
        return x == y

    return [name for name in names if not all(map(close, a[name].to_list(), b[name].to_list()))]


def main() -> int:
    """Check, then time."""
    options = arguments()
    begun = time.perf_counter()
    firms, records, _ = fg.district_records(options.firms)
    made = time.perf_counter() - begun
    card = fg.Scorecard.load(CARD)
    runs = {
        "firmgrade, derive": lambda: fg.derive(card, firms, records=records, as_of=AS_OF).frame,
        "polars, by hand": lambda: by_hand(firms, records),
        "firmgrade, derive and grade": lambda: fg.grade(card, firms, records=records, as_of=AS_OF),
    }
    ours = runs["firmgrade, derive"]()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    names = [name for name in ours.columns if name not in firms.columns]
    wrong = same(ours, runs["polars, by hand"](), names)
    print(f"{sum(frame.height for frame in records.values()):,} records, {firms.height:,} firms, {len(names)} indicators")
    print(f"generated in {made:.2f} s; memory with the data, after deriving: {memory:.2f} GB")
    if wrong:
        print("WRONG:", ", ".join(wrong))
        return 1
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(options.repeats):
        for name, run in runs.items():
            begun = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - begun)
    medians = {name: float(np.median(seconds)) for name, seconds in times.items()}
    for name, seconds in medians.items():
        print(f"{name:<30}{1000 * seconds:9.1f} ms")
    print(f"firmgrade / polars: {medians['firmgrade, derive'] / medians['polars, by hand']:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
