"""What people see, and what survives a process."""

import copy
import doctest
import pickle
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context

import firmgrade as fg
import polars as pl
import pytest

from conftest import CARDS, PLAIN
from test_derive import SCHEMA
from test_derive import card as raw_card
from test_derive import frame as raw_records


def test_cards_pickle_and_are_equal_by_digest(annual, firms):
    again = pickle.loads(pickle.dumps(annual))
    assert again == annual and hash(again) == hash(annual) and again.digest == annual.digest
    assert again != fg.Scorecard.load(CARDS / "general.toml") and again != "annual-report"
    assert copy.deepcopy(annual) == annual
    assert fg.grade(again, firms).frame.equals(fg.grade(annual, firms).frame)


def test_awkward_numbers_survive_json(small):
    text = PLAIN.replace("fines = 0.6, tax = 0.4", "fines = 0.30000000000000004, tax = 0.7").replace(
        "upto = 2,", "upto = 1.7976931348623157e308,"
    )
    card = fg.Scorecard.loads(text)
    assert fg.Scorecard.from_json(card.to_json()).digest == card.digest


def test_graded_pickles(annual, firms):
    graded = fg.grade(annual, firms, reasons=3, contributions=True, keep=["name"])
    again = pickle.loads(pickle.dumps(graded))
    assert again.frame.equals(graded.frame) and again.provenance == graded.provenance
    assert again.contributions().equals(graded.contributions())


def grade_there(card, frame):
    return fg.grade(card, frame)


def fail_there(card):
    return card.score_one({})


def test_another_process(small, table):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(grade_there, small, table).result().frame.equals(fg.grade(small, table).frame)
        with pytest.raises(fg.DataError) as caught:
            pool.submit(fail_there, small).result()
    assert len(caught.value.problems) == 3


def test_weights_pickle():
    weights = fg.ahp.weights([[1, 3, 5], ["1/3", 1, "5/3"], ["1/5", "3/5", 1]], names=["甲", "b", "c"], method="column_mean")
    again = pickle.loads(pickle.dumps(weights))
    assert again == weights and again.values.tobytes() == weights.values.tobytes()


def test_repr(small, table):
    graded = fg.grade(small, table)
    assert repr(small) == f"Scorecard(id='example', version='1', indicators=2, grades=['A', 'B', 'C'], digest='{small.digest[:12]}…')"
    assert repr(graded) == "Graded(card='example', version='1', firms=4, grades={A: 1, B: 0, C: 3})"
    assert (
        repr(small.score_one({"fines": 1, "tax": "B", "listed": True}))
        == "GradedFirm(score=50, score_grade='B', grade='C', overrides=['listed'])"
    )
    assert repr(graded.explain("d")) == "d: grade C, by score C (20)\n  −60.00  行政处罚次数 (fines): 5\n  −20.00  纳税信用 (tax): B"
    assert (
        repr(fg.ahp.weights([[1, 3], ["1/3", 1]]))
        == "Weights({1: 0.7500, 2: 0.2500}, cr=0.0000, method='eigenvector', random_index='not_needed')"
    )
    assert repr(small.check(table)) == "CheckReport(firms=4, columns=3, faults=[])"


def test_html_is_escaped(table):
    card = fg.Scorecard.loads(PLAIN.replace("示例", "<b>&"))
    for shown in [
        card,
        fg.grade(card, table),
        fg.grade(card, table).explain("d"),
        card.check(table),
        card.score_one({"fines": 3, "tax": "B"}),
    ]:
        html = shown._repr_html_()
        assert html.startswith("<table>") and "<b>" not in html
    assert "&lt;b&gt;&amp;" in card._repr_html_()
    assert "<th>weight</th>" in fg.ahp.weights([[1]])._repr_html_()


def documented():
    for owner in [
        fg.Scorecard,
        fg.CheckReport,
        fg.Derived,
        fg.Graded,
        fg.GradedFirm,
        fg.Explanation,
        fg.Stability,
        fg.Performance,
        fg.Proposal,
        fg.Simulation,
    ]:
        yield owner.__name__, owner
        yield from ((f"{owner.__name__}.{name}", getattr(owner, name)) for name in vars(owner) if not name.startswith("_"))
    verbs = ["derive", "grade", "district", "district_records", "evaluate", "tune", "simulate", "reweigh", "scorecard_schema"]
    yield from ((name, getattr(fg, name)) for name in verbs)
    for module in [fg.ahp, fg.sampling]:
        for name in module.__all__:
            thing, place = getattr(module, name), f"{module.__name__.removeprefix('firmgrade.')}.{name}"
            yield place, thing
            if isinstance(thing, type):
                yield from ((f"{place}.{part}", getattr(thing, part)) for part in vars(thing) if not part.startswith("_"))

    yield from ((f"{part.__name__}.{name}", getattr(part, name)) for part in (fg.metrics, fg.survey) for name in part.__all__)


@pytest.mark.parametrize("name, thing", list(documented()), ids=[name for name, _ in documented()])
def test_docstrings(name, thing):
    assert thing.__doc__, f"{name} has no docstring"
    frame = pl.DataFrame({"id": ["a", "b", "c"], "fines": [0, 4, None], "tax": ["A", "D", "A"]}).with_columns(fines=pl.Series([0, 4, 0]))
    names = {"fg": fg, "pl": pl, "card": fg.Scorecard.loads(PLAIN), "df": frame}
    raw = raw_card(derived={"penalties_24m": ('aggregate = "count"', 24)})
    penalties = raw_records([{**dict.fromkeys(SCHEMA), "uscc": "F0", "decided_on": date(2022, 5, day), "amount": 1.0} for day in (1, 2)])
    names |= {"raw_card": raw, "raw_firms": pl.DataFrame({"uscc": ["F0", "F1"]}), "penalties": penalties}
    test = doctest.DocTestParser().get_doctest(thing.__doc__, names, name, None, None)
    report = []
    outcome = doctest.DocTestRunner(verbose=False).run(test, out=report.append)
    assert outcome.failed == 0, "".join(report)


def test_some_docstrings_have_examples():
    assert sum(">>>" in (thing.__doc__ or "") for _, thing in documented()) >= 8


def test_schema_and_version():
    schema = fg.scorecard_schema()
    assert schema["$schema"].endswith("2020-12/schema") and "indicators" in schema["properties"]
    assert fg.__version__.count(".") == 2
    assert set(fg.__all__) <= set(dir(fg))


def test_the_district_is_the_same_every_time():
    (firms, outcomes), (again, _) = fg.district(300), fg.district(300, 2023)
    assert firms.equals(again) and not firms.equals(fg.district(300, 7)[0])
    assert firms["uscc"].to_list() == outcomes["uscc"].to_list()
