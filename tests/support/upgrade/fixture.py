"""A filled database in one file: its revision, its rows, the files that its answers need, and the answers."""

from __future__ import annotations

import base64
import json
import lzma
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.upgrade.rows import Rows

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "upgrade"
SUFFIX = ".json.xz"


@dataclass(frozen=True)
class FilledDatabase:
    """What an older version left behind.

    Attributes:
        revision: of its schema.
        rows: of every table.
        files: contents of the storage that answers are read from.
        answers: address -> what that version answered.
    """

    revision: str
    rows: Rows
    files: list[bytes]
    answers: Mapping[str, Any]


def write(filled: FilledDatabase) -> Path:
    """Write a fixture under the name of its revision."""
    path = FOLDER / f"{filled.revision}{SUFFIX}"
    content = {
        "revision": filled.revision,
        "rows": filled.rows,
        "files": [base64.b64encode(file).decode() for file in filled.files],
        "answers": filled.answers,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress(json.dumps(content, separators=(",", ":")).encode(), preset=9 | lzma.PRESET_EXTREME))
    return path


def read(path: Path) -> FilledDatabase:
    """Read a fixture."""
    content = json.loads(lzma.decompress(path.read_bytes()))
    return FilledDatabase(
        revision=content["revision"],
        rows=content["rows"],
        files=[base64.b64decode(file) for file in content["files"]],
        answers=content["answers"],
    )
