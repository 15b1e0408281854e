"""Folders that the tests' user may not use: root may use all, so a test acts as nobody for a while."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NOBODY = pwd.getpwnam("nobody")


@contextmanager
def as_nobody() -> Iterator[str]:
    """Act without root's rights; gives the name of the user that acts."""
    if os.geteuid() != 0:
        yield pwd.getpwuid(os.geteuid()).pw_name
        return
    os.seteuid(NOBODY.pw_uid)
    try:
        yield NOBODY.pw_name
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """An empty folder that every user can reach, as those of `tmp_path` cannot be."""
    folder = Path(tempfile.mkdtemp(prefix="palimpsest-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def locked(folder: Path) -> Path:
    """Make a folder that its users may read, but not write to."""
    folder.mkdir()
    folder.chmod(0o555)
    return folder
