"""Every command that the Makefile lists, and every one that a document names, exists and has a recipe of its own."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TARGETS = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.M)[1].split()
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
NAMED = sorted(
    {name for page in DOCUMENTS for name in re.findall(r"(?:`|^ *)make ([a-z][a-z-]+)", page.read_text(), re.M)}
)
"""Targets that a reader of the documents would type."""


def test_each_target_is_described_once():
    described = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.M)
    assert sorted(described) == sorted(TARGETS)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("target", [*TARGETS, *NAMED])
def test_make_knows_what_it_lists(target):
    done = subprocess.run(
        ["make", "--dry-run", target, "m=x"], check=False, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
