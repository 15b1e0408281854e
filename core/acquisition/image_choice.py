"""Choice of a round's whole images by the values of the acquisition function (STAL 6.1, 6.2)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import torch

from core.acquisition.budgets import images_in_budget
from core.acquisition.catalog import AcquisitionName, QuotaRule
from core.acquisition.coreset import k_centre_greedy
from core.acquisition.options import AcquisitionOptions
from core.acquisition.pool import Pool
from core.acquisition.pool_values import PoolValues
from core.acquisition.query_writing import QueryFiles
from core.acquisition.quota import largest_remainder_quota, published_quota
from core.acquisition.selection import select_highest, select_per_group
from core.errors import ConfigError
from core.streams.budgets import BudgetUnit


@dataclass(frozen=True)
class ChosenImage:
    """A chosen image.

    Attributes:
        position: position in the target.
        value: images with larger values are chosen first.
        clicks: number of queried places.
        files: files already written; None = the whole image is queried and nothing is written yet.
    """

    position: int
    value: float
    clicks: int = 1
    files: QueryFiles | None = None


@dataclass(frozen=True)
class Choice:
    """The chosen images in order of choice, and for core-set the largest distance of an image to a labelled one."""

    images: list[ChosenImage]
    cover_radius: float | None = None


def choose_images(
    pool: Pool, values: PoolValues, options: AcquisitionOptions, amount: float, unit: BudgetUnit
) -> Choice:
    """Choose whole images within a budget; share it among groups if the options say so.

    Raises:
        ConfigError: when the budget cannot be spent on this pool.
    """
    opened = pool.open
    try:
        budget = images_in_budget(amount, unit, len(pool.unlabelled), len(pool.names))
    except ValueError as error:
        raise ConfigError(str(error), "/stream/budgets") from error
    if options.name is AcquisitionName.CORESET:
        return _core_set(pool, values, budget)
    names = [pool.names[position] for position in opened]
    is_available = (~np.isnan(values.values[opened])).tolist()
    numbers = np.nan_to_num(values.values[opened]).tolist()
    groups = [pool.groups[position] for position in opened]
    # Only the published selection breaks ties by the last name.
    last_first = options.name is AcquisitionName.STAL
    if options.stratify and len(set(pool.groups)) > 1:
        quota = _quota(pool, options, budget)
        picks = select_per_group(numbers, names, groups, quota, is_available, last_first=last_first)
    else:
        picks = select_highest(numbers, names, budget, is_available, last_first=last_first)
    return Choice([ChosenImage(opened[pick.index], pick.value) for pick in picks])


def _quota(pool: Pool, options: AcquisitionOptions, budget: int) -> dict[object, int]:
    groups = sorted(set(pool.groups))
    total = [sum(group == name for name in pool.groups) for group in groups]
    if options.quota is QuotaRule.PUBLISHED:
        unlabelled = Counter(pool.groups[position] for position in pool.unlabelled)
        labelled = [count - unlabelled[group] for group, count in zip(groups, total, strict=True)]
        shares = published_quota(total, labelled, budget)
    else:
        available = Counter(pool.groups[position] for position in pool.open)
        shares = largest_remainder_quota([available[group] for group in groups], budget)
    return {group: max(share, 0) for group, share in zip(groups, shares, strict=True)}


def _core_set(pool: Pool, values: PoolValues, budget: int) -> Choice:
    assert values.features is not None
    # Images set aside are neither labelled nor open to queries, so both sides leave them out.
    opened = set(pool.open)
    positions = [place for place, done in enumerate(pool.is_labelled) if done or place in opened]
    is_labelled = torch.tensor([pool.is_labelled[place] for place in positions])
    chosen = k_centre_greedy(values.features[positions], is_labelled, min(budget, len(opened)))
    images = [
        ChosenImage(positions[index], float(len(chosen.indices) - rank))
        for rank, index in enumerate(chosen.indices.tolist())
    ]
    return Choice(images, float(chosen.cover_radius))
