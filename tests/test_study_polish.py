"""What tuning reaches on real firms, five-fold: everything that is fitted is fitted on four folds and tried on the fifth.

- weights alone: the experts' bands stay as they are. Beside it penalised logistic regression on the same bands' risks, whose weights may be
  negative, and the best that weights of at least 0 can do on them, without any prior.
- bands and weights: bands from the outcomes of the other folds, then weights tuned on them. Beside it regression on the same bands, once on their
  risks (in proportion to weights of evidence, as a scorecard is made), once with a column for each band, which may bend every band as it likes.

Mean AUC when this was written (1year, 5year): expert 0.712, 0.817; weights alone 0.729, 0.849, best weights of at least 0 0.743, 0.857, regression
0.770, 0.867; bands and weights 0.856, 0.894, regression 0.868, 0.903, on columns 0.878, 0.919. So weights alone come within 0.02 of regression on
5year only: on 1year it is the direction of some bands, and no weights of at least 0 get there. With bands from outcomes they do on both.
"""

import firmgrade as fg
import numpy as np
import polars as pl
import pytest
from firmgrade.sklearn import ScorecardClassifier
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import OneHotEncoder

from conftest import CARDS, oracle, shared

polish = oracle("polish")
CARD = fg.Scorecard.load(CARDS / "polish-ratios.toml")


def regression():
    grid = np.logspace(-3, 1, 5)
    return LogisticRegressionCV(Cs=grid, scoring="neg_log_loss", max_iter=3000, cv=5, l1_ratios=(0,), use_legacy_attributes=False)


def at_least_nothing(u, bad):
    """Logistic regression with coefficients of at least 0, hardly penalised."""

    def loss(b):
        x = b[0] + u @ b[1:]
        slack = 1 / (1 + np.exp(-x)) - bad
        return np.logaddexp(0, x).sum() - x[bad].sum() + (b[1:] ** 2).sum() / 2, np.r_[slack.sum(), u.T @ slack + b[1:]]

    start = np.r_[-3.0, np.ones(u.shape[1])]
    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(None, None)] + [(0, None)] * u.shape[1]).x[1:]


@pytest.fixture(scope="module", params=["1year", "5year"])
def study(request):
    """AUC on rows not seen, mean of the folds, by what was fitted; and all tuned weights."""
    columns, bad = polish.load_arff(shared("polish", f"{request.param}.arff.gz"))
    bad = np.array(bad)
    firms = pl.DataFrame(columns).select(list(CARD.columns))
    areas, weights = [], []
    for fitted, tried in StratifiedKFold(5, shuffle=True, random_state=1).split(firms, bad):
        found = {}
        for name, new in (("weights", False), ("bands, weights", True)):
            model = ScorecardClassifier(CARD, method="reweigh", bands=new, adopt="found", max_change=1.0).fit(firms[fitted], bad[fitted])
            weights.append(model.proposal_.weights["tuned"].to_numpy())
            found[name] = model.decision_function(firms[tried])
        for name, new in (("expert", False), ("bands", True)):
            model = ScorecardClassifier(CARD, bands=new, adopt="found").fit(firms[fitted], bad[fitted])
            found[name] = model.decision_function(firms[tried])
            # The same bands without the experts' weights: their risks as numbers, and a column for each.
            u = model.card_.utilities(firms.with_columns(pl.int_range(pl.len()).cast(pl.String).alias(CARD.id_column)))
            filled = np.where(np.isnan(u), np.nanmean(u[fitted], axis=0), u)
            hot = OneHotEncoder(handle_unknown="ignore").fit(u[fitted]).transform(u)
            for kind, seen in (("regression", filled), ("columns", hot)):
                found[f"{kind} on {name}"] = regression().fit(seen[fitted], bad[fitted]).decision_function(seen[tried])
            if name == "expert":
                found["best weights"] = filled[tried] @ at_least_nothing(filled[fitted], bad[fitted])
        areas.append({name: roc_auc_score(bad[tried], risk) for name, risk in found.items()})
    mean = {name: float(np.mean([fold[name] for fold in areas])) for name in areas[0]}
    print(f"\n{request.param}: " + ", ".join(f"{name} {area:.3f}" for name, area in mean.items()))
    return request.param, mean, np.array(weights)


def test_no_weight_is_negative(study):
    _, _, weights = study
    assert weights.shape == (10, len(CARD.indicators)) and (weights >= 0).all() and weights.sum(axis=1) == pytest.approx(1, abs=1e-6)


def test_weights_alone_better_the_experts(study):
    year, area, _ = study
    assert area["weights"] >= area["expert"] + 0.01, (year, area)
    # Near the best that weights can do; where that is far from free regression, no weights help.
    assert area["weights"] >= area["best weights"] - 0.02, (year, area)
    if year == "5year":
        assert area["weights"] >= area["regression on expert"] - 0.02, (year, area)
    else:
        assert area["best weights"] < area["regression on expert"] - 0.02, (year, area)


def test_bands_and_weights_come_up_to_logistic_regression(study):
    year, area, _ = study
    assert area["bands, weights"] >= area["regression on bands"] - 0.02, (year, area)
    # Further bent: not every band is where the experts' order and one direction put it.
    assert area["bands, weights"] >= area["columns on bands"] - 0.03, (year, area)
