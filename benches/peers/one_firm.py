"""One firm at a time: the card written out as plain Python, as a careful programmer would by hand."""

from __future__ import annotations

from collections.abc import Callable

from card import Card, Indicator, parse


def source(card: Card) -> str:
    """The text of a function `score_one(firm) -> (score, grade)`."""
    lines = ["def score_one(firm):", "    s = 0.0"]
    for number, indicator in enumerate(card.indicators):
        lines += _lines(indicator, f"T{number}")
    lines.append(f"    score = {card.high!r} - s * {card.high - card.low!r}")
    for grade, cut in enumerate(card.cuts):
        lines.append(f"    if score >= {cut!r}: return score, {grade}")
    lines.append(f"    return score, {len(card.cuts)}")
    return "\n".join(lines)


def _lines(indicator: Indicator, table: str) -> list[str]:
    """A chain of comparisons for a number, a look-up in a constant dict for the rest."""
    if indicator.kind != "number":
        return [f"    s += {table}[firm[{indicator.column!r}]]"]
    lines = [f"    v = firm[{indicator.column!r}]", f"    if v is None: s += {indicator.missing!r}"]
    for edge, term in zip(indicator.edges, indicator.terms):
        lines.append(f"    elif v <= {edge!r}: s += {term!r}")
    return [*lines, f"    else: s += {indicator.terms[-1]!r}"]


def one_firm(card_text: str) -> Callable[[dict], tuple[float, int]]:
    """The compiled function."""
    card = parse(card_text)
    names = {}
    for number, indicator in enumerate(card.indicators):
        if indicator.kind != "number":
            keys = indicator.labels or (False, True)
            names[f"T{number}"] = dict(zip(keys, indicator.terms)) | {None: indicator.missing}
    exec(source(card), names)  # noqa: S102 our own text, made from the card
    return names["score_one"]
