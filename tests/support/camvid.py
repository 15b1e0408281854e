"""Real driving images as a source and two targets: CamVid by day, at dusk, and the dusk darkened.

They are not part of the project: `CAMVID_DIR` names their folder, else `shared/data/camvid` beside the project is
taken. Without them such tests are skipped.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.specs import FolderDatasetSpec

VARIABLE = "CAMVID_DIR"
BESIDE = Path(__file__).resolve().parents[3] / "shared" / "data" / "camvid"
AT_DUSK = "0001TP"
RENAMED = {
    "pavement": "sidewalk",
    "tree": "vegetation",
    "sign": "traffic sign",
    "pedestrian": "person",
    "bicyclist": "rider",
}
"""Class of CamVid -> what Cityscapes calls it."""
DARKENED = 0.45


def camvid() -> Path:
    """Return the folder of the images; skips the test where there is none."""
    folder = Path(os.environ.get(VARIABLE, BESIDE))
    if not (folder / "classes.json").is_file():
        pytest.skip(f"CamVid is not here; name its folder in {VARIABLE}")
    return folder


def write_domains(folder: Path, images: int) -> tuple[FolderDatasetSpec, list[dict[str, Any]]]:
    """Copy so many images of each domain and split; return the source by day and the targets of a stream."""
    root = camvid()
    names = {split: (root / f"{split}.txt").read_text().split() for split in ("train", "val", "test_dusk")}
    by_day, at_dusk = ([name for name in names["train"] if name.startswith(AT_DUSK) is dusk] for dusk in (False, True))
    tested_at_dusk = names["test_dusk"][:images]
    source = _write(root, folder / "day", {"train": by_day[:images], "val": names["val"][:images]})
    targets = {
        "dusk": _write(root, folder / "dusk", {"train": at_dusk[:images], "val": tested_at_dusk}),
        "dark": _write(root, folder / "dark", {"train": at_dusk[-images:], "val": tested_at_dusk}, DARKENED),
    }
    return source, [{"name": name, "dataset": spec.model_dump()} for name, spec in targets.items()]


def _write(root: Path, folder: Path, splits: dict[str, list[str]], light: float = 1.0) -> FolderDatasetSpec:
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True)
    shutil.copy(root / "classes.json", folder)
    for split, names in splits.items():
        (folder / f"{split}.txt").write_text("\n".join(names))
        for name in names:
            shutil.copy(root / "labels" / f"{name}.png", folder / "labels")
            image = np.asarray(PILImage.open(root / "images" / f"{name}.jpg")) * light
            PILImage.fromarray(image.astype(np.uint8)).save(folder / "images" / f"{name}.png", compress_level=1)
    return FolderDatasetSpec.model_validate({"adapter": "folder", "root": str(folder), "renamed": RENAMED})
