"""Where things are, and what several tests share."""

import importlib.util
import os
from pathlib import Path

import firmgrade as fg
import polars as pl
import pytest

ROOT = Path(__file__).resolve().parent.parent
CARDS = ROOT / "fixtures" / "scorecards"

SMALL = """
[scorecard]
id = "example"
title = "示例"
version = "1"
id_column = "id"
scale = { min = 0, max = 100, better = "high" }
[judgments.root]
weights = { fines = 0.6, tax = 0.4 }
[indicators.fines]
title = "行政处罚次数"
criterion = "root"
missing = "worst"
bands = [ { upto = 0, risk = 0.0 }, { upto = 2, risk = 0.5 }, { risk = 1.0 } ]
[indicators.tax]
title = "纳税信用"
criterion = "root"
missing = "reweight"
categories = { "A" = 0.0, "B" = 0.5, "D" = 1.0 }
[columns.listed]
type = "flag"
[grades]
order = ["A", "B", "C"]
cuts = [">= 80", ">= 50"]
[[overrides]]
id = "listed"
title = "列入名单"
when = "listed"
set = "C"
"""

# Without the override and its column: what the docstrings show.
PLAIN = SMALL[: SMALL.index("[columns.listed]")] + SMALL[SMALL.index("[grades]") : SMALL.index("[[overrides]]")]


def oracle(name):
    """A module of tests/oracles."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "tests" / "oracles" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    # dataclasses look their module up
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def shared(*parts):
    """A file of the real data beside the project; skips where it is not there."""
    root = Path(os.environ.get("FIRMGRADE_DATA", ROOT.parent / "shared" / "data"))
    path = root.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"real data are not there: {'/'.join(parts)}; set FIRMGRADE_DATA to the folder that holds them")
    return path


@pytest.fixture(scope="session")
def annual():
    return fg.Scorecard.load(CARDS / "annual-report.toml")


@pytest.fixture(scope="session")
def firms():
    return fg.district(3000)[0]


@pytest.fixture()
def small():
    return fg.Scorecard.loads(SMALL)


@pytest.fixture()
def table():
    return pl.DataFrame(
        {
            "id": ["a", "b", "c", "d"],
            "fines": [0.0, 1.0, None, 5.0],
            "tax": ["A", None, "D", "B"],
            "listed": [False, True, None, False],
        }
    )
