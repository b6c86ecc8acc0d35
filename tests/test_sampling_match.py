"""`fg.sampling.match` beside brute force, OR-tools and the second verifier."""

import hashlib
import hmac
import importlib.util
import itertools
import json
import random
from datetime import date

import firmgrade as fg
import numpy as np
import pandas as pd
import polars as pl
import pytest

from conftest import ROOT

CASE = json.loads((ROOT / "fixtures" / "cases" / "match.json").read_text(encoding="utf-8"))
_module = importlib.util.spec_from_file_location("verify_match", ROOT / "fixtures" / "verify_match.py")
verifier = importlib.util.module_from_spec(_module)
_module.loader.exec_module(verifier)
SEED = bytes(range(32))


def cost(seed, visit, inspector):
    """Of the specification, §4."""
    message = b"firmgrade/assign/v1" + b"".join(len(x).to_bytes(4, "big") + x for x in (b"cost", visit.encode(), inspector.encode()))
    return int.from_bytes(hmac.new(seed, message, hashlib.sha256).digest()[:8], "big") >> 21


def roster(visits, inspectors, seed=1, needs=("food", "salon", "tax"), zones=1, slack=1.2):
    numbers = random.Random(seed)
    capacity = int(2 * visits * slack / inspectors) + 1
    return (
        [
            {"id": f"V{at:05}", "needs": [need] if (need := numbers.choice([*needs, None])) else [], "zone": f"Z{at % zones}"}
            for at in range(visits)
        ],
        [
            {"id": f"I{at:04}", "capacity": capacity, "qualifications": numbers.sample(needs, 2), "zones": [f"Z{at % zones}"]}
            for at in range(inspectors)
        ],
        [{"visit": f"V{at:05}", "inspector": f"I{numbers.randrange(inspectors):04}", "reason": "同上次"} for at in range(0, visits, 3)],
    )


def or_tools(seed, visits, inspectors, recusals, per_visit=2):
    """The optimum by another solver, on the network of the specification."""
    from ortools.graph.python import min_cost_flow

    flow = min_cost_flow.SimpleMinCostFlow()
    barred = {(one["visit"], one["inspector"]) for one in recusals}
    number = {("visit", one["id"]): at for at, one in enumerate(visits)}
    for what, all_ in (("others", visits), ("inspector", inspectors)):
        for one in all_:
            number[what, one["id"]] = len(number)
    sink = len(number)
    arcs = []
    for visit in visits:
        here, others = number["visit", visit["id"]], number["others", visit["id"]]
        flow.set_node_supply(here, per_visit)
        arcs.append((here, others, per_visit - 1, 0))
        for one in inspectors:
            if (visit["id"], one["id"]) not in barred and visit["zone"] in one["zones"]:
                start = here if set(visit["needs"]) <= set(one["qualifications"]) else others
                arcs.append((start, number["inspector", one["id"]], 1, cost(seed, visit["id"], one["id"])))
    arcs += [(number["inspector", one["id"]], sink, one["capacity"], 0) for one in inspectors]
    flow.add_arcs_with_capacity_and_unit_cost(*np.array(arcs).T)
    flow.set_node_supply(sink, -per_visit * len(visits))
    assert flow.solve() == flow.OPTIMAL
    return flow.optimal_cost()


def test_the_published_case():
    case = CASE["spec"]
    arguments = (case["visits"], case["inspectors"], CASE["seed"], case.get("recusals"))
    options = {"per_visit": case["per_visit"]} | ({"period": tuple(case["period"])} if "period" in case else {})
    found = fg.sampling.match(*arguments, **options)
    assert json.loads(found.record) == CASE["match"] and found.cost == 59562500620683
    assert found.pairs == [(pair["visit"], pair["inspector"]) for pair in CASE["match"]["pairs"]]
    assert found.certificate.inspectors["I4"] == 1354304625545 and found.certificate.verify() and found.unique
    assert verifier.faults(SEED, json.loads(found.roster), json.loads(found.record)) == []
    assert fg.sampling.verify_match(found, *arguments, **options)
    changed = json.loads(found.record)
    changed["cost"] -= 1
    wrong = fg.sampling.verify_match(changed, *arguments, **options)
    assert not wrong and [one["field"] for one in wrong.mismatches] == ["cost"]
    more = [{**one, "capacity": 9} for one in case["inspectors"]]
    wrong = fg.sampling.verify_match(found.record, case["visits"], more, *arguments[2:], **options)
    assert "digest of the roster" in repr(wrong)


