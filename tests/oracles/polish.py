"""Independent oracle for a scorecard over the UCI "Polish companies bankruptcy" files.

usage: check.py CARD.toml 1year.arff.gz 5year.arff.gz [--unlabelled]

Shares no code with the engine: cells are scored one at a time in plain Python and the AHP weights come from
numpy.linalg.eig. It knows the part of the card format that this card needs (bands, pairs/matrix/weights/equal,
missing policies, fixed cuts) and refuses the rest. --unlabelled prints the spread of scores and grades only,
without reading a label.
"""

import argparse
import gzip
import math
import operator
import re
import tomllib
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

# Saaty (1980), The Analytic Hierarchy Process: mean CI of random reciprocal matrices, by n.
SAATY_1980 = {1: 0.0, 2: 0.0, 3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}

COMPARE = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt}


@dataclass(frozen=True)
class Scored:
    """One row per firm, in the order of the input."""

    score: list  # float, on the card's scale; None where every indicator is missing and is to be reweighted
    grade: list  # str, None where score is None
    coverage: list  # share of global weight whose cell holds data, 0..1
    consistency: dict  # node -> CR of its judgments
    weights: dict  # indicator -> global weight
    risk: dict  # indicator -> list of risk per firm (None: missing and reweighted)


def load_arff(path, labels=True):
    """Read an .arff or .arff.gz file of numbers whose last attribute is the class.

    Returns (columns, bad): columns maps "A1" … in file order to a list of float or None (missing);
    bad is a list of bool, class = 1. With labels=False bad is None and the class is never looked at.
    """
    opener = gzip.open if str(path).endswith(".gz") else open
    attributes, rows, bad, in_data = 0, [], [], False
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            line = line.strip()
            if not line or line.startswith("%"):
                continue
            if not in_data:
                keyword = line.split(None, 1)[0].lower()
                attributes += keyword == "@attribute"
                in_data = keyword == "@data"
                continue
            cells = [cell.strip() for cell in line.split(",")]
            if len(cells) != attributes:
                raise ValueError(f"{len(cells)} cells, expected {attributes}: {line[:60]}")
            rows.append([None if cell == "?" else float(cell) for cell in cells[:-1]])
            if labels:
                if cells[-1] not in ("0", "1"):
                    raise ValueError(f"class {cells[-1]!r}, expected 0 or 1")
                bad.append(cells[-1] == "1")
    columns = {f"A{j + 1}": [row[j] for row in rows] for j in range(attributes - 1)}
    return columns, bad if labels else None


def load_card(path):
    with open(path, "rb") as file:
        return tomllib.load(file)


def auc(risk, bad):
    """Chance that a bad firm has a higher risk than a good one, ties counted half."""
    risk, bad = np.asarray(risk, float), np.asarray(bad, bool)
    good = np.sort(risk[~bad])
    below = np.searchsorted(good, risk[bad], side="left")
    upto = np.searchsorted(good, risk[bad], side="right")
    return float((below + upto).sum() / 2 / (bad.sum() * len(good)))


def principal(matrix):
    """Weights (sum 1) and CR of a positive reciprocal matrix, by its principal eigenvector."""
    n = len(matrix)
    values, vectors = np.linalg.eig(matrix)
    top = int(np.argmax(values.real))
    vector = np.abs(vectors[:, top].real)
    ci = (values[top].real - n) / (n - 1) if n > 1 else 0.0
    return vector / vector.sum(), (ci / SAATY_1980[n] if n > 2 else 0.0)


