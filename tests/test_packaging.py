"""What is installed: ranges that leave room, pins that are tested, and where an installed package finds its files."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import pytest

from server import shipped

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[a-z,]+\])?>=([0-9.]+)(?:,<([0-9.]+))?")


def requirements() -> list[str]:
    extras = PROJECT["optional-dependencies"].values()
    return sorted({*PROJECT["dependencies"], *(line for lines in extras for line in lines)})


def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def pins() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return {name.lower().replace("_", "-"): version for name, _, version in (line.partition("==") for line in lines)}


@pytest.mark.parametrize("requirement", requirements())
def test_every_dependency_has_a_lowest_version_and_a_tested_one_in_its_range(requirement: str) -> None:
    match = REQUIREMENT.fullmatch(requirement)
    assert match is not None, "write NAME>=LOWEST, and a limit only where a newer one is known not to work"
    name, lowest, limit = match.groups()
    pinned = pins()[name.lower().replace("_", "-")]

    assert numbers(lowest) <= numbers(pinned)
    assert limit is None or numbers(pinned) < numbers(limit)


def test_a_clone_serves_its_own_pages_migrations_and_documents() -> None:
    own = (ROOT / "frontend" / "dist", ROOT / "migrations", ROOT / "docs")
    assert own == (shipped.PAGES, shipped.MIGRATIONS, shipped.DOCUMENTS)


def test_an_installed_package_serves_its_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copies = tmp_path / "server" / "_shipped"
    copies.mkdir(parents=True)
    source = Path(shipped.__file__).read_text(encoding="utf-8")
    (tmp_path / "server" / "shipped_copy.py").write_text(source, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path / "server"))

    installed = importlib.import_module("shipped_copy")

    shown = (installed.PAGES, installed.MIGRATIONS, installed.DOCUMENTS)
    assert shown == (copies / "pages", copies / "migrations", copies / "documents")
