"""The instances that a stage pasted from its memory, and their form on disk: `index.json` and `pictures/`.

The counts are exact. The examples are for people to look at: no result depends on them.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.files import write_atomically
from core.memory.geometry import Box
from core.memory.store import INDEX_FILE


class PasteExample(BaseModel):
    """One paste as `index.json` lists it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    item: str
    """Id of the memory item."""
    source: str
    """Id of the training image; `memory/` and an id where the image was itself a replayed instance."""
    box: Box
    """x0, y0, x1, y1 of the instance in the training image; x1 and y1 are exclusive."""
    size: tuple[int, int]
    """Width and height of the training image, to which the box refers; the picture may be smaller."""
    lam: float = Field(ge=0, le=1)
    """λ, the weight of the instance against the image: a small one leaves little to be seen."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the picture, the JPEG `pictures/<sha256>.jpg`: the training image with all its pastes."""

    @property
    def picture(self) -> str:
        """Path of the picture, relative to the index."""
        return f"pictures/{self.sha256}.jpg"


class PasteIndex(BaseModel):
    """`index.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    times: dict[str, int]
    """Id of a memory item -> how often the stage pasted it; every item of the memory that it was given is listed."""
    examples: list[PasteExample]


@dataclass(frozen=True)
class PictureOfPaste:
    """An example with its picture; the attributes are those of `PasteExample`."""

    item: str
    source: str
    box: Box
    size: tuple[int, int]
    lam: float
    jpeg: bytes


def save_pastes(folder: Path, times: Mapping[str, int], examples: Sequence[PictureOfPaste]) -> Path:
    """Write counts and examples, replacing what is at `folder`; return the path of the index, which is written last."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "pictures").mkdir(parents=True)
    listed = []
    for example in examples:
        sha256 = hashlib.sha256(example.jpeg).hexdigest()
        one = PasteExample(
            item=example.item,
            source=example.source,
            box=example.box,
            size=example.size,
            lam=example.lam,
            sha256=sha256,
        )
        (folder / one.picture).write_bytes(example.jpeg)
        listed.append(one)
    index = PasteIndex(times=dict(times), examples=listed)
    write_atomically(folder / INDEX_FILE, index.model_dump_json(indent=1).encode())
    return folder / INDEX_FILE
