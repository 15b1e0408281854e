"""The file format of instance panels: the objects of an image. Free of torch.

Objects overlap, so ground truth and prediction are JSON lists instead of index PNGs.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class RunLengths(BaseModel):
    """A mask in COCO's compressed run lengths."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: tuple[int, int] = Field(description="Height and width.")
    counts: str = Field(description="Run lengths column by column, as COCO's tools write them.")


class PanelObject(BaseModel):
    """One object of an image."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    class_id: int | None = Field(
        description="Raw class id; null for what a model took for an object of no known class."
    )
    is_unknown: bool = Field(description="Whether its class is none of those that the model was taught.")
    is_crowd: bool = Field(description="Whether it stands for a group that is not told apart.")
    score: float | None = Field(description="How sure the model is, in [0, 1]; null in a ground truth.")
    box: tuple[float, float, float, float] = Field(description="x0, y0, x1, y1 in pixels; x1 and y1 are exclusive.")
    mask: RunLengths


class PanelObjects(BaseModel):
    """The objects of one image: of its ground truth, or as a model sees them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int
    height: int
    objects: list[PanelObject]
