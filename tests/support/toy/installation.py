"""The toy installed beside this package, for processes that a test starts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.installation import Installation
from tests.support.installed import install

ROOT = Path(__file__).resolve().parents[3]
POINTS = {
    "palimpsest.methods": {"toy": "tests.support.toy.entry:ENTRY"},
    "palimpsest.streams": {"two_domains": "tests.support.toy.stream:TwoDomains"},
}


@contextmanager
def toy_on_path(folder: Path) -> Iterator[None]:
    """Install the toy in a folder, for all processes that are started meanwhile."""
    paths = [str(install(folder, "palimpsest-toy", POINTS)), str(ROOT)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))
        yield


@contextmanager
def toy_installation(folder: Path) -> Iterator[Installation]:
    """Run server, scheduler and worker where the toy is installed."""
    with toy_on_path(folder / "lab"), Installation(folder / "home") as installation:
        installation.start_server()
        installation.start("scheduler")
        installation.start("worker")
        yield installation
