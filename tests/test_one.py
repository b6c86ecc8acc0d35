"""One firm from a dict: the same bits as in a batch."""

from collections import OrderedDict, UserDict
from decimal import Decimal

import firmgrade as fg
import numpy as np
import pandas as pd
import polars as pl
import pytest

from conftest import CARDS, SMALL


@pytest.mark.parametrize("name", ["general", "annual-report", "shenzhen-2021", "tianjin-2017", "beauty-salons"])
def test_the_same_bits_as_in_a_batch(name, firms):
    card = fg.Scorecard.load(CARDS / f"{name}.toml")
    some = firms.head(500)
    graded = fg.grade(card, some, contributions=True)
    lost = graded.contributions().drop(card.id_column)
    for firm, row, points in zip(some.iter_rows(named=True), graded.frame.iter_rows(named=True), lost.iter_rows(named=True), strict=True):
        one = card.score_one(firm)
        found = (one.score, one.score_grade, one.grade, one.overrides, one.reasons, one.coverage)
        assert found == tuple(row[key] for key in ["score", "score_grade", "grade", "overrides", "reasons", "coverage"])
        assert one.contributions == points


BASE = {"fines": 1, "tax": "B", "listed": False}


def graded(card, **values):
    return card.score_one({**BASE, **values})


def test_whatever_stands_for_a_number(small):
    for one in [1, 1.0, np.int64(1), np.int8(1), np.float32(1), np.float64(1), Decimal(1), np.array(1)]:
        assert graded(small, fines=one).score == 50.0
    assert graded(small, fines=2**70).score == graded(small, fines=3).score == 20.0


def test_whatever_is_missing(small):
    for nothing in [None, float("nan"), np.nan, np.float32("nan"), pd.NA, pd.NaT]:
        assert graded(small, fines=nothing).score == 20.0
        assert graded(small, tax=nothing).score == 50.0
        assert graded(small, listed=nothing).overrides == []


def test_whatever_stands_for_a_flag_or_text(small):
    for yes in [True, 1, 1.0, np.True_, np.int64(1)]:
        assert graded(small, listed=yes).grade == "C"
    for no in [False, 0, 0.0, np.False_]:
        assert graded(small, listed=no).grade == "B"
    assert graded(small, tax=np.str_("B")).score == 50.0
    numbers = fg.Scorecard.loads(SMALL.replace('"B" = 0.5', '"7" = 0.5'))
    assert numbers.score_one({**BASE, "tax": 7}).score == 50.0


def test_any_mapping_and_other_keys(small):
    for firm in [OrderedDict(BASE), UserDict(BASE), pd.Series(BASE), {**BASE, "id": "x", "other": object(), 3: 4}]:
        assert small.score_one(firm).score == 50.0


def test_a_missing_key_is_named_with_all_others(small):
    with pytest.raises(fg.DataError) as caught:
        small.score_one({"fine": 1, "listed": True})
    assert [(p.kind, p.column) for p in caught.value.problems] == [("missing_column", "fines"), ("missing_column", "tax")]
    assert "did you mean `fine`?" in str(caught.value)


@pytest.mark.parametrize(
    "values, kind",
    [
        ({"fines": "1"}, "wrong_kind"),
        ({"fines": True}, "wrong_kind"),
        ({"fines": [1]}, "wrong_kind"),
        ({"fines": float("inf")}, "infinite"),
        ({"tax": 1.5}, "wrong_kind"),
        ({"tax": "Z"}, "outside"),
        ({"listed": 2}, "unreadable"),
        ({"listed": "yes"}, "wrong_kind"),
    ],
)
def test_faults(small, values, kind):
    with pytest.raises(fg.DataError) as caught:
        graded(small, **values)
    assert [(p.kind, p.column) for p in caught.value.problems] == [(kind, next(iter(values)))]


def test_faults_of_several_columns_come_together(small):
    with pytest.raises(fg.DataError) as caught:
        graded(small, fines="1", listed=2)
    assert len(caught.value.problems) == 2


def test_reasons(small):
    firm = {**BASE, "fines": 3}
    assert small.score_one(firm).reasons == ["fines", "tax"]
    assert small.score_one(firm, reasons=1).reasons == ["fines"]
    assert small.score_one(firm, reasons=0).reasons == []


def test_shares_have_no_grade_for_one_firm():
    card = fg.Scorecard.loads(SMALL.replace('cuts = [">= 80", ">= 50"]', "shares = { A = 0.25, B = 0.5, C = 0.25 }"))
    assert card.score_one(BASE).score_grade is None
    assert card.score_one({**BASE, "listed": True}).grade == "C"
    assert isinstance(pl.DataFrame([card.score_one(BASE).contributions]), pl.DataFrame)
