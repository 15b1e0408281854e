"""Rounds of active learning: what was queried, what it cost, and what it brought."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.acquisition.catalog import AcquisitionName
from core.streams.budgets import BudgetUnit
from core.streams.completion import MAX_DEADLINE_HOURS
from server.db.states import StageState
from server.schemas.classes import ClassLabel
from server.schemas.queries import CLOSES_AT, By, QueryCounts, SourcePixels
from server.schemas.scoring import HeadlineScore
from server.schemas.values import Moment


class Cost(BaseModel):
    """What labels cost."""

    images: int = Field(description="Images with at least one labelled pixel.")
    pixels: int
    clicks: int
    seconds: float = Field(description="Active time of people; 0 for an oracle.")


class ClassShare(ClassLabel):
    """One class among the pixels of a round, by the teacher."""

    pool: float = Field(description="Share of the pool's pixels.")
    queried: float = Field(description="Share of the queried pixels.")
    answered: float | None = Field(description="Share of the labelled pixels; null before the first answer.")


class QueryBatch(BaseModel):
    """The queries of one round, and what chose them (AL-1, AL-7)."""

    select_stage_id: str
    label_stage_id: str
    state: StageState = Field(description="Of the label stage; `waiting_annotation` while people answer.")
    by_people: bool
    closes_by_hand: bool = Field(description="It was complete when it was opened again: it does not close by itself.")
    share: float = Field(description="Share of the queries whose accepted answers close it; 1 waits for all.")
    deadline: Moment | None = Field(description="When it closes by itself, if something is answered; null = never.")
    closes_at: Moment | None = Field(description=CLOSES_AT)
    acquisition: AcquisitionName
    parameters: dict[str, Any]
    unit: BudgetUnit
    budget: float
    seed: str = Field(description="As decimal digits.")
    model_sha256: str = Field(description="Of the teacher that valued the pool.")
    pool_size: int
    pool_digest: str
    cover_radius: float | None = Field(description="Of core-set: distance of the image farthest from a labelled one.")
    histogram: list[int] = Field(description="Images of the pool by value, in bins of equal width.")
    histogram_range: tuple[float, float]
    classes: list[ClassShare]
    counts: QueryCounts
    queried: Cost = Field(description="Of all queries together; seconds are 0.")
    answered: Cost
    sources: SourcePixels = Field(
        description="Labelled pixels by where the label comes from; those of which nobody noted it are in none."
    )
    overlap_images: int = Field(description="Images that an earlier round queried too.")
    agreement: float | None = Field(description="Share of the labelled pixels that are as the teacher proposed.")
    gain: float | None = Field(description="Headline score after the next training less that before.")
    labels_sha256: str | None = Field(description="Of the frozen manifest; null while the round is open.")
    changed_since: int = Field(description="Queries whose answer was changed after the round was closed.")


class Round(BaseModel):
    """One training with the labels so far, and the queries that follow it."""

    index: int
    train_stage_id: str
    train_state: StageState
    score: float | None = Field(description="Headline of the teacher; null before it is tested, and where undefined.")
    score_student: float | None = Field(description="The same of the student.")
    labelled: Cost = Field(description="All answers that this training sees, in total.")
    batch: QueryBatch | None = Field(description="Null after the last training, and before the pool is valued.")


class Rounds(BaseModel):
    """All rounds of a run."""

    run_id: str
    headline: HeadlineScore = Field(description="What the scores of the rounds are.")
    initial_images: int = Field(description="Images that were labelled at the start; they are in no round's cost.")
    rounds: list[Round]


class WaitingRound(BaseModel):
    """A round that waits for people."""

    stage_id: str
    run_id: str
    experiment_id: str
    experiment_name: str
    method: str
    round: int
    acquisition: AcquisitionName
    unit: BudgetUnit
    budget: float
    counts: QueryCounts
    labels_per_hour: float = Field(description="Answers in the last hour.")
    waiting_since: Moment | None
    deadline: Moment | None = Field(description="When it closes by itself, if something is answered; null = never.")


class RoundClose(By):
    """Ends a round before everything is answered."""

    allow_empty: bool = Field(False, description="Close it even without a single answer.")


class RoundExtension(By):
    """How long a round may wait."""

    deadline_hours: float | None = Field(
        gt=0, le=MAX_DEADLINE_HOURS, strict=True, description="From now; null takes the deadline away."
    )


class RoundState(BaseModel):
    """How a round stands after a change."""

    model_config = ConfigDict(from_attributes=True)

    stage_id: str
    state: StageState
    by_people: bool
    closes_by_hand: bool
    deadline: Moment | None
    closes_at: Moment | None = Field(description=CLOSES_AT)
    counts: QueryCounts
