"""Statistics of a score over the seeds of an experiment. Free of torch.

A value of None, or one that is not finite, is undefined: there was nothing to measure. Undefined values are left out of
every mean, and counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from typing_extensions import TypeIs

Value = float | None


@dataclass(frozen=True)
class SeedStatistic:
    """Mean and spread of one score over seeds.

    Attributes:
        mean: mean of the defined values; None if there is none.
        std: sample standard deviation (division by n − 1); None for fewer than two defined values.
        n: number of defined values.
        undefined: number of undefined values.
    """

    mean: float | None
    std: float | None
    n: int
    undefined: int


@dataclass(frozen=True)
class PairedDifference:
    """Difference of a score to a baseline's, paired by seed.

    Attributes:
        mean: mean over the shared seeds of value − baseline's value; None if no seed is shared.
        std: sample standard deviation of these differences; None for fewer than two.
        n: number of shared seeds: both values are defined.
    """

    mean: float | None
    std: float | None
    n: int


def over_seeds(values: Iterable[Value]) -> SeedStatistic:
    """Return the statistic of the values of all seeds."""
    everything = list(values)
    defined = [value for value in everything if is_defined(value)]
    return SeedStatistic(*_mean_and_std(defined), n=len(defined), undefined=len(everything) - len(defined))


def paired_difference(values: Mapping[int, Value], baseline: Mapping[int, Value]) -> PairedDifference:
    """Return the difference to a baseline.

    Args:
        values: seed -> value.
        baseline: seed -> the baseline's value.
    """
    differences = [
        value - other
        for seed, value in sorted(values.items())
        if is_defined(value) and is_defined(other := baseline.get(seed))
    ]
    return PairedDifference(*_mean_and_std(differences), n=len(differences))


def is_defined(value: Value) -> TypeIs[float]:
    """Return whether a value is a finite number."""
    return value is not None and math.isfinite(value)


def _mean_and_std(values: list[float]) -> tuple[float | None, float | None]:
    if not values:
        return None, None
    mean = fmean(values)
    if len(values) < 2:
        return mean, None
    return mean, math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))
