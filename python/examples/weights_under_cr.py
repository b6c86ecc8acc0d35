"""Judgments that order outcomes best and stay consistent: Optuna searches Saaty's scale, CR ≤ 0.1 is its constraint.

    python weights_under_cr.py [TRIALS]        default 200; needs optuna 5 and scikit-learn

Experts judge four criteria pairwise. Here each of the six judgments may move by up to two steps of the scale from theirs, so what is found is still
a matrix that experts can read, discuss and refuse; weights found by regression are not. Firms and outcomes are generated: the experts
give `penalties` too little and `size` too much. The AUC is cross-validated; what is left is tried once on firms that the search never saw.
"""

import sys

import numpy as np
import optuna
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_score, train_test_split

import firmgrade as fg
from firmgrade.sklearn import ScorecardClassifier

CRITERIA = ["penalties", "complaints", "reports", "size"]
PAIRS = [(a, b) for at, a in enumerate(CRITERIA) for b in CRITERIA[at + 1 :]]
# 1/9 … 1/2, 1, 2 … 9
SCALE = ["1/9", "1/8", "1/7", "1/6", "1/5", "1/4", "1/3", "1/2", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
EXPERTS = ["1", "2", "2", "2", "2", "1"]
LIMIT, STEPS = 0.1, 2

CARD = """
[scorecard]
id = "four"
title = "Four criteria"
version = "1"
id_column = "id"
scale = {{ min = 0, max = 1000, better = "high" }}
[judgments.root]
inconsistent = "warning"
pairs = {{ {pairs} }}
{indicators}
[grades]
order = ["A", "B", "C"]
cuts = [">= 700", ">= 400"]
"""
INDICATOR = """
[indicators.{name}]
title = "{name}"
criterion = "root"
missing = "error"
points = [ {{ at = 0, risk = 0.0 }}, {{ at = 1, risk = 1.0 }} ]
"""


def card(judgments):
    """The card with these judgments of PAIRS."""
    pairs = ", ".join(f'"{a}:{b}" = "{judgment}"' for (a, b), judgment in zip(PAIRS, judgments, strict=True))
    return fg.Scorecard.loads(CARD.format(pairs=pairs, indicators="".join(INDICATOR.format(name=name) for name in CRITERIA)))


def ratio(card):
    """The consistency ratio of the judgments."""
    return float(card.consistency()["cr"][0])


def firms(n=8000, seed=1):
    """Values from 0 to 1 and outcomes that follow other weights than the experts'."""
    rng = np.random.default_rng(seed)
    values = rng.random((n, len(CRITERIA)))
    risk = values @ [0.55, 0.2, 0.2, 0.05]
    return values, rng.random(n) < 1 / (1 + np.exp(-(8 * risk - 6)))


def search(values, bad, trials, seed=1):
    """The study: trials with their judgments and CR, the best that keeps the limit as `best_trial`."""

    def objective(trial):
        places = [SCALE.index(judgment) for judgment in EXPERTS]
        steps = [trial.suggest_int(f"{a}:{b}", max(0, at - STEPS), min(len(SCALE) - 1, at + STEPS)) for (a, b), at in zip(PAIRS, places)]
        tried = card([SCALE[step] for step in steps])
        # Optuna keeps a constraint where it is at most 0.
        trial.set_constraint("CR", ratio(tried) - LIMIT)
        trial.set_user_attr("cr", ratio(tried))
        return cross_val_score(ScorecardClassifier(tried), values, bad, scoring="roc_auc", cv=3).mean()

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial({f"{a}:{b}": SCALE.index(judgment) for (a, b), judgment in zip(PAIRS, EXPERTS)})
    study.optimize(objective, n_trials=trials)
    return study


def main(trials):
    values, bad = firms()
    fitted, tried, bad_fitted, bad_tried = train_test_split(values, bad, test_size=0.5, random_state=1, stratify=bad)
    study = search(fitted, bad_fitted, trials)
    best = study.best_trial
    found = [SCALE[best.params[f"{a}:{b}"]] for a, b in PAIRS]
    over = sum(trial.user_attrs["cr"] > LIMIT for trial in study.trials)
    print(f"{len(study.trials)} trials, {over} of them with a CR above {LIMIT}")
    for name, judgments in (("experts", EXPERTS), ("found", found)):
        one = card(judgments)
        model = ScorecardClassifier(one).fit(fitted, bad_fitted)
        area = roc_auc_score(bad_tried, model.decision_function(tried))
        weights = dict(zip(CRITERIA, one.weights()["global"].to_list()[1:], strict=True))
        print(f"{name}: CR {ratio(one):.3f}, AUC on firms not seen {area:.3f}")
        print("   " + ", ".join(f"{name} {weight:.3f}" for name, weight in weights.items()))
        print("   " + ", ".join(f"{a}:{b} = {judgment}" for (a, b), judgment in zip(PAIRS, judgments, strict=True)))
    return study


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
