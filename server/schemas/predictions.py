"""Prediction panels: fixed test images through the model of every step."""

from __future__ import annotations

from pydantic import BaseModel, Field

from core.data.samples import SampleKind
from server.schemas.classes import ClassLabel


class StepPrediction(BaseModel):
    """What the model of one step makes of an image."""

    step: int
    stage_id: str
    prediction: str = Field(
        description="Address of the prediction: an index PNG of raw ids, or of instances a list of objects.",
        examples=["/api/v1/predictions/1/prediction"],
    )
    pixel_accuracy: float | None = Field(
        description="Share of the counted pixels that are right; what is not learned yet counts as background. "
        "Null of instances."
    )
    iou: dict[int, float] = Field(
        description="Raw class id -> IoU in this image, for the classes that it shows and the model has learned; "
        "empty of instances."
    )


class PredictedImage(BaseModel):
    """One image of the panels, and what every step made of it so far."""

    kind: SampleKind = Field(
        description="What is known and predicted of it: a class for every pixel, a foreground, or objects."
    )
    rank: int = Field(description="Place among the panels of its domain.")
    source: str = Field(description="Id of the image in its dataset.")
    width: int
    height: int
    classes: list[int] = Field(description="Raw ids of the classes that the ground truth shows.")
    background_id: int | None = Field(
        description="Raw id of the background in the index PNGs; null where every pixel has a class."
    )
    ignore_id: int = Field(description="Raw id of pixels that nobody labelled.")
    picture: str = Field(description="Address of the picture as it was evaluated, a PNG.")
    labels: str = Field(
        description="Address of the ground truth: an index PNG of raw ids, or of instances a list of objects."
    )
    steps: list[StepPrediction] = Field(description="In the order of the steps, as far as they are done.")


class PredictionClass(ClassLabel):
    """One class of the dataset."""

    step_learned: int | None = Field(description="Step that teaches it; null where none does.")


class PredictionPage(BaseModel):
    """One page of a run's panels of one domain, and what their raw ids mean."""

    items: list[PredictedImage]
    next_cursor: str | None
    domain: str | None = Field(description="Domain of these images; null where they are of the only one.")
    domains: list[str] = Field(
        description="Domains that have panels, in the order of their first predictions; empty where there is only one."
    )
    classes: list[PredictionClass] = Field(description="In the order of learning, then those that no step teaches.")
