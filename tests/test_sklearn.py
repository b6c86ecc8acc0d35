"""A card as a scikit-learn classifier: the checks of scikit-learn, probabilities against its own calibration, frames, arrays and pickles."""

import doctest
import pickle
import subprocess
import sys
import warnings

import firmgrade as fg
import firmgrade.sklearn
import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
from firmgrade.sklearn import ScorecardClassifier
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from conftest import CARDS, SMALL
from test_tune import make_card, world

SEPARATED = "the check's 20 to 30 rows are told apart without a miss in some fold; weights cannot be tuned on that, and tune says so"
REWEIGH = {
    name: SEPARATED
    for name in (
        "check_classifier_data_not_an_array",
        "check_decision_proba_consistency",
        "check_dict_unchanged",
        "check_dont_overwrite_parameters",
        "check_estimators_fit_returns_self",
        "check_estimators_overwrite_params",
        "check_f_contiguous_array_estimator",
        "check_fit2d_predict1d",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_readonly_memmap_input",
    )
}


@parametrize_with_checks(
    [ScorecardClassifier(), ScorecardClassifier(method="reweigh")],
    expected_failed_checks=lambda estimator: REWEIGH if estimator.method == "reweigh" else {},
)
def test_checks_of_scikit_learn(estimator, check):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        check(estimator)


@pytest.fixture(scope="module")
def data():
    firms, outcomes = world([0.30, 0.30, 0.20, 0.20], n=6000)
    return firms, outcomes["outcome"].to_numpy()


def test_the_docstring_is_true():
    failed, tried = doctest.testmod(firmgrade.sklearn)
    assert (failed, tried) == (0, 4)


def test_nothing_of_firmgrade_needs_scikit_learn():
    code = "import sys; sys.modules['sklearn'] = None; import firmgrade; print(len(firmgrade.__all__))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and int(ran.stdout) > 20, ran.stderr


def test_calibration_is_that_of_scikit_learn(data):
    """scikit-learn's own sigmoid of the same score gives the same probabilities, with weights and without."""
    firms, bad = data
    for weight in (None, np.random.default_rng(2).uniform(0.1, 3.0, len(bad))):
        model = ScorecardClassifier(make_card()).fit(firms, bad, sample_weight=weight)
        sigmoid = CalibratedClassifierCV(FrozenEstimator(model), method="sigmoid").fit(firms.to_pandas(), bad, sample_weight=weight)
        assert model.predict_proba(firms)[:, 1] == pytest.approx(sigmoid.predict_proba(firms.to_pandas())[:, 1], abs=2e-5)
        # The score equations: what is expected is what was seen, in all and along the risk.
        p = model.predict_proba(firms)[:, 1]
        w = np.ones(len(bad)) if weight is None else weight
        target = np.where(bad, (w[bad].sum() + 1) / (w[bad].sum() + 2), 1 / (w[~bad].sum() + 2))
        assert abs(w @ (p - target)) < 1e-6 and abs(w @ ((p - target) * model.decision_function(firms))) < 1e-6


def test_order_is_the_cards(data):
    firms, bad = data
    card = make_card()
    model = ScorecardClassifier(card).fit(firms, bad)
    graded = fg.grade(card, firms).frame
    assert roc_auc_score(bad, model.decision_function(firms)) == pytest.approx(roc_auc_score(bad, -graded["score"].to_numpy()), abs=1e-12)
    assert model.slope_ > 0 and model.classes_.tolist() == [False, True] and model.proposal_ is None and model.card_ == card
    decision, p = model.decision_function(firms), model.predict_proba(firms)
    assert (model.predict(firms) == (decision > 0)).all() and p.sum(axis=1) == pytest.approx(1)
    assert p[:, 1] == pytest.approx(1 / (1 + np.exp(-decision)))


def test_frames_and_arrays_say_the_same(data):
    firms, bad = data
    card = make_card()
    model = ScorecardClassifier(card).fit(firms, bad)
    assert model.feature_names_in_.tolist() == firms.columns and model.n_features_in_ == 5
    p = model.predict_proba(firms)
    assert np.array_equal(ScorecardClassifier(card).fit(firms.to_pandas(), bad).predict_proba(firms.to_pandas()), p)
    array = firms.select(list(card.columns)).to_numpy()
    of_array = ScorecardClassifier(card).fit(array, bad)
    assert np.array_equal(of_array.predict_proba(array), p) and not hasattr(of_array, "feature_names_in_")
    named = ScorecardClassifier(card).fit(firms, np.where(bad, "closed", "alive")[: len(bad)])
    assert named.classes_.tolist() == ["alive", "closed"] and np.array_equal(named.predict_proba(firms), p)


