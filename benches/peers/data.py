"""A seeded table of firms and the scorecard that grades it.

One hundred indicator columns: 60 banded numbers (counts, log-normal, normal; 4-8 bands with
closed upper bounds), 25 categories of 3-10 names of at most 12 bytes, 15 flags. Every column
misses 5 % of its cells. The card depends on the seed alone, never on the number of rows.

    python data.py --rows 60000 --out DIR      writes firms-enum.parquet, firms-string.parquet, card.toml
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

N_NUMBERS, N_CATEGORIES, N_FLAGS, N_CRITERIA = 60, 25, 15, 8
MISSING_SHARE = 0.05
GRADES = ("A", "B", "C", "D")
SHARES = (0.39, 0.45, 0.13)  # of A, B, C; the rest is D
CALIBRATION_ROWS = 50_000
ID_COLUMN = "firm"
LABELS = (
    "有限公司", "股份公司", "个人独资", "合伙企业", "外商投资", "国有独资", "分支机构", "个体户",
    "农业", "采矿", "制造", "电力", "建筑", "批发零售", "交通运输", "住宿餐饮", "软件信息", "金融",
    "房地产", "租赁商务", "科研", "水利环境", "居民服务", "教育", "卫生", "文体娱乐",
    "normal", "revoked", "suspended", "moved", "dissolved", "pending", "micro", "small", "medium",
    "large", "north", "south", "east", "west", "on_time", "late", "never_filed", "partly", "refused",
)  # fmt: skip


@dataclass
class Column:
    """One indicator: how its values are drawn and what risk each band or label carries."""

    name: str
    kind: str  # number | category | flag
    risks: list[float]  # one for each band or label; smallest 0, largest 1
    family: str = ""  # number: count | lognormal | normal
    shape: tuple[float, float] = (0.0, 1.0)
    edges: list[float] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    enum: list[str] = field(default_factory=list)  # the labels in the order of the frame's Enum
    shares: list[float] = field(default_factory=list)
    criterion: str = ""
    weight: float = 0.0  # local, within its criterion


@dataclass
class Design:
    """Everything that the seed fixes: columns in document order, criterion weights, cuts."""

    seed: int
    columns: list[Column]
    criteria: dict[str, float]
    cuts: list[float] = field(default_factory=list)


def design(seed: int) -> Design:
    """Draw the columns and the card for one seed."""
    rng = np.random.default_rng([seed, 1])
    columns = [_number(rng, i) for i in range(N_NUMBERS)]
    columns += [_category(rng, i) for i in range(N_CATEGORIES)]
    columns += [_flag(rng, i) for i in range(N_FLAGS)]
    groups = np.array_split(rng.permutation(len(columns)), N_CRITERIA)
    weights = _weights(rng, N_CRITERIA)
    made = Design(seed, [], {f"group_{g + 1}": w for g, w in enumerate(weights)})
    for criterion, members in zip(made.criteria, groups):
        for member, weight in zip(members, _weights(rng, len(members))):
            column = columns[member]
            column.criterion, column.weight = criterion, weight
            made.columns.append(column)
    made.cuts = _cuts(made)
    return made


def _weights(rng: np.random.Generator, count: int) -> list[float]:
    """Positive weights of four decimals that sum to 1."""
    parts = np.maximum(np.floor(rng.dirichlet(np.full(count, 4.0)) * 10_000), 1).astype(int)
    parts[np.argmax(parts)] += 10_000 - parts.sum()
    return [int(p) / 10_000 for p in parts]


def _risks(rng: np.random.Generator, count: int) -> list[float]:
    """Rising risks of two decimals from 0 to 1, turned round for a third of the indicators."""
    inner = np.sort(rng.integers(5, 96, count - 2)) / 100
    risks = [0.0, *(float(r) for r in inner), 1.0]
    return risks[::-1] if rng.random() < 1 / 3 else risks


def _number(rng: np.random.Generator, i: int) -> Column:
    family = ("count", "lognormal", "normal")[i % 3]
    if family == "normal":
        shape = (round(rng.uniform(-50, 50), 1), round(rng.uniform(1, 30), 1))
    else:
        shape = (round(rng.uniform(2.5, 4.0), 2), round(rng.uniform(0.8, 1.6), 2))
    column = Column(f"num_{i + 1:02}", "number", [], family, shape)
    sample = _draw_number(column, rng, 20_000)
    bands = int(rng.integers(4, 9))
    at = np.sort(rng.uniform(0.25, 0.97, bands - 1))
    edges = np.unique(np.round(np.quantile(sample, at), 0 if family == "count" else 2))
    column.edges = [float(e) for e in edges]
    column.risks = _risks(rng, len(edges) + 1)
    return column


def _category(rng: np.random.Generator, i: int) -> Column:
    count = int(rng.integers(3, 11))
    labels = [str(x) for x in rng.choice(LABELS, count, replace=False)]
    assert all(len(x.encode()) <= 12 for x in labels)
    shares = [float(x) for x in rng.dirichlet(np.full(count, 1.5))]
    enum = [str(x) for x in rng.permutation(labels)]
    column = Column(f"cat_{i + 1:02}", "category", _risks(rng, count), labels=labels, shares=shares)
    column.enum = enum
    return column


def _flag(rng: np.random.Generator, i: int) -> Column:
    share = float(rng.uniform(0.02, 0.4))
    return Column(f"flag_{i + 1:02}", "flag", [0.0, 1.0], shares=[1 - share, share])


def _draw_number(column: Column, rng: np.random.Generator, rows: int) -> np.ndarray:
    if column.family == "normal":
        return rng.normal(*column.shape, rows)
    values = rng.lognormal(*column.shape, rows)
    return np.floor(values) if column.family == "count" else values


def _draw(column: Column, rng: np.random.Generator, rows: int) -> np.ndarray:
    """Values of a number column, or codes into the labels of a category or flag."""
    if column.kind == "number":
        return _draw_number(column, rng, rows)
    codes = np.searchsorted(np.cumsum(column.shares)[:-1], rng.random(rows), side="right")
    return codes.astype(np.uint8)


def _cuts(made: Design) -> list[float]:
    """Cuts that give about the wanted shares.

    A score of this card is a multiple of 1e-7 (weights of four and four decimals, risks of two,
    scale 1000), so a cut that ends half a step off is hit by no score, whatever the order of a sum.
    """
    rng = np.random.default_rng([made.seed, 2])
    lost = np.zeros(CALIBRATION_ROWS)
    for column in made.columns:
        values = _draw(column, rng, CALIBRATION_ROWS)
        is_number = column.kind == "number"
        codes = np.searchsorted(column.edges, values, side="left") if is_number else values
        risk = np.array(column.risks)[codes]
        risk[rng.random(CALIBRATION_ROWS) < MISSING_SHARE] = 1.0
        lost += made.criteria[column.criterion] * column.weight * risk
    at = 1 - np.cumsum(SHARES)
    return [round(float(q), 2) + 5e-8 for q in np.quantile(1000 - 1000 * lost, at)]


def generate(rows: int, seed: int = 20230701, categories: str = "enum") -> pl.DataFrame:
    """The firms: an id of 18 ASCII characters and the hundred columns in the card's order.

    `categories` is "enum" (pl.Enum) or "string" (pl.String); the values are the same.
    """
    made = design(seed)
    streams = np.random.SeedSequence([seed, 3]).spawn(len(made.columns))
    columns = [_ids(rows, seed)]
    for column, stream in zip(made.columns, streams):
        columns.append(_series(column, np.random.default_rng(stream), rows))
    frame = pl.DataFrame(columns).rechunk()
    return frame if categories == "enum" else as_strings(frame)


def as_strings(frame: pl.DataFrame) -> pl.DataFrame:
    """The same firms with every category as plain text."""
    return frame.with_columns(pl.selectors.by_dtype(pl.Enum).cast(pl.String)).rechunk()


def _ids(rows: int, seed: int) -> pl.Series:
    """Unique ids in no order: an odd step through 10^8 numbers never meets one twice."""
    numbers = (np.arange(rows, dtype=np.int64) * 61_803_399 + seed) % 100_000_000
    digits = pl.Series(ID_COLUMN, numbers).cast(pl.String).str.zfill(8)
    return ("91310107MA" + digits).alias(ID_COLUMN)


def _series(column: Column, rng: np.random.Generator, rows: int) -> pl.Series:
    values = _draw(column, rng, rows)
    present = pl.Series(rng.random(rows) >= MISSING_SHARE)
    if column.kind == "number":
        full = pl.Series(values)
    elif column.kind == "flag":
        full = pl.Series(values.astype(bool))
    else:
        labels = pl.Series(column.labels, dtype=pl.Enum(column.enum))
        full = labels.gather(values)
    return pl.select(pl.when(present).then(full).alias(column.name)).to_series()


def card_text(seed: int = 20230701) -> str:
    """The matching scorecard as TOML. `repr` of a float is its shortest exact decimal."""
    made = design(seed)
    lines = ["[scorecard]", 'id = "peer-comparison"', 'title = "Peer comparison"', 'version = "1"']
    lines += [f'id_column = "{ID_COLUMN}"', 'note = "Made by data.py; weights mean nothing."', ""]
    lines += ["[scorecard.scale]", "min = 0", "max = 1000", 'better = "high"', ""]
    for criterion in made.criteria:
        lines += [f"[criteria.{criterion}]", f'title = "{criterion}"', ""]
    lines += _judgments("root", made.criteria)
    for criterion in made.criteria:
        members = {c.name: c.weight for c in made.columns if c.criterion == criterion}
        lines += _judgments(criterion, members)
    for column in made.columns:
        lines += _indicator(column)
    order = ", ".join(f'"{g}"' for g in GRADES)
    cuts = ", ".join(f'">= {c:.8f}"' for c in made.cuts)
    lines += ["[grades]", f"order = [{order}]", f"cuts = [{cuts}]"]
    return "\n".join(lines) + "\n"


def _judgments(node: str, weights: dict[str, float]) -> list[str]:
    inside = ", ".join(f"{name} = {weight!r}" for name, weight in weights.items())
    return [f"[judgments.{node}]", f"weights = {{ {inside} }}", ""]


def _indicator(column: Column) -> list[str]:
    lines = [f"[indicators.{column.name}]", f'title = "{column.name}"']
    lines += [f'criterion = "{column.criterion}"', f'column = "{column.name}"', 'missing = "worst"']
    if column.kind == "number":
        bands = [f"{{ upto = {e!r}, risk = {r!r} }}" for e, r in zip(column.edges, column.risks)]
        bands.append(f"{{ risk = {column.risks[-1]!r} }}")
        lines.append(f"bands = [ {', '.join(bands)} ]")
    elif column.kind == "flag":
        false, true = column.risks
        lines.append(f"flag = {{ true = {true!r}, false = {false!r} }}")
    else:
        inside = ", ".join(f'"{x}" = {r!r}' for x, r in zip(column.labels, column.risks))
        lines.append(f"categories = {{ {inside} }}")
    return [*lines, ""]


def main() -> None:
    """Write the two tables and the card into a directory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=20230701)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    frame = generate(args.rows, args.seed)
    frame.write_parquet(args.out / "firms-enum.parquet")
    as_strings(frame).write_parquet(args.out / "firms-string.parquet")
    (args.out / "card.toml").write_text(card_text(args.seed), encoding="utf-8")


if __name__ == "__main__":
    main()
