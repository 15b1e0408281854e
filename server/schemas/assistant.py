"""The annotator's assistant: the model of a round, what a query has of it, and masks from clicks."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from core.streams.assistant import AssistantModel
from server.db.assistants import AssistantState
from server.schemas.hand_out import Coordinate
from server.schemas.queries import By
from server.schemas.values import Moment


class RoundAssistant(BaseModel):
    """The model that answers clicks in a round, and how many images it has embedded."""

    stage_id: str
    choice: AssistantModel
    state: AssistantState = Field(
        description="`off`: no model is chosen; `preparing`: images are being embedded; `failed`: `message` says why."
    )
    title: str | None = Field(description="What the model is, in words; null without one.")
    message: str | None = Field(description="Why it failed, or which images could not be read.")
    images: int = Field(description="Pictures of the round.")
    embedded: int = Field(description="How many of them are ready.")
    finished_at: Moment | None


class AssistantChoice(By):
    """The model that is to answer clicks in a round from now on."""

    choice: AssistantModel


class AssistantFiles(BaseModel):
    """What a browser needs to answer clicks itself. What lies at these addresses never changes."""

    decoder_url: str = Field(description="ONNX file: features and a question in, low-resolution logits out.")
    decoder_bytes: int
    features_url: str = Field(description="safetensors file in half precision.")
    features_bytes: int
    has_head: bool = Field(description="Whether the first mask is that of an adapted head.")
    image_px: int = Field(description="Side of the square view in which the model sees images.")
    rows: int = Field(description="Rows of the view that the image covers, from above.")
    columns: int = Field(description="Columns of the view that the image covers, from the left.")


class QueryAssistant(BaseModel):
    """What the assistant can do for a query."""

    query_id: str
    state: AssistantState = Field(description="`ready` as soon as the query's own image is embedded.")
    title: str | None = Field(description="What the model is, in words; null without one.")
    adapter: str | None = Field(description="Adapter that the model's router picked for the image; null without one.")
    message: str | None = Field(description="Why it failed.")
    files: AssistantFiles | None = Field(description="Null until it is ready.")


class AssistantClick(BaseModel):
    """A pixel of the image."""

    x: Coordinate
    y: Coordinate
    is_positive: bool = Field(True, description="Whether it lies on the object.")


class MaskQuestion(BaseModel):
    """What is asked about an image: clicks, a box, or both."""

    clicks: list[AssistantClick] = Field(default=[], max_length=100)
    box: tuple[Coordinate, Coordinate, Coordinate, Coordinate] | None = Field(
        None, description="x1, y1, x2, y2 around the object; the last column and row belong to it."
    )
    candidates: Annotated[int, Field(ge=1, le=3, description="Most masks in the answer.")] = 1


class MaskCandidate(BaseModel):
    """One mask."""

    score: float = Field(description="Quality that the model expects, 0 to 1.")
    rle: dict[str, Any] = Field(description="COCO's compressed run lengths: `size` [height, width] and `counts`.")


class MaskAnswer(BaseModel):
    """The masks of a question, the default one first."""

    adapter: str | None
    candidates: list[MaskCandidate]
