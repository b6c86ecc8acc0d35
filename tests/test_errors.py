"""Bad input: an exception that names the place, and structured fields."""

import pickle

import firmgrade as fg
import numpy as np
import polars as pl
import pytest

from conftest import SMALL


def refused(card, data):
    with pytest.raises(fg.DataError) as caught:
        fg.grade(card, data)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.problems == caught.value.problems and str(again) == str(caught.value)
    return caught.value


def only(error, kind):
    assert [problem.kind for problem in error.problems] == [kind], error
    return error.problems[0]


def test_evaluations_tunings_and_simulations_carry_problems():
    def problems(call):
        with pytest.raises(fg.EvaluationError) as caught:
            call()
        again = pickle.loads(pickle.dumps(caught.value))
        assert again.problems == caught.value.problems and str(again) == str(caught.value)
        assert isinstance(caught.value, fg.FirmgradeError) and all(
            problem.message in str(caught.value) for problem in caught.value.problems
        )
        return caught.value.problems

    found = problems(lambda: fg.metrics.auc([1.0, np.inf, 2.0], [0, 0, 0]))
    assert [(problem.kind, problem.names, problem.rows, problem.total) for problem in found] == [
        ("values", ("score",), (2,), 1),
        ("nothing", ("firm with a bad outcome",), (), 0),
    ]
    assert [problem.kind for problem in problems(lambda: fg.metrics.rate_by_grade(["A"] * 3, [0, 1, 0], strata=[1, 1, 2]))] == ["stratum"]
    # Card and outcomes agree without a miss: no finite slope is best.
    card = fg.Scorecard.loads(SMALL)
    firms = pl.DataFrame(
        {
            "id": [str(row) for row in range(40)],
            "fines": [float(row % 2) * 9 for row in range(40)],
            "tax": ["A"] * 40,
            "listed": [False] * 40,
        }
    )
    outcomes = firms.select("id", outcome=pl.col("fines") > 0)
    (problem,) = problems(lambda: fg.tune(card, firms, outcomes))
    assert (problem.kind, problem.names) == ("separated", ("the card's risk",))
    assert [problem.kind for problem in problems(lambda: fg.tune(card, firms, outcomes, folds=2, max_change=2))] == ["argument"] * 2


def test_missing_columns_are_all_named(small, table):
    error = refused(small, table.drop("id").rename({"fines": "fine"}))
    assert {problem.column for problem in error.problems} == {"id", "fines"}
    assert "did you mean `fine`?" in str(error)
    refused(small, {})
    refused(small, pl.DataFrame({"other": [1]}))


def test_duplicate_and_missing_ids(small, table):
    problem = only(refused(small, table.with_columns(id=pl.Series(["a", "b", "a", "c"]))), "duplicate_id")
    assert (problem.column, problem.values[0]) == ("id", "a")
    assert only(refused(small, table.with_columns(id=pl.Series(["a", None, " ", "c"]))), "missing_id").rows == (2, 3)


def test_text_in_a_number_column(small, table):
    problem = only(refused(small, table.with_columns(fines=pl.Series(["0", "1", "many", ""]))), "unreadable")
    assert (problem.column, problem.rows, problem.values, problem.total) == ("fines", (3,), ("many",), 1)


def test_mixed_python_values(small, table):
    data = table.to_dict(as_series=False)
    data["fines"] = [0, "many", 1, 2]
    error = refused(small, data)
    assert error.problems[0].kind in {"unreadable_table", "unreadable"}
    refused(small, {**data, "fines": [1]})


def test_infinities_and_large_numbers(small, table):
    assert only(refused(small, table.with_columns(fines=pl.Series([0.0, np.inf, -np.inf, 1]))), "infinite").rows == (2, 3)
    assert fg.grade(small, table.with_columns(fines=pl.Series([1e308, -1e308, np.nan, 5e-324]))).frame["score"].to_list() == [
        40,
        100,
        0,
        50,
    ]


def test_a_category_that_nobody_knows(small, table):
    problem = only(refused(small, table.with_columns(tax=pl.Series(["A", "Z", "B", None]))), "outside")
    assert (problem.column, problem.indicator, problem.rows, problem.values) == ("tax", "tax", (2,), ("Z",))


