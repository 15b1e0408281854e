"""The code's version is the package's, with the commit where there is one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from core.stage import code_version as module


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(module, "_ROOT", tmp_path)
    module.code_version.cache_clear()
    yield
    module.code_version.cache_clear()


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@t")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def test_outside_a_checkout_it_is_the_version_alone():
    assert module.code_version() == version("palimpsest")


def test_in_a_checkout_the_commit_follows_and_changes_are_told(tmp_path: Path):
    git(tmp_path, "init", "-q")
    (tmp_path / "file").write_text("a")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-q", "-m", "first")
    commit = git(tmp_path, "rev-parse", "HEAD")[:12]
    assert module.code_version() == f"{version('palimpsest')}+g{commit}"

    module.code_version.cache_clear()
    (tmp_path / "file").write_text("b")

    assert module.code_version() == f"{version('palimpsest')}+g{commit}.dirty"
