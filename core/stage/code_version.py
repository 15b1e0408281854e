"""The version of the code that ran a stage. Free of torch."""

from __future__ import annotations

import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).parents[2]


@cache
def code_version() -> str:
    """Return the package's version, with the commit if it is a git checkout: `0.1.0+g1a2b3c4d.dirty`."""
    try:
        release = version("palimpsest")
    except PackageNotFoundError:
        release = "0"
    commit = _commit() if (_ROOT / ".git").exists() else ""
    return f"{release}+g{commit.replace('-', '.')}" if commit else release


def _commit() -> str:
    command = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()
