"""Responses of the API as typed objects; fields that a newer service adds are ignored (API-8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

TERMINAL_STATES = frozenset({"cancelled", "succeeded", "failed"})
SNAPSHOT_TYPES = frozenset({"snapshot", "reset"})
"""Events whose payload is `{"seq": …, "run": …}` with the run's current state."""


class Answer(BaseModel):
    """Base of all responses."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class HeadlineScore(Answer):
    """The headline score of a run; `direction` is `max` or `min`, the best value."""

    metric: str
    group: str | None
    title: str
    meaning: str
    direction: str


class MethodTable(Answer):
    """A table of a method's scores; `by` is `class`, `group` or `domain`."""

    metric: str
    by: str
    title: str
    group: str | None
    direction: str


class MethodScoring(Answer):
    """The scores of a method's runs."""

    headline: HeadlineScore
    tables: list[MethodTable]
    lower_is_better: list[str]


class Method(Answer):
    """A method of the service."""

    name: str
    title: str
    summary: str
    presets: list[str]
    scoring: MethodScoring


class CurrentStage(Answer):
    """The current stage of a run."""

    id: str
    index: int
    name: str
    state: str
    phase: str | None
    iteration: int | None
    total_iterations: int | None
    images_per_second: float | None
    seconds_left: float | None


class RunProgress(Answer):
    """Progress of a run; `fraction` is in [0, 1]."""

    stages: int
    stages_done: int
    fraction: float
    current: CurrentStage | None


class RunSummary(Answer):
    """One line of the list of runs.

    Attributes:
        is_pausing: a running run was asked to pause, and does at its next checkpoint.
        score: headline score after the last tested step; None if nothing was tested, or it is undefined.
        score_step: the last tested step; before the run has succeeded `score` is of this earlier step.
        best_score: best headline score of all steps.
        score_name: name of these scores, such as mIoU.
    """

    id: str
    experiment_id: str
    experiment_name: str
    method: str
    preset: str | None
    seed: int
    state: str
    is_pausing: bool = False
    reason: str | None
    message: str | None
    progress: RunProgress
    score: float | None
    score_step: int | None
    best_score: float | None
    score_name: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_finished(self) -> bool:
        """Whether the run has ended; a resumed run is no longer finished."""
        return self.state in TERMINAL_STATES


class Attempt(Answer):
    """One worker's attempt at a stage."""

    number: int
    state: str
    reason: str | None
    message: str | None
    device: str | None
    phase: str | None
    iteration: int | None
    total_iterations: int | None
    images_per_second: float | None
    seconds_left: float | None


class Stage(Answer):
    """One stage of a run."""

    id: str
    index: int
    name: str
    kind: str
    step: int
    noun: str
    state: str
    reason: str | None
    message: str | None
    total_iterations: int | None
    attempts: list[Attempt]


class Run(RunSummary):
    """One run with its stages."""

    digest: str
    stages: list[Stage]
    event_seq: int


class FeedEvent(Answer):
    """One event of a run; `seq` rises by one. docs/api.md lists the types and their payloads."""

    seq: int
    type: str
    payload: dict[str, Any]


class StepColumn(Answer):
    """One class of the step table; `step_learned` is None for the background."""

    id: int
    name: str
    colour: str
    step_learned: int | None


class StepRow(Answer):
    """Scores after one step: one value for each class of the table.

    Attributes:
        score: the headline score; the mean if there are several domains; None if it is undefined.
        iou: None before the class is learned, and if it is undefined.
        is_undefined: whether the class was tested, but no test image shows it.
        false_share: for an absent class: share of the test pixels predicted as it.
    """

    step: int
    stage_id: str
    score: float | None
    miou_all: float | None
    miou_old: float | None
    miou_new: float | None
    forgetting: float | None
    iou: list[float | None]
    drop: list[float | None]
    is_undefined: list[bool]
    false_share: list[float | None]


class DomainColumn(Answer):
    """One tested domain; `step_learned` is None if no step teaches it."""

    name: str
    step_learned: int | None


class MeanScore(Answer):
    """A mean over `all`, `old` or `new` classes, or the `harmonic` mean of the last two, after every step."""

    metric: str
    group: str
    title: str
    direction: str
    values: list[float | None]
    is_undefined: list[bool]


class MatrixColumn(Answer):
    """One group of classes, or one domain."""

    key: str
    step_learned: int | None
    class_ids: list[int]


class MatrixRow(Answer):
    """One row of R, after step t; lists have one entry per column, None if undefined or not measured."""

    step: int
    values: list[float | None]
    is_undefined: list[bool]
    change: list[float | None]
    average: float | None
    forgetting: float | None
    backward_transfer: float | None
    plasticity: float | None


class ScoreMatrix(Answer):
    """R[t, j]: a score of class groups or domains after every step; `by` is `group` or `domain`."""

    metric: str
    by: str
    title: str
    direction: str
    columns: list[MatrixColumn]
    rows: list[MatrixRow]


class StepTable(Answer):
    """Step × class table of learning and forgetting; its classes are those of `domain`."""

    run_id: str
    split: str | None
    domain: str | None
    domains: list[DomainColumn]
    headline: HeadlineScore
    test_rule: str
    means: list[MeanScore]
    matrices: list[ScoreMatrix]
    classes: list[StepColumn]
    steps: list[StepRow]
    average_miou: float | None


class LogEntry(Answer):
    """One line of a stage's log."""

    number: int
    level: str
    text: str


class Artifact(Answer):
    """An immutable file produced by a stage."""

    id: str
    stage_id: str
    name: str
    kind: str
    sha256: str
    bytes: int


class Query(Answer):
    """One image, or parts of one, to label; `Labelling.picture` reads its addresses."""

    id: str
    stage_id: str
    state: str
    rank: int
    image: str
    unit: str
    value: float
    main_class: int
    width: int
    height: int
    author: str | None
    version: int
    picture_url: str
    region_url: str | None
    proposal_url: str
    uncertainty_url: str
    answer_url: str | None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width, self.height


class Cost(Answer):
    """Cost of labels."""

    images: int
    pixels: int
    clicks: int
    seconds: float


class QueryBatch(Answer):
    """The queries of one round; `counts` has their number by state."""

    label_stage_id: str
    state: str
    by_people: bool
    acquisition: str
    unit: str
    budget: float
    counts: dict[str, int]
    answered: Cost
    agreement: float | None
    gain: float | None
    labels_sha256: str | None


class Round(Answer):
    """One training with the labels so far, and the queries that follow it.

    Attributes:
        score, score_student: headline scores of teacher and student; None if not tested or undefined.
    """

    index: int
    score: float | None
    score_student: float | None
    labelled: Cost
    batch: QueryBatch | None


class Rounds(Answer):
    """All rounds of a run."""

    run_id: str
    headline: HeadlineScore
    initial_images: int
    rounds: list[Round]


class WaitingRound(Answer):
    """A round that waits for people."""

    stage_id: str
    run_id: str
    experiment_name: str
    round: int
    budget: float
    unit: str
    counts: dict[str, int]
    deadline: datetime | None


class RoundState(Answer):
    """State of a round after a change."""

    stage_id: str
    state: str
    by_people: bool
    closes_by_hand: bool
    deadline: datetime | None
    counts: dict[str, int]


class Annotation(Answer):
    """One version of an answer."""

    id: str
    version: int
    author: str
    pixels: int
    agreement: float | None
    is_late: bool


class Submission(Answer):
    """Result of submitting an answer."""

    annotation: Annotation
    warnings: list[str]
    closes_at: datetime | None
    is_round_closed: bool
