"""Grading: every kind of table gives the same result, and the result does not depend on how it is laid out."""

import json
import os
import subprocess
import sys
import threading
import time

import firmgrade as fg
import numpy as np
import polars as pl
import pytest

from conftest import CARDS


def columns_of(card, firms):
    return firms.select(card.id_column, *card.columns)


def test_by_hand(small, table):
    # points lost: fines 0 -> 0, 1 -> 30, missing -> 60, 5 -> 60; tax A 0, B 20, D 40; b has no tax, so its fines weigh all: 50
    graded = fg.grade(small, table)
    assert graded.frame["score"].to_list() == [100.0, 50.0, 0.0, 20.0]
    assert graded.frame["score_grade"].to_list() == ["A", "B", "C", "C"]
    assert graded.frame["grade"].to_list() == ["A", "C", "C", "C"]
    assert graded.frame["overrides"].to_list() == [[], ["listed"], [], []]
    assert graded.frame["reasons"].to_list() == [[], ["fines"], ["fines", "tax"], ["fines", "tax"]]
    assert graded.frame["coverage"].to_list() == pytest.approx([1.0, 0.6, 0.4, 1.0])
    assert graded.counts().rows() == [("A", 1, 1, 0.25), ("B", 1, 0, 0.0), ("C", 2, 3, 0.75)]
    assert graded.hits().rows() == [("listed", "列入名单", 1)]
    assert graded.contributions()["fines"].to_list() == [0.0, 50.0, 60.0, 60.0]
    assert graded.contributions().equals(fg.grade(small, table, contributions=True).contributions())
    assert len(graded) == 4
    assert graded.frame.schema["grade"] == pl.Enum(["A", "B", "C"])


def same(annual, firms, data):
    expected, found = fg.grade(annual, firms), fg.grade(annual, data)
    assert found.frame.equals(expected.frame)
    assert found.provenance == expected.provenance


def test_polars_lazy(annual, firms):
    same(annual, firms, firms.lazy().filter(pl.lit(True)))


def test_pandas(annual, firms):
    # flags with missing values become objects in pandas
    same(annual, firms, firms.to_pandas())


def test_pandas_with_arrow_columns(annual, firms):
    same(annual, firms, firms.to_pandas(use_pyarrow_extension_array=True))


def test_pyarrow(annual, firms):
    same(annual, firms, firms.to_arrow())
    same(annual, firms, firms.to_arrow(compat_level=pl.CompatLevel.oldest()))


def test_a_stream_of_batches(annual, firms):
    pyarrow = pytest.importorskip("pyarrow")
    batches = firms.to_arrow().to_batches(max_chunksize=700)
    same(annual, firms, pyarrow.RecordBatchReader.from_batches(batches[0].schema, batches))


def test_duckdb(annual, firms):
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.connect().from_arrow(columns_of(annual, firms).to_arrow())
    same(annual, firms, relation)


def test_a_dict_of_columns(annual, firms):
    lists = columns_of(annual, firms).to_dict(as_series=False)
    same(annual, firms, lists)
    dtypes = {name: float if firms.schema[name] == pl.Float64 else object for name in lists}
    arrays = {name: np.array(values, dtype=dtypes[name]) for name, values in lists.items()}
    same(annual, firms, {**arrays, "other": [object()] * firms.height})


def test_anything_with_a_stream(annual, firms):
    class Wrapped:
        def __arrow_c_stream__(self, requested_schema=None):
            return firms.__arrow_c_stream__(requested_schema)

    same(annual, firms, Wrapped())


def test_order_and_other_columns_do_not_matter(annual, firms):
    needed = columns_of(annual, firms)
    same(annual, firms, needed.select(reversed(needed.columns)))
    odd = firms.with_columns(pl.time(1, 2).alias("t"), pl.struct("uscc").alias("s"), pl.lit([1.5]).alias("l"))
    same(annual, firms, odd)


def test_types_of_text_and_numbers(annual, firms):
    enums = [name for name, dtype in firms.schema.items() if isinstance(dtype, pl.Enum)]
    whole = [name for name, dtype in firms.schema.items() if dtype == pl.Int64]
    flags = [name for name, kind in annual.columns.items() if kind == "flag"]
    assert enums and whole and flags
    strings = firms.with_columns(pl.col(enums).cast(pl.String))
    same(annual, firms, strings)
    same(annual, firms, strings.with_columns(pl.col(enums).cast(pl.Categorical)))
    for dtype in [pl.Int32, pl.Float64, pl.UInt32, pl.Float32]:
        narrow = [name for name in whole if firms[name].min() is None or (firms[name].min() >= 0 and firms[name].max() < 2**24)]
        same(annual, firms, firms.with_columns(pl.col(narrow).cast(dtype)))
    same(annual, firms, firms.with_columns(pl.col(flags).cast(pl.Int8)))
    same(annual, firms, firms.with_columns(pl.col(whole).cast(pl.String)))


