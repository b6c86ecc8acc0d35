"""`fg.sampling`: the draw byte for byte beside the specification and the second verifier, the frame in every form, and what is refused."""

import copy
import hashlib
import json
import random
import subprocess
import sys
from fractions import Fraction

import firmgrade as fg
import pandas as pd
import polars as pl
import pytest

from conftest import ROOT, oracle

spec = oracle("draw_spec")

SM3 = "sm3" in hashlib.algorithms_available
SUITES = ["sha256", pytest.param("sm3", marks=pytest.mark.skipif(not SM3, reason="hashlib has no SM3 here"))]


def firms(count=97, seed=1):
    """Rows in no order; names in two normal forms, a person's number, a quarter excluded."""
    numbers = random.Random(seed)
    rates = {"A": (1, 50), "B": (2, 40), "C": (1, 10), "é": (3, 10)}
    rows = []
    for at in range(count):
        stratum = numbers.choice(list(rates))
        num, den = rates[stratum]
        id_ = ["企业", "cafe\u0301", "firm"][at % 3] + str(at * 7919 % 1000)
        code = numbers.choice(["", "", "", "inspected"])
        rows.append({"id": id_, "grade": numbers.choice("ABCD"), "stratum": stratum, "num": num, "den": den, "exclusion_code": code})
    rows[0]["id"] = "11010519491231002X"
    return rows, [numbers.randbytes(16) for _ in rows]


SOURCES = {"lottery": b"05 12 33", "dice": b"3 1 4 1 5", "骰子": b"\0\xff"}


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 97])
def test_root_proofs_seed_and_draw_are_those_of_the_specification(suite, count):
    rows, salts = firms(count)
    committed = fg.sampling.commit(rows, "2026-11/\u0065\u0301", suite, salts)
    leaves = spec.leaves(rows, salts, suite)
    assert committed.root == spec.root(leaves, suite) and len(committed) == count
    for at, row in enumerate(sorted(rows, key=lambda row: spec.nfc(row["id"]))):
        proof = committed.proof(row["id"])
        assert (proof.index, proof.rows, proof.leaf, proof.path) == (at, count, leaves[at], spec.path(leaves, at, suite))
        assert proof.verify(committed.root) and proof.verify(committed.root.hex()) and not proof.verify(bytes(32))
    record = committed.draw(SOURCES)
    assert record.seed == spec.seed("2026-11/\u00e9", committed.root, SOURCES, suite)
    assert record.seed == fg.sampling.seed("2026-11/é", committed.root.hex(), dict(reversed(SOURCES.items())), suite)
    assert record.selected == [id_.replace("e\u0301", "é") for id_ in spec.simple(rows, record.seed, suite)]
    assert record.frame["ticket"].to_list() == [spec.ticket(record.seed, "firm", id_, suite).hex() for id_ in record.selected]


def test_an_empty_frame_has_the_root_of_nothing():
    for empty in (
        [],
        pl.DataFrame(
            {"id": [], "grade": [], "stratum": [], "rate": []}, schema=dict.fromkeys(["id", "grade", "stratum", "rate"], pl.String)
        ),
    ):
        committed = fg.sampling.commit(empty, "p")
        assert committed.root == hashlib.sha256().digest() and committed.draw({"dice": b"1"}).selected == []


@pytest.mark.parametrize("rounding, base", [("at_least", "all"), ("at_most", "eligible"), ("at_most", "all")])
def test_rounding_and_base(rounding, base):
    rows, salts = firms(400)
    record = fg.sampling.commit(rows, "p", salts=salts, rounding=rounding, base=base).draw({"dice": b"6"})
    assert record.selected == [
        id_.replace("e\u0301", "é") for id_ in spec.simple(rows, record.seed, most=rounding == "at_most", everybody=base == "all")
    ]
    mixed = {"C": {"rounding": rounding, "base": base}}
    other = fg.sampling.commit(rows, "p", salts=salts, strata=mixed).draw({"dice": b"6"})
    assert other.seed == record.seed
    part = {stratum: frame["id"].to_list() for (stratum,), frame in other.frame.group_by("stratum", maintain_order=True)}
    assert part["C"] == record.frame.filter(stratum="C")["id"].to_list()


