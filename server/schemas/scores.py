"""Evaluations, and what follows from them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from core.methods.scoring import Columns, Direction
from server.schemas.classes import ClassLabel
from server.schemas.scoring import HeadlineScore
from server.schemas.values import Moment


class ScoreValue(BaseModel):
    """One number of an evaluation."""

    model_config = ConfigDict(from_attributes=True)

    metric: str
    value: float | None = Field(description="Null where it is not defined.")
    class_id: int | None = Field(description="Raw class id, for a score of one class; -1 is the background.")
    group: str | None = Field(description="Class group, for a score of several.")


class EvaluationRecord(BaseModel):
    """A file that an evaluation left behind besides its scores."""

    kind: str = Field(description="What it holds: `confusion`, `per_image`, `detections`, `curve` …")
    name: str
    bytes: int
    sha256: str
    address: str = Field(
        description="Where its bytes are.",
        examples=["/api/v1/evaluations/01890000-0000-7000-8000-000000000000/records/confusion"],
    )


class Evaluation(BaseModel):
    """One test of a stage's model: on one domain of one split, after one step."""

    id: str
    run_id: str
    stage_id: str
    attempt: int
    split: str
    domain: str | None = Field(description="Null where the split is one domain, or the scores are of all together.")
    step: int = Field(description="Continual step after which the model was tested.")
    iteration: int
    at: Moment
    channels: list[ClassLabel] = Field(
        description="Meaning of the rows and columns of the confusion matrix; empty where there is none."
    )
    scores: list[ScoreValue]
    records: list[EvaluationRecord]
    confusion: list[list[int]] | None = Field(
        None,
        description="Pixels; rows are ground truth, columns predictions. Only with confusion=true.",
    )


class StepColumn(ClassLabel):
    """One class of the table."""

    step_learned: int | None = Field(
        description="Step that taught it, 0 where every class is known from the beginning; null for the background."
    )


class DomainColumn(BaseModel):
    """One domain that was tested."""

    name: str
    step_learned: int | None = Field(description="Step that taught it; null for one that no step teaches.")


class StepRow(BaseModel):
    """What was known after one step; lists have one entry a class of the table.

    Null in them is undefined, for a class that no test image shows, or says that the class is not learned yet;
    `is_undefined` tells them apart.
    """

    step: int
    stage_id: str
    evaluation_id: str
    score: float | None = Field(description="The headline; over several domains their mean. Null where undefined.")
    miou_all: float | None = Field(
        description="mIoU as published: a class that no test image shows counts as 0. Null where nothing was measured."
    )
    miou_old: float | None = Field(description="The same over the old classes. Null at step 0.")
    miou_new: float | None = Field(description="The same over the new classes. Null at step 0.")
    miou_harmonic: float | None = Field(description="Harmonic mean of old and new; null at step 0.")
    forgetting: float | None = Field(
        description="Mean over the old classes of best score so far less present score; undefined ones are left out."
    )
    group_miou: list[float | None] = Field(
        description="R[t, j]: mIoU as published of the classes that step j taught, one entry a step of the table; null "
        "for j > t. `matrices` has it with undefined classes left out, and by domain."
    )
    average: float | None = Field(description="A: mean over j <= t of R[t, j].")
    group_forgetting: float | None = Field(
        description="F: mean over j < t of the best R[l, j] of steps j <= l < t less R[t, j]; null at step 0."
    )
    backward_transfer: float | None = Field(
        description="B: mean over j < t of R[t, j] - R[j, j], below 0 where it forgot; null at step 0."
    )
    plasticity: float | None = Field(description="P: R[t, t], how well the newest classes were learned.")
    iou: list[float | None] = Field(
        description="C[t, c] of the table's class metric; null before the class is known, and where undefined."
    )
    drop: list[float | None] = Field(description="How far the score fell since the class was learned; null until then.")
    is_undefined: list[bool] = Field(
        description="Whether the class was tested, and no test image shows it: there is nothing to measure."
    )
    false_share: list[float | None] = Field(
        description="For a class that no test image shows: share of the test pixels that were taken for it, 0 where it "
        "was not predicted either. Null for the others."
    )


class MatrixColumn(BaseModel):
    """One group of classes, or one domain."""

    key: str = Field(description="Name of the group or domain.", examples=["step-0"])
    step_learned: int | None = Field(description="Step that taught it; null where none does.")
    class_ids: list[int] = Field(description="Raw ids of a group's classes; empty for a domain.")


class MatrixRow(BaseModel):
    """One row of R, after step t; lists have one entry a column, and null is undefined or not measured."""

    step: int
    values: list[float | None] = Field(description="R[t, j].")
    is_undefined: list[bool] = Field(description="Whether j was tested after step t, and there was nothing to measure.")
    change: list[float | None] = Field(description="R[t, j] - R[j, j] where j was learned before t.")
    average: float | None = Field(description="A: mean of R[t, j] over the j learned by then.")
    forgetting: float | None = Field(
        description="F: mean over the j learned before t of the best R[l, j] since less R[t, j]; turned round where "
        "the least value is best."
    )
    backward_transfer: float | None = Field(
        description="B: mean over the j learned before t of R[t, j] - R[j, j]; turned round likewise."
    )
    plasticity: float | None = Field(description="P: mean of R[t, j] over the j that step t taught.")


class ScoreMatrix(BaseModel):
    """R[t, j]: a score of class groups or domains after every step, and what follows of it."""

    metric: str
    by: Columns = Field(description="What j is: a class group of the stream, or a domain.")
    title: str
    direction: Direction = Field(description="Which value is best.")
    columns: list[MatrixColumn]
    rows: list[MatrixRow]


class MeanScore(BaseModel):
    """A mean over a group of classes after every step; lists have one entry a row of the table."""

    metric: str = Field(examples=["miou_present"])
    group: str = Field(
        description="`all`, `old` or `new` classes; `harmonic` is the harmonic mean of the last two.", examples=["old"]
    )
    title: str = Field(description="What the metric is.")
    direction: Direction = Field(description="Which value is best.")
    values: list[float | None] = Field(description="Null where undefined or not measured.")
    is_undefined: list[bool] = Field(description="Whether it was to be measured, and there was nothing to measure.")


class StepTable(BaseModel):
    """Step x class: what was learned and what was forgotten; every number follows from the scores of the steps."""

    run_id: str
    split: str | None = Field(description="Null where nothing was tested yet.")
    domain: str | None = Field(description="Whose classes are shown; null for all domains together, or the only one.")
    domains: list[DomainColumn] = Field(description="Domains that were tested; empty where there is only one.")
    headline: HeadlineScore
    test_rule: str = Field(
        description="How models were tested, in words: what of an image, and how a pixel got its class; empty where "
        "the method has no such rule.",
        examples=["tested on a centre crop of 512 px (mode crop); a pixel gets the best class (rule best_class)"],
    )
    class_metric: str = Field(description="What `iou` is of each class.", examples=["iou"])
    classes: list[StepColumn] = Field(description="The background first, then in the order of learning.")
    steps: list[StepRow]
    means: list[MeanScore] = Field(
        description="Means over class groups of every metric that the method names, such as mIoU over the classes that "
        "the test images show and mIoU as published; what no step has is left out."
    )
    average_miou: float | None = Field(description="Mean over the steps of `miou_all`.")
    matrices: list[ScoreMatrix] = Field(description="By class group and by domain, as the method names them.")