def test_wide_dictionaries(small):
    # more than 256 words: the codes are 16 bits wide, and most words are no category
    words = [f"w{i}" for i in range(1000)] + ["A", "B", "D"]
    card = fg.Scorecard.loads(small_with_outside())
    data = pl.DataFrame({"id": [str(i) for i in range(1003)], "fines": [0] * 1003, "tax": words, "listed": [False] * 1003})
    expected = fg.grade(card, data).frame
    assert fg.grade(card, data.with_columns(pl.col("tax").cast(pl.Enum(words)))).frame.equals(expected)
    assert fg.grade(card, data.with_columns(pl.col("tax").cast(pl.Categorical))).frame.equals(expected)
    sliced = data.with_columns(pl.col("tax").cast(pl.Enum(words)))[990:]
    assert fg.grade(card, sliced).frame.equals(expected[990:])


def small_with_outside():
    from conftest import SMALL

    return SMALL.replace('missing = "reweight"', 'missing = "reweight"\noutside = "missing"')


@pytest.mark.parametrize("start, length", [(1, 2990), (7, 1), (13, 1001), (2999, 1)])
def test_slices_have_bitmaps_with_an_offset(annual, firms, start, length):
    whole = fg.grade(annual, firms).frame
    assert fg.grade(annual, firms.slice(start, length)).frame.equals(whole.slice(start, length))


def test_chunks_do_not_matter(annual, firms):
    pieces = pl.concat([firms[:1], firms[1:64], firms[64:1500], firms[1500:]], rechunk=False)
    assert pieces.n_chunks() == 4
    same(annual, firms, pieces)
    uneven = pieces.with_columns(firms["penalties_24m"])
    same(annual, firms, uneven)


def test_order_of_rows_does_not_matter(annual, firms):
    order = np.random.default_rng(2).permutation(firms.height)
    assert fg.grade(annual, firms[order]).frame.equals(fg.grade(annual, firms).frame[order])


BITS = """
import hashlib, sys
import firmgrade as fg
graded = fg.grade(fg.Scorecard.load(sys.argv[1]), fg.district(20_000)[0], contributions=True)
bits = hashlib.sha256(graded.frame["score"].to_numpy().tobytes())
bits.update(graded.contributions().drop("uscc").to_numpy().tobytes())
bits.update(repr(graded.frame.select("grade", "reasons", "overrides", "coverage").to_dict(as_series=False)).encode())
print(bits.hexdigest())
"""


def test_the_same_bits_for_any_number_of_threads():
    def bits(threads):
        environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
        command = [sys.executable, "-c", BITS, str(CARDS / "annual-report.toml")]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert len(bits(1)) == 65
    assert bits(1) == bits(2) == bits(5)


def test_the_interpreter_is_released(annual):
    firms = fg.district(60_000)[0]
    fg.grade(annual, firms)
    ticks, stop = [], threading.Event()

    def tick():
        while not stop.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.0005)

    thread = threading.Thread(target=tick)
    thread.start()
    spans = []
    for _ in range(5):
        start = time.perf_counter()
        fg.grade(annual, firms, contributions=True)
        spans.append((start, time.perf_counter()))
    stop.set()
    thread.join()
    # Held, the interpreter would let the other thread run at the very ends of a span only.
    inside = [sum(a + (b - a) / 4 < t < b - (b - a) / 4 for t in ticks) for a, b in spans]
    assert max(inside) >= 3, (inside, spans)


def test_keep(small, table):
    table = table.with_columns(pl.Series("name", ["甲", "乙", "丙", "丁"]), pl.Series("when", [1, 2, 3, 4]).cast(pl.Time))
    assert fg.grade(small, table, keep=["name", "tax"]).frame.columns[-2:] == ["name", "tax"]
    every = fg.grade(small, table, keep="all").frame
    assert every.columns[7:] == ["fines", "tax", "listed", "name", "when"]
    assert every["name"].to_list() == table["name"].to_list()
    with pytest.raises(fg.DataError, match="`nmae`"):
        fg.grade(small, table, keep=["nmae"])
    with pytest.raises(TypeError, match="found `name`"):
        fg.grade(small, table, keep="name")
    with pytest.raises(fg.FirmgradeError, match="`score` has the name of a result column"):
        fg.grade(small, table.with_columns(score=1), keep=["score"])


def test_reasons(annual, firms):
    assert fg.grade(annual, firms, reasons=0).frame["reasons"].list.len().max() == 0
    three = fg.grade(annual, firms, reasons=3).frame["reasons"]
    assert three.equals(fg.grade(annual, firms).frame["reasons"].list.head(3))


