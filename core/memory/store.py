"""The memory, and its form on disk: `index.json`, `crops/`, `labels/`, `thumbs/`, `sources/`.

Files are named after the instance's content, so an entry that stays from step to step keeps its files. Pictures of
source images are named by their digest, so instances of one image share one picture.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import StorageError
from core.files import write_synced
from core.memory.entry import InstanceEntry
from core.memory.thumbnails import render_thumbnail
from core.validation_words import rule_of

INDEX_FILE = "index.json"
WAY_OUT = "copy the folder anew from the stage that wrote it, or run that stage again"


class MemoryItem(BaseModel):
    """One entry as `index.json` lists it.

    The fields of a selection by score, and of what happened to the entry since, are null where a method keeps none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: str = Field(pattern=r"^[0-9a-f]{16}$")
    rank: int = Field(ge=0)
    """Position in the order of selection."""
    class_id: int = Field(alias="class", ge=0, le=254)
    """Raw id of the class the entry was drawn for."""
    classes: list[int]
    source: str
    box: tuple[int, int, int, int]
    """x0, y0, x1, y1 in the source image; x1 and y1 are exclusive."""
    offset: tuple[int, int]
    """x0, y0 of the crop: the corner of the box."""
    size: tuple[int, int]
    """Width and height of the source image."""
    area: int
    """Pixels of the kept classes."""
    step_added: int
    bytes: int
    """Of crop and label as stored."""
    sha256: str
    """Of the crop's file."""
    label_sha256: str
    source_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    crop: str
    label: str
    thumbnail: str
    source_picture: str
    """Reduced JPEG of the whole source image; `bytes` does not count it."""
    times_drawn: int = Field(ge=0)
    """How often it was pasted so far, in all stages."""
    score: float | None = None
    last_loss: float | None = None
    last_confidence: float | None = None


class MemoryIndex(BaseModel):
    """`index.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    budget: int = Field(ge=0)
    bytes: int
    seen_classes: list[int]
    """Raw ids of the classes that share the budget."""
    warnings: list[str]
    items: list[MemoryItem]


@dataclass(frozen=True)
class InstanceMemory:
    """Instances of old classes, in the order in which they were selected.

    Attributes:
        entries: the instances; a class may have none.
        budget: maximum number of entries.
        warnings: shortfalls of the selection.
        seen_classes: raw ids of the classes that share the budget.
    """

    entries: tuple[InstanceEntry, ...] = ()
    budget: int = 0
    warnings: tuple[str, ...] = ()
    seen_classes: tuple[int, ...] = ()

    @property
    def size_bytes(self) -> int:
        """Bytes of all crops and labels as stored; pictures for people are not counted."""
        return sum(entry.size_bytes for entry in self.entries)

    def save(self, folder: Path) -> Path:
        """Write the memory, replacing what is at `folder`; return the path of its index.

        The memory is first written under another name, so nobody reads half a memory, even after a crash.
        """
        aside = folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
        shutil.rmtree(aside, ignore_errors=True)
        for name in ("crops", "labels", "thumbs", "sources"):
            (aside / name).mkdir(parents=True)
        items = [_item(entry, rank) for rank, entry in enumerate(self.entries)]
        for item, entry in zip(items, self.entries, strict=True):
            write_synced(aside / item.crop, entry.crop_png)
            write_synced(aside / item.label, entry.label_png)
            write_synced(aside / item.thumbnail, render_thumbnail(entry))
        pictures = {item.source_picture: entry.source_jpeg for item, entry in zip(items, self.entries, strict=True)}
        for path, picture in pictures.items():
            write_synced(aside / path, picture)
        index = MemoryIndex(
            budget=self.budget,
            bytes=self.size_bytes,
            seen_classes=list(self.seen_classes),
            warnings=list(self.warnings),
            items=items,
        )
        write_synced(aside / INDEX_FILE, index.model_dump_json(indent=1, by_alias=True).encode())
        _swap(aside, folder)
        return folder / INDEX_FILE


def load_memory(folder: Path) -> InstanceMemory:
    """Read a memory back and check every crop and label against its digest.

    Raises:
        StorageError: naming the file that is missing, damaged or of another version.
    """
    path = folder / INDEX_FILE
    try:
        index = MemoryIndex.model_validate_json(_read(path))
    except ValidationError as error:
        first = error.errors()[0]
        where = "/".join(map(str, first["loc"]))
        raise StorageError(f"{path}: not a memory index of version 1 ({where}: {rule_of(first)}); {WAY_OUT}") from error
    pictures = {
        sha256: _read_checked(folder / _source_path(sha256), sha256)
        for sha256 in sorted({item.source_sha256 for item in index.items})
    }
    ranked = sorted(index.items, key=lambda item: item.rank)
    entries = tuple(_entry(folder, item, pictures[item.source_sha256]) for item in ranked)
    return InstanceMemory(entries, index.budget, tuple(index.warnings), tuple(index.seen_classes))


def _item(entry: InstanceEntry, rank: int) -> MemoryItem:
    source_sha256 = hashlib.sha256(entry.source_jpeg).hexdigest()
    return MemoryItem(
        id=entry.id,
        rank=rank,
        class_id=entry.drawn_class,
        classes=list(entry.classes),
        source=entry.source,
        box=entry.box,
        offset=entry.offset,
        size=entry.canvas_size,
        area=entry.area,
        step_added=entry.step_added,
        bytes=entry.size_bytes,
        sha256=hashlib.sha256(entry.crop_png).hexdigest(),
        label_sha256=hashlib.sha256(entry.label_png).hexdigest(),
        source_sha256=source_sha256,
        crop=f"crops/{entry.id}.png",
        label=f"labels/{entry.id}.png",
        thumbnail=f"thumbs/{entry.id}.png",
        source_picture=_source_path(source_sha256),
        times_drawn=entry.times_drawn,
    )


def _source_path(sha256: str) -> str:
    return f"sources/{sha256}.jpg"


def _entry(folder: Path, item: MemoryItem, source_jpeg: bytes) -> InstanceEntry:
    entry = InstanceEntry(
        drawn_class=item.class_id,
        classes=tuple(item.classes),
        source=item.source,
        box=item.box,
        canvas_size=item.size,
        area=item.area,
        step_added=item.step_added,
        crop_png=_read_checked(folder / "crops" / f"{item.id}.png", item.sha256),
        label_png=_read_checked(folder / "labels" / f"{item.id}.png", item.label_sha256),
        source_jpeg=source_jpeg,
        times_drawn=item.times_drawn,
    )
    if entry.id != item.id:
        raise StorageError(f"{folder / INDEX_FILE}: what is listed of item {item.id} was altered; {WAY_OUT}")
    return entry


def _read_checked(path: Path, sha256: str) -> bytes:
    data = _read(path)
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise StorageError(f"{path}: its SHA-256 is {found}, the index says {sha256}; {WAY_OUT}")
    return data


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"{path}: cannot be read ({error.strerror}); {WAY_OUT}") from error


def _swap(aside: Path, folder: Path) -> None:
    """Put the folder `aside` in the place of `folder`."""
    if folder.exists():
        old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        aside.rename(folder)
        shutil.rmtree(old)
    else:
        aside.rename(folder)
