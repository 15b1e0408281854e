"""The base of iterations with a teacher: learn from labels, then from the teacher, then update."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from core.engine.loop import Values
from core.methods.stal.data import StalBatch
from core.methods.stal.labelled_step import LabelledPass, LabelledStep
from core.methods.stal.mean_teacher import MeanTeacher
from core.methods.stal.mixed_step import MixedStep
from core.methods.stal.schedules import Position

SYMMETRIC_WEIGHT = 0.1


@dataclass(frozen=True, eq=False)
class TaughtIteration(ABC):
    """Does one iteration.

    Attributes:
        networks: student and teacher.
        labelled: learns from labels.
        mixed: passes mixed images through both networks.
        position: finished iterations -> position of the training.
    """

    networks: MeanTeacher
    labelled: LabelledStep
    mixed: MixedStep
    position: Callable[[int], Position]

    def __call__(self, batch: StalBatch, done: int) -> Values:
        """Update the student with one batch, then the teacher; return the losses."""
        position = self.position(done)
        self.networks.begin(position)
        labelled = self.labelled(batch)
        losses = dict(labelled.losses)
        if position.taught >= 0:
            losses |= self.against_teacher(batch, labelled, position)
        else:
            self.networks.teach(labelled.views.images)
        return self.networks.update(losses, position)

    @abstractmethod
    def against_teacher(self, batch: StalBatch, labelled: LabelledPass, position: Position) -> dict[str, Tensor]:
        """Return the losses against the teacher's predictions, by name."""
