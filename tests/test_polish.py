"""Real firms: ratios of Polish companies (UCI), graded by judgement alone."""

import firmgrade as fg
import polars as pl
import pytest

from conftest import CARDS, oracle, shared

polish = oracle("polish")
CARD = CARDS / "polish-ratios.toml"


@pytest.mark.parametrize("file, firms, least_auc", [("1year.arff.gz", 7027, 0.70), ("5year.arff.gz", 5910, 0.78)])
def test_bad_rates_rise_and_the_oracle_agrees(file, firms, least_auc):
    columns, bad = polish.load_arff(shared("polish", file))
    card = fg.Scorecard.load(CARD)
    assert len(card.indicators) >= 12
    ids = [str(row) for row in range(firms)]
    graded = fg.grade(card, {card.id_column: ids, **columns})
    frame = graded.frame.with_columns(bad=pl.Series(bad))
    assert frame.height == firms

    rates = frame.group_by("grade").agg(pl.col("bad").mean()).sort("grade")
    assert rates["grade"].to_list() == ["A", "B", "C", "D"]
    assert rates["bad"].is_sorted() and rates["bad"].n_unique() == 4

    risk = -frame["score"].to_numpy()
    assert polish.auc(risk, bad) >= least_auc

    expected = polish.score_card(polish.load_card(CARD), columns)
    assert frame["score"].to_list() == pytest.approx(expected.score, abs=1e-9)
    assert frame["grade"].to_list() == expected.grade
    assert frame["coverage"].to_list() == pytest.approx(expected.coverage, abs=1e-12)