def test_poisson_is_that_of_the_specification():
    rows, salts = firms(300)
    record = fg.sampling.commit(rows, "p", salts=salts, size="random", waves=3).draw({"dice": b"6"})
    assert set(record.selected) == {id_.replace("e\u0301", "é") for id_ in spec.poisson(rows, record.seed)}
    assert set(record.frame["wave"]) == {1, 2, 3}


def test_pareto_keys_and_the_order_of_unequal_rates():
    numbers = random.Random(3)
    for _ in range(200):
        ticket, rate = numbers.randbytes(32), Fraction(numbers.randint(1, 99), 100)
        key = spec.pareto_key(ticket, float(rate))
        assert (
            fg.sampling.pareto_key(ticket, float(rate))
            == key
            == fg.sampling.pareto_key(ticket.hex(), f"{rate.numerator}/{rate.denominator}")
        )
        assert fg.sampling.pareto_key(ticket, rate) == key == fg.sampling.pareto_key(ticket, (rate.numerator, rate.denominator))
    rows = [{"id": f"f{at}", "grade": "C", "stratum": "C", "rate": (at % 7 + 1, 20)} for at in range(80)]
    record = fg.sampling.commit(rows, "p", salts=bytes(80 * 16)).draw({"dice": b"6"})
    rate = {row["id"]: row["rate"][0] / row["rate"][1] for row in rows}
    n = -(-sum(row["rate"][0] for row in rows) // 20)
    assert record.strata["method"].to_list() == ["pareto"]
    assert record.selected == sorted(rate, key=lambda id_: spec.pareto_key(spec.ticket(record.seed, "firm", id_), rate[id_]))[:n]


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.5, float("nan"), "0/1", "1/1", "2/1", "0.5", None])
def test_rates_without_a_key(rate):
    with pytest.raises(ValueError, match="rate"):
        fg.sampling.pareto_key(bytes(32), rate)


