"""STAL's schedules other than the learning rate (STAL 4.2, 4.8)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Position:
    """Progress of a round's training.

    Attributes:
        epoch, epochs: e and E.
        taught: iterations since the teacher began to average, negative in the warm-up.
        contrasted: iterations since the contrastive loss began, including this one; 0 before.
    """

    epoch: int
    epochs: int
    taught: int
    contrasted: int


@dataclass(frozen=True)
class Timetable:
    """Iterations and epochs of a round.

    Attributes:
        iterations: iterations of the round.
        per_epoch: iterations of a pass over the unlabelled images.
        warmup_epochs: epochs before the teacher begins.
        contrast_from: epoch in which the contrastive loss begins.
    """

    iterations: int
    per_epoch: int
    warmup_epochs: int
    contrast_from: int

    def at(self, done: int) -> Position:
        """Return the position after `done` iterations."""
        epochs = -(-self.iterations // self.per_epoch)
        return Position(
            epoch=done // self.per_epoch,
            epochs=epochs,
            taught=done - self.warmup_epochs * self.per_epoch,
            contrasted=max(0, done + 1 - self.contrast_from * self.per_epoch),
        )


def ema_decay(iteration: int, maximum: float = 0.99) -> float:
    """Return d(i) = min(1 − 1/(i + 1), maximum). At i = 0 the student is copied into the teacher."""
    return min(1 - 1 / (iteration + 1), maximum)


def unreliable_percent(epoch: int, epochs: int, start: float = 20.0) -> float:
    """Return a(e) = start·(1 − e/E): the dropped share of the teacher's pixels, in percent."""
    return start * (1 - epoch / epochs)


def drop_percent_at(epoch: int, epochs: int, drop_percent: float = 80.0) -> float:
    """Return U2PL's d(e) = 100 − (100 − drop_percent)·(1 − e/E): the entropy percentile of the drop."""
    return 100 - (100 - drop_percent) * (1 - epoch / epochs)
