"""The list of peers. Each is a `Peer` whose `make(case)` prepares and returns the timed call.

The timed call takes nothing and returns
    kind "score"    (score f64, grade: integers, 0 is the best)
    kind "reasons"  (score, grade, reasons (firms, 5): places in document order, -1 for none, or column names)
    kind "read"     anything

To add firmgrade: write `peer_firmgrade.py` beside this file with

    PEERS = [Peer("firmgrade", make), Peer("firmgrade_reasons", make_reasons, kind="reasons")]
    def whole_job(card_text, source, target): ...     # Parquet in, (firm, score, grade) Parquet out
    def one_firm(card_text): ...                      # returns f(dict) -> (score, grade)

`case.text` is the TOML, `case.frame` the polars frame (see card.py). Nothing else has to change.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from card import Case


@dataclass(frozen=True)
class Peer:
    """A competitor: how to prepare it, what it returns, whether it is too slow for many repeats."""

    name: str
    make: Callable[[Case], Callable[[], object]]
    kind: str = "score"  # read | score | reasons
    slow: bool = False
    exact_ties: bool = True  # False: reasons of equal size may come in any order


# Each module is imported only when present, so that one missing package stops one peer.
MODULES = {
    "peer_numpy": ["read_pass", "numpy_blocked", "numpy_frame"],
    "peer_numba": ["numba_blocked", "numba_frame", "numba_reasons", "numba_reasons_sorted"],
    "peer_polars": ["polars_when", "polars_when_fresh"],
    "peer_duckdb": ["duckdb_case"],
    "peer_toad": ["toad", "toad_reasons"],
    "peer_optbinning": ["optbinning"],
    "peer_firmgrade": ["firmgrade", "firmgrade_reasons"],
}


def load(name: str) -> ModuleType | None:
    """A peer's module, or None where it or its package is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def find(wanted: list[str] | None) -> tuple[list[Peer], list[str]]:
    """The peers to run (all, or those named) and the names of those not installed."""
    known = [name for names in MODULES.values() for name in names]
    unknown = sorted(set(wanted or []) - set(known))
    if unknown:
        raise SystemExit(f"unknown peers {unknown}; known are {known}")
    found, absent = [], []
    for module_name, names in MODULES.items():
        asked = [n for n in names if not wanted or n in wanted]
        module = load(module_name) if asked else None
        have = {p.name: p for p in module.PEERS} if module else {}
        found += [have[n] for n in asked if n in have]
        absent += [n for n in asked if n not in have]
    return found, absent
