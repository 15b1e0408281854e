"""`manifest.json` of an export: its answers, their authors and images, and its files. Free of torch."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.data.classes import ClassTable
from core.data.distinct_colours import Colour
from core.data.exchange.faults import ExchangeFault
from core.data.exchange.zip_reading import MAX_DOCUMENT_BYTES, Archive

EXPORT_MANIFEST = "manifest.json"
QueriedUnit = Literal["image", "region", "pixel"]
"""What one query covers."""


class ExportFormat(StrEnum):
    """In which form answers leave."""

    INDEX_PNG = "index_png"
    COCO = "coco"
    CITYSCAPES = "cityscapes"
    JSON = "json"


class Versions(StrEnum):
    """Which versions of answers leave."""

    ACCEPTED = "accepted"
    ALL = "all_versions"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExportedClass(_Frozen):
    """One class with which pixels may be answered."""

    id: int
    """Raw id in the dataset's label files."""
    name: str
    colour: str = Field(pattern=r"^#[0-9a-f]{6}$")

    @property
    def rgb(self) -> Colour:
        """The colour as three numbers."""
        red, green, blue = bytes.fromhex(self.colour[1:])
        return red, green, blue


class ExportedSources(_Frozen):
    """Labelled pixels by where the label comes from: a person, the teacher untouched, or a model that was guided."""

    person: int
    model: int
    assisted: int


class ExportedAnswer(_Frozen):
    """One answer: what was asked, who answered, and what it took."""

    name: str
    """Of its files, without folder and suffix."""
    query: str
    image: str
    group: str
    unit: QueriedUnit
    width: int
    height: int
    version: int
    author: str
    source: str
    pixels: int
    """Labelled pixels, ignored ones not counted."""
    clicks: int
    seconds: float
    sources: ExportedSources | None = None
    """None where nobody noted them."""
    regions: list[dict[str, float]] = Field(default_factory=list)
    """What single regions took: `x` and `y` of a pixel of the region, `clicks` and `seconds`."""
    is_late: bool


class ExportedFile(_Frozen):
    """One file of the archive; `answer` is the name of the one answer that it shows."""

    path: str
    sha256: str
    bytes: int
    answer: str | None


class ExportedAcquisition(_Frozen):
    """What chose the queries."""

    name: str
    parameters: dict[str, Any]
    unit: str
    budget: float
    seed: str
    model_sha256: str


class ExportManifest(_Frozen):
    """`manifest.json`."""

    schema_version: Literal[1] = 1
    format: ExportFormat
    which: Versions
    run: str
    stage: str
    stage_name: str
    round: int
    acquisition: ExportedAcquisition
    ignore_id: int
    """Raw id of pixels without a label: unsure, or not asked for."""
    classes: list[ExportedClass]
    answers: list[ExportedAnswer]
    """In the order of their names."""
    files: list[ExportedFile] = Field(default_factory=list)
    """All files of the archive but this one."""

    def table(self) -> ClassTable:
        """Return the classes as a table."""
        return ClassTable(
            {one.id: one.name for one in self.classes},
            ignore_id=self.ignore_id,
            background_id=None,
            colours={one.id: one.rgb for one in self.classes},
        )


class _NamedImage(BaseModel):
    name: str
    image: str


class _NamedImages(BaseModel):
    answers: list[_NamedImage]


def stored_names(archive: Archive) -> dict[str, str]:
    """Return file name -> image id from an archive's manifest; empty if it has no readable manifest."""
    if EXPORT_MANIFEST not in archive.names:
        return {}
    try:
        found = _NamedImages.model_validate_json(archive.read(EXPORT_MANIFEST, MAX_DOCUMENT_BYTES))
    except (ExchangeFault, ValidationError):
        # Other tools write files of this name too; then only the names of the labels identify the images.
        return {}
    return {one.name: one.image for one in found.answers}
