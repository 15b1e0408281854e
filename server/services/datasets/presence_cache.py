"""Location of the files that workers derive from datasets."""

from __future__ import annotations

from pathlib import Path


def presence_cache_below(home: Path) -> Path:
    """Return the folder where workers keep the scans of label maps, next to the drawn worlds."""
    return home / "cache" / "presence"
