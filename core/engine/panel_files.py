"""Location of prediction-panel files in a stage folder. Free of torch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from core.stage.folder import ARTIFACT_DIR

PANEL_DIR = f"{ARTIFACT_DIR}/panels"
NAMED = 16
"""Digits of the digest that replaces a domain's name in paths, because the name may contain any character."""


def panel_folder(domain: str | None) -> str:
    """Return the subfolder of a domain's panels in a stage folder; each domain has its own."""
    return PANEL_DIR if domain is None else f"{PANEL_DIR}/{hashlib.sha256(domain.encode()).hexdigest()[:NAMED]}"


def write_panel(folder: Path, below: str, rank: int, contents: Mapping[str, bytes]) -> dict[str, str]:
    """Write the files of one panel.

    Args:
        folder: the attempt's folder.
        below: subfolder of the files; see `panel_folder`.
        rank: position of the image among its domain's panels; begins the names of the files.
        contents: the rest of a file's name, such as `labels.png`, -> its bytes.

    Returns:
        Name without suffix -> path relative to `folder`.
    """
    (folder / below).mkdir(parents=True, exist_ok=True)
    paths = {name.split(".")[0]: f"{below}/{rank:02d}-{name}" for name in contents}
    for path, data in zip(paths.values(), contents.values(), strict=True):
        (folder / path).write_bytes(data)
    return paths
