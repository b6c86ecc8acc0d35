"""A scorecard as a scikit-learn classifier: ScorecardClassifier. Needs scikit-learn 1.6 or newer; nothing else of firmgrade imports it."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.base import BaseEstimator, ClassifierMixin  # type: ignore[import-untyped]
from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
from sklearn.utils.multiclass import check_classification_targets, type_of_target  # type: ignore[import-untyped]
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, column_or_1d, validate_data  # type: ignore[import-untyped]

from firmgrade._firmgrade import Proposal, Scorecard, grade, tune
from firmgrade.errors import FirmgradeError
from firmgrade.tuning import Bands, bands

__all__ = ["ScorecardClassifier"]

_Numbers = npt.NDArray[np.float64]


class ScorecardClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Probabilities of a bad outcome from a card's score.

    ::

        risk = the card's score turned to 0 (best) … 1 (worst)        decision = a + c·risk, c ≥ 0        p = 1/(1 + exp(−decision))

    Parameters
    ----------
    card : Scorecard, path of a card, or None
        The experts' card. None makes one when fitting, for a first look without experts: equal weights, each column's risk rising or falling
        evenly between its 5 % and 95 % quantile, in the direction in which bad outcomes become more frequent.
    method : "calibrate" or "reweigh"
        "calibrate" keeps the card and fits a and c. "reweigh" first tunes the card's weights by :func:`firmgrade.tune`, near the experts'.
    bands : bool or dict
        True, or keywords of :func:`firmgrade.bands` such as ``{"most": 4}``: new bands of the indicators first, before the weights.
    adopt : "proposed" or "found"
        New bands and weights are used only if they are proposed ("proposed"), or wherever some were found ("found": a study of what tuning
        reaches, and not what an office would put into force). Otherwise the experts' stay. Either way no weight changes by more than `max_change` in one fit; 1 takes what the
        outcomes ask for as it is.
    folds, seed, tau, max_change, weighting
        As for :func:`firmgrade.tune`. `weighting` None: "design" where fitted with `sample_weight`, else "plain".

    Attributes
    ----------
    classes_ : array of the two labels; the second, greater one is the bad outcome.
    card_ : Scorecard, as used; with `bands` or "reweigh" the new version, where adopted.
    bands_ : Bands; None without `bands`.
    proposal_ : Proposal of "reweigh"; None after "calibrate", and where the card separates the outcomes, so that nothing is left to tune.
    intercept_, slope_ : a and c, floats.
    n_features_in_, feature_names_in_ : of X; names only where X has them.

    `X` is a frame of pandas or polars with the card's columns by name (others and the id column are not read; derived indicators as columns of
    :func:`firmgrade.derive`), or an array with the card's columns in the order of ``list(card.columns)``. Missing values are the card's affair.
    Rules that set grades do not enter: a probability comes from the score.

    a and c are the maximum of the likelihood under Platt's targets (n₁+1)/(n₁+2) and 1/(n₀+2) instead of 1 and 0, which are finite for a card
    that separates; n₁ and n₀ are sums of weights. Sources: Platt (1999); Lin, Lin & Weng, Machine Learning 68 (2007), 267–276.

    >>> import numpy as np
    >>> from firmgrade.sklearn import ScorecardClassifier
    >>> X = np.array([[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]])
    >>> ScorecardClassifier().fit(X, [0, 0, 1, 0, 1, 1]).predict([[0.5], [4.5]]).tolist()
    [0, 1]
    """

    if TYPE_CHECKING:  # made by scikit-learn from the signatures of fit and score

        def set_fit_request(self, *, sample_weight: bool | str | None = "$UNCHANGED$") -> ScorecardClassifier: ...
        def set_score_request(self, *, sample_weight: bool | str | None = "$UNCHANGED$") -> ScorecardClassifier: ...

    def __init__(
        self,
        card: Scorecard | str | PathLike[str] | None = None,
        *,
        method: str = "calibrate",
        bands: bool | Mapping[str, Any] = False,
        adopt: str = "proposed",
        folds: int | None = None,
        seed: int | None = None,
        tau: list[float] | None = None,
        max_change: float | None = None,
        weighting: str | None = None,
    ) -> None:
        self.card = card
        self.method = method
        self.bands = bands
        self.adopt = adopt
        self.folds = folds
        self.seed = seed
        self.tau = tau
        self.max_change = max_change
        self.weighting = weighting

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        # A card says by itself what a missing value and a category mean.
        tags.input_tags.allow_nan = self.card is not None
        tags.input_tags.categorical = tags.input_tags.string = self.card is not None
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> ScorecardClassifier:
        """Fits to outcomes `y`, two labels of which the greater is the bad one; rows count by `sample_weight`, such as 1/π.

        Raises ValueError for what scikit-learn refuses, DataError for cells that the card refuses, FirmgradeError for what cannot be tuned.
        """
        _word("method", self.method, ("calibrate", "reweigh"))
        _word("adopt", self.adopt, ("proposed", "found"))
        card = self.card if self.card is None or isinstance(self.card, Scorecard) else Scorecard.load(self.card)
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        y = column_or_1d(y, warn=True)
        firms = self._firms(X, card, fitting=True)
        rows = firms.height
        if rows != len(y):
            raise ValueError(f"found {rows} rows of X and {len(y)} of y, expected as many")
        check_classification_targets(y)
        if type_of_target(y, input_name="y", raise_unknown=True) != "binary" and len(np.unique(y)) > 2:
            raise ValueError(f"Only binary classification is supported. The type of the target is {type_of_target(y)}.")
        # Rows of weight 0 are not there.
        weight = _check_sample_weight(sample_weight, np.empty((rows, 1)), dtype=np.float64, ensure_non_negative=True)
        there = weight > 0
        self.classes_ = np.unique(y[there])
        if len(self.classes_) < 2:
            raise ValueError(f"the outcomes are all of one class, {self.classes_.tolist()}; expected two classes")
        firms, bad, weight = firms.filter(there), y[there] == self.classes_[1], weight[there]

        self.card_ = _first_look(firms, bad, weight) if card is None else card
        self.proposal_: Proposal | None = None
        self.bands_: Bands | None = None
        outcomes = _outcomes(bad, None if sample_weight is None else weight)
        if self.bands is not False:
            self._band(firms, outcomes)
        if self.method == "reweigh":
            self._reweigh(firms, bad, outcomes)
        self.intercept_, self.slope_ = _calibrate(_risk(self.card_, firms), bad, weight)
        return self

    def decision_function(self, X: Any) -> _Numbers:
        """The log-odds of the bad outcome, by row: higher for riskier firms, above 0 where ``classes_[1]`` is predicted."""
        check_is_fitted(self)
        decision: _Numbers = self.intercept_ + self.slope_ * _risk(self.card_, self._firms(X, self.card_, fitting=False))
        return decision

    def predict_proba(self, X: Any) -> _Numbers:
        """The probabilities of ``classes_``, shape (n_firms, 2)."""
        bad = _logistic(self.decision_function(X))
        return np.column_stack([1 - bad, bad])

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """The more probable class. Where bad outcomes are rare that is the good one for nearly all: take a cut of the probability instead."""
        above = self.decision_function(X) > 0
        found: npt.NDArray[Any] = self.classes_[above.astype(np.intp)]
        return found

    def _firms(self, X: Any, card: Scorecard | None, *, fitting: bool) -> pl.DataFrame:
        """The columns that the card reads, by name."""
        if self.card is not None and card is not None and hasattr(X, "columns"):
            validate_data(self, X, reset=fitting, skip_check_array=True)
            wanted, there = list(card.columns), set(X.columns)
            lacking = [name for name in wanted if name not in there]
            if lacking:
                raise ValueError(f"X has no {_listed(lacking, 'column')} of the card `{card.id}`; its columns are {', '.join(wanted)}")
            frame = X.select(wanted) if isinstance(X, pl.DataFrame) else pl.from_pandas(X[wanted].reset_index(drop=True))
            if not frame.height:
                raise ValueError("Found array with 0 sample(s) while a minimum of 1 is required.")
            return frame
        if self.card is None:
            array = validate_data(self, X, reset=fitting, dtype=np.float64)
            names = [f"x{place + 1}" for place in range(array.shape[1])]
        else:
            assert card is not None
            array = validate_data(self, X, reset=fitting, dtype=None, ensure_all_finite="allow-nan")
            names = list(card.columns)
            if array.shape[1] != len(names):
                raise ValueError(f"X has {array.shape[1]} columns, the card `{card.id}` reads {len(names)}: {', '.join(names)}")
        kinds = {} if card is None else card.columns
        return pl.DataFrame({name: _kept(array[:, place], kinds.get(name, "number")) for place, name in enumerate(names)})

    def _band(self, firms: pl.DataFrame, outcomes: pl.DataFrame) -> None:
        """Finds new bands, and takes the new card where that is wanted."""
        options = {} if self.bands is True else dict(self.bands)  # type: ignore[arg-type]
        self.bands_ = bands(grade(self.card_, _numbered(self.card_, firms), reasons=0), outcomes, **options)
        if self.bands_.proposed or (self.adopt == "found" and self.bands_.indicators["taken"].any()):
            self.card_ = Scorecard.loads(self.bands_.card_text())

    def _reweigh(self, firms: pl.DataFrame, bad: npt.NDArray[np.bool_], outcomes: pl.DataFrame) -> None:
        """Tunes the card's weights, and takes the new card where that is wanted."""
        risk = _risk(self.card_, firms)
        if risk[bad].min() >= risk[~bad].max():
            warnings.warn("the card tells bad from good without a miss, so there is nothing to tune", stacklevel=3)
            return
        options = {name: value for name in ("folds", "seed", "tau", "max_change") if (value := getattr(self, name)) is not None}
        weighting: Any = self.weighting or ("design" if "pi" in outcomes.columns else "plain")
        self.proposal_ = tune(self.card_, _numbered(self.card_, firms), outcomes, weighting=weighting, **options)
        if self.proposal_.proposed or (self.adopt == "found" and self.proposal_.weights.height):
            self.card_ = Scorecard.loads(self.proposal_.card_text())


