"""The wall around the engine, and the edges that may be crossed in one direction only."""

import shutil
import subprocess
import sys

import pytest

from conftest import ROOT


def packages(crate):
    if shutil.which("cargo") is None:
        pytest.skip("cargo is not on the PATH")
    command = ["cargo", "tree", "--offline", "--edges", "normal,build", "--prefix", "none", "--format", "{p}", "-p", crate]
    tree = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in tree.splitlines() if line}


def test_the_engine_names_neither_polars_nor_python():
    found = packages("firmgrade")
    assert "ndarray" in found
    assert not {name for name in found if name.startswith(("polars", "pyo3", "numpy", "clap"))}


def test_the_table_edge_and_the_command_line_know_no_python():
    found = packages("firmgrade-cli")
    assert "polars" in found
    assert not {name for name in found if name.startswith(("pyo3", "numpy"))}


def test_the_command_line_runs_from_python():
    command = [sys.executable, "-c", "import sys; from firmgrade._cli import main; sys.exit(main())"]
    version = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    assert version.returncode == 0 and version.stdout.startswith("firmgrade ")
    wrong = subprocess.run([*command, "no-such-command"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2 and wrong.stderr
    missing = subprocess.run([*command, "weights", "no-such-card.toml"], capture_output=True, text=True, check=False)
    assert missing.returncode == 1 and "no-such-card.toml" in missing.stderr


def test_the_stubs_are_complete():
    pytest.importorskip("mypy")
    done = subprocess.run([sys.executable, "-m", "mypy.stubtest", "firmgrade"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
