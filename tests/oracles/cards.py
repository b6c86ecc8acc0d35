"""A small scorer of firmgrade cards, independent of the engine: standard library and numpy only.

It reads a card (TOML, with ``extends``), works out the weights, scores a table of columns and applies the overrides.
It is written to be read, not to be fast, and serves as an oracle: it shares no code with the engine.

    python check.py CARD.toml FIRMS.csv [OUTCOME.csv]

Score: s = sum of w_j * u_j in indicator order; ``better = high``: max - s * (max - min); then rounding; then cuts.
Supported: judgments as pairs, weights or equal (eigenvector, saaty_1980); cuts, not target shares; conditions with
AND OR NOT, comparisons with a literal, IS [NOT] NULL, IN (...).  Anything else fails loudly.
Reweight: a missing indicator leaves the tree; the weights of its siblings grow in proportion; a criterion whose
indicators have all left leaves as well.  Coverage: share of the nominal weight whose cells hold data.
"""

import csv
import re
import sys
import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np

RANDOM_INDEX = {  # n = 3, 4, 5 ...
    "saaty_1980": [0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59],
}
MEANINGS = ("bands", "points", "categories", "flag")


# ---- the card -------------------------------------------------------------------------------------------------


def load(path):
    """The card as a dict, with everything it inherits."""
    path = Path(path)
    card = tomllib.loads(path.read_text(encoding="utf-8"))
    parent = card["scorecard"].get("extends")
    return inherit(load(path.parent / parent), card) if parent else card


def inherit(parent, child):
    """Tables key by key, criteria, indicators and columns by id, judgments node by node, overrides by id."""
    card = {k: (list(v) if isinstance(v, list) else dict(v)) for k, v in parent.items()}
    for table in ("scorecard", "ahp", "grades"):
        if table in child:
            card.setdefault(table, {})
            if table == "grades" and ({"cuts", "shares"} & child[table].keys()):
                card[table].pop("cuts", None)
                card[table].pop("shares", None)
            card[table].update(child[table])
    for table in ("criteria", "indicators", "columns"):
        merged = card.setdefault(table, {})
        for name, entry in child.get(table, {}).items():
            old = dict(merged.get(name, {}))
            if any(m in entry for m in MEANINGS):
                for m in MEANINGS:
                    old.pop(m, None)
            merged[name] = {**old, **entry}
    card.setdefault("judgments", {}).update(child.get("judgments", {}))
    rules = card.setdefault("overrides", [])
    for rule in child.get("overrides", []):
        place = next((i for i, r in enumerate(rules) if r["id"] == rule["id"]), None)
        if place is None:
            rules.append(rule)
        else:
            rules[place] = {**rules[place], **rule}
    return card


def children(card):
    """Node -> ids of its children, criteria before indicators, each in document order."""
    tree = {"root": []}
    for name, criterion in card.get("criteria", {}).items():
        tree.setdefault(criterion.get("parent", "root"), []).append(name)
        tree.setdefault(name, [])
    for name, indicator in card.get("indicators", {}).items():
        tree[indicator["criterion"]].append(name)
    return tree


# ---- weights --------------------------------------------------------------------------------------------------


def ahp(matrix):
    """Weights and CR of a judgment matrix, by the principal eigenvector."""
    values, vectors = np.linalg.eig(matrix)
    top = int(np.argmax(values.real))
    weights = np.abs(vectors[:, top].real)
    weights /= weights.sum()
    n = len(matrix)
    if n <= 2:
        return weights, 0.0
    ci = (values[top].real - n) / (n - 1)
    return weights, ci / RANDOM_INDEX["saaty_1980"][n - 3]


def local_weights(card, node, kids):
    """Child -> weight below `node`, and the CR (None where nothing was judged)."""
    if len(kids) == 1:
        return {kids[0]: 1.0}, None
    judged = card["judgments"][node]
    if judged.get("equal"):
        return {kid: 1.0 / len(kids) for kid in kids}, None
    if "weights" in judged:
        given = judged["weights"]
        assert set(given) == set(kids), (node, set(given) ^ set(kids))
        assert abs(sum(given.values()) - 1.0) < 1e-9, (node, sum(given.values()))
        return {kid: given[kid] for kid in kids}, None
    matrix = np.full((len(kids), len(kids)), np.nan)
    np.fill_diagonal(matrix, 1.0)
    for pair, ratio in judged["pairs"].items():
        a, b = (kids.index(name) for name in pair.split(":"))
        assert np.isnan(matrix[a, b]), (node, pair, "stated twice")
        matrix[a, b] = float(Fraction(ratio))
        matrix[b, a] = 1.0 / matrix[a, b]
    assert not np.isnan(matrix).any(), (node, "pairs missing")
    weights, cr = ahp(matrix)
    return dict(zip(kids, weights, strict=True)), cr