def second_verifier(record, frame, folder):
    (folder / "record.json").write_text(record.record, encoding="utf-8")
    frame.write_csv(folder / "frame.csv")
    command = [sys.executable, "-B", ROOT / "fixtures" / "verify_draw.py", folder / "record.json", folder / "frame.csv"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


DESIGNS = {
    "plain": {},
    "reserve and waves": {"reserve": 5, "waves": 3, "rounding": "at_most", "base": "all"},
    "random": {"size": "random", "reserve": 2, "waves": 2},
    "joint": {"items": {"tax": {"A": "1/50", "B": "1/40"}, "market": {"A": "1/100", "B": "2/40", "C": "1/10", "é": Fraction(3, 10)}}},
}


@pytest.mark.parametrize("design", DESIGNS.values(), ids=DESIGNS)
def test_the_second_verifier_says_the_same(design, tmp_path):
    rows, salts = firms(300)
    committed = fg.sampling.commit(rows, "2026-11", salts=salts, sources=list(SOURCES), policy_digest="00", **design)
    record = committed.draw(SOURCES)
    assert fg.sampling.verify(record, committed.frame).ok
    code, said = second_verifier(record, committed.frame, tmp_path)
    assert code == 0 and record.seed.hex() in said, said
    changed = committed.frame.with_columns(grade=pl.when(pl.col("id") == record.selected[0]).then(pl.lit("Z")).otherwise("grade"))
    row = changed["id"].to_list().index(record.selected[0]) + 1
    code, said = second_verifier(record, changed, tmp_path)
    assert code == 1 and said.startswith(f"does not fit: row {row} ("), said
    ours = fg.sampling.verify(record, changed)
    assert not ours and ours.mismatches[0]["row"] == row and f"row {row}" in repr(ours)


def test_conditional_poisson_beside_the_second_verifier(tmp_path):
    rows = [{"id": f"f{at}", "grade": "C", "stratum": "C", "rate": (at + 1, 40)} for at in range(20)]
    committed = fg.sampling.commit(rows, "p", reserve=3)
    record = committed.draw({"dice": b"6"})
    assert record.strata["method"].to_list() == ["conditional_poisson"] and len(record.reserve) == 3
    assert second_verifier(record, committed.frame, tmp_path)[0] == 0


def test_a_changed_record_is_named():
    rows, salts = firms(200)
    committed = fg.sampling.commit(rows, "p", salts=salts, sources=list(SOURCES), reserve=2)
    record = committed.draw(SOURCES)
    plain = json.loads(record.record)
    assert fg.sampling.verify(plain, rows, salts) and fg.sampling.Record.from_json(record.record) == record

    def swap(record):
        record["selected"][0], record["selected"][1] = record["selected"][1], record["selected"][0]

    changes = {
        "engine": lambda record: record.update(engine="9.9.9"),
        "commitment_digest": lambda record: record["commitment"].update(policy_digest="other"),
        "commitment.root": lambda record: record["commitment"].update(root="00" * 32),
        "seed": lambda record: record["sources"].update(dice="00"),
        "sources": lambda record: record["sources"].pop("dice"),
        "selected[0]": swap,
        "reserve[1]": lambda record: record["reserve"][1].update(id=record["selected"][0]["id"]),
        "strata[0]": lambda record: record["strata"][0].update(n=0),
        "digest": lambda record: record.update(digest="00" * 32),
        "marks": lambda record: record.update(marks=record["marks"] + "00000000"),
    }
    for field, change in changes.items():
        changed = copy.deepcopy(plain)
        change(changed)
        found = fg.sampling.verify(changed, rows, salts)
        assert not found and any(one["field"].startswith(field) for one in found.mismatches), (field, found)
    with pytest.raises(fg.SamplingError, match="unknown field"):
        fg.sampling.verify({**plain, "note": 1}, rows, salts)


def test_a_changed_list_is_named():
    rows, salts = firms(200)
    record = fg.sampling.commit(rows, "p", salts=salts).draw({"dice": b"1"})
    ids = sorted(spec.nfc(row["id"]) for row in rows)
    changes = [{"grade": "Z"}, {"num": 9}, {"num": 2, "den": 100}, {"exclusion_code": "other"}, {"stratum": "A "}]
    for change in changes:
        changed = [dict(row) for row in rows]
        changed[77].update(change)
        found = fg.sampling.verify(record, changed, salts).mismatches[0]
        assert (found["field"], found["row"]) == ("frame", ids.index(spec.nfc(rows[77]["id"])) + 1), (change, found)
    # the order of the rows, with their salts, does not matter; with those of others it does
    turned = fg.sampling.verify(record, rows[::-1], salts[::-1])
    assert turned and not fg.sampling.verify(record, rows[::-1], salts)
    person = [dict(rows[0], grade="Z"), *rows[1:]]
    assert fg.sampling.verify(record, person, salts).mismatches[0]["id"] == "110105***********X"


def test_the_frame_in_every_form():
    rows, salts = firms(60)
    root = fg.sampling.commit(rows, "p", salts=salts).root
    table = pl.DataFrame(rows)
    rates = [f"{row['num']}/{row['den']}" for row in rows]
    forms = {
        "polars": table,
        "pandas": table.to_pandas(),
        "arrow": table.to_arrow(),
        "lazy": table.lazy(),
        "columns": table.to_dict(as_series=False),
        "enum": table.with_columns(pl.col("grade").cast(pl.Enum(list("ABCD"))), pl.col("stratum").cast(pl.Categorical)),
        "text": table.drop("num", "den").with_columns(rate=pl.Series(rates)),
        "other columns": table.with_columns(name=pl.lit("x"), day=pl.date(2026, 1, 1)),
        "exclusion": table.rename({"exclusion_code": "exclusion"}),
        "nothing for nobody": table.with_columns(exclusion_code=pl.when(pl.col("exclusion_code") != "").then("exclusion_code")),
        "fractions": [
            {**{key: row[key] for key in ("id", "grade", "stratum", "exclusion_code")}, "rate": rate}
            for row, rate in zip(rows, ((row["num"], row["den"]) for row in rows), strict=True)
        ],
        "pandas with objects": pd.DataFrame(rows).astype({"grade": object}),
    }
    for name, form in forms.items():
        assert fg.sampling.commit(form, "p", salts=salts).root == root, name
    by_id = {row["id"]: salt for row, salt in zip(rows, salts, strict=True)}
    for same in (by_id, b"".join(salts), [salt.hex() for salt in salts], tuple(salts), pl.Series([salt.hex() for salt in salts])):
        assert fg.sampling.commit(table, "p", salts=same).root == root
    committed = fg.sampling.commit(rows, "p", salts=salts)
    again = fg.sampling.commit(committed.frame, "p")
    assert again.root == root and again.salts == committed.salts == {id_.replace("e\u0301", "é"): salt for id_, salt in by_id.items()}


def test_salts_are_new_every_time_and_of_their_own():
    rows, _ = firms(50)
    one, two = fg.sampling.commit(rows, "p"), fg.sampling.commit(rows, "p")
    assert one.root != two.root and len(set(one.salts.values())) == 50
    assert fg.sampling.commit(rows, "p", salts=one.salts).root == one.root


@pytest.mark.parametrize("rate, taken", [(0.5, "1/2"), (0.125, "1/8"), (1.0, "1/1"), (0.0, "0/1"), (1, "1/1"), (Fraction(2, 100), "1/50")])
def test_rates_that_are_exact(rate, taken):
    frame = fg.sampling.commit([{"id": "a", "grade": "A", "stratum": "A", "rate": rate}], "p").frame
    assert f"{frame['num'][0]}/{frame['den'][0]}" == taken


@pytest.mark.parametrize("rate", [0.02, 1 / 3, 1.5, float("nan"), "2%", "0.02", "3/2", "1/0", None])
def test_rates_that_are_not(rate):
    with pytest.raises(fg.SamplingError, match="num|1/50") as caught:
        fg.sampling.commit(
            [{"id": "a", "grade": "A", "stratum": "A", "rate": "1/2"}, {"id": "b", "grade": "A", "stratum": "A", "rate": rate}]
            if not isinstance(rate, float)
            else [{"id": "b", "grade": "A", "stratum": "A", "rate": rate}],
            "p",
        )
    assert caught.value.problems[0].kind == "frame" and caught.value.problems[0].total == 1


ROW = {"id": "a", "grade": "A", "stratum": "A", "rate": "1/2"}
BAD = {
    "duplicate_ids": ([ROW, ROW], {}, "a firm stands in one row only"),
    "unreadable": ([{"id": "a", "grades": "A", "stratum": "A", "rate": "1/2"}], {}, "did you mean `grades`"),
    "frame": ([{**ROW, "id": ""}], {}, "every firm needs an id"),
    "count": ([ROW], {"salts": [bytes(16)] * 2}, "found 2 salts, expected 1"),
    "empty": ([ROW], {"sources": []}, "name at least one"),
    "source_twice": ([ROW], {"sources": ["dice", "dice"]}, "given twice"),
    "stratum": ([ROW], {"rounding": "exactly"}, "no whole number"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_frames_and_designs(kind):
    frame, options, text = BAD[kind]
    with pytest.raises(fg.SamplingError, match=text) as caught:
        fg.sampling.commit(frame, "p", **options)
    assert [problem.kind for problem in caught.value.problems] == [kind]


def test_bad_arguments():
    commit = fg.sampling.commit
    for options in (
        {"suite": "md5"},
        {"rounding": "up"},
        {"base": "some"},
        {"size": "big"},
        {"strata": {"A": {"round": "up"}}},
        {"salts": [b"short"]},
    ):
        with pytest.raises(ValueError):
            commit([ROW], "p", **options)
    for options in ({"salts": [1]}, {"salts": 7}, {"method": "srs"}):
        with pytest.raises(TypeError):
            commit([ROW], "p", **options)
    with pytest.raises(fg.SamplingError, match="1 firm without a salt"):
        commit([ROW], "p", salts={"b": bytes(16)})
    with pytest.raises(fg.SamplingError, match="did you mean|rename"):
        commit(pl.DataFrame([{**ROW, "exclusion_cod": "x"}]), "p")
    with pytest.raises(TypeError, match="expected a dict"):
        commit(["a"], "p")
    committed = commit([ROW], "p", sources=["dice"])
    with pytest.raises(fg.SamplingError) as caught:
        committed.draw({"lottery": b"1"})
    assert [(problem.kind, problem.names) for problem in caught.value.problems] == [("source", ("dice",)), ("source", ("lottery",))]
    with pytest.raises(TypeError, match="expected bytes"):
        committed.draw({"dice": "3 1 4"})
    with pytest.raises(KeyError):
        committed.proof("b")
    with pytest.raises(fg.SamplingError, match="plan id is empty"):
        commit([ROW], " ")
    with pytest.raises(fg.SamplingError, match="salts: found none"):
        fg.sampling.verify(committed.draw({"dice": b"1"}), [ROW])
    for seed in (b"", bytes(31), "00", "zz" * 32):
        with pytest.raises(ValueError, match="seed"):
            fg.sampling.ticket(seed, "firm", "a")
    with pytest.raises(fg.SamplingError, match="`x` as character 3"):
        fg.sampling.digits("3 x")


def test_commitments_are_published_once_their_sources_are_named():
    rows, salts = firms(20)
    committed = fg.sampling.commit(rows, "p", salts=salts, sources=["骰子", "dice"], policy_digest="abc", reserve=1)
    published = json.loads(committed.commitment)
    assert published["sources"] == ["dice", "骰子"] and published["root"] == committed.root.hex() and published["rows"] == 20
    canonical = json.dumps(published, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert committed.digest == hashlib.sha256(b"firmgrade/commitment/v1" + canonical).digest()
    unnamed = fg.sampling.commit(rows, "p", salts=salts)
    assert unnamed.commitment is None and unnamed.digest is None and "not named" in repr(unnamed)
    sources = {"dice": b"1", "骰子": b"2"}
    assert unnamed.draw(sources).seed == committed.draw(sources).seed
    with pytest.raises(fg.SamplingError, match="list of entropy sources is empty"):
        unnamed.draw({})


def test_problems_pickle():
    import pickle

    with pytest.raises(fg.SamplingError) as caught:
        fg.sampling.commit([{**ROW, "id": None}], "p")
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.problems == caught.value.problems and str(again) == str(caught.value) and isinstance(again, ValueError)


def cases():
    return json.loads((ROOT / "fixtures" / "cases" / "draw.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", cases()["cases"], ids=lambda case: f"{case['name']} {case['suite']}")
def test_the_cases_of_the_independent_program(case):
    """fixtures/cases/draw.json, as the engine reads it."""
    columns = ["id", "grade", "stratum", "num", "den", "exclusion_code", "salt"]
    rows = [dict(zip(columns, row, strict=True)) for row in case["rows"]]
    design = {key: case[key] for key in ("size", "rounding", "base")}
    committed = fg.sampling.commit(rows, case["plan_id"], case["suite"], reserve=1000, **design)
    assert committed.root.hex() == case["root"]
    sources = {name: bytes.fromhex(value) for name, value in case["sources"].items()}
    record = committed.draw(sources)
    assert record.seed.hex() == case["seed"]
    for found, key in ((record.selected, "selected"), (record.reserve, "reserve")):
        assert [id_.encode() for id_ in found] == [spec.nfc(id_) for stratum in case["strata"] for id_ in stratum[key]]
    for id_, ticket in case["tickets"].items():
        assert fg.sampling.ticket(record.seed, "firm", id_, case["suite"]).hex() == ticket
    step = 1 if len(rows) <= 14 else 20
    ids = sorted((row["id"] for row in rows), key=spec.nfc)
    for id_, path in zip(ids[::step], case["paths"], strict=True):
        assert [node.hex() for node in committed.proof(id_).path] == path


def test_the_keys_of_the_independent_program():
    for ticket, rate, key in cases()["pareto_keys"]:
        if 0 < float(rate) < 1:
            assert fg.sampling.pareto_key(ticket, float(rate)) == float(key)


def test_beacons_are_verified_from_their_files():
    folder = ROOT / "fixtures" / "beacons"
    signature = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
    found = fg.sampling.drand(json.dumps({"round": 1000, "signature": signature}))
    assert found["source"] == "drand/quicknet/1000" and found["time"] == "2023-08-23T15:59:24Z"
    assert found["value"] == hashlib.sha256(bytes.fromhex(signature)).digest() and found["verified"]
    with pytest.raises(fg.SamplingError, match="beacon"):
        fg.sampling.drand(json.dumps({"round": 1001, "signature": signature}))
    certificate = (folder / "nist-certificate-2018.pem").read_text()
    pulse = (folder / "nist-1-54609.json").read_text()
    assert len(fg.sampling.nist(pulse, certificate)["value"]) == 64
    with pytest.raises(fg.SamplingError, match="beacon"):
        fg.sampling.nist(pulse.replace('"statusCode": 0', '"statusCode": 1'), certificate)


def graded():
    """200 firms: 100 A, 60 B, 25 C, 15 D; five struck off."""
    grades = ["A"] * 100 + ["B"] * 60 + ["C"] * 25 + ["D"] * 15
    return pl.DataFrame({"uscc": [f"F{at:03}" for at in range(200)], "grade": grades, "struck_off": [at % 40 == 7 for at in range(200)]})


POLICY = """
[policy]
plan_id = "2027-1"
title = "年报公示信息抽查"
period = { from = "2027-01-01", to = "2027-12-31" }
grades = ["A", "B", "C", "D"]
[draw]
reserve = 2
[[exclusions]]
code = "struck_off"
flag = "struck_off"
[[items]]
id = "report"
name = "年度报告公示信息检查"
department = "市场监督管理局"
[items.rates]
A = { rule = "at_least", ratio = "1 %" }
B = { rule = "at_least", ratio = "2 %" }
C = { rule = "at_least", ratio = "10 %" }
D = { rule = "at_least", ratio = "30 %" }
"""


def test_from_a_policy_to_a_draw(tmp_path):
    policy = fg.sampling.Policy.loads(POLICY)
    plan = fg.sampling.plan(policy, graded())
    # By hand: rows 7, 47, 87 (A), 127 (B) and 167 (C) are struck off; 0.97, 1.18, 2.4 and 4.5 are rounded up.
    assert plan.strata["eligible"].to_list() == [97, 59, 24, 15]
    assert plan.strata["n"].to_list() == [1, 2, 3, 5] and plan.n == 11
    assert plan.report["total"]["excluded"] == {"struck_off": 5} and plan.report["floor"]["least"] == 6
    assert plan.arithmetic[3].startswith("D: 15 firms; report 15 × 30/100 = 9/2 → 5")
    committed = plan.commit(["dice"])
    assert json.loads(committed.commitment)["policy_digest"] == policy.digest
    assert committed.frame.drop("salt").equals(plan.frame)
    record = committed.draw({"dice": b"3 1 4"})
    assert len(record) == 11 and len(record.reserve) == 8 and fg.sampling.verify(record, committed.frame)
    (tmp_path / "policy.toml").write_text(POLICY, encoding="utf-8")
    assert fg.sampling.Policy.load(tmp_path / "policy.toml").digest == policy.digest and policy.grades == list("ABCD")


def test_bad_policies_and_firms():
    with pytest.raises(fg.SamplingError) as caught:
        fg.sampling.Policy.loads(POLICY.replace('{ rule = "at_least", ratio = "30 %" }', '"根据实际情况确定"').replace("reserve", "reserv"))
    assert {problem.kind for problem in caught.value.problems} == {"policy"} and len(caught.value.problems) == 2
    policy = fg.sampling.Policy.loads(POLICY)
    for table, text in [
        (graded().drop("struck_off"), "column `struck_off` is missing"),
        (graded().with_columns(grade=pl.lit("E")), "unknown grade"),
        (pl.concat([graded(), graded().head(1)]), "1 repeated id"),
    ]:
        with pytest.raises(fg.SamplingError, match=text):
            fg.sampling.plan(policy, table)
    with pytest.raises(fg.SamplingError, match="the floors alone need"):
        fg.sampling.plan(policy, graded(), inspector_days=1)
    with pytest.raises(fg.FileError):
        fg.sampling.Policy.load("none.toml")
