"""Answers of a round as one archive, and archives of answers."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from core.data.exchange.found import Overlap
from core.data.exchange.manifest import ExportFormat, Versions
from server.schemas.artifacts import ArtifactDetail
from server.schemas.problem import FaultEntry
from server.schemas.queries import CLOSES_AT, NAMED, AuthorName, By, QueryCounts
from server.schemas.values import Moment

ImportFormat = Literal[ExportFormat.INDEX_PNG, ExportFormat.COCO, ExportFormat.CITYSCAPES]


class ExportRequest(By):
    """Which answers leave, and in which form."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"author": "ann", "format": "index_png", "images": True}]}
    )

    format: ExportFormat
    which: Versions = Field(
        Versions.ACCEPTED, description="The accepted answer to each query, or every version that was ever sent."
    )
    images: bool = Field(False, description="Whether the pictures are packed too.")


class ExportResult(BaseModel):
    """A stored archive; its bytes are at /artifacts/{id}/content."""

    artifact: ArtifactDetail
    answers: int = Field(description="Answers in the archive.")
    files: int = Field(description="Files in the archive, its manifest not counted.")


class ImportTerms(BaseModel):
    """Whose answers an archive holds, in which form, and how they are meant."""

    author: AuthorName = NAMED
    format: ImportFormat
    dry_run: bool = Field(False, description="Say what would become of each file, and store nothing.")
    allow_unsure: bool = Field(False, description="Take pixels that bear the ignore id as meant.")
    overlap: Overlap = Field(
        Overlap.REFUSE,
        description="Pixels that annotations of two classes cover (coco): refuse the image, or give them to the last "
        "annotation, to the smallest, or to none.",
    )
    replace_others: bool = Field(False, description="Put these answers in the place of accepted ones of other authors.")


class FileStatus(StrEnum):
    """What became of one file."""

    WOULD_ACCEPT = "would_accept"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class ImportedFile(BaseModel):
    """One file of an archive, or one image of a document in it."""

    file: str
    query_id: str | None = Field(description="Of the round, by the name of the file; null where there is none.")
    image: str | None
    status: FileStatus = Field(description="`unknown` belongs to no query, or is no label at all.")
    code: str | None = Field(description="Why it is not taken, for programs.")
    message: str | None = Field(description="Why it is not taken, or what deserves a second look.")
    class_pixels: dict[str, int] = Field(description="Raw class id -> pixels; empty where the file cannot be read.")


class ClassPixels(BaseModel):
    """Pixels of one class in all files that are taken."""

    id: int
    name: str
    pixels: int


class ImportCounts(BaseModel):
    """Files by what became of them."""

    would_accept: int
    accepted: int
    refused: int
    unknown: int


class ImportLosses(BaseModel):
    """What was left out of, or changed in, the files that are taken."""

    pieces: int = Field(0, description="Pieces of an outline with fewer than three vertices, left out.")
    empty: int = Field(0, description="Annotations that enclose no pixel, left out.")
    clipped: int = Field(0, description="Annotations cut at the border of their image.")
    overlapping: int = Field(0, description="Pixels of two classes, settled by the choice of `overlap`.")


class UnlistedFiles(BaseModel):
    """Files that are not listed one by one, because many others are not taken for the same reason."""

    code: str = Field(description="The reason, as `files` gives it.")
    files: int


class ImportReport(BaseModel):
    """What became of an archive."""

    format: ImportFormat
    dry_run: bool
    counts: ImportCounts
    class_pixels: list[ClassPixels] = Field(description="Every class of the round, by raw id.")
    losses: ImportLosses = ImportLosses()
    files: list[ImportedFile] = Field(
        description="In the order of the archive's names; of those that are not taken, the first of each reason."
    )
    unlisted: list[UnlistedFiles] = Field(description="How many more there are of each reason.")
    queries: QueryCounts = Field(description="Of the round, afterwards.")
    closes_at: Moment | None = Field(description=CLOSES_AT)
    is_round_closed: bool = Field(description="Whether the last answer was among them, so that the next stage begins.")


class ExchangeProblem(BaseModel):
    """Why an export or import failed, as the answer of a request would have said it."""

    slug: str = Field(description="Of the problem; /problems/SLUG explains it.")
    detail: str
    errors: list[FaultEntry] = Field([], description="Single faults.")


class ExchangeTask(BaseModel):
    """An export or import in the background."""

    id: str
    stage_id: str
    kind: Literal["export", "import"]
    author: str
    state: Literal["queued", "running", "succeeded", "failed"]
    done: int = Field(description="Answers that are packed, or files that are looked at.")
    total: int = Field(description="Of so many; 0 before they are counted.")
    created_at: Moment
    finished_at: Moment | None
    export: ExportResult | None = Field(description="Of an export that succeeded: its archive.")
    report: ImportReport | None = Field(description="Of an import that succeeded: what became of each file.")
    problem: ExchangeProblem | None = Field(description="Of one that failed.")


class ExchangeTasks(BaseModel):
    """Exports and imports of a round, the newest first."""

    items: list[ExchangeTask]