def weigh(card):
    """Local weights (node -> child -> weight), CRs (node -> CR) and global weights (indicator -> weight)."""
    tree = children(card)
    local, crs, global_ = {}, {}, {}
    todo = [("root", 1.0)]
    while todo:
        node, weight = todo.pop()
        if not tree.get(node):
            if node in card.get("indicators", {}):
                global_[node] = weight
            continue
        local[node], cr = local_weights(card, node, tree[node])
        if cr is not None:
            crs[node] = cr
        todo += [(kid, weight * w) for kid, w in local[node].items()]
    return local, crs, {name: global_[name] for name in card.get("indicators", {})}


# ---- columns --------------------------------------------------------------------------------------------------


def kinds(card):
    """Column -> number, text or flag, as the card uses it."""
    found = {name: column["type"] for name, column in card.get("columns", {}).items()}
    for name, indicator in card.get("indicators", {}).items():
        kind = "text" if "categories" in indicator else "flag" if "flag" in indicator else "number"
        found[indicator.get("column", name)] = kind
    return found


def parse(cells, kind):
    """Text cells as (values, valid)."""
    valid = np.array([cell != "" for cell in cells], dtype=bool)
    if kind == "number":
        values = np.array([float(cell) if cell else 0.0 for cell in cells])
        valid &= ~np.isnan(values)
    elif kind == "flag":
        values = np.array([{"": False, "true": True, "false": False}[cell] for cell in cells], dtype=bool)
    else:
        values = np.array(cells, dtype=object)
    return values, valid


def read(path, card):
    """A CSV file as column -> (values, valid), for the columns of the card and its id column."""
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    wanted = kinds(card) | {card["scorecard"]["id_column"]: "text"}
    missing = [name for name in wanted if name not in header]
    assert not missing, f"columns not in the file: {missing}"
    cells = dict(zip(header, zip(*rows), strict=True)) if rows else {name: () for name in header}
    return {name: parse(cells[name], kind) for name, kind in wanted.items()}


def band_of(indicator):
    """The bands as (low, low closed, high, high closed, risk), unstated bounds taken from the neighbour."""
    bands = []
    for band in indicator["bands"]:
        low = (band["from"], True) if "from" in band else (band["above"], False) if "above" in band else None
        high = (band["upto"], True) if "upto" in band else (band["below"], False) if "below" in band else None
        bands.append([low, high, band["risk"]])
    ascending = any(high is not None for _, high, _ in bands[:-1])
    order = bands if ascending else bands[::-1]
    for i, band in enumerate(order):
        if band[0] is None:
            band[0] = (-np.inf, True) if i == 0 else (order[i - 1][1][0], not order[i - 1][1][1])
        if band[1] is None:
            band[1] = (np.inf, True) if i == len(order) - 1 else (order[i + 1][0][0], not order[i + 1][0][1])
    return [(*low, *high, risk) for low, high, risk in order]


def risks(name, indicator, values, valid):
    """The risk of every cell (NaN where it leaves the tree) and whether the cell holds data."""
    n = len(valid)
    risk, covered = np.full(n, np.nan), np.zeros(n, dtype=bool)
    if "bands" in indicator:
        levels = [band["risk"] for band in indicator["bands"]]
        for low, low_closed, high, high_closed, level in band_of(indicator):
            inside = (values >= low if low_closed else values > low) & (values <= high if high_closed else values < high)
            assert not (inside & covered).any(), (name, "bands overlap")
            risk[inside], covered[inside] = level, True
    elif "points" in indicator:
        levels = [point["risk"] for point in indicator["points"]]
        risk = np.interp(values, [point["at"] for point in indicator["points"]], levels)
        covered[:] = True
    elif "categories" in indicator:
        levels = list(indicator["categories"].values())
        for text, level in indicator["categories"].items():
            inside = values == text
            risk[inside], covered[inside] = level, True
    else:
        levels = list(indicator["flag"].values())
        risk, covered = np.where(values, indicator["flag"]["true"], indicator["flag"]["false"]), np.ones(n, dtype=bool)
    risk = np.where(valid, risk, np.nan)
    outside = valid & ~covered
    data = valid.copy()
    if outside.any():
        policy = indicator.get("outside", "error")
        if policy == "missing":
            data &= ~outside
        else:
            assert policy != "error", (name, "value outside", values[outside][:3])
            risk[outside] = stated(policy, levels)
    if not data.all():
        policy = indicator["missing"]
        assert policy != "error", (name, "missing value")
        risk[~data] = stated(policy, levels)
    return risk, data