def test_texts_flags_and_gaps():
    card = fg.Scorecard.loads(SMALL)
    rng = np.random.default_rng(4)
    fines = rng.integers(0, 5, 900).astype(float)
    bad = rng.random(900) < 0.1 + 0.1 * fines
    fines[rng.random(900) < 0.2] = np.nan
    tax = np.where(rng.random(900) < 0.3, None, rng.choice(["A", "B", "D"], 900))
    listed = rng.random(900) < 0.5
    pandas = pd.DataFrame({"other": 1, "listed": listed, "tax": tax, "fines": fines}, index=np.arange(900) + 5)
    polars = pl.DataFrame({"tax": tax.tolist(), "fines": pl.Series(fines, nan_to_null=True), "listed": listed})
    array = np.column_stack([fines.astype(object), tax, listed.astype(object)])
    expected = ScorecardClassifier(card).fit(pandas, bad).predict_proba(pandas)
    assert np.array_equal(ScorecardClassifier(card).fit(polars, bad).predict_proba(polars), expected)
    assert np.array_equal(ScorecardClassifier(card).fit(array, bad).predict_proba(array), expected)
    wrong = array.copy()
    wrong[0, 2] = "no"
    array[array == None] = pd.NA
    assert np.array_equal(ScorecardClassifier(card).fit(array, bad).predict_proba(array), expected)
    with pytest.raises(ValueError, match="a column of flags holds `no`"):
        ScorecardClassifier(card).fit(wrong, bad)
    assert len(np.unique(expected[:, 1])) >= 6
    # The card's own reading of the same table.
    score = fg.grade(card, polars.with_columns(id=pl.int_range(900))).frame["score"].to_numpy()
    assert (np.argsort(np.argsort(np.unique(-score))) == np.arange(len(np.unique(score)))).all()
    assert roc_auc_score(bad, expected[:, 1]) == pytest.approx(roc_auc_score(bad, -score), abs=1e-12)


def test_reweighing_adopts_only_open_gates(data):
    firms, bad = data
    card = make_card()
    outcomes = pl.DataFrame({"id": firms["id"], "outcome": bad})
    options = {"max_change": 0.15, "weighting": "plain"}
    proposal = fg.tune(
        card,
        firms.with_columns(id=pl.int_range(6000).cast(pl.String)),
        outcomes.with_columns(id=pl.int_range(6000).cast(pl.String)),
        **options,
    )
    assert proposal.proposed
    model = ScorecardClassifier(card, method="reweigh", **options).fit(firms, bad)
    assert model.proposal_.weights.equals(proposal.weights)
    assert model.card_.version == "2024.2" and model.card_ != card
    assert roc_auc_score(bad, model.decision_function(firms)) > roc_auc_score(
        bad, ScorecardClassifier(card).fit(firms, bad).decision_function(firms)
    )
    # A change that is limited goes a part of the way.
    part = ScorecardClassifier(card, method="reweigh", max_change=0.05, weighting="plain").fit(firms, bad)
    assert part.proposal_.proposed and part.proposal_.step == pytest.approx(0.05 / part.proposal_.asked, abs=1e-3)
    stated = part.card_.weights().filter(pl.col("kind") == "indicator")["global"]
    assert np.abs(stated.to_numpy() - proposal.weights["expert"].to_numpy()).max() <= 0.05 + 1e-9
    # A gate that is closed keeps the experts, unless a study asks for what was found.
    few = firms.head(150), bad[:150]
    closed = ScorecardClassifier(card, method="reweigh").fit(*few)
    assert closed.card_ == card and closed.proposal_.kind == "not_proposed"
    found = clone(closed).set_params(adopt="found").fit(*few)
    assert found.card_.version == "2024.2" and found.proposal_.weights.equals(closed.proposal_.weights)
    nothing, chance = world([0.25] * 4, slope=0.0, n=3000)
    chance = chance["outcome"].to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        none = ScorecardClassifier(card, method="reweigh", adopt="found").fit(nothing, chance)
    assert none.proposal_.kind == "no_signal" and none.card_ == card