def node_weights(children, judgments):
    """Local weights of one node's children, as a dict, and CR."""
    if judgments is None:
        if len(children) != 1:
            raise ValueError(f"no judgments for {children}")
        return {children[0]: 1.0}, 0.0
    if judgments.get("equal"):
        return {child: 1 / len(children) for child in children}, 0.0
    if "weights" in judgments:
        weights = judgments["weights"]
        if set(weights) != set(children) or abs(sum(weights.values()) - 1) > 1e-9:
            raise ValueError(f"weights {weights} do not fit {children}")
        return dict(weights), 0.0
    number = lambda x: float(Fraction(x))
    if "matrix" in judgments:
        order = judgments["order"]
        matrix = np.array([[number(x) for x in row] for row in judgments["matrix"]])
    elif "pairs" in judgments:
        order, matrix, seen = list(children), np.eye(len(children)), set()
        for pair, ratio in judgments["pairs"].items():
            a, b = (order.index(name) for name in pair.split(":"))
            matrix[a, b], matrix[b, a] = number(ratio), 1 / number(ratio)
            seen.add(frozenset((a, b)))
        if len(seen) != len(order) * (len(order) - 1) // 2:
            raise ValueError(f"pairs missing among {children}")
    else:
        raise ValueError(f"judgments this oracle does not know: {judgments}")
    if set(order) != set(children) or not np.allclose(matrix * matrix.T, 1):
        raise ValueError(f"judgments do not fit {children}")
    weights, cr = principal(matrix)
    return dict(zip(order, map(float, weights))), float(cr)


def band_risk(bands, x):
    """Risk of one value. The first band of the list that the value reaches is its band: an ascending list states
    upper bounds, a descending one lower bounds, and the last band takes what is left."""
    for band in bands[:-1]:
        if "upto" in band and x <= band["upto"] or "below" in band and x < band["below"]:
            return band["risk"]
        if "from" in band and x >= band["from"] or "above" in band and x > band["above"]:
            return band["risk"]
    if set(bands[-1]) != {"risk"}:
        raise ValueError(f"last band {bands[-1]} is expected to be open")
    return bands[-1]["risk"]


def check_bands(name, bands):
    """Bounds in one direction, in order, risks within [0, 1]."""
    kinds = {key for band in bands for key in band if key != "risk"}
    if not (kinds <= {"upto", "below"} or kinds <= {"from", "above"}):
        raise ValueError(f"{name}: mixed bounds {kinds}")
    sign = 1 if kinds <= {"upto", "below"} else -1
    # At one bound the narrower band comes first: below before upto, above before from.
    keys = [(sign * v, k in ("upto", "from")) for band in bands for k, v in band.items() if k != "risk"]
    if len(keys) != len(bands) - 1 or keys != sorted(set(keys)):
        raise ValueError(f"{name}: bounds out of order")
    if not all(0 <= band["risk"] <= 1 for band in bands):
        raise ValueError(f"{name}: risk outside [0, 1]")


def cell_risk(indicator, x):
    """(risk or None when to be reweighted, has data) of one cell."""
    if x is not None and not math.isnan(x):
        if math.isinf(x):
            raise ValueError("infinite value")
        return band_risk(indicator["bands"], x), True
    policy = indicator["missing"]
    if policy == "reweight":
        return None, False
    if isinstance(policy, dict):
        return policy["value"], False
    return {"worst": 1.0, "best": 0.0}[policy], False


def effective(node, tree, local, present):
    """Weight of each present indicator below node, summing to 1, or {} when all are missing.

    A missing child gives its weight to its siblings in proportion to theirs; a criterion counts as missing when
    everything below it is.
    """
    below = {}
    for child in tree[node]:
        inner = effective(child, tree, local, present) if child in tree else ({child: 1.0} if child in present else {})
        if inner:
            below[child] = inner
    total = sum(local[node][child] for child in below)
    return {name: local[node][child] / total * w for child, inner in below.items() for name, w in inner.items()}


def grade_of(score, grades):
    for name, cut in zip(grades["order"], grades["cuts"]):
        sign, number = re.fullmatch(r"(>=|>|<=|<)\s*(\S+)", cut).groups()
        if COMPARE[sign](score, float(number)):
            return name
    return grades["order"][len(grades["cuts"])]