def stated(policy, levels):
    """The risk that a policy states; NaN for reweight."""
    if isinstance(policy, dict):
        return policy["value"]
    return {"worst": max(levels), "best": min(levels), "reweight": np.nan}[policy]


# ---- score and grade ------------------------------------------------------------------------------------------


def score(card, columns):
    """Score (NaN where every indicator left) and coverage of each firm."""
    local, _, global_ = weigh(card)
    tree, indicators = children(card), card.get("indicators", {})
    n = len(next(iter(columns.values()))[1])
    risk, data = {}, {}
    for name, indicator in indicators.items():
        risk[name], data[name] = risks(name, indicator, *columns[indicator.get("column", name)])

    def present(node):
        if node in indicators:
            return ~np.isnan(risk[node])
        return np.any([present(kid) for kid in tree[node]], axis=0)

    grown = {}

    def grow(node, weight):
        if node in indicators:
            grown[node] = weight
            return
        here = {kid: np.where(present(kid), local[node][kid], 0.0) for kid in tree[node]}
        total = sum(here.values())
        for kid, w in here.items():
            grow(kid, weight * np.divide(w, total, out=np.zeros(n), where=total > 0))

    grow("root", np.ones(n))
    some_missing = np.zeros(n, dtype=bool)
    for name in indicators:
        some_missing |= np.isnan(risk[name])
    total, coverage = np.zeros(n), np.zeros(n)
    for name in indicators:
        weight = np.where(some_missing, grown[name], global_[name])
        total += np.where(np.isnan(risk[name]), 0.0, weight * np.nan_to_num(risk[name]))
        coverage += np.where(data[name], global_[name], 0.0)
    scale = card["scorecard"]["scale"]
    span = scale["max"] - scale["min"]
    points = scale["max"] - total * span if scale["better"] == "high" else scale["min"] + total * span
    if "round" in scale:
        factor = 10.0 ** scale["round"]["decimals"]
        ties = scale["round"].get("ties", "away")
        shifted = points * factor
        points = (np.round(shifted) if ties == "even" else np.copysign(np.floor(np.abs(shifted) + 0.5), shifted)) / factor
    if indicators:
        points = np.where(np.any([~np.isnan(risk[name]) for name in indicators], axis=0), points, np.nan)
    return points, coverage


def grade(card, columns):
    """Score, score grade, final grade, the rules hit (id -> firms) and coverage."""
    points, coverage = score(card, columns)
    grades = card["grades"]
    order, n = grades["order"], len(points)
    scored = np.full(n, len(order) - len(grades.get("by_rule", [])) - 1)
    for place, cut in reversed(list(enumerate(grades["cuts"]))):
        sign, limit = re.fullmatch(r"(>=|>|<=|<)\s*(\S+)", cut).groups()
        scored[COMPARE[sign](points, float(limit))] = place
    final, hits = scored.copy(), {}
    for rule in card.get("overrides", []):
        hit = holds(rule["when"], columns)
        hits[rule["id"]] = hit
        if "set" in rule:
            final[hit] = order.index(rule["set"])
        else:
            end = order.index(rule["cap"]) if "cap" in rule else (len(order) - 1 if rule["shift"] > 0 else 0)
            moved = final + rule["shift"]
            # a cap ends a shift; it never moves a firm the other way
            moved = np.maximum(np.minimum(moved, end), final) if rule["shift"] > 0 else np.minimum(np.maximum(moved, end), final)
            final[hit] = moved[hit]
    names = np.array(order, dtype=object)
    scored, final = names[scored], names[final]
    if "insufficient" in grades:
        little = coverage < grades["insufficient"]["coverage_below"]
        scored[little], final[little] = grades["insufficient"]["grade"], grades["insufficient"]["grade"]
    return {"score": points, "score_grade": scored, "grade": final, "hits": hits, "coverage": coverage}


# ---- conditions: SQL's three-valued logic as a pair of masks (true, false) --------------------------------------

