"""Who answers the queries of a round, how many people answer each, and the guidelines (ANN-5, ANN-19, QA-3)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from core.streams.assistant import AssistantModel

MAX_OVERLAP = 5
MAX_PEOPLE = 100
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*$")
]
Markdown = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$")]
TIE_LABELS: dict[str, JsonValue] = {"ignore": "no label", "review": "a researcher decides"}
ASSIGNMENT_LABELS: dict[str, JsonValue] = {"pull": "whoever asks next", "fixed": "fixed in advance"}
"""Labels of the assignments in forms."""


class HandOut(BaseModel):
    """How the queries of a round come to people."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    overlap: int = Field(1, ge=1, le=MAX_OVERLAP, description="Independent answers that a query gets.")
    overlap_share: float = Field(
        1.0, gt=0, le=1, description="Share of the queries, drawn by their ids, that get so many; the rest get one."
    )
    ties: Literal["ignore", "review"] = Field(
        "ignore",
        description="What becomes of a pixel to which independent answers give no label most often.",
        json_schema_extra={"x-labels": TIE_LABELS},
    )
    assignment: Literal["pull", "fixed"] = Field(
        "pull", description="Who gets which query.", json_schema_extra={"x-labels": ASSIGNMENT_LABELS}
    )
    annotators: tuple[Name, ...] = Field(
        (), max_length=MAX_PEOPLE, description="Names of those who may answer; nobody named = everybody."
    )
    instructions: Markdown = Field("", description="What people are told, in Markdown.")
    class_instructions: dict[Name, Markdown] = Field(
        {}, max_length=500, description="What they are told about single classes: name of the class and Markdown."
    )

    assistant: AssistantModel = Field(
        AssistantModel(), description="Model of the tool that cuts out objects by clicks."
    )

    @model_validator(mode="after")
    def _check_people(self) -> Self:
        check_people(self.annotators, self.overlap, self.assignment)
        return self


def check_people(annotators: tuple[str, ...], overlap: int, assignment: str) -> None:
    """Refuse a list of annotators with a repeated name or too few people; raises ValueError."""
    twice = sorted({name for name in annotators if annotators.count(name) > 1})
    if twice:
        raise ValueError(f"{', '.join(twice)} is named twice; name everybody once")
    if assignment == "fixed" and not annotators:
        raise ValueError("a fixed assignment needs names; give annotators, or let whoever asks next have a query")
    if annotators and len(annotators) < overlap:
        raise ValueError(f"{overlap} independent answers need as many people; {len(annotators)} are named")
