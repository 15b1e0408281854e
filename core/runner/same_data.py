"""Checks that a stage reads the same data as its experiment and its earlier attempts. Free of torch."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from core.data.opening import OpenedDataset
from core.data.pairing import PairedFiles
from core.errors import DataError
from core.stage.folder import StageDataset


def require_same_classes(frozen: Mapping[int, str], present: Mapping[int, str]) -> None:
    """Raise if the class list has changed since the experiment was made.

    Args:
        frozen: raw id -> name at that time; empty if not stored.
        present: raw id -> name now.

    Raises:
        DataError: names the first class that differs, and the way out.
    """
    for raw_id in sorted({*frozen, *present}) if frozen else ():
        then, now = frozen.get(raw_id), present.get(raw_id)
        if then != now:
            raise DataError(
                f"the classes of the dataset have changed since the experiment was made: class {raw_id} "
                f"{_change(then, now)}; restore the class list, or submit the experiment anew"
            )


def _change(then: str | None, now: str | None) -> str:
    if then is None:
        return f"{now!r} is new"
    return f"{then!r} is gone" if now is None else f"was {then!r} and is {now!r}"


def data_digests(
    datasets: Mapping[str, OpenedDataset[PairedFiles]], wanted: Mapping[str, StageDataset]
) -> dict[str, str]:
    """Return a digest of a stage's training data by `dataset/split`: classes, image names, and required labels.

    Label files count by content if all are required, whatever their paths. Images count only by name, and test images
    not at all, so that a broken image can be repaired and the stage resumed.

    Raises:
        OSError: if a file cannot be read.
    """
    return {
        f"{name}/{role}": _digest(split, has_labels=role in wanted[name].labelled)
        for name, opened in datasets.items()
        for role, split in opened.splits.items()
        if role == "train"
    }


def _digest(split: PairedFiles, *, has_labels: bool) -> str:
    digest = hashlib.sha256(repr(split.classes).encode())
    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 1)) as threads:
        for line in threads.map(lambda index: _line(split, index, has_labels), range(len(split))):
            digest.update(line)
    return digest.hexdigest()


def _line(split: PairedFiles, index: int, has_labels: bool) -> bytes:
    label = hashlib.sha256(split.label_path(index).read_bytes()).hexdigest() if has_labels else ""
    return f"\n{split.ids[index]}\0{label}".encode("utf-8", "surrogateescape")