def score_card(card, columns):
    """Score and grade every firm of `columns` (name -> list of float or None) with a card read by `load_card`."""
    indicators = card["indicators"]
    tree = {"root": []}
    for name in card["criteria"]:
        tree[name] = []
    for name, criterion in card["criteria"].items():
        tree[criterion.get("parent", "root")].append(name)
    for name, indicator in indicators.items():
        tree[indicator["criterion"]].append(name)
        check_bands(name, indicator["bands"])
    ahp = card.get("ahp", {})
    if (ahp.get("method", "eigenvector"), ahp.get("random_index", "saaty_1980")) != ("eigenvector", "saaty_1980"):
        raise ValueError("this oracle knows the eigenvector and Saaty's table of 1980 only")
    local, consistency = {}, {}
    for node, children in tree.items():
        local[node], consistency[node] = node_weights(children, card["judgments"].get(node))
        if not consistency[node] <= ahp.get("max_cr", 0.10):
            raise ValueError(f"{node}: CR {consistency[node]:.3f}")
    weights = effective("root", tree, local, set(indicators))

    scale = card["scorecard"]["scale"]
    if "round" in scale:
        raise ValueError("this oracle does not round")
    low, span = scale["min"], scale["max"] - scale["min"]
    cells = {name: columns[indicator.get("column", name)] for name, indicator in indicators.items()}
    result = Scored([], [], [], consistency, weights, {name: [] for name in indicators})
    known = {}  # effective weights by the set of present indicators
    for i in range(len(next(iter(cells.values())))):
        risks, covered = {}, 0.0
        for name, indicator in indicators.items():
            risk, has_data = cell_risk(indicator, cells[name][i])
            result.risk[name].append(risk)
            if risk is not None:
                risks[name] = risk
            if has_data:
                covered += weights[name]
        result.coverage.append(covered)
        present = frozenset(risks)
        if present not in known:
            known[present] = effective("root", tree, local, present)
        if not present:
            result.score.append(None)
            result.grade.append(None)
            continue
        total = sum(known[present][name] * risk for name, risk in risks.items())
        score = low + span * (1 - total if scale["better"] == "high" else total)
        result.score.append(score)
        result.grade.append(grade_of(score, card["grades"]))
    return result


def report(card, path, unlabelled):
    columns, bad = load_arff(path, labels=not unlabelled)
    scored = score_card(card, columns)
    n = len(scored.score)
    print(f"\n{path}: {n} firms")
    score = np.array(scored.score, float)
    print("  score 1/10/25/50/75/90/99 %:", *(f"{q:.0f}" for q in np.percentile(score, [1, 10, 25, 50, 75, 90, 99])))
    cuts = [float(re.sub(r"[<>=\s]", "", cut)) for cut in card["grades"]["cuts"]]
    nearest = min(abs(s - c) for s in scored.score for c in cuts)
    print(f"  lowest coverage {min(scored.coverage):.3f}; nearest score to a cut point: {nearest:.2g}")
    if not unlabelled:
        risk = -score if card["scorecard"]["scale"]["better"] == "high" else score
        print(f"  AUC {auc(risk, bad):.4f}; bad rate {sum(bad) / n:.2%}")
    print("  grade  firms   share" + ("" if unlabelled else "    bad  bad rate"))
    for name in card["grades"]["order"]:
        members = [i for i in range(n) if scored.grade[i] == name]
        line = f"  {name:<5} {len(members):>6}  {len(members) / n:>6.2%}"
        if not unlabelled and members:
            hits = sum(bad[i] for i in members)
            line += f"  {hits:>5}  {hits / len(members):>8.2%}"
        print(line)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("card")
    parser.add_argument("arff", nargs="+")
    parser.add_argument("--unlabelled", action="store_true", help="scores and shares only; read no label")
    args = parser.parse_args()
    card = load_card(args.card)
    first = score_card(card, {i.get("column", n): [] for n, i in card["indicators"].items()})
    print("CR:", ", ".join(f"{node} {cr:.4f}" for node, cr in first.consistency.items()))
    print("weights:", ", ".join(f"{name} {w:.4f}" for name, w in first.weights.items()))
    for path in args.arff:
        report(card, path, args.unlabelled)


if __name__ == "__main__":
    main()
