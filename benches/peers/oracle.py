"""The slow oracle: one firm at a time, straight from the TOML, sharing nothing with the peers."""

from __future__ import annotations

import tomllib
from collections.abc import Callable


def risk(spec: dict, value: object) -> tuple[float, float]:
    """Risk of a cell and the least risk of its indicator; a missing cell has the greatest."""
    if "bands" in spec:
        risks = [band["risk"] for band in spec["bands"]]
        inside = (b["risk"] for b in spec["bands"] if value is not None and value <= b.get("upto", value))
        return (max(risks) if value is None else next(inside)), min(risks)
    table = spec.get("categories") or {True: spec["flag"]["true"], False: spec["flag"]["false"]}
    return (max(table.values()) if value is None else table[value]), min(table.values())


def oracle(text: str) -> Callable[[dict], tuple[float, int, list[tuple[int, float]]]]:
    """A function from a firm to (score, grade, losses): each indicator's place and points lost,
    the most first, equal ones in document order, none that is zero."""
    card = tomllib.loads(text)
    scale, weights = card["scorecard"]["scale"], {}
    for name, spec in card["indicators"].items():
        node = card["judgments"][spec["criterion"]]["weights"]
        weights[name] = card["judgments"]["root"]["weights"][spec["criterion"]] * node[name]
    cuts = [float(cut.split()[1]) for cut in card["grades"]["cuts"]]
    width = scale["max"] - scale["min"]

    def score(firm: dict) -> tuple[float, int, list[tuple[int, float]]]:
        total, losses = 0.0, []
        for place, (name, spec) in enumerate(card["indicators"].items()):
            u, least = risk(spec, firm[spec["column"]])
            total += weights[name] * u
            losses.append((place, round(width * weights[name] * (u - least), 9)))
        points = scale["max"] - total * width
        grade = next((g for g, cut in enumerate(cuts) if points >= cut), len(cuts))
        losses.sort(key=lambda item: (-item[1], item[0]))
        return points, grade, [item for item in losses if item[1] > 0]

    return score
