"""One training iteration of RIPU on labels only, without a teacher (CVPR 2022; STAL 6.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.engine.loop import Values
from core.methods.stal.data import StalBatch
from core.methods.stal.labelled_step import LabelledStep
from core.methods.stal.mean_teacher import MeanTeacher
from core.methods.stal.schedules import Position


@dataclass(frozen=True, eq=False)
class RipuIteration:
    """Does one iteration: the supervised loss, plus RIPU's own losses if their weights are over 0.

    The teacher's average is still updated, because the round tests and selects queries with the teacher.

    Attributes:
        networks: student and teacher.
        labelled: learns from labels.
        position: finished iterations -> where the training is.
    """

    networks: MeanTeacher
    labelled: LabelledStep
    position: Callable[[int], Position]

    def __call__(self, batch: StalBatch, done: int) -> Values:
        """Update the student with one batch, then the teacher; return the losses."""
        position = self.position(done)
        self.networks.begin(position)
        labelled = self.labelled(batch)
        self.networks.teach(labelled.views.images)
        return self.networks.update(labelled.losses, position)