def brute_force(seed, visits, inspectors, recusals):
    """The cheapest match of a small roster: all pairs for all visits, by the places that are left."""
    barred = {(one["visit"], one["inspector"]) for one in recusals}
    best = {tuple(one["capacity"] for one in inspectors): 0}
    for visit in visits:
        free = [at for at, one in enumerate(inspectors) if (visit["id"], one["id"]) not in barred]
        fit = {at for at in free if set(visit["needs"]) <= set(inspectors[at]["qualifications"])}
        price = [cost(seed, visit["id"], one["id"]) for one in inspectors]
        after = {}
        for places, spent in best.items():
            for a, b in itertools.combinations(free, 2):
                if places[a] and places[b] and fit & {a, b}:
                    left = tuple(n - (at in (a, b)) for at, n in enumerate(places))
                    after[left] = min(after.get(left, 1 << 80), spent + price[a] + price[b])
        best = after
    return min(best.values())


@pytest.mark.parametrize("seed", range(2))
def test_twelve_visits_and_eight_inspectors_beside_brute_force(seed):
    visits, inspectors, recusals = roster(12, 8, seed, slack=1.0)
    key = hashlib.sha256(bytes([seed])).digest()
    found = fg.sampling.match(visits, inspectors, key, recusals)
    assert found.cost == brute_force(key, visits, inspectors, recusals) == or_tools(key, visits, inspectors, recusals)
    assert sum(cost(key, *pair) for pair in found.pairs) == found.cost
    assert verifier.faults(key, json.loads(found.roster), json.loads(found.record)) == []


@pytest.mark.parametrize("visits, inspectors, zones", [(600, 40, 1), (600, 40, 4), (6000, 300, 1)])
def test_the_optimum_is_that_of_or_tools(visits, inspectors, zones):
    given = roster(visits, inspectors, zones=zones, slack=1.05)
    found = fg.sampling.match(*given[:2], SEED, given[2])
    assert found.cost == or_tools(SEED, *given) and found.certificate.verify()


def test_every_form_gives_the_same():
    visits, inspectors, recusals = roster(30, 8, 2)
    pairs = fg.sampling.match(visits, inspectors, SEED, recusals).pairs
    flat = {"needs": ";", "qualifications": "；", "zones": "、"}
    text = [[{k: sep.join(v) if (sep := flat.get(k)) else v for k, v in one.items()} for one in rows] for rows in (visits, inspectors)]
    forms = [
        (pl.DataFrame(visits), pl.DataFrame(inspectors), pl.DataFrame(recusals)),
        (pl.DataFrame(text[0]), pl.DataFrame(text[1]), [(one["visit"], one["inspector"]) for one in recusals]),
        (pd.DataFrame(text[0]), pd.DataFrame(text[1]).astype({"capacity": float}), {one["visit"]: [one["inspector"]] for one in recusals}),
        (reversed(visits), tuple(inspectors), [(one["visit"], one["inspector"], "why") for one in recusals]),
        (
            pl.DataFrame(visits).with_columns(name=pl.lit("x")),
            pl.DataFrame(inspectors).to_arrow(),
            pl.DataFrame(recusals).to_dict(as_series=False),
        ),
    ]
    for at, (a, b, c) in enumerate(forms):
        assert fg.sampling.match(a, b, SEED.hex(), c).pairs == pairs, at
    plain = fg.sampling.match(["v1", "v2", "v3"], ["a", "b", "c"], SEED)
    assert plain.pairs == fg.sampling.match(pl.Series(["v1", "v2", "v3"]), ["a", "b", "c"], SEED, capacity=3).pairs
    assert sum(cost(SEED, *pair) for pair in plain.pairs) == plain.cost
    cheapest = sum(sum(sorted(cost(SEED, visit, one) for one in "abc")[:2]) for visit in ("v1", "v2", "v3"))
    assert plain.cost == cheapest