def test_a_missing_value_where_none_is_allowed(table):
    card = fg.Scorecard.loads(SMALL.replace('missing = "worst"', 'missing = "error"'))
    assert only(refused(card, table), "missing").rows == (3,)


def test_a_firm_without_any_data(table):
    card = fg.Scorecard.loads(SMALL.replace('missing = "worst"', 'missing = "reweight"'))
    empty = table.with_columns(pl.lit(None, pl.Float64).alias("fines"), pl.lit(None, pl.String).alias("tax"))
    assert only(refused(card, empty), "no_data").total == 4


def test_columns_of_the_wrong_type(small, table):
    assert only(refused(small, table.with_columns(fines=pl.lit(True))), "wrong_kind").column == "fines"
    assert only(refused(small, table.with_columns(tax=pl.lit(1.5))), "wrong_kind").column == "tax"
    for odd in [pl.time(1, 2), pl.struct("fines"), pl.date(2023, 1, 1), pl.lit([1.5]), pl.duration(days=1), pl.lit(b"x")]:
        assert "fines" in str(refused(small, table.with_columns(odd.alias("fines"))))


def test_persons_numbers_are_masked(small, table):
    # the example number of GB 11643
    error = refused(small, table.with_columns(tax=pl.Series(["11010519491231002X", "A", "A", "A"])))
    assert "19491231" not in str(error) and error.problems[0].values == ("110105***********X",)


def test_zero_firms(small, table):
    assert only(refused(small, table.clear()), "no_firms").total == 0
    assert only(refused(small, table.clear().to_dict(as_series=False)), "no_firms").column is None


@pytest.mark.parametrize("data", [None, 3, "firms.csv", [1, 2], object()])
def test_what_is_no_table(small, data):
    with pytest.raises(TypeError, match="expected a table"):
        fg.grade(small, data)


def test_every_problem_of_a_card_with_its_place():
    text = SMALL.replace('criterion = "root"\nmissing = "worst"', 'criterion = "rot"\nmissing = "worst"').replace(
        'order = ["A"', 'ordre = ["A"'
    )
    with pytest.raises(fg.ScorecardError) as caught:
        fg.Scorecard.loads(text, name="card.toml")
    problems = caught.value.problems
    assert len(problems) >= 2
    assert all(problem.severity == "error" and problem.file == "card.toml" and problem.line and problem.column for problem in problems)
    line = text.splitlines().index('ordre = ["A", "B", "C"]') + 1
    assert [problem.help for problem in problems if problem.line == line and "ordre" in (*problem.path, problem.message)] or "ordre" in str(
        caught.value
    )
    assert f"card.toml:{line}:" in str(caught.value)
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.problems == problems


def test_text_that_is_no_card():
    for text in ["", "[", "scorecard = 1", "\0"]:
        with pytest.raises(fg.ScorecardError):
            fg.Scorecard.loads(text)
    for text in ["", "[", "{}", "null", '{"scorecard": 1}']:
        with pytest.raises(fg.ScorecardError):
            fg.Scorecard.from_json(text)


def test_files(tmp_path):
    with pytest.raises(fg.FileError, match="no such file") as caught:
        fg.Scorecard.load(tmp_path / "none.toml")
    assert caught.value.file.endswith("none.toml")
    assert isinstance(caught.value, fg.FirmgradeError) and isinstance(caught.value, ValueError)
    assert pickle.loads(pickle.dumps(caught.value)).file == caught.value.file
    with pytest.raises(fg.FileError, match="is a directory"):
        fg.Scorecard.load(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b"[scorecard]\nid = '\xe9'")
    with pytest.raises(fg.FileError, match="line 2"):
        fg.Scorecard.load(tmp_path / "latin.toml")


def test_arguments(small, table):
    with pytest.raises(TypeError):
        fg.grade(small, table, reason=3)
    with pytest.raises(OverflowError):
        fg.grade(small, table, reasons=-1)
    with pytest.raises(TypeError):
        fg.Scorecard()
