"""Records as indicators: the same eight indicators by firmgrade and by hand-written polars, checked first, then timed in interleaved repeats.

    python bench_derive.py                              the 1.1 million invoices of FIRMGRADE_DATA, or generated ones where they are not there
    python bench_derive.py --rows 5000 --repeats 1      generated, as a test

Exit 1 if an indicator differs, if firmgrade takes more than 1.5 times as long, or if memory passes 1 GB (both only without --rows).
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from datetime import date
from pathlib import Path

import firmgrade as fg
import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[2]
CARD = ROOT / "fixtures" / "scorecards" / "invoices.toml"
AS_OF = date(2020, 2, 29)
ID, DAY, AMOUNT, STATE = "企业代号", "开票日期", "金额", "发票状态"
VALID, VOID = "有效发票", "作废发票"


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, help="generated invoices of each table; without it the real ones")
    parser.add_argument("--repeats", type=int, default=9)
    return parser.parse_args()


def generated(rows: int, partner: str, seed: int) -> pl.DataFrame:
    """Invoices of 425 firms over three years, some void, some negative, one in fifty twice."""
    r = np.random.default_rng([20200229, seed])
    frame = pl.DataFrame(
        {
            ID: np.char.add("E", (r.zipf(1.3, rows) % 425 + 1).astype(str)),
            "发票号码": r.integers(0, 99_999_999, rows).astype(str),
            DAY: np.datetime64("2017-01-01") + r.integers(0, 1150, rows).astype("timedelta64[D]"),
            partner: np.char.add("B", (r.zipf(1.4, rows) % 5000).astype(str)),
            AMOUNT: np.round(r.lognormal(8, 2, rows) * np.where(r.random(rows) < 0.03, -1, 1), 2),
            STATE: np.where(r.random(rows) < 0.07, VOID, VALID),
        }
    )
    return pl.concat([frame, frame.head(rows // 50)], rechunk=True)


def tables(rows: int | None) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, str]:
    """Firms, sales, purchases, and where they come from."""
    folder = Path(os.environ.get("FIRMGRADE_DATA", ROOT.parent / "shared" / "data")) / "cumcm2020c"
    if rows is None and folder.exists():
        read = lambda kind: pl.concat([pl.read_parquet(folder / f"附件{part}_{kind}发票.parquet") for part in (1, 2)], rechunk=True)
        sales, purchases = (read(kind).with_columns(pl.col(STATE).str.strip_chars()) for kind in ("销项", "进项"))
        firms = pl.concat([pl.read_csv(path).select(ID) for path in sorted(folder.glob("*企业信息*.csv"))])
        return firms, sales, purchases, "real"
    rows = rows or 550_000
    sales, purchases = generated(rows, "购方单位代号", 1), generated(rows, "销方单位代号", 2)
    return pl.concat([sales.select(ID), purchases.select(ID)]).unique(maintain_order=True), sales, purchases, "generated"


def by_hand(firms: pl.DataFrame, sales: pl.DataFrame, purchases: pl.DataFrame) -> pl.DataFrame:
    """What an analyst writes in polars."""

    def top(valid: pl.LazyFrame, partner: str, name: str) -> pl.LazyFrame:
        groups = valid.group_by(ID, partner).agg(pl.col(AMOUNT).sum())
        share = groups.group_by(ID).agg((pl.col(AMOUNT).max() / pl.col(AMOUNT).sum()).alias(name), pl.col(AMOUNT).sum().alias("total"))
        return share.select(ID, pl.when(pl.col("total") > 0).then(name).alias(name))

    as_of, middle, start = pl.lit(AS_OF), date(2019, 2, 28), date(2018, 2, 28)
    sold = sales.lazy().unique().with_columns(pl.col(DAY).cast(pl.Date)).filter(pl.col(DAY) <= as_of)
    bought = purchases.lazy().unique().with_columns(pl.col(DAY).cast(pl.Date)).filter(pl.col(DAY) <= as_of)
    valid_sales, valid_purchases = sold.filter(pl.col(STATE) == VALID), bought.filter(pl.col(STATE) == VALID)
    now = pl.col(AMOUNT).filter(pl.col(DAY) > middle).sum()
    before = pl.col(AMOUNT).filter((pl.col(DAY) > start) & (pl.col(DAY) <= middle)).sum()
    parts = [
        sold.group_by(ID).agg((pl.col(STATE) == VOID).mean().alias("voided_share")),
        valid_sales.group_by(ID).agg(
            (pl.col(AMOUNT) < 0).mean().alias("negative_share"),
            pl.when(before != 0).then((now - before) / before).alias("sales_trend"),
            pl.col(DAY).dt.month_start().n_unique().cast(pl.Float64).alias("months_active"),
            (as_of - pl.col(DAY).max()).dt.total_days().cast(pl.Float64).alias("days_since_sale"),
        ),
        top(valid_sales, "购方单位代号", "top_customer_share"),
        valid_purchases.group_by(ID).agg((pl.col(AMOUNT) < 0).mean().alias("purchase_negative_share")),
        top(valid_purchases, "销方单位代号", "top_supplier_share"),
    ]
    frame = firms.lazy()
    for part in pl.collect_all(parts):
        frame = frame.join(part.lazy(), on=ID, how="left", maintain_order="left")
    return frame.with_columns(pl.col("months_active").fill_null(0.0)).collect()


def same(a: pl.DataFrame, b: pl.DataFrame) -> list[str]:
    """Columns that differ beyond the rounding of sums in another order."""

    def close(x: float | None, y: float | None) -> bool:
        # Sums that nearly cancel differ by more than their last digits.
        return x is y is None or (x is not None and y is not None and abs(x - y) <= 1e-6 * max(1.0, abs(x)))

    return [name for name in b.columns[1:] if not all(map(close, a[name], b[name]))]


def main() -> int:
    """Check, then time."""
    options = arguments()
    firms, sales, purchases, origin = tables(options.rows)
    card = fg.Scorecard.load(CARD)
    runs = {
        "firmgrade": lambda: fg.derive(card, firms, records={"sales": sales, "purchases": purchases}, as_of=AS_OF).frame,
        "polars, by hand": lambda: by_hand(firms, sales, purchases),
    }
    ours = runs["firmgrade"]()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    wrong = same(ours, runs["polars, by hand"]())
    print(f"{sales.height + purchases.height:,} {origin} invoices, {firms.height} firms, {len(ours.columns) - firms.width} indicators")
    print(f"memory with the data, after deriving: {memory:.2f} GB")
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
        print(f"{name:<20}{1000 * seconds:9.1f} ms")
    ratio = medians["firmgrade"] / medians["polars, by hand"]
    print(f"firmgrade / polars: {ratio:.2f}")
    return int(options.rows is None and (ratio > 1.5 or memory > 1.0))


if __name__ == "__main__":
    sys.exit(main())
