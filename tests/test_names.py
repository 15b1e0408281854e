"""Server, worker and pages know no method and no kind of task stream by name; the tables of core do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.methods.catalog import BUILT_IN as METHODS
from core.streams.catalog import BUILT_IN as STREAMS

ROOT = Path(__file__).resolve().parents[1]
KNOWING_NONE = {"server": ("*.py",), "worker": ("*.py",), "frontend/src": ("*.ts", "*.tsx")}
GENERATED_OR_FOR_TESTS = re.compile(r"/api/generated/|/testing/|\.test\.tsx?$|/fake-[\w-]+\.ts$")
IN_LITERATURE = ("ripu", "u2pl", "coast", "cosam", "semseg", "multi_target", "domain_sequence", "open_set")
"""Parts of methods, and methods and kinds that do not stand in a table yet."""
FOLDERS = tuple(entry.config.split(".")[2] for entry in METHODS.values())
ALSO_UNITS = frozenset({"mib"})
"""Methods whose names are units too: `cache_mib` names no method."""
NAMES = sorted({*METHODS, *STREAMS, *FOLDERS, *IN_LITERATURE} - ALSO_UNITS)


def pattern_of(name: str) -> re.Pattern[str]:
    """Return what finds a name in a text or in code: `eir`, `EIR`, `EirConfig`, `class-incremental`."""
    words = name.split("_")
    lower, upper, titled = (
        "[ _-]?".join(re.escape(change(word)) for word in words) for change in (str.lower, str.upper, str.title)
    )
    letters = "A-Za-z"
    return re.compile(rf"(?<![{letters}]){lower}(?![a-z])|(?<![{letters}]){upper}(?![{letters}])|{titled}(?![a-z])")


def lines_of(folder: str) -> Iterator[tuple[str, str]]:
    """Yield (file:number, line) of the sources of a folder."""
    for file in sorted(file for kind in KNOWING_NONE[folder] for file in (ROOT / folder).rglob(kind)):
        if not GENERATED_OR_FOR_TESTS.search(file.as_posix()):
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
                yield f"{file.relative_to(ROOT)}:{number}", line


@pytest.mark.parametrize("folder", KNOWING_NONE)
def test_no_method_and_no_kind_of_stream_is_named(folder: str) -> None:
    patterns = [pattern_of(name) for name in NAMES]
    lines = list(lines_of(folder))

    assert len(lines) > 1000
    assert [f"{place}: {line.strip()}" for place, line in lines if any(one.search(line) for one in patterns)] == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("eir", 'preset: "eir/demo"'),
        ("eir", "from core.methods.eir.config import EirConfig"),
        ("stal", "class StalConfig"),
        ("class_incremental", "isinstance(stream, ClassIncrementalStream)"),
        ("class_incremental", 'kind === "class-incremental"'),
        ("active_rounds", "of kind active_rounds"),
    ],
)
def test_name_is_found_however_it_is_written(name: str, line: str) -> None:
    assert pattern_of(name).search(line)


@pytest.mark.parametrize(("name", "line"), [("eir", "their"), ("stal", "a stale lease"), ("stal", "INSTALLED")])
def test_other_words_are_not_taken_for_a_name(name: str, line: str) -> None:
    assert not pattern_of(name).search(line)
