"""Draws of firms that anybody can verify, and inspectors matched to visits.

Policy → plan → commit → draw → verify follow firmgrade-draw-v1; match is the minimum-cost flow of hashed costs; account takes results in, for
evaluate and tune. seed, ticket, pareto_key and digits are the
steps of a draw one by one.
"""

from firmgrade._firmgrade import (
    Accounted,
    Certificate,
    Committed,
    Match,
    Plan,
    Policy,
    Proof,
    Record,
    Verified,
    account,
    commit,
    digits,
    drand,
    match,
    nist,
    pareto_key,
    plan,
    seed,
    ticket,
    verify,
    verify_match,
)

__all__ = [
    "Accounted",
    "Certificate",
    "Committed",
    "Match",
    "Plan",
    "Policy",
    "Proof",
    "Record",
    "Verified",
    "account",
    "commit",
    "digits",
    "drand",
    "match",
    "nist",
    "pareto_key",
    "plan",
    "seed",
    "ticket",
    "verify",
    "verify_match",
]
