"""Which model helps people to cut out objects by clicks (ANN-12). Free of torch."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, model_validator

from core.server_path import ServerPath

MODEL_LABELS: dict[str, JsonValue] = {
    "off": "none",
    "built_in": "the tiny SAM that comes with Palimpsest, for the built-in worlds",
    "checkpoint": "SAM from a file",
    "run": "a finished run on SAM, such as CoSAM",
}
"""Labels of the choices in forms."""
RunId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f-]{27}$")]


class AssistantModel(BaseModel):
    """The model of the tool Assistant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: Literal["off", "built_in", "checkpoint", "run"] = Field(
        "off", description="Which model answers clicks.", json_schema_extra={"x-labels": MODEL_LABELS}
    )
    checkpoint: ServerPath | None = Field(None, description="Weights of SAM or HQ-SAM, for a model from a file.")
    backbone: Literal["vit_b", "vit_l", "vit_h", "tiny"] = Field("vit_b", description="Size of SAM in that file.")
    run: RunId | None = Field(None, description="Id of the finished run; its router picks the adapter of each image.")

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        for name, value in (("checkpoint", self.checkpoint), ("run", self.run)):
            if (self.model == name) != (value is not None):
                way_out = f"give {name}" if value is None else f"leave {name} out, or set model: {name}"
                raise ValueError(f"the assistant's model is {self.model!r}; {way_out}")
        return self

    @property
    def is_on(self) -> bool:
        """Whether there is a model."""
        return self.model != "off"
