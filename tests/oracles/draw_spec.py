"""firmgrade-draw-v1 written again from the specification, for equal rates and Poisson; hashlib and nothing of ours."""

import hashlib
import hmac
import unicodedata
from fractions import Fraction
from itertools import groupby


def nfc(text):
    return unicodedata.normalize("NFC", str(text)).encode()


def lp(data):
    return len(data).to_bytes(4, "big") + data


def h(suite, *parts):
    return hashlib.new(suite, b"".join(parts)).digest()


def row_bytes(row):
    return b"".join(lp(nfc(row[key])) for key in ("id", "grade", "stratum", "num", "den", "exclusion_code"))


def leaves(rows, salts, suite="sha256"):
    ordered = sorted(zip(rows, salts, strict=True), key=lambda pair: nfc(pair[0]["id"]))
    return [h(suite, b"\0", salt, row_bytes(row)) for row, salt in ordered]


def root(level, suite="sha256"):
    """RFC 6962 by its recursive definition: split after the largest power of two below the number of leaves."""
    if not level:
        return h(suite)
    if len(level) == 1:
        return level[0]
    split = 1 << (len(level) - 1).bit_length() - 1
    return h(suite, b"\1", root(level[:split], suite), root(level[split:], suite))


def path(level, at, suite="sha256"):
    """PATH(m, D[n]) of RFC 6962, 2.1.1."""
    if len(level) <= 1:
        return []
    split = 1 << (len(level) - 1).bit_length() - 1
    if at < split:
        return [*path(level[:split], at, suite), root(level[split:], suite)]
    return [*path(level[split:], at - split, suite), root(level[:split], suite)]


def seed(plan_id, root_, sources, suite="sha256"):
    values = b"".join(lp(name) + lp(value) for name, value in sorted((nfc(name), value) for name, value in sources.items()))
    return h(suite, b"firmgrade/seed/v1", lp(nfc(plan_id)), root_, values)


def ticket(seed_, stage, id_, suite="sha256"):
    return hmac.new(seed_, b"firmgrade/ticket/v1" + lp(nfc(stage)) + lp(nfc(id_)), suite).digest()


def pareto_key(ticket_, rate):
    u = ((int.from_bytes(ticket_[:8], "big") >> 11) + 0.5) / 2**53
    return u * (1 - rate) / (rate * (1 - u))


def simple(rows, seed_, suite="sha256", *, most=False, everybody=False):
    """In each stratum the n smallest tickets of the eligible rows; n = N·num/den rounded up, or down."""
    drawn = []
    for _, group in groupby(sorted(rows, key=lambda row: nfc(row["stratum"])), key=lambda row: row["stratum"]):
        group = list(group)
        free = [row for row in group if row["exclusion_code"] == ""]
        counted = group if everybody else free
        asked = sum((Fraction(row["num"], row["den"]) for row in counted), Fraction())
        n = min(asked.numerator // asked.denominator if most else -(-asked.numerator // asked.denominator), len(free))
        drawn += sorted((row["id"] for row in free), key=lambda id_: (ticket(seed_, "firm", id_, suite), nfc(id_)))[:n]
    return drawn


def poisson(rows, seed_, suite="sha256"):
    def under(row):
        return int.from_bytes(ticket(seed_, "firm", row["id"], suite), "big") * row["den"] < row["num"] << 256

    return {row["id"] for row in rows if row["exclusion_code"] == "" and under(row)}
