"""The comparison with peers runs and finds that firmgrade and those peers that are installed agree. Nothing is timed here."""

import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).resolve().parent.parent / "benches" / "peers"


def test_firmgrade_agrees_with_its_peers():
    names = ["numpy_blocked", "polars_when", "duckdb_case", "firmgrade", "firmgrade_reasons"]
    command = [sys.executable, "bench.py", "--rows", "2000", "--repeats", "1", "--peers", *names]
    done = subprocess.run(command, cwd=PEERS, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout
    assert done.stdout.count("\nfirmgrade ") >= 4, done.stdout


def test_reweighting_counts_as_numpy_does():
    command = [sys.executable, "bench_reweigh.py", "--rows", "2000", "--weightings", "50", "--repeats", "1"]
    done = subprocess.run(command, cwd=PEERS, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout and "numpy, searchsorted" in done.stdout


def test_weights_agree_with_their_peers():
    command = [sys.executable, "bench_ahp.py", "--matrices", "300", "--trees", "3", "--repeats", "1"]
    done = subprocess.run(command, cwd=PEERS, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout
    assert done.stdout.count("\nfirmgrade ") == 2 and done.stdout.count("\nnumpy_loop ") == 2, done.stdout


def test_derived_indicators_are_those_of_handwritten_polars():
    done = subprocess.run(
        [sys.executable, "bench_derive.py", "--rows", "5000", "--repeats", "1"],
        cwd=PEERS,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout and "firmgrade / polars" in done.stdout


def test_indicators_of_the_district_are_those_of_handwritten_polars():
    command = [sys.executable, "bench_district.py", "--firms", "3000", "--repeats", "1"]
    done = subprocess.run(command, cwd=PEERS, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout and "32 indicators" in done.stdout


def test_metrics_are_those_of_their_peers():
    command = [sys.executable, "bench_metrics.py", "--rows", "20000", "--firms", "3000", "--repeats", "1"]
    done = subprocess.run(command, cwd=PEERS, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout and "scikit-learn, AUC" in done.stdout


def test_evaluation_is_that_of_its_peers():
    command = [sys.executable, "bench_evaluate.py", "--rows", "20000", "--firms", "3000", "--repeats", "1", "--quick"]
    done = subprocess.run(command, cwd=PEERS, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WRONG" not in done.stdout and "firmgrade, all of it" in done.stdout
