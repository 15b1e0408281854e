"""State of the service itself."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Health(BaseModel):
    """The process lives."""

    status: str = "ok"


class Check(BaseModel):
    """One part that the service needs."""

    name: str
    ok: bool
    milliseconds: float
    detail: str = Field(description="What was found, and what to do where it failed.")


class Readiness(BaseModel):
    """Whether requests can be served."""

    ready: bool
    checks: list[Check]


class Version(BaseModel):
    """What is running."""

    version: str
    api: str = "v1"
    python: str
    schema_version: int = Field(description="Version of the experiment document's form.")
