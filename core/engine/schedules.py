"""Learning-rate factors as pure functions of the iteration."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol

WarmupMethod = Literal["linear", "constant"]


class Schedule(Protocol):
    """The length of a training, and the learning rate of each iteration relative to the first."""

    @property
    def iterations(self) -> int:
        """Return the iterations of the whole training."""

    def factor(self, iteration: int) -> float:
        """Return lr(i) / lr_0 for the update after `iteration` finished ones."""


@dataclass(frozen=True)
class PolySchedule:
    """Polynomial decay with an optional warm-up and an optional constant ending (EIR 5).

    Attributes:
        iterations: I, at which the factor reaches 0.
        power: exponent of the decay.
        warmup_iterations: W, a real number because it may be a share of I; 0 is off.
        warmup_factor: initial factor of a linear warm-up, or the factor of a constant one.
        warmup_method: "linear" rises to 1 at W; "constant" jumps to 1 at W.
        constant_ending: after the warm-up, the factor at which the decay stops; 0 is off.
    """

    iterations: int
    power: float = 0.9
    warmup_iterations: float = 0.0
    warmup_factor: float = 0.001
    warmup_method: WarmupMethod = "linear"
    constant_ending: float = 0.0

    def factor(self, iteration: int) -> float:
        """Return lr(i) / lr_0 for the update after `iteration` finished ones."""
        decay = poly(iteration, self.iterations, self.power)
        if iteration < self.warmup_iterations:
            return warm_up(iteration, self.warmup_iterations, self.warmup_factor, self.warmup_method) * decay
        return max(decay, self.constant_ending)


@dataclass(frozen=True)
class CosineSchedule:
    """Half a cosine from 1 down to a floor (STAL 5).

    Attributes:
        iterations: I, at which the factor reaches the floor.
        floor: final factor, in [0, 1].
    """

    iterations: int
    floor: float = 0.0

    def factor(self, iteration: int) -> float:
        """Return lr(i) / lr_0 = floor + (1 − floor)·(1 + cos(π·i/I))/2."""
        return cosine(iteration, self.iterations, 1.0, self.floor)


def poly(iteration: int, iterations: int, power: float = 0.9) -> float:
    """Return (1 − i/I)^power; 0 from I on.

    Raises:
        ValueError: if `iterations` is not positive.
    """
    if iterations < 1:
        raise ValueError(f"a schedule needs at least one iteration, not {iterations}")
    return float(max(0.0, 1 - iteration / iterations) ** power)


def warm_up(iteration: int, warmup_iterations: float, factor: float = 0.001, method: WarmupMethod = "linear") -> float:
    """Return the warm-up's factor: 1 from W on. Before W: `factor`·(1 − a) + a with a = i/W, or constant `factor`."""
    if iteration >= warmup_iterations:
        return 1.0
    if method == "constant":
        return factor
    progress = iteration / warmup_iterations
    return factor * (1 - progress) + progress


def cosine(iteration: int, iterations: int, base_lr: float, target_lr: float = 0.0) -> float:
    """Return the learning rate on a half cosine from `base_lr` down to `target_lr`."""
    return target_lr + (base_lr - target_lr) * (1 + math.cos(math.pi * min(iteration / iterations, 1))) / 2


@dataclass(frozen=True)
class StepSchedule:
    """Divides the learning rate by ten every few epochs (CoSAM 6).

    Attributes:
        iterations: I, of the whole training.
        per_epoch: iterations of an epoch.
        drop_epochs: epochs between two divisions by ten; 0 keeps the rate constant.
    """

    iterations: int
    per_epoch: int
    drop_epochs: int

    def factor(self, iteration: int) -> float:
        """Return lr(i) / lr_0 = 0.1^⌊epoch / drop_epochs⌋."""
        return step_factor(iteration // self.per_epoch, self.drop_epochs)


def step_factor(epoch: int, drop_epochs: int, start_epoch: int = 0) -> float:
    """Return 0.1 to the power of the number of multiples of `drop_epochs` in (start_epoch, epoch].

    REFERENCE: drops due before `start_epoch` are not applied. Our resumed stages start at 0 and apply all drops.
    """
    drops = epoch // drop_epochs - start_epoch // drop_epochs if drop_epochs else 0
    return float(0.1**drops)


@dataclass(frozen=True)
class MilestoneSchedule:
    """Divides the learning rate by ten at each milestone, after a linear warm-up (SemSeg 5).

    Attributes:
        iterations: I, of the whole training.
        milestones: iterations at which the rate is divided by ten.
        warmup_iterations: W; 0 is off.
        warmup_factor: initial factor of the warm-up.
    """

    iterations: int
    milestones: tuple[int, ...]
    warmup_iterations: int = 0
    warmup_factor: float = 0.001

    def factor(self, iteration: int) -> float:
        """Return lr(i) / lr_0 = warm-up(i)·0.1^(milestones up to i)."""
        drops = sum(iteration >= milestone for milestone in self.milestones)
        return warm_up(iteration, self.warmup_iterations, self.warmup_factor) * float(0.1**drops)
