"""Methods and their presets."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from core.methods.catalog import DEMO
from server.schemas.experiments import Deviation, PlannedStage
from server.schemas.scoring import MethodScoring


class MethodSummary(BaseModel):
    """One method."""

    name: str
    title: str
    summary: str
    publication: str
    stream: str = Field(description="Kind of task stream that it is written for.")
    presets: list[str]
    scoring: MethodScoring = Field(description="What its runs are judged by, and the tables that they fill.")


class PresetSummary(BaseModel):
    """A named, complete setting."""

    name: str = Field(examples=[DEMO])
    title: str
    description: str
    version: int


class PresetDetail(PresetSummary):
    """A setting with everything that follows from it."""

    document: dict[str, Any] = Field(description="What to submit; change any part of it.")
    resolved: dict[str, Any] = Field(description="With every default filled in.")
    deviations: list[Deviation]
    plan: list[PlannedStage]
