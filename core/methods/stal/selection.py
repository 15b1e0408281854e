"""The select stage: the teacher values the pool, and the best are asked for (spec STAL 6)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from core.acquisition.budgets import images_in_budget, pixel_share_in_budget
from core.acquisition.catalog import ACQUISITIONS, AcquisitionName, BudgetUnit, QueryUnit, QuotaRule
from core.acquisition.coreset import k_centre_greedy
from core.acquisition.queries import query_id
from core.acquisition.query_mask_files import read_query_masks, write_query_masks
from core.acquisition.query_masks import QueryMasks, select_pixels, select_regions
from core.acquisition.quota import largest_remainder_quota, published_quota
from core.acquisition.ripu import best_classes
from core.acquisition.selection import select_highest, select_per_group
from core.data.prefetch import prefetched
from core.errors import ConfigError
from core.methods.stal.config import AcquisitionOptions
from core.methods.stal.pool_values import PoolImage, PoolValues, Valuer
from core.methods.stal.query_writing import QueryFiles, QueryWriter


@dataclass(frozen=True)
class Pool:
    """The images that may be asked about.

    Attributes:
        names: ids of all training images of the target.
        groups: group of each.
        is_labelled: whether an image is labelled as a whole.
        read: position -> image and its open pixels.
    """

    names: Sequence[str]
    groups: Sequence[str]
    is_labelled: Sequence[bool]
    read: Callable[[int], PoolImage]

    @property
    def open(self) -> list[int]:
        """Positions of the images that are not labelled as a whole."""
        return [position for position, done in enumerate(self.is_labelled) if not done]


@dataclass(frozen=True)
class Question:
    """One image that was chosen.

    Attributes:
        position: in the target.
        value: larger = asked first.
        clicks: places that are asked about.
        files: what was written of it already; None = the whole image is asked for and nothing is written.
    """

    position: int
    value: float
    clicks: int = 1
    files: QueryFiles | None = None


@dataclass(frozen=True)
class Choice:
    """What is asked, the first of it first; for core-set also how far the farthest image is from what is labelled."""

    questions: list[Question]
    cover_radius: float | None = None


def choose_images(
    pool: Pool, values: PoolValues, options: AcquisitionOptions, amount: float, unit: BudgetUnit
) -> Choice:
    """Choose whole images within a budget, shared among groups where that is asked for.

    Raises:
        ConfigError: when the budget cannot be spent on this pool.
    """
    opened = pool.open
    try:
        budget = images_in_budget(amount, unit, len(opened), len(pool.names))
    except ValueError as error:
        raise ConfigError(str(error), "/stream/budgets") from error
    if options.name is AcquisitionName.CORESET:
        return _core_set(pool, values, budget)
    names = [pool.names[position] for position in opened]
    is_available = (~np.isnan(values.values[opened])).tolist()
    numbers = np.nan_to_num(values.values[opened]).tolist()
    groups = [pool.groups[position] for position in opened]
    if options.stratify and len(set(pool.groups)) > 1:
        picks = select_per_group(numbers, names, groups, _quota(pool, options, budget), is_available)
    else:
        picks = select_highest(numbers, names, budget, is_available)
    return Choice([Question(opened[pick.index], pick.value) for pick in picks])


def _quota(pool: Pool, options: AcquisitionOptions, budget: int) -> dict[object, int]:
    groups = sorted(set(pool.groups))
    total = [sum(group == name for name in pool.groups) for group in groups]
    labelled = [
        sum(group == name and done for name, done in zip(pool.groups, pool.is_labelled, strict=True))
        for group in groups
    ]
    if options.quota is QuotaRule.PUBLISHED:
        shares = published_quota(total, labelled, budget)
    else:
        shares = largest_remainder_quota([every - done for every, done in zip(total, labelled, strict=True)], budget)
    return {group: max(share, 0) for group, share in zip(groups, shares, strict=True)}


def _core_set(pool: Pool, values: PoolValues, budget: int) -> Choice:
    assert values.features is not None
    chosen = k_centre_greedy(values.features, torch.tensor(pool.is_labelled), budget)
    questions = [
        Question(position, float(len(chosen.indices) - rank)) for rank, position in enumerate(chosen.indices.tolist())
    ]
    return Choice(questions, float(chosen.cover_radius))


@dataclass(frozen=True)
class RegionRule:
    """How many windows or pixels of an image are asked for, and where what earlier rounds asked lies.

    Attributes:
        options: name and radius.
        amount, unit: of the round, for each image.
        earlier, now: folders of the state before and after.
    """

    options: AcquisitionOptions
    amount: float
    unit: BudgetUnit
    earlier: Path | None
    now: Path

    def asked_before(self, one: PoolImage) -> QueryMasks:
        """Return what earlier rounds asked of an image, and what they blocked."""
        size = (one.is_open.shape[0], one.is_open.shape[1])
        if self.earlier is not None and (self.earlier / state_file(one.name)).exists():
            return read_query_masks(self.earlier / state_file(one.name), size)
        return QueryMasks.blank(*size)

    def count(self, size: tuple[int, ...]) -> int:
        """Return the number of windows (RA) or pixels (PA) that the budget buys in an image of a size.

        Raises:
            ConfigError: when the budget cannot be spent on one image.
        """
        try:
            share = pixel_share_in_budget(self.amount, self.unit, size[0] * size[1])
        except ValueError as error:
            raise ConfigError(str(error), "/stream/budgets") from error
        side = 2 * self.options.radius + 1 if self.options.name is AcquisitionName.RIPU_RA else 1
        # Rounded, because a number of pixels over the area, times the area, may end a little above itself.
        return max(1, math.ceil(round(size[0] * size[1] * share, 6) / side**2))


def choose_regions(
    pool: Pool, valuer: Valuer, rule: RegionRule, writer: QueryWriter
) -> tuple[list[Question], npt.NDArray[np.int64]]:
    """Choose windows or pixels in every image of the pool by RIPU's greedy rule; what is blocked stays blocked.

    Every image is read, and passes through the teacher, once: its files are written as soon as it is chosen from.

    Returns:
        What is asked, and (C,) the pool's pixels by the class that the teacher gives them.
    """
    entry, opened = ACQUISITIONS[rule.options.name], pool.open
    select = select_regions if entry.unit is QueryUnit.REGION else select_pixels
    rule.now.mkdir(parents=True, exist_ok=True)
    # Only the score of regions is divided by a constant.
    scale = {"log19": valuer.config.compat.log19} if entry.unit is QueryUnit.REGION else {}
    questions, class_pixels = [], np.zeros(valuer.teacher.num_classes, np.int64)
    images = prefetched(partial(pool.read, position) for position in opened)
    for position, one in zip(opened, images, strict=True):
        before = rule.asked_before(one)
        logits = valuer.logits(one.image)
        class_pixels += torch.bincount(best_classes(logits).flatten(), minlength=len(class_pixels)).cpu().numpy()
        score = entry.load()(logits, rule.options.radius, **scale).score[0].cpu().numpy()
        after, centres = select(score, before, rule.options.radius, rule.count(before.selected.shape))
        write_query_masks(rule.now / state_file(one.name), after)
        asked = after.selected & ~before.selected
        if asked.any():
            best = score[tuple(centres[0])]
            questions.append(Question(position, float(best), len(centres), writer.write_files(one, logits, asked)))
    questions.sort(key=lambda question: (-question.value, pool.names[question.position]))
    return questions, class_pixels


def state_file(name: str) -> str:
    """Return the name of the file that says what of an image was asked so far."""
    return f"{query_id('', 0, name)}.npz"
