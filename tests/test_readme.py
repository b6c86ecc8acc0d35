"""Every block of the README does what it says. The Rust block is a doctest of the engine; `make` lines are what .ci/run runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCKS if name == language]


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A folder that looks like a checkout, so that nothing is written into the real one."""
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    return tmp_path


def test_every_block_is_in_a_language_that_something_runs():
    assert {name for name, _ in BLOCKS} == {"sh", "python", "rust"}


def test_shell_blocks_run(workplace: Path):
    lines = [line for text in blocks("sh") for line in text.splitlines() if line.strip()]
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("make "):
            assert line in ci, f".ci/run does not run `{line}`"
            continue
        program, *arguments = line.split()
        command = [str(Path(sys.executable).parent / program), *arguments]
        done = subprocess.run(command, cwd=workplace, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"`{line}` ended with {done.returncode}:\n{done.stderr}"
    assert (workplace / "out" / "march.xlsx").stat().st_size > 1000


def test_python_blocks_run(workplace: Path):
    for text in blocks("python"):
        done = subprocess.run([sys.executable, "-c", text], cwd=workplace, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr


def test_the_rust_block_is_a_doctest_of_the_engine():
    library = (ROOT / "crates" / "firmgrade" / "src" / "lib.rs").read_text(encoding="utf-8")
    assert 'include_str!("../../../README.md")' in library
    assert len(blocks("rust")) == 1
