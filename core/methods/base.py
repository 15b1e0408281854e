"""What a method is made of: a config, a plan, and one function a stage kind. Free of torch.

`StageContext` is what the runner hands to a method's stage function; `StageResult` is what it hands back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from core.streams.catalog import TaskStream

if TYPE_CHECKING:
    import torch

    from core.data.classes import ClassTable
    from core.data.samples import DenseDataset
    from core.runner.events import EventWriter
    from core.runner.interrupt import StopFlag
    from core.runner.spec import StageFolderSpec


class StageKind(StrEnum):
    """What a stage does; the catalog of a method maps kinds to functions."""

    TRAIN = "train"
    SELECT = "select"
    LABEL = "label"
    EVALUATE = "evaluate"


class MethodConfig(BaseModel):
    """Base of every method's settings: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def check_against(self, classes: ClassTable) -> None:
        """Raise ConfigError when the settings do not go with a dataset's classes."""


class StageSpec(BaseModel):
    """One stage of a plan.

    `inputs` maps the name under which the stage function finds an input to `<stage index>/<output name>` of an earlier
    stage.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: int = Field(ge=0)
    name: str
    kind: StageKind
    inputs: dict[str, str] = Field(default_factory=dict)
    queue: str = "default"
    total_iterations: int | None = None
    """Iterations the stage will do, where the plan can know it."""
    by_people: bool = False
    """Whether people do it: then it waits for their annotations, and no worker is held (`label` only)."""
    images: int | None = None
    """Training images of the step, where the dataset has been scanned."""


C = TypeVar("C", bound=MethodConfig)


@dataclass(frozen=True)
class StageContext(Generic[C]):
    """Everything a stage function may use.

    Attributes:
        spec: the stage folder's `spec.json`.
        folder: the attempt's folder; outputs go under `folder / "artifacts"`.
        config: the method's validated config.
        stream: the task stream of the run.
        train_set, eval_set: the opened dataset's splits, with raw class ids.
        source_set: labelled images of the stream's source, where it has one.
        events: where metrics, scores and artifacts are announced.
        stop: set when the process was asked to end; the training loop reads it between iterations.
        device: where to compute.
        inputs: input name -> folder or file inside the attempt's folder.
        resume_dirs: checkpoint folders to resume from, newest first; damaged ones are skipped.
    """

    spec: StageFolderSpec
    folder: Path
    config: C
    stream: TaskStream
    train_set: DenseDataset
    eval_set: DenseDataset
    events: EventWriter
    stop: StopFlag
    device: torch.device
    source_set: DenseDataset | None = None
    inputs: Mapping[str, Path] = field(default_factory=dict)
    resume_dirs: tuple[Path, ...] = ()

    def relative(self, path: Path) -> str:
        """Return a path below the stage folder as events name it."""
        return path.relative_to(self.folder).as_posix()


@dataclass(frozen=True)
class StageResult:
    """Outputs of a stage: name -> path relative to the stage folder, a file or a folder of files."""

    outputs: Mapping[str, str]


StageFunction = Callable[[StageContext[C]], StageResult]
