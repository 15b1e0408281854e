"""Evaluations, and what follows from them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from server.schemas.classes import ClassLabel
from server.schemas.values import Moment


class ScoreValue(BaseModel):
    """One number of an evaluation."""

    model_config = ConfigDict(from_attributes=True)

    metric: str
    value: float | None = Field(description="Null where it is not defined.")
    class_id: int | None = Field(description="Raw class id, for a score of one class; -1 is the background.")
    group: str | None = Field(description="Class group, for a score of several.")


class Evaluation(BaseModel):
    """One test of a stage's model."""

    id: str
    run_id: str
    stage_id: str
    attempt: int
    split: str
    step: int = Field(description="Continual step after which the model was tested.")
    iteration: int
    at: Moment
    channels: list[ClassLabel] = Field(description="Meaning of the rows and columns of the confusion matrix.")
    scores: list[ScoreValue]
    confusion: list[list[int]] | None = Field(
        None, description="Pixels; rows are ground truth, columns predictions. Only with confusion=true."
    )


class StepColumn(ClassLabel):
    """One class of the table."""

    step_learned: int | None = Field(description="Step that taught it; null for the background.")


class StepRow(BaseModel):
    """What was known after one step; lists have one entry a class of the table."""

    step: int
    stage_id: str
    evaluation_id: str
    miou_all: float | None
    miou_old: float | None = Field(description="Null at step 0.")
    miou_new: float | None = Field(description="Null at step 0.")
    miou_harmonic: float | None = Field(description="Harmonic mean of old and new; null at step 0.")
    forgetting: float | None = Field(description="Mean over the old classes of best IoU so far less present IoU.")
    group_miou: list[float | None] = Field(
        description="R[t, j]: mIoU of the classes that step j taught, one entry a step of the table; null for j > t."
    )
    average: float | None = Field(description="A: mean over j <= t of R[t, j].")
    group_forgetting: float | None = Field(
        description="F: mean over j < t of the best R[l, j] of steps j <= l < t less R[t, j]; null at step 0."
    )
    backward_transfer: float | None = Field(
        description="B: mean over j < t of R[t, j] - R[j, j], below 0 where it forgot; null at step 0."
    )
    plasticity: float | None = Field(description="P: R[t, t], how well the newest classes were learnt.")
    iou: list[float | None] = Field(description="C[t, c]; null before the class is known.")
    drop: list[float | None] = Field(description="IoU when the class was learnt less present IoU; null until then.")


class StepTable(BaseModel):
    """Step x class: what was learned and what was forgotten; every number follows from the confusion matrices."""

    run_id: str
    split: str | None = Field(description="Null where nothing was tested yet.")
    classes: list[StepColumn]
    steps: list[StepRow]
    average_miou: float | None = Field(description="Mean over the steps of the mIoU over all seen classes.")