def test_explain(annual, firms):
    graded = fg.grade(annual, firms)
    lost = graded.contributions()
    for row in [0, 17, 2999]:
        id = firms["uscc"][row]
        told = graded.explain(id)
        expected = graded.frame.row(row, named=True)
        assert (told.id, told.score, told.grade, told.score_grade) == (id, expected["score"], expected["grade"], expected["score_grade"])
        assert told.reasons == expected["reasons"] and told.overrides["id"].to_list() == expected["overrides"]
        assert dict(zip(told.frame["indicator"], told.frame["points_lost"])) == {
            k: v for k, v in lost.row(row, named=True).items() if k != "uscc"
        }
        assert told.frame["points_lost"].is_sorted(descending=True)
        assert id in repr(told) and "<table>" in told._repr_html_()
    with pytest.raises(KeyError, match="no firm `nobody`"):
        graded.explain("nobody")


def test_explain_where_cut_points_were_solved(small, table):
    from conftest import SMALL

    card = fg.Scorecard.loads(SMALL.replace('cuts = [">= 80", ">= 50"]', "shares = { A = 0.25, B = 0.5, C = 0.25 }"))
    graded = fg.grade(card, table)
    assert graded.frame["score_grade"].to_list() == ["A", "B", "C", "B"]
    assert [graded.explain(id).score_grade for id in table["id"]] == ["A", "B", "C", "B"]
    assert graded.provenance["solved_cuts"][0]["grade"] == "A"


def test_whole_numbers_as_ids(small, table):
    graded = fg.grade(small, table.with_columns(id=pl.Series([11, 12, 13, 14])))
    assert graded.frame["id"].to_list() == [11, 12, 13, 14]
    assert graded.explain(12).score == 50.0


def test_provenance_and_files(small, table, tmp_path):
    graded = fg.grade(small, table, keep=["fines"])
    assert graded.provenance["scorecard_digest"] == small.digest
    assert graded.provenance["firms"] == 4
    assert graded.provenance["options"] == {"reasons": 5, "contributions": False}
    assert graded.provenance["data_digest"] != fg.grade(small, table[::-1]).provenance["data_digest"]
    graded.write(tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").equals(graded.frame)
    assert small.digest in str(pl.read_parquet_metadata(tmp_path / "out.parquet"))
    graded.write(tmp_path / "out.json")
    written = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert small.digest in str(written["provenance"]) and len(written["rows"]) == 4
    for name in ["out.csv", "out.xlsx"]:
        graded.write(tmp_path / name)
        assert (tmp_path / name).stat().st_size > 0
    with pytest.raises(fg.FileError, match="cannot tell the format"):
        graded.write(tmp_path / "out.txt")
    assert not (tmp_path / "out.txt").exists()


def test_the_digest_of_memory_that_may_change_is_taken_at_once(small):
    pyarrow = pytest.importorskip("pyarrow")
    fines = np.array([0.0, 1.0])
    columns = {"id": ["a", "b"], "fines": pyarrow.Array.from_buffers(pyarrow.float64(), 2, [None, pyarrow.py_buffer(fines)])}
    data = pyarrow.table({**columns, "tax": ["A", "A"], "listed": [False, False]})
    before = fg.grade(small, data)
    expected = fg.grade(small, data.to_pydict()).provenance
    fines[:] = 5.0
    assert before.provenance == expected


def test_check(annual, firms):
    report = annual.check(firms)
    assert (report.firms, report.faults) == (3000, [])
    assert report.columns["column"].to_list() == list(annual.columns)
    worse = annual.check(firms.drop("penalties_24m").with_columns(tax_credit=pl.lit("Z")))
    assert any("penalties_24m" in fault for fault in worse.faults)
    assert worse.columns.filter(pl.col("column") == "penalties_24m")["found"].to_list() == [None]


def test_weights_and_consistency(annual):
    weights = annual.weights()
    leaves = weights.filter(pl.col("kind") == "indicator")
    assert sorted(leaves["id"]) == sorted(annual.indicators)
    assert leaves["global"].sum() == pytest.approx(1.0, abs=1e-12)
    below = weights.filter(pl.col("parent").is_not_null()).group_by("parent").agg(pl.col("local").sum())
    assert below["local"].to_list() == pytest.approx([1.0] * below.height, abs=1e-12)
    assert weights.row(0, named=True)["parent"] is None
    consistency = annual.consistency()
    judged = consistency.filter(pl.col("source") == "judged")
    assert (judged["cr"] <= judged["max_cr"]).all()
    assert set(judged["random_index"]) <= {"saaty_1980", "not_needed"}
    assert consistency.filter(pl.col("source") == "direct")["cr"].null_count() == consistency["source"].eq("direct").sum()
