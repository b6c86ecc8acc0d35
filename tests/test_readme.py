"""Every block of the README and of the AHP guide does what it says. Rust blocks are doctests; `make` lines are what .ci/run runs."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
GUIDE = ROOT / "crates" / "firmgrade" / "src" / "ahp" / "guide.md"
DOCUMENTS = pytest.mark.parametrize("document", [README, GUIDE], ids=["readme", "guide"])


def blocks(document: Path, language: str | None = None) -> list[str]:
    found = re.findall(r"^```(\w+)\n(.*?)^```", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return [text if language else name for name, text in found if language in (None, name)]


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """A folder that looks like a checkout, so that nothing is written into the real one."""
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    return tmp_path


@DOCUMENTS
def test_every_block_is_in_a_language_that_something_runs(document: Path):
    assert set(blocks(document)) - {"toml"} == {"sh", "python", "rust"}


@DOCUMENTS
def test_shell_blocks_run(document: Path, workplace: Path):
    (workplace / "out").mkdir()
    lines = [line for text in blocks(document, "sh") for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("make "):
            assert line in ci, f".ci/run does not run `{line}`"
            continue
        program, *arguments = line.split()
        command = [str(Path(sys.executable).parent / program), *arguments]
        done = subprocess.run(command, cwd=workplace, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"`{line}` ended with {done.returncode}:\n{done.stderr}"
    written = workplace / "out" / ("march.xlsx" if document == README else "agreed.toml")
    assert written.stat().st_size > 500


@DOCUMENTS
def test_python_blocks_run(document: Path, workplace: Path):
    for text in blocks(document, "python"):
        done = subprocess.run([sys.executable, "-c", text], cwd=workplace, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr


def test_pieces_of_cards_are_those_of_the_shipped_card():
    card = (ROOT / "fixtures" / "scorecards" / "district-records.toml").read_text(encoding="utf-8")
    pieces = [piece for text in blocks(README, "toml") for piece in text.split("\n\n")]
    assert len(pieces) == 2 and all(piece.strip() in card for piece in pieces)


def test_the_rust_blocks_are_doctests_of_the_engine():
    engine = ROOT / "crates" / "firmgrade" / "src"
    assert 'include_str!("../../../README.md")' in (engine / "lib.rs").read_text(encoding="utf-8")
    assert 'include_str!("guide.md")' in (engine / "ahp" / "mod.rs").read_text(encoding="utf-8")
    assert len(blocks(README, "rust")) == len(blocks(GUIDE, "rust")) == 1
