"""The results of an experiment over the seeds of its runs."""

from __future__ import annotations

from pydantic import BaseModel, Field

from server.db.states import RunState
from server.schemas.references import ReferenceRow
from server.schemas.results import Measure, Reached, ScoreTable, SeedRun, Statistic
from server.schemas.scoring import HeadlineScore


class ExperimentResults(BaseModel):
    """All runs that resolve to one configuration, and every score over their seeds."""

    digest: str = Field(description="SHA-256 of the resolved configuration; it names the experiment.")
    experiment_ids: list[str] = Field(description="Stored definitions with this digest, oldest first.")
    name: str = Field(description="Of the newest definition.")
    method: str
    preset: str | None
    dataset: str
    stream: str
    stream_digest: str = Field(
        description="Names the task stream with its dataset: equal in experiments that can be compared."
    )
    headline: HeadlineScore
    split: str | None = Field(description="Split of the evaluations; null where nothing was tested yet.")
    runs: list[SeedRun] = Field(description="By seed, the counted one of a seed first.")
    seeds: list[int] = Field(description="Seeds of the counted runs, in the order of the values in `tables`.")
    states: dict[RunState, int] = Field(description="How many runs are in each state.")
    reached: Reached
    measures: list[Measure] = Field(description="Columns of `summary`.")
    summary_seeds: list[int] = Field(description="Seeds of the runs of `summary`, in the order of its values.")
    summary: list[Statistic | None] = Field(
        description="One value a measure, over the runs that have succeeded, or where none has, over all at the step "
        "of `reached`."
    )
    tables: list[ScoreTable] = Field(description="Every score after every step, over the counted runs.")
    references: list[ReferenceRow] = Field(
        description="Joint training and fine-tuning, where they are attached to the stream, with the gaps to them."
    )
    warnings: list[str] = Field(description="What makes the runs differ besides their seeds.")
