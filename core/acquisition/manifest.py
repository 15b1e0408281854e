"""The frozen labels of all rounds so far, on which the next round trains (STAL 6.4). Free of torch.

```
manifest.json     a LabelManifest
masks/IMAGE.png   index PNG of raw ids at the image's size; the ignore id where nothing is labelled
```
A manifest is the previous manifest joined with new answers, whether people or an oracle gave them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.acquisition.catalog import QueryUnit
from core.data.decoding import read_label
from core.data.samples import LabelMap
from core.errors import StorageError
from core.files import index_png, write_atomically

MANIFEST_FILE = "manifest.json"
MASK_DIR = "masks"


class Answer(BaseModel):
    """Who answered a query, and what it took."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    query: str = Field(pattern=r"^[0-9a-f]{16}$")
    image: str
    unit: QueryUnit
    round: int = Field(ge=0)
    author: str
    revision: int = Field(1, ge=1)
    pixels: int = Field(ge=0)
    """Labelled pixels, ignored ones not counted."""
    clicks: int = Field(ge=0)
    seconds: float = Field(ge=0)


class LabelledImage(BaseModel):
    """One image of the target that has labels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    image: str
    mask: str
    sha256: str
    is_whole: bool
    """Whether the whole image was queried: then it leaves the unlabelled pool."""


class LabelManifest(BaseModel):
    """`manifest.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    rounds: int = Field(0, ge=0)
    """Rounds of labelling so far."""
    ignore_id: int = 255
    images: list[LabelledImage] = Field(default_factory=list)
    """In the order of their names."""
    answers: list[Answer] = Field(default_factory=list)
    """Of all rounds, in the order of round and query."""
    set_aside: list[str] = Field(default_factory=list)
    """Images that people skipped or sent back in the newest round, by name: the next selection passes them over."""

    def digest(self) -> str:
        """Return a digest of the labels: equal labels give equal digests."""
        content = self.model_dump_json(include={"images", "ignore_id"})
        return hashlib.sha256(content.encode()).hexdigest()


@dataclass(frozen=True)
class AnsweredQuery:
    """An answer with its labels: (H, W) raw ids; the ignore id where nothing was queried or no label is known."""

    answer: Answer
    labels: LabelMap


def join_answers(
    folder: Path, answered: Iterable[AnsweredQuery], previous: Path | None = None, ignore_id: int = 255
) -> LabelManifest:
    """Write a manifest of earlier labels and new answers. A new label replaces the earlier label of its pixel.

    Args:
        folder: folder of the new manifest; created if missing.
        answered: answers of the closing round, in any order; each image once.
        previous: folder of the previous manifest; None in the first round.
        ignore_id: raw id of pixels without a label.

    Raises:
        StorageError: if the earlier manifest or one of its masks cannot be read or has changed.
    """
    earlier = read_manifest(previous) if previous is not None else LabelManifest(ignore_id=ignore_id)
    (folder / MASK_DIR).mkdir(parents=True, exist_ok=True)
    known = {item.image for item in earlier.images}
    if previous is not None:
        for item in earlier.images:
            write_atomically(folder / item.mask, _stored_mask(previous, item))
    labelled = []
    for one in answered:
        name, labels = mask_name(one.answer.image), one.labels
        if one.answer.image in known:
            labels = merge_labels(read_label(folder / name), labels, ignore_id)
        data = index_png(labels)
        write_atomically(folder / name, data)
        labelled.append((one.answer, hashlib.sha256(data).hexdigest()))
    manifest = next_manifest(earlier, labelled)
    write_atomically(folder / MANIFEST_FILE, manifest_bytes(manifest))
    return manifest


def next_manifest(
    earlier: LabelManifest, labelled: Iterable[tuple[Answer, str]], set_aside: Iterable[str] = ()
) -> LabelManifest:
    """Return the next manifest when a round closes.

    Args:
        earlier: the previous manifest; without images in the first round.
        labelled: each answer of the round, with the SHA-256 of its image's labels after merging earlier ones.
        set_aside: images that the next selection skips. Images set aside in earlier rounds may be chosen again.
    """
    images, answers = {item.image: item for item in earlier.images}, list(earlier.answers)
    for answer, sha256 in labelled:
        known = images.get(answer.image)
        is_whole = answer.unit is QueryUnit.IMAGE or (known is not None and known.is_whole)
        images[answer.image] = LabelledImage(
            image=answer.image, mask=mask_name(answer.image), sha256=sha256, is_whole=is_whole
        )
        answers.append(answer)
    return LabelManifest(
        rounds=earlier.rounds + 1,
        ignore_id=earlier.ignore_id,
        images=[images[name] for name in sorted(images)],
        answers=sorted(answers, key=lambda answer: (answer.round, answer.query)),
        set_aside=sorted(set(set_aside)),
    )


def merge_labels(earlier: LabelMap, labels: LabelMap, ignore_id: int) -> LabelMap:
    """Return (H, W) raw ids: the new label where there is one, else the earlier label."""
    return np.where(labels == ignore_id, earlier, labels).astype(np.uint8)


def mask_name(image: str) -> str:
    """Return the name of an image's mask below the manifest's folder."""
    # Image ids may contain characters that file names may not; a digest is always safe.
    return f"{MASK_DIR}/{hashlib.sha256(image.encode()).hexdigest()[:32]}.png"


def manifest_bytes(manifest: LabelManifest) -> bytes:
    """Return the content of `manifest.json`."""
    return manifest.model_dump_json(indent=1).encode()


def read_manifest(folder: Path) -> LabelManifest:
    """Read a manifest; raise StorageError, naming the file, if it cannot be read."""
    path = folder / MANIFEST_FILE
    try:
        return LabelManifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StorageError(f"{path}: cannot be read as a manifest of labels: {error}") from error


def count_ids(labels: LabelMap) -> npt.NDArray[np.int64]:
    """Return (256,) pixel counts of the raw ids in an (H, W) label map."""
    flat = np.ascontiguousarray(labels, dtype=np.uint8).ravel()
    # Label maps are runs of one id: to count run by run is three times as fast as pixel by pixel.
    ends = np.append(np.flatnonzero(flat[1:] != flat[:-1]), flat.size - 1)
    counts = np.bincount(flat[ends], np.diff(ends, prepend=-1), minlength=256) if flat.size else np.zeros(256)
    return counts.astype(np.int64)


def _stored_mask(folder: Path, item: LabelledImage) -> bytes:
    """Return the bytes of a mask; raise StorageError if they are missing or have changed."""
    path = folder / item.mask
    try:
        data = path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read as the labels of {item.image!r}: {error}") from error
    if hashlib.sha256(data).hexdigest() != item.sha256:
        raise StorageError(f"{path}: cannot be read as the labels of {item.image!r}: its content has changed")
    return data
