"""What code and documents point to in docs/ is there."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DESIGN = ROOT / "docs" / "design"
READ = ("*.py", "*.ts", "*.tsx", "*.md", "*.sh", "*.yaml", "*.toml", "Makefile")
SECTION = re.compile(r"\b(?P<system>EIR|STAL|CoaST|CoSAM|SemSeg) (?P<number>\d(?:\.\d)?)(?![\d.]*\d)")
"""`EIR 4.2` in code is section 4.2 of docs/design/eir.md."""
CODE = re.compile(r"\b(?:ACC|AL|ANN|API|ART|AUTH|CLI|DS|EXP|IO|LIVE|MEM|MET|OPS|PERF|QA|REC|SEC|SM|UI)-\d+\b")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)(?P<target>[^)#\s]+)")


@cache
def texts() -> dict[Path, str]:
    """Return every text of the repository that this test reads."""
    listed = subprocess.run(["git", "ls-files", *READ], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in listed.splitlines() if (ROOT / name).is_file()]
    return {path: path.read_text(encoding="utf-8") for path in paths}


def sections_named() -> Iterator[tuple[Path, str, str]]:
    for path, text in texts().items():
        if path.suffix in (".py", ".ts", ".tsx"):
            for match in SECTION.finditer(text):
                yield path, match["system"].lower(), match["number"]


def test_every_section_that_is_named_exists() -> None:
    headings = {
        path.stem: set(re.findall(r"^#{2,3} (\d+(?:\.\d+)?) ", path.read_text(encoding="utf-8"), re.MULTILINE))
        for path in DESIGN.glob("*.md")
    }

    named = list(sections_named())

    assert len(named) > 50
    assert [place for place in named if place[2] not in headings.get(place[1], ())] == []


def test_requirements_that_are_named_are_those_that_are_listed() -> None:
    requirements = DESIGN / "requirements.md"
    listed = set(re.findall(r"^\| ([A-Z]+-\d+) \|", requirements.read_text(encoding="utf-8"), re.MULTILINE))

    named = {code for path, text in texts().items() if path != requirements for code in CODE.findall(text)}

    assert sorted(named - listed) == []
    assert sorted(listed - named) == []


@pytest.mark.parametrize("page", sorted(path.relative_to(ROOT).as_posix() for path in texts() if path.suffix == ".md"))
def test_links_of_a_page_lead_somewhere(page: str) -> None:
    path = ROOT / page

    broken = [match["target"] for match in LINK.finditer(texts()[path]) if not (path.parent / match["target"]).exists()]

    assert broken == []