def test_weights_count_rows(data):
    firms, bad = data
    firms, bad = firms.head(1500), bad[:1500]
    times = np.random.default_rng(3).integers(0, 3, 1500)
    card = make_card()
    weighted = ScorecardClassifier(card).fit(firms, bad, sample_weight=times)
    repeated = ScorecardClassifier(card).fit(firms[np.repeat(np.arange(1500), times)], np.repeat(bad, times))
    assert (weighted.intercept_, weighted.slope_) == pytest.approx((repeated.intercept_, repeated.slope_), rel=1e-8)
    plain = ScorecardClassifier(card).fit(firms, bad)
    assert plain.slope_ != pytest.approx(weighted.slope_, rel=1e-4)
    # Weights reach the tuning: rows of one group counted forty times move its indicator.
    heavy = np.where(firms["d"].to_numpy() > 0.5, 40.0, 1.0)
    tuned = [ScorecardClassifier(card, method="reweigh").fit(firms, bad, sample_weight=w).proposal_ for w in (None, heavy)]
    assert not tuned[0].weights.equals(tuned[1].weights) and tuned[1].to_dict()["design_weighted"]


@pytest.mark.filterwarnings("error")
def test_searches_scores_and_calibration(data):
    firms, bad = data
    firms, bad = firms.head(2000).to_pandas(), bad[:2000]
    shifted = fg.Scorecard.loads(_text((0.1, 0.1, 0.1, 0.7)))
    search = GridSearchCV(ScorecardClassifier(), {"card": [shifted, make_card()]}, scoring="roc_auc", cv=3).fit(firms, bad)
    assert search.best_params_["card"] == make_card()
    scores = cross_val_score(ScorecardClassifier(make_card()), firms, bad, scoring="roc_auc", cv=3)
    assert scores == pytest.approx(search.cv_results_["mean_test_score"][1], abs=0.05) and (scores > 0.6).all()
    for method in ("sigmoid", "isotonic"):
        calibrated = CalibratedClassifierCV(ScorecardClassifier(make_card()), method=method, cv=3).fit(firms, bad)
        assert calibrated.predict_proba(firms)[:, 1].mean() == pytest.approx(bad.mean(), abs=0.02)
    piped = make_pipeline(FunctionTransformer(), ScorecardClassifier(make_card())).fit(firms, bad)
    assert np.array_equal(piped.predict_proba(firms), ScorecardClassifier(make_card()).fit(firms, bad).predict_proba(firms))


def _text(weights):
    from test_tune import CARD, INDICATOR

    text = CARD.format(indicators="".join(INDICATOR.format(id=name) for name in "abcd"))
    return text.replace("a = 0.4, b = 0.3, c = 0.2, d = 0.1", ", ".join(f"{name} = {w}" for name, w in zip("abcd", weights)))


