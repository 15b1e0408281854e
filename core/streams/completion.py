"""When a round of labelling ends by itself (AL-4). Free of torch."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

MAX_DEADLINE_HOURS = 87_600
"""Ten years."""
MAX_GRACE_S = 86_400


class Completion(BaseModel):
    """When people have answered enough of a round; what is unanswered then returns to the pool."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    share: float = Field(
        1.0,
        gt=0,
        le=1,
        description="Share of a round's queries whose accepted answers end it; 1 waits for all.",
    )
    deadline_hours: float | None = Field(
        None,
        gt=0,
        le=MAX_DEADLINE_HOURS,
        description="Hours after which a round ends with the answers that it has; without any it keeps waiting.",
    )
    grace_s: float = Field(
        30.0,
        ge=0,
        le=MAX_GRACE_S,
        description="Seconds that a complete round waits after its last answer, which can be taken back until then.",
    )
