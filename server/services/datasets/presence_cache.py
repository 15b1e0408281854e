"""Where the service finds the files that workers derive from datasets."""

from __future__ import annotations

from pathlib import Path


def presence_cache_below(home: Path) -> Path:
    """Return where workers keep the scans of label maps; the worlds that they drew lie beside it."""
    return home / "cache" / "presence"
