"""Years of inspection where the truth is known: what only random rows can tell."""

import json
import pickle

import firmgrade as fg
import numpy as np
import polars as pl
import pytest


def world(n=4000, seed=1):
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=n)
    chance = 1 / (1 + np.exp(-(-3 + 1.3 * risk)))
    grade = np.array(list("ABC"))[np.digitize(risk, [0.5, 1.5])]
    firms = pl.DataFrame({"id": [f"f{k:05d}" for k in range(n)], "score": 500 - 100 * risk, "grade": grade, "chance": chance})
    return firms.with_columns(pl.col("grade").cast(pl.Enum(["A", "B", "C"])))


POLICIES = {
    "random": {"rates": {"A": "5/100", "B": 0.1, "C": 0.3}},
    "targeted": {"rates": {"A": 0, "B": 0, "C": 0}, "riskiest": 330},
}


@pytest.fixture(scope="module")
def simulation():
    return fg.simulate(world(), POLICIES, chance="chance", years=4, seed=7)


def test_frames(simulation):
    frame, firms = simulation.frame, world()
    assert frame.select("policy", "year").rows() == [(policy, year) for policy in POLICIES for year in range(1, 5)]
    assert (frame["visits"] == frame["random"] + frame["special"] + frame["event"]).all()
    assert (frame["found"] == frame["found_random"] + frame["found_special"] + frame["found_event"]).all()
    counts = firms.group_by("grade").len().sort("grade")["len"].to_list()
    drawn = sum(int(np.ceil(round(count * rate, 9))) for count, rate in zip(counts, (0.05, 0.1, 0.3)))
    assert frame.filter(policy="random")["random"].to_list() == [drawn] * 4
    assert frame.filter(policy="targeted")["special"].to_list() == [330] * 4
    first = frame.filter(year=1)["violating"]
    assert first[0] == first[1] and abs(first[0] - firms["chance"].sum()) < 4 * np.sqrt(firms["chance"].sum())
    grades = simulation.grades
    assert grades.height == 2 * 4 * 3 and grades.filter(policy="random", year=1)["firms"].to_list() == counts


def test_without_a_random_part_nothing_is_known(simulation):
    targeted = simulation.frame.filter(policy="targeted")
    assert targeted["auc_weighted"].null_count() == 4 and targeted["auc_pooled"].null_count() == 0
    assert simulation.grades.filter(policy="targeted")["weighted"].null_count() == 12
    summary = {row["policy"]: row for row in simulation.summary.iter_rows(named=True)}
    assert summary["targeted"]["known"] == 0 and summary["random"]["known"] == 1
    assert summary["random"]["error_weighted"] < summary["random"]["error_pooled"]
    assert summary["targeted"]["found_per_visit"] > summary["random"]["found_per_visit"]
    assert summary["random"]["covered"] >= 0.75


def test_the_same_bits(simulation):
    again = fg.simulate(world(), POLICIES, chance=world()["chance"], years=4, seed=7)
    assert again.to_json() == simulation.to_json()
    kept = pickle.loads(pickle.dumps(simulation))
    assert kept.frame.equals(simulation.frame) and kept.grades.equals(simulation.grades)
    shorter = fg.simulate(world(), {"targeted": POLICIES["targeted"]}, chance="chance", years=2, seed=7)
    assert shorter.frame.equals(simulation.frame.filter((pl.col("policy") == "targeted") & (pl.col("year") <= 2)))
    assert json.loads(simulation.to_json()) == simulation.to_dict()
    assert repr(simulation) == "Simulation(policies=['random', 'targeted'], years=4, seed=7)" and "<table>" in simulation._repr_html_()


def test_response_is_an_assumption(simulation):
    nothing = {"deterrence": 0.0, "recovery": 0.0, "unreachable": 0.0, "reported_violating": 0.0, "reported_clean": 0.0}
    still = fg.simulate(world(), POLICIES, chance="chance", years=4, seed=7, response=nothing)
    assert still.frame["event"].sum() == 0 and still.frame["unreachable"].sum() == 0
    assert still.frame.filter(policy="random")["violating"].to_list() == still.frame.filter(policy="targeted")["violating"].to_list()
    assert (
        simulation.frame.filter(policy="targeted", year=4)["violating"][0] < still.frame.filter(policy="targeted", year=4)["violating"][0]
    )


def test_bad_arguments():
    firms = world(200)
    zero = {"A": 0, "B": 0, "C": 0}
    for policies, error, match in [
        ({"p": {"rates": {"A": 0.1}}}, ValueError, "grade `B` has no rate"),
        ({"p": {"rates": {**zero, "E": 0}}}, ValueError, "there is no grade `E`"),
        ({"p": {"rates": {**zero, "A": 1.5}}}, ValueError, "the rate of `A` is 1.5"),
        ({"p": {"rates": zero, "risky": 3}}, ValueError, "found `risky`"),
        ({}, fg.FirmgradeError, "no policies"),
    ]:
        with pytest.raises(error, match=match):
            fg.simulate(firms, policies, chance="chance")
    good = {"p": {"rates": zero, "riskiest": 3}}
    with pytest.raises(ValueError, match="response"):
        fg.simulate(firms, good, chance="chance", response={"deterence": 1})
    with pytest.raises(fg.FirmgradeError, match="impossible chance"):
        fg.simulate(firms.with_columns(chance=pl.lit(1.5)), good, chance="chance")
    with pytest.raises(fg.FirmgradeError, match="`years` is 0"):
        fg.simulate(firms, good, chance="chance", years=0)
    with pytest.raises(ValueError, match="chance is not there"):
        fg.simulate(firms, good)
