"""Files that stages left behind."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from server.schemas.values import Moment


class ArtifactDetail(BaseModel):
    """One file; its bytes are at /artifacts/{id}/content."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    run_id: str
    stage_id: str
    attempt_number: int
    name: str
    kind: str
    media_type: str
    sha256: str
    bytes: int
    created_at: Moment


class PackedFileEntry(BaseModel):
    """One file of a pack; its bytes are at /artifacts/{id}/files/{name}, and a range of the pack."""

    name: str = Field(description="Below the output, in plain segments.")
    sha256: str
    bytes: int
    offset: int = Field(description="Where its bytes begin in the artifact.")