def test_workload_and_frames():
    visits, inspectors, recusals = roster(30, 8, 2)
    found = fg.sampling.match(visits, inspectors, SEED, recusals)
    load = found.workload
    assert load["visits"].sum() == 60 == len(found) == found.frame.height and load["inspector"].to_list() == sorted(load["inspector"])
    assert (load["visits"] <= load["capacity"]).all() and load["qualified"].sum() == found.frame["qualified"].sum()
    assert found.frame.group_by("visit").agg(pl.col("qualified").any())["qualified"].all()
    one = fg.sampling.match(visits, inspectors, SEED, recusals, per_visit=1)
    assert len(one) == 30 and one.frame["qualified"].all()


def test_certificates_have_dates():
    inspectors = [{"id": i, "valid_from": date(2027, 1, 1), "valid_to": date(2027, 3, 31)} for i in "abc"]
    found = fg.sampling.match([{"id": "v", "day": date(2027, 3, 31)}], inspectors, SEED)
    assert len(found) == 2 == len(fg.sampling.match(["v"], inspectors, SEED, period=("2027-01-01", date(2027, 2, 1))))
    for day in ("2027-04-01", "2026-12-31"):
        with pytest.raises(fg.SamplingError, match="3 have no valid certificate"):
            fg.sampling.match([{"id": "v", "day": day}], inspectors, SEED)
    with pytest.raises(fg.SamplingError, match="1 visits have no day"):
        fg.sampling.match(["v"], inspectors, SEED)


def test_what_cannot_be_staffed_is_named():
    inspectors = [{"id": i, "capacity": 1, "qualifications": "food"} for i in "abc"]
    with pytest.raises(fg.SamplingError) as caught:
        fg.sampling.match([{"id": "v1", "needs": "food"}, {"id": "v2"}], inspectors, SEED)
    problem = caught.value.problems[0]
    assert problem.kind == "shortage" and set(problem.names) == {"v1", "v2"} and "1 places are missing" in problem.message
    with pytest.raises(fg.SamplingError, match="visit `v1` cannot be staffed: it needs 2 inspectors and 1 may go") as caught:
        fg.sampling.match(["v1"], inspectors, SEED, {"v1": ["a", "b"]})
    assert caught.value.problems[0].names == ("v1",)
    wrong = [
        ({"visits": []}, "found no visits"),
        ({"visits": ["v", "v"]}, "stands in 2 places"),
        ({"visits": [{"id": "v", "need": "food"}]}, "did you mean `needs`"),
        ({"visits": pl.DataFrame({"id": ["v"], "need": ["food"]})}, "did you mean `needs`"),
        ({"visits": [{"id": "v", "needs": "foot"}]}, "which no inspector has; did you mean `food`"),
        ({"visits": [{"id": "v", "needs": 7}]}, "visits, row 1: needs is `7`, expected a list of texts"),
        ({"visits": [{"id": None}]}, "visits, row 1: id is `None`, expected text"),
        ({"inspectors": [{"id": "a", "capacity": "many"}]}, "inspectors, row 1: capacity is `'many'`, expected a whole number"),
        ({"inspectors": [{"id": "a", "capacity": 0}]}, "capacity 0"),
        ({"recusals": [("v9", "a")]}, "`v9`, who is not in the roster"),
        ({"per_visit": 0}, "0 inspectors per visit"),
    ]
    for change, text in wrong:
        with pytest.raises(fg.SamplingError, match=text):
            fg.sampling.match(**{"visits": ["v1"], "inspectors": inspectors, "seed": SEED} | change)
    for change in ({"visits": 7}, {"visits": "v1"}, {"visits": [1.5]}, {"seed": 7}, {"per_visits": 2}):
        with pytest.raises(TypeError):
            fg.sampling.match(**{"visits": ["v1"], "inspectors": inspectors, "seed": SEED} | change)


def test_repr():
    found = fg.sampling.match(["v1"], ["a", "<b>"], SEED)
    assert repr(found) == f"Match(visits=1, inspectors=2, cost={found.cost}, unique)" and "&lt;b&gt;" in found._repr_html_()
    assert repr(found.certificate) == "Certificate(visits=1, inspectors=2)"
