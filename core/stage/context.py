"""The runner's input to a method's stage function. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    import torch

    from core.data.opening import OpenedDataset
    from core.data.samples import DenseDataset
    from core.stage.events import EventWriter
    from core.stage.folder import StageFolderSpec
    from core.stage.interrupt import StopFlag
    from core.streams.base import TaskStream

C = TypeVar("C", bound=BaseModel)


@dataclass(frozen=True)
class StageContext(Generic[C]):
    """Everything a stage function may use.

    Attributes:
        spec: the stage folder's `spec.json`.
        folder: the attempt's folder; outputs go under `folder / "artifacts"`.
        config: the method's validated config.
        stream: the task stream of the run.
        datasets: the stream's datasets by name, with the splits that the stage reads; labels are raw class ids.
        events: writer of metrics, scores and artifacts.
        stop: set when the process was asked to stop; the training loop reads it between iterations.
        device: device of the stage.
        inputs: input name -> folder or file inside the attempt's folder.
        resume_dirs: checkpoint folders to resume from, newest first; damaged ones are skipped.
        data_digests: digest of each split's data; a checkpoint made with other data is refused.
    """

    spec: StageFolderSpec
    folder: Path
    config: C
    stream: TaskStream
    datasets: Mapping[str, OpenedDataset[DenseDataset]]
    events: EventWriter
    stop: StopFlag
    device: torch.device
    inputs: Mapping[str, Path] = field(default_factory=dict)
    resume_dirs: tuple[Path, ...] = ()
    data_digests: Mapping[str, str] = field(default_factory=dict)

    def relative(self, path: Path) -> str:
        """Return a path relative to the stage folder, as in events."""
        return path.relative_to(self.folder).as_posix()