def _outcomes(bad: npt.NDArray[np.bool_], weight: _Numbers | None) -> pl.DataFrame:
    outcomes = pl.DataFrame({"id": _ids(len(bad)), "outcome": bad})
    return outcomes if weight is None else outcomes.with_columns(pi=pl.Series(weight.min() / weight))


def _word(name: str, found: Any, known: tuple[str, ...]) -> None:
    if found not in known:
        raise ValueError(f"{name}: found `{found}`, expected {' or '.join(f'`{word}`' for word in known)}")


def _listed(names: list[str], what: str) -> str:
    listed = ", ".join(f"`{name}`" for name in names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{what} {listed}" if len(names) == 1 else f"{what}s {listed}"


def _kept(column: npt.NDArray[Any], kind: str) -> pl.Series:
    """A column of an array, which may hold numbers, texts and flags together."""
    if kind == "number":
        # numpy spells a missing number NaN, polars null.
        return pl.Series(column.astype(np.float64), nan_to_null=True)
    values = [None if _gap(value) else value for value in column.tolist()]
    if kind == "text":
        return pl.Series([None if value is None else str(value) for value in values], dtype=pl.String)
    other = [value for value in values if value not in (None, 0, 1)]
    if other:
        raise ValueError(f"a column of flags holds `{other[0]}`, expected True, False or nothing")
    return pl.Series([None if value is None else bool(value) for value in values], dtype=pl.Boolean)


def _gap(value: Any) -> bool:
    """Whether this is how numpy or pandas spell a missing value."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and math.isnan(value))


def _ids(rows: int) -> pl.Series:
    """Row numbers: rows drawn again for a bootstrap are firms by themselves."""
    return pl.int_range(rows, eager=True).cast(pl.String)


def _numbered(card: Scorecard, firms: pl.DataFrame) -> pl.DataFrame:
    return firms.with_columns(_ids(firms.height).alias(card.id_column))


def _risk(card: Scorecard, firms: pl.DataFrame) -> _Numbers:
    """The card's score as risk from 0 to 1."""
    score = grade(card, _numbered(card, firms), reasons=0).frame["score"]
    if score.null_count():
        rows = score.is_null().arg_true().to_list()
        first = ", ".join(f"row {row + 1}" for row in rows[:5])
        raise FirmgradeError(f"{len(rows)} rows have no score ({first}): no indicator has a value there; leave these rows out")
    scale = json.loads(card.to_json())["scorecard"]["scale"]
    share = (score.to_numpy() - scale["min"]) / (scale["max"] - scale["min"])
    risk: _Numbers = 1 - share if scale["better"] == "high" else share
    return risk


def _logistic(x: _Numbers) -> _Numbers:
    # exp of a large number overflows; of a negative one it does not.
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def _calibrate(risk: _Numbers, bad: npt.NDArray[np.bool_], weight: _Numbers) -> tuple[float, float]:
    """a and c of ``logit p = a + c·risk`` by Newton's steps, under Platt's targets; c is never below 0."""
    of_bad, of_good = float(weight[bad].sum()), float(weight[~bad].sum())
    target = np.where(bad, (of_bad + 1) / (of_bad + 2), 1 / (of_good + 2))
    mean = float((weight * target).sum() / weight.sum())
    centre = float((weight * risk).sum() / weight.sum())
    spread = math.sqrt(float((weight * (risk - centre) ** 2).sum() / weight.sum()))
    flat = math.log(mean / (1 - mean))
    if not spread > 1e-12:
        return flat, 0.0
    along = (risk - centre) / spread
    if not float((weight * along * (target - mean)).sum()) > 0:
        warnings.warn("bad outcomes are not more frequent where the card sees more risk: all get the same probability", stacklevel=3)
        return flat, 0.0

    def loss(a: float, c: float) -> float:
        x = a + c * along
        return float((weight * (np.logaddexp(0, x) - target * x)).sum())

    a, c, least = flat, 0.0, loss(flat, 0.0)
    for _ in range(100):
        p = _logistic(a + c * along)
        slack, curve = weight * (target - p), weight * p * (1 - p)
        first, second = float(slack.sum()), float((slack * along).sum())
        aa, ac, cc = float(curve.sum()), float((curve * along).sum()), float((curve * along**2).sum())
        determinant = aa * cc - ac * ac
        if not determinant > 0:
            break
        step = (cc * first - ac * second) / determinant, (aa * second - ac * first) / determinant
        size, now = 1.0, loss(a + step[0], c + step[1])
        while now > least and size > 1e-10:
            size /= 2
            now = loss(a + size * step[0], c + size * step[1])
        a, c, least = a + size * step[0], c + size * step[1], min(least, now)
        if abs(step[0]) + abs(step[1]) < 1e-8 * (1 + abs(a) + abs(c)):
            break
    else:
        warnings.warn("the calibration did not converge in 100 steps", ConvergenceWarning, stacklevel=3)
    return a - c * centre / spread, c / spread


def _first_look(firms: pl.DataFrame, bad: npt.NDArray[np.bool_], weight: _Numbers) -> Scorecard:
    """A card without experts: equal weights, risk even between the 5 % and the 95 % quantile, in the direction of the outcomes."""
    total = weight.sum()
    rate = weight[bad].sum() / total
    indicators = []
    for name in firms.columns:
        column = firms[name].to_numpy()
        order = np.argsort(column, kind="stable")
        upto = np.cumsum(weight[order])
        low, high = (float(column[order[min(np.searchsorted(upto, q * total), len(order) - 1)]]) for q in (0.05, 0.95))
        if low == high:
            low, high = float(column.min()), float(column.max())
        along = float((weight * (bad - rate) * (column - (weight * column).sum() / total)).sum())
        start, end = (0.0, 1.0) if along >= 0 else (1.0, 0.0)
        if not low < high:
            start, end, high = 0.5, 0.5, math.nextafter(low, math.inf)
        points = f"{{ at = {low!r}, risk = {start} }}, {{ at = {high!r}, risk = {end} }}"
        indicators.append(f'[indicators.{name}]\ntitle = "{name}"\ncriterion = "root"\nmissing = "error"\npoints = [ {points} ]\n')
    judged = "[judgments.root]\nequal = true\n" if firms.width > 1 else ""
    return Scorecard.loads(
        '[scorecard]\nid = "first-look"\ntitle = "Equal weights, without experts"\nversion = "1"\nid_column = "id"\n'
        'scale = { min = 0, max = 1, better = "low" }\n'
        f'{judged}{"".join(indicators)}[grades]\norder = ["A", "B"]\ncuts = ["<= 0.5"]\n',
        "<first look>",
    )
