"""The examples do what they say."""

import importlib.util

import pytest

from conftest import ROOT


def test_weights_under_cr_are_better_and_consistent(capsys):
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    spec = importlib.util.spec_from_file_location("weights_under_cr", ROOT / "python" / "examples" / "weights_under_cr.py")
    example = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    study = example.main(40)
    crs = [trial.user_attrs["cr"] for trial in study.trials]
    # Some trials break the limit, and the best of those that keep it is better than the experts, who were tried first.
    kept = [trial for trial in study.trials if trial.user_attrs["cr"] <= 0.1]
    assert max(crs) > 0.1 and 10 < len(kept) < 40
    assert study.best_trial.user_attrs["cr"] <= 0.1 and study.best_value == max(trial.value for trial in kept)
    assert study.best_value > study.trials[0].value + 0.02 and study.trials[0].user_attrs["cr"] < 0.01
    experts, found = (line for line in capsys.readouterr().out.splitlines() if line.startswith(("experts", "found")))
    assert float(found.rsplit(" ", 1)[1]) > float(experts.rsplit(" ", 1)[1]) + 0.02
