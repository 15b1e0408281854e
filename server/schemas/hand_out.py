"""How queries come to people, what these are told, what they say about a query, and how far they agree."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.streams.hand_out import MAX_PEOPLE, Markdown, Name
from server.schemas.queries import By
from server.schemas.values import LongText, Moment

Coordinate = Annotated[int, Field(ge=0, le=65_535, strict=True)]


class Worker(BaseModel):
    """What one person has done in a round."""

    author: str
    assigned: int = Field(description="Queries that wait for them alone.")
    leased: int
    answered: int
    skipped: int
    clicks: int = Field(description="Of their answers.")
    seconds: float


class HandOut(BaseModel):
    """How the queries of a round come to people."""

    stage_id: str
    overlap: int = Field(description="Most independent answers that a query of the round gets.")
    ties: Literal["ignore", "review"] = Field(
        description="What becomes of a pixel to which independent answers give no label most often."
    )
    assignment: Literal["pull", "fixed"]
    annotators: list[str] = Field(description="Who may answer; nobody named = everybody.")
    instructions: str = Field(description="Markdown.")
    class_instructions: dict[str, str] = Field(description="Name of a class -> Markdown.")
    people: list[Worker] = Field(description="By name.")


class HandOutChange(By):
    """What is to hold from now on, in place of all that held before."""

    assignment: Literal["pull", "fixed"]
    annotators: list[Name] = Field(max_length=MAX_PEOPLE)
    instructions: Markdown
    class_instructions: dict[str, Markdown] = Field(max_length=500)


class CommentBody(By):
    """Something to say about a query, or a point of its image."""

    text: LongText = Field(min_length=1, max_length=5000)
    x: Coordinate | None = Field(None, description="Column of the point; with `y`.")
    y: Coordinate | None = None


class Comment(BaseModel):
    """What somebody said about a query."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    query_id: str
    author: str
    text: str
    x: int | None = Field(description="Column of the point; null = about the whole query.")
    y: int | None
    created_at: Moment
    resolved_by: str | None
    resolved_at: Moment | None


class Comments(BaseModel):
    """What people said about a query, the oldest first."""

    items: list[Comment]


class RoundComment(Comment):
    """What somebody said about a query of a round."""

    image: str = Field(description="Image of the query.")
    rank: int = Field(description="Of the query in its round.")


class ClassAgreement(BaseModel):
    """How far answers agree about one class."""

    id: int
    name: str
    iou: float | None = Field(description="0 where one of two answers has none of it; null where none has any.")


class PairAgreement(BaseModel):
    """How far the answers of two people agree over the queried pixels of the queries that both answered."""

    first: str
    second: str
    queries: int
    pixels: int
    pixel_agreement: float | None = Field(description="Share of the pixels with the same label, or none, in both.")
    mean_iou: float | None
    cohen_kappa: float | None = Field(description="Null where chance alone explains everything.")


class AgreementReport(BaseModel):
    """How far independent answers agree; all is null or empty before two of them are there (QA-2)."""

    queries: int = Field(description="Queries with more than one independent answer.")
    pixel_agreement: float | None = Field(description="Over all pairs of answers.")
    mean_iou: float | None
    fleiss_kappa: float | None
    classes: list[ClassAgreement]
    pairs: list[PairAgreement]


class AuditEntry(BaseModel):
    """One thing that happened to a query."""

    at: Moment
    who: str = Field(description="`user:NAME`, `scheduler`, `system`, or the worker that ran the stage.")
    what: Literal["moved", "answered", "drafted", "commented", "frozen", "used"]
    state: str | None = Field(None, description="Of the query afterwards, where it moved.")
    version: int | None = Field(None, description="Of the answer, or of the draft, that it is about.")
    pixels: int | None = Field(None, description="Labelled in that version.")
    message: str | None = None


class AuditTrail(BaseModel):
    """Everything that happened to a query, the oldest first (QA-5)."""

    query_id: str
    entries: list[AuditEntry]
