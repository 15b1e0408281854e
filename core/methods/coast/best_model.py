"""Tests between iterations, and the best tested model (CoaST 6)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.checkpoint import AttachedFile
from core.engine.validation import ValidationHook
from core.files import link_file
from core.methods.coast.testing import mean_over
from core.models.deeplabv2 import DeepLabV2
from core.stage.events import EventWriter
from core.tensor_files import write_tensors

BEST_DIR = "best"
"""Folder of the best weights so far, inside the attempt's folder."""
BEST_FILE = "best.safetensors"


class BestModel:
    """The weights of the best test so far; an `Accumulator`, and `core.checkpoint.AttachedFiles`.

    Args:
        folder: folder of the attempt.
        network: its weights are kept.
    """

    def __init__(self, folder: Path, network: DeepLabV2) -> None:
        self.iteration: int | None = None
        self.score = 0.0
        self._path, self._network = folder / BEST_DIR / BEST_FILE, network
        self._file: AttachedFile | None = None

    @property
    def path(self) -> Path | None:
        """The file of the best weights; None before the first test."""
        return None if self._file is None else self._file.path

    def tested(self, score: float, done: int) -> None:
        """Keep the weights if the score is at least the best so far, which starts at 0 as published."""
        if math.isnan(score) or score < self.score:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Checkpoints may hold a hard link to the old file, so it must not be overwritten.
        self._path.unlink(missing_ok=True)
        self._file = AttachedFile(self._path, write_tensors(self._path, self._network.state_dict()))
        self.iteration, self.score = done, score

    def state(self) -> dict[str, Any]:
        """Return iteration and score."""
        return {"iteration": self.iteration, "score": self.score}

    def restore(self, state: dict[str, Any]) -> None:
        """Load iteration and score; `restore_files` loads the file."""
        self.iteration, self.score = state["iteration"], state["score"]

    def files(self) -> Mapping[str, AttachedFile]:
        """Return the file of the best weights, if there is one."""
        return {} if self._file is None else {BEST_FILE: self._file}

    def restore_files(self, files: Mapping[str, AttachedFile]) -> None:
        """Load the file of a checkpoint."""
        for file in files.values():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.unlink(missing_ok=True)
            link_file(file.path, self._path)
            self._file = AttachedFile(self._path, file.sha256)


def test_values(mious: Mapping[str, float]) -> dict[str, float]:
    """Return the values that a test adds to the series: the mIoU of every target, and their mean."""
    return {**{f"miou_{target}": miou for target, miou in mious.items()}, "miou_mean": mean_over(list(mious.values()))}


def tests_between(
    events: EventWriter, measure: Callable[[int], Mapping[str, float]], best: BestModel | None, every: int
) -> ValidationHook:
    """Return the hook that tests every target every `every` iterations and keeps the best model.

    Args:
        events: event writer of the stage.
        measure: finished iterations -> mIoU by target; raises StageInterrupted at a stop.
        best: receives the mean; None keeps no model.
        every: iterations between two tests.
    """

    def test(done: int) -> dict[str, float]:
        values = test_values(measure(done))
        if best is not None:
            best.tested(values["miou_mean"], done)
        return values

    return ValidationHook(events, test, every)
