"""One stage of a plan: the unit that the queue dispatches. Free of torch."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class StageKind(StrEnum):
    """The kind of work of a stage; the catalog of a method maps kinds to functions."""

    TRAIN = "train"
    SELECT = "select"
    LABEL = "label"
    EVALUATE = "evaluate"


class StoredFile(BaseModel):
    """A file in the storage of a service, or a pack of several."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="SHA-256 of the file or pack.")
    bytes: int = Field(ge=0, description="Its size in bytes.")
    files: int | None = Field(
        None,
        ge=1,
        description="Number of files in the pack; none for a single file.",
        exclude_if=lambda count: count is None,
    )


class StageSpec(BaseModel):
    """One stage of a plan.

    `inputs` maps the name under which the stage function finds an input to `<stage index>/<output name>` of an earlier
    stage.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: int = Field(ge=0)
    name: str
    kind: StageKind
    step: int = Field(ge=0)
    """The step of the stream that it belongs to; every stage of a round of labels has that round's number."""
    noun: str
    """What the stream calls a step: `step`, `round`, `domain`."""
    inputs: dict[str, str] = Field(default_factory=dict)
    imports: dict[str, dict[str, StoredFile]] = Field(default_factory=dict, exclude_if=lambda imports: not imports)
    """Input name -> the files of an output of another run, by their path below it."""
    queue: str = "default"
    total_iterations: int | None = None
    """Iterations the stage will do, where the plan can know it."""
    by_people: bool = False
    """Whether people do it: then it waits for their annotations, and no worker is held (`label` only)."""
    images: int | None = None
    """Training images of the step, where the dataset has been scanned."""