def test_pickles_paths_and_clones(data, tmp_path):
    firms, bad = data
    path = tmp_path / "four.toml"
    path.write_text(_text((0.4, 0.3, 0.2, 0.1)), encoding="utf-8")
    model = ScorecardClassifier(path, method="reweigh").fit(firms, bad)
    joblib.dump(model, tmp_path / "model")
    for kept in (pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model"), clone(model).fit(firms, bad)):
        assert np.array_equal(kept.predict_proba(firms), model.predict_proba(firms)) and kept.card_ == model.card_
    assert clone(ScorecardClassifier(make_card())).get_params()["card"] == make_card()


def test_a_card_that_points_the_wrong_way_is_not_turned_round(data):
    firms, bad = data
    with pytest.warns(UserWarning, match="not more frequent where the card sees more risk"):
        model = ScorecardClassifier(make_card()).fit(firms, ~bad)
    assert model.slope_ == 0 and np.ptp(model.predict_proba(firms)[:, 1]) == 0
    assert model.predict_proba(firms)[0, 1] == pytest.approx((~bad).mean(), abs=1e-3)


def test_without_a_card_a_first_look(data):
    firms, bad = data
    X = np.column_stack([firms["a"], -firms["b"].to_numpy(), np.full(6000, 7.0)])
    model = ScorecardClassifier().fit(X, bad)
    assert model.card_.id == "first-look" and model.card_.weights().filter(pl.col("kind") == "indicator")[
        "global"
    ].to_list() == pytest.approx([1 / 3] * 3)
    risk = model.card_.utilities(pl.DataFrame({"id": ["q", "r"], "x1": [0.0, 1.0], "x2": [0.0, -1.0], "x3": [7.0, 7.0]}))
    assert risk.tolist() == [[0.0, 0.0, 0.5], [1.0, 1.0, 0.5]]
    assert ScorecardClassifier().__sklearn_tags__().input_tags.allow_nan is False
    assert ScorecardClassifier(make_card()).__sklearn_tags__().input_tags.allow_nan is True


def test_faults_name_the_place_and_the_remedy(data):
    firms, bad = data
    card = make_card()
    with pytest.raises(ValueError, match="no columns `a`, `c` of the card `four`"):
        ScorecardClassifier(card).fit(firms.drop("a", "c"), bad)
    with pytest.raises(ValueError, match="X has 3 columns, the card `four` reads 4: a, b, c, d"):
        ScorecardClassifier(card).fit(np.zeros((len(bad), 3)), bad)
    with pytest.raises(ValueError, match="method: found `tune`, expected `calibrate` or `reweigh`"):
        ScorecardClassifier(card, method="tune").fit(firms, bad)
    with pytest.raises(ValueError, match="adopt: found `always`"):
        ScorecardClassifier(card, adopt="always").fit(firms, bad)
    with pytest.raises(ValueError, match="all of one class"):
        ScorecardClassifier(card).fit(firms, np.zeros(len(bad)))
    with pytest.raises(ValueError, match="Only binary classification"):
        ScorecardClassifier(card).fit(firms, np.arange(len(bad)) % 3)
    with pytest.raises(ValueError, match="6000 rows of X and 5 of y"):
        ScorecardClassifier(card).fit(firms, bad[:5])
    with pytest.raises(fg.DataError, match="missing"):
        ScorecardClassifier(card).fit(firms.with_columns(a=pl.lit(None, pl.Float64)), bad)
    lost = fg.Scorecard.loads(
        _text((0.4, 0.3, 0.2, 0.1))
        .replace('missing = "error"', 'missing = "reweight"')
        .replace('order = ["A"', 'insufficient = { grade = "M", coverage_below = 0.3 }\norder = ["A"')
    )
    gaps = firms.with_columns(pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise(pl.col(name)).alias(name) for name in "abcd")
    with pytest.raises(fg.FirmgradeError, match=r"3 rows have no score \(row 1, row 2, row 3\)"):
        ScorecardClassifier(lost).fit(gaps, bad)
    assert ScorecardClassifier(lost).fit(gaps[3:], bad[3:]).slope_ > 0
    with pytest.raises(fg.FileError):
        ScorecardClassifier(CARDS / "nowhere.toml").fit(firms, bad)


def test_new_bands_first():
    card = fg.Scorecard.loads(CARD_AGAINST)
    rng = np.random.default_rng(5)
    X = pl.DataFrame({"a": rng.random(3000), "b": rng.random(3000)})
    y = rng.random(3000) < 1 / (1 + np.exp(2 - 4 * X["a"].to_numpy() + 4 * X["b"].to_numpy()))
    plain, banded = (ScorecardClassifier(card, bands=new).fit(X, y) for new in (False, {"most": 4}))
    assert plain.bands_ is None and banded.bands_.proposed and banded.card_ != card
    assert banded.bands_.indicators["bands"].max() <= 4
    assert roc_auc_score(y, banded.decision_function(X)) > roc_auc_score(y, plain.decision_function(X)) + 0.2
    # Both, and inside a search that clones.
    search = GridSearchCV(ScorecardClassifier(card, method="reweigh", adopt="found"), {"bands": [False, True]}, scoring="roc_auc", cv=3)
    assert search.fit(X, y).best_params_ == {"bands": True} and search.best_estimator_.proposal_ is not None
    # Chance is not adopted.
    chance = ScorecardClassifier(card, bands=True).fit(X, rng.random(3000) < 0.2)
    assert not chance.bands_.proposed and chance.card_ == card


CARD_AGAINST = """
[scorecard]
id = "against"
title = "b the wrong way round"
version = "1"
id_column = "id"
scale = { min = 0, max = 1, better = "low" }
[judgments.root]
equal = true
[indicators.a]
title = "a"
criterion = "root"
missing = "error"
points = [ { at = 0, risk = 0.0 }, { at = 1, risk = 1.0 } ]
[indicators.b]
title = "b"
criterion = "root"
missing = "error"
points = [ { at = 0, risk = 0.0 }, { at = 1, risk = 1.0 } ]
[grades]
order = ["A", "B"]
cuts = ["<= 0.5"]
"""
