"""Files that stages left behind."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

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
