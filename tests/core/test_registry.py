from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.registry import Registry
from tests.support.installed import install

GROUP = "palimpsest.letters"


def letters(read: str = "value") -> Registry[str]:
    """Return a table of one row; `read` says what becomes of an entry point."""

    def row(point: EntryPoint) -> str:
        return point.value if read == "value" else str(point.load())

    return Registry({"a": "core.a:A"}, GROUP, row)


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder on the path in which packages can be installed."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_rows_of_installed_packages_follow_those_of_this_one(lab: Path) -> None:
    install(lab, "lab", {GROUP: {"b": "lab.letters:B"}, "palimpsest.digits": {"1": "lab.digits:ONE"}})

    assert dict(letters()) == {"a": "core.a:A", "b": "lab.letters:B"}


def test_table_is_complete_from_its_first_use_on(lab: Path) -> None:
    table = letters()

    install(lab, "lab", {GROUP: {"b": "lab.letters:B"}})

    assert ("b" in table, len(table)) == (True, 2)


def test_name_that_is_there_already_is_refused_with_its_package(lab: Path) -> None:
    install(lab, "lab", {GROUP: {"a": "lab.letters:A"}})

    with pytest.raises(ConfigError, match=r"'a' \(lab\.letters:A\), which package 'lab' adds .* give it another name"):
        list(letters())


def test_row_that_cannot_be_loaded_is_refused_with_its_package(lab: Path) -> None:
    install(lab, "lab", {GROUP: {"b": "no_such_module:B"}})

    with pytest.raises(ConfigError, match=r"package 'lab' adds .* No module named 'no_such_module'; mend that package"):
        list(letters(read="load"))


def test_row_can_be_set_and_taken_away() -> None:
    table = letters()

    table["b"] = "core.b:B"
    del table["a"]

    assert dict(table) == {"b": "core.b:B"}