COMPARE = {
    "=": np.equal, "<>": np.not_equal, "!=": np.not_equal,
    "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal,
}  # fmt: skip
TOKEN = re.compile(r"\s*(<=|>=|<>|!=|[=<>(),]|'[^']*'|[0-9.]+|\w+)")


def holds(condition, columns):
    """Where the condition is true; unknown is not."""
    tokens = TOKEN.findall(condition)
    assert "".join(tokens) == re.sub(r"\s", "", condition), condition
    yes, _ = disjunction(tokens, columns)
    assert not tokens, tokens
    return yes


def word(tokens):
    return tokens[0].upper() if tokens else None


def disjunction(tokens, columns):
    yes, no = conjunction(tokens, columns)
    while word(tokens) == "OR":
        tokens.pop(0)
        more_yes, more_no = conjunction(tokens, columns)
        yes, no = yes | more_yes, no & more_no
    return yes, no


def conjunction(tokens, columns):
    yes, no = negation(tokens, columns)
    while word(tokens) == "AND":
        tokens.pop(0)
        more_yes, more_no = negation(tokens, columns)
        yes, no = yes & more_yes, no | more_no
    return yes, no


def negation(tokens, columns):
    if word(tokens) == "NOT":
        tokens.pop(0)
        yes, no = negation(tokens, columns)
        return no, yes
    if tokens[0] == "(":
        tokens.pop(0)
        result = disjunction(tokens, columns)
        assert tokens.pop(0) == ")"
        return result
    values, valid = columns[tokens.pop(0)]
    if word(tokens) == "IS":
        tokens.pop(0)
        wanted = word(tokens) == "NOT"
        del tokens[: 2 if wanted else 1]
        yes = valid if wanted else ~valid
        return yes, ~yes
    if word(tokens) == "IN":
        del tokens[:2]
        yes = np.zeros(len(valid), dtype=bool)
        while True:
            yes |= values == literal(tokens.pop(0))
            if tokens.pop(0) == ")":
                break
        return yes & valid, ~yes & valid
    if tokens and tokens[0] in COMPARE:
        yes = COMPARE[tokens.pop(0)](values, literal(tokens.pop(0)))
        return yes.astype(bool) & valid, ~yes.astype(bool) & valid
    return values & valid, ~values & valid


def literal(token):
    if token.startswith("'"):
        return token[1:-1]
    return {"TRUE": True, "FALSE": False}[token.upper()] if token.upper() in ("TRUE", "FALSE") else float(token)


# ---- report -----------------------------------------------------------------------------------------------------


def shares(card, grades):
    """Grade -> per cent of the firms."""
    names = card["grades"]["order"] + [g["grade"] for g in [card["grades"].get("insufficient")] if g]
    return {name: 100.0 * float(np.mean(grades == name)) for name in names}


def auc(risk, bad):
    """Area under the ROC curve, ties by half."""
    _, place, count = np.unique(risk, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2.0)[place]
    positives = bad.sum()
    return (ranks[bad].sum() - positives * (positives + 1) / 2) / (positives * (len(bad) - positives))


def main(card_path, firms_path, outcome_path=None):
    card = load(card_path)
    columns = read(firms_path, card)
    _, crs, global_ = weigh(card)
    result = grade(card, columns)
    line = lambda grades: " ".join(f"{k} {v:.2f}" for k, v in shares(card, grades).items())
    print(f"{card['scorecard']['id']}: {len(global_)} indicators, largest CR {max(crs.values(), default=0.0):.4f}")
    print("score", line(result["score_grade"]))
    print("final", line(result["grade"]))
    print("score quantiles", np.nanquantile(result["score"], [0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]).round(1).tolist())
    print("coverage", result["coverage"].min().round(4), result["coverage"].mean().round(4))
    print("hits", {k: int(v.sum()) for k, v in result["hits"].items()})
    if outcome_path:
        with open(outcome_path, encoding="utf-8", newline="") as file:
            found = [row["outcome"] for row in csv.DictReader(file)]
        seen = np.array([cell != "" for cell in found])
        bad = np.array([cell == "1" for cell in found])
        print(f"violations {100 * bad[seen].mean():.2f} % of {seen.sum()}; by grade", end=" ")
        for name in card["grades"]["order"]:
            here = seen & (result["grade"] == name)
            print(f"{name} {100 * bad[here].mean():.2f}" if here.any() else f"{name} -", end=" ")
        sign = -1.0 if card["scorecard"]["scale"]["better"] == "high" else 1.0
        print(f"AUC {auc(sign * result['score'][seen], bad[seen]):.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
