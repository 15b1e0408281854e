"""The same test images with the prediction of every member."""

from __future__ import annotations

from pydantic import BaseModel, Field

from core.data.samples import SampleKind
from server.schemas.classes import ClassLabel
from server.schemas.comparison import MembersQuery
from server.schemas.values import MAX_SAFE_INTEGER


class ComparedImagesQuery(MembersQuery):
    """Test images of the members of a comparison."""

    domain: str | None = Field(
        None,
        pattern=r"^[^\x00-\x1f\x7f]{1,200}$",
        description="Images of this domain; default those without a domain, or the first domain's.",
    )
    step: int | None = Field(None, ge=0, le=1_000_000, description="Predictions after this step; default the last.")
    seed: int | None = Field(
        None,
        ge=0,
        le=MAX_SAFE_INTEGER,
        description="Seed of the run that stands for an experiment; default the first counted one's.",
    )


class MemberPrediction(BaseModel):
    """What the model of one member makes of an image."""

    run_id: str
    seed: int
    step: int = Field(description="Step after which the model was asked.")
    prediction: str = Field(
        description="Address of the prediction: an index PNG of raw ids, or of instances a list of objects.",
        examples=["/api/v1/predictions/1/prediction"],
    )
    pixel_accuracy: float | None = Field(description="Share of the counted pixels that are right; null of instances.")
    iou: dict[int, float] = Field(description="Raw class id -> IoU in this image; empty of instances.")


class ComparedImage(BaseModel):
    """One test image that every member has predicted."""

    kind: SampleKind
    source: str = Field(description="Id of the image in its dataset.")
    width: int
    height: int
    classes: list[int] = Field(description="Raw ids of the classes that the ground truth shows.")
    background_id: int | None
    ignore_id: int
    picture: str = Field(description="Address of the picture as it was evaluated, a PNG.")
    labels: str = Field(description="Address of the ground truth.")
    predictions: list[MemberPrediction] = Field(description="One for each member, in the order of the request.")


class ComparedImages(BaseModel):
    """The test images that all members have predicted."""

    labels: list[str] = Field(description="Label of each member.")
    domain: str | None = Field(description="Domain of these images; null where they are of the only one.")
    domains: list[str] = Field(description="Domains that have images of a member; empty where there is only one.")
    classes: list[ClassLabel] = Field(description="What the raw ids mean.")
    items: list[ComparedImage] = Field(description="In the order of the first member.")
    left_out: int = Field(
        description="Images of the domain that only some members have predicted, or that members cut out differently."
    )
