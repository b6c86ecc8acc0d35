"""The independent verifier of matches: it confirms the published case, and finds whatever is changed in it."""

import copy
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
CASE = json.loads((FIXTURES / "cases" / "match.json").read_text(encoding="utf-8"))
_spec = importlib.util.spec_from_file_location("verify_match", FIXTURES / "verify_match.py")
verifier = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(verifier)


def faults(change=None):
    case = copy.deepcopy(CASE)
    if change:
        change(case)
    return verifier.faults(bytes.fromhex(case["seed"]), case["spec"], case["match"])


def test_the_published_case_holds():
    assert faults() == []
    command = [sys.executable, FIXTURES / "verify_match.py", FIXTURES / "cases" / "match.json"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "24 pairs: feasible, cheapest, and the only ones as cheap\n")


def test_the_order_of_the_roster_does_not_matter():
    assert faults(lambda case: (case["spec"]["visits"].reverse(), case["spec"]["inspectors"].reverse())) == []


def test_whatever_is_changed_is_found():
    def match(case):
        return case["match"]

    changes = {
        "seed": lambda case: case.update(seed="09" * 32),
        "capacity": lambda case: case["spec"]["inspectors"][0].update(capacity=9),
        "recusal": lambda case: case["spec"]["recusals"].pop(),
        "day": lambda case: case["spec"]["visits"][0].update(day="2027-04-01"),
        "pair": lambda case: match(case)["pairs"][0].update(inspector="I5"),
        "double": lambda case: match(case)["pairs"][1].update(match(case)["pairs"][0]),
        "left out": lambda case: match(case)["pairs"].pop(),
        "qualified": lambda case: match(case)["pairs"][0].update(qualified=True),
        "cost": lambda case: match(case).update(cost=match(case)["cost"] - 1),
        "direct": lambda case: match(case)["certificate"]["visits"][3].update(direct=0),
        "others": lambda case: match(case)["certificate"]["visits"][4].update(others=1 << 44),
        "price": lambda case: match(case)["certificate"]["inspectors"][0].update(price=0),
        "no price": lambda case: match(case)["certificate"]["inspectors"].pop(),
        "digest": lambda case: match(case).update(inputs="0" * 64),
    }
    unseen = [name for name, change in changes.items() if not faults(change)]
    assert unseen == []
    # With the digest of the changed roster, the arcs themselves still tell.
    recused = {"visit": "V01", "inspector": "I3"}
    for change in (changes["capacity"], lambda case: case["spec"]["recusals"].append(recused)):
        case = copy.deepcopy(CASE)
        change(case)
        case["match"]["inputs"] = verifier.canonical(case["spec"])[-1]
        assert verifier.faults(bytes.fromhex(case["seed"]), case["spec"], case["match"])
