"""What a process embeds for the annotator, and what it tells of it: the files of its folder (ANN-12). Free of torch."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.models.sam.image_fit import Placing
from core.models.sam.sizes import Backbone

ORDER_FILE, MODEL_FILE, DONE_FILE = "embed.json", "model.json", "done.jsonl"
FEATURES_DIR, DECODERS_DIR = "features", "decoders"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BuiltInModel(_Part):
    """The tiny SAM of the package."""

    model: Literal["built_in"] = "built_in"


class CheckpointModel(_Part):
    """A file of SAM or HQ-SAM."""

    model: Literal["checkpoint"] = "checkpoint"
    path: str
    backbone: Backbone


class RunModel(_Part):
    """Output `model` of a finished run's last stage, as a folder."""

    model: Literal["run"] = "run"
    folder: str


class OrderedImage(_Part):
    """An image to embed."""

    name: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of its file."""
    path: str
    embedded_by: tuple[str, ...] = ()
    """Digests of the models that have embedded it already."""


class EmbeddingOrder(_Part):
    """`embed.json`: what to embed, in order, and by which model."""

    model: Annotated[BuiltInModel | CheckpointModel | RunModel, Field(discriminator="model")]
    images: tuple[OrderedImage, ...]
    device: str = "cpu"


class ModelFacts(_Part):
    """`model.json`: the opened model.

    Attributes:
        digest: see `Assistant.digest`.
        backbone, placing: size of SAM, and how images lie in its view.
        image_px: side of the view.
        adapters: names of the adapters; empty with one head or none.
        has_head: whether a head answers.
    """

    digest: str
    backbone: Backbone
    placing: Placing
    image_px: int
    adapters: tuple[str, ...]
    has_head: bool


class EmbeddedEntry(_Part):
    """A line of `done.jsonl`: an image is done, or cannot be read.

    Attributes:
        name: of the image.
        adapter: that answers for it; "" with one head or none.
        features, decoder: files of the folder; None for an image that cannot be read.
        fault: why it cannot be read.
    """

    name: str
    adapter: str = ""
    features: str | None = None
    decoder: str | None = None
    fault: str | None = None
