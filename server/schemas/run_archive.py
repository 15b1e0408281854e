"""A whole run as one ZIP archive."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from server.schemas.values import Moment, PlainText


class ArchiveQuery(BaseModel):
    """Which artifacts the archive of a run has."""

    model_config = ConfigDict(extra="forbid")

    artifacts: bool = Field(True, description="Whether the archive has artifacts at all.")
    kind: list[PlainText] = Field(
        default_factory=list, max_length=50, description="Only artifacts of these kinds, such as `checkpoint`."
    )


class ArchivedFile(BaseModel):
    """One file of an archive."""

    path: str
    bytes: int
    sha256: str


class MissingArtifact(BaseModel):
    """An artifact, or the matrices of evaluations, whose file was removed from storage, or is damaged."""

    path: str = Field(description="Where it would be in the archive.")
    sha256: str | None = Field(description="Null for confusion matrices, which evaluations.json then lacks.")
    reason: str


class ArchiveManifest(BaseModel):
    """`manifest.json`, the last file of an archive: what the others are."""

    format: Literal["palimpsest-run"] = "palimpsest-run"
    version: Literal[1] = 1
    run_id: str
    written_at: Moment
    files: list[ArchivedFile] = Field(description="All files but this one.")
    missing: list[MissingArtifact]
