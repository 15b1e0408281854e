"""A package that adds rows to a table, as an installer leaves it behind: a folder on the path with its metadata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def install(folder: Path, name: str, points: Mapping[str, Mapping[str, str]]) -> Path:
    """Write the metadata of a package; it is installed wherever the folder is on the path.

    Args:
        folder: is made where it is not there.
        name: of the package.
        points: group -> name -> `module:attribute`.

    Returns:
        The folder.
    """
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
    sections = (
        f"[{group}]\n" + "".join(f"{point} = {value}\n" for point, value in rows.items())
        for group, rows in points.items()
    )
    (info / "entry_points.txt").write_text("\n".join(sections), encoding="utf-8")
    return folder
