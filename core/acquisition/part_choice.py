"""Choice of the windows or pixels that a round queries in every image (STAL 6.3, 6.4).

Each round hands an image's state to the next: `asked/KEY.npz` is the state after the round, `asked/KEY.unasked.npz`
the state before it. If the round's query was not answered, its parts return to the pool: the next round starts from
the state before. Folder and suffix keep these names because unfinished runs of earlier versions look for them.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.acquisition.budgets import pixel_share_in_budget
from core.acquisition.catalog import ACQUISITIONS, Evidence, QueryUnit
from core.acquisition.image_choice import ChosenImage
from core.acquisition.options import AcquisitionOptions
from core.acquisition.pool import Pool, PoolImage
from core.acquisition.pool_values import Valuer
from core.acquisition.queries import query_id
from core.acquisition.query_mask_files import read_query_masks, write_query_masks
from core.acquisition.query_masks import QueryMasks, select_pixels, select_regions
from core.acquisition.query_writing import QueryWriter
from core.acquisition.ripu import best_classes
from core.acquisition.windows import window_means
from core.data.prefetch import prefetched
from core.errors import ConfigError
from core.streams.budgets import BudgetUnit


@dataclass(frozen=True)
class PartRule:
    """How many windows or pixels of an image are queried, and the folders of the images' states.

    Attributes:
        options: function, unit and radius.
        amount, budget_unit: the round's budget per image.
        earlier, now: folders of the states before and after this round; `earlier` is None in the first round.
        answered: ids of the images whose query of the last round was answered.
    """

    options: AcquisitionOptions
    amount: float
    budget_unit: BudgetUnit
    earlier: Path | None
    now: Path
    answered: Collection[str] = ()

    def queried_before(self, name: str, size: tuple[int, int]) -> QueryMasks:
        """Return the masks of an image after earlier rounds, without parts that stayed unanswered."""
        known = None if self.earlier is None else self.earlier / _state_file(name)
        if known is None or not known.exists():
            return QueryMasks.blank(*size)
        released = known.with_suffix(UNASKED)
        return read_query_masks(released if name not in self.answered and released.exists() else known, size)

    def count(self, size: tuple[int, ...]) -> int:
        """Return the number of windows or pixels that the budget buys in an image of this size.

        Raises:
            ConfigError: when the budget cannot be spent on one image.
        """
        if self.budget_unit is BudgetUnit.REGIONS and self.amount == int(self.amount) >= 1:
            return int(self.amount)
        try:
            share = pixel_share_in_budget(self.amount, self.budget_unit, size[0] * size[1])
        except ValueError as error:
            raise ConfigError(str(error), "/stream/budgets") from error
        side = 2 * self.options.radius_px + 1 if self.options.query_unit is QueryUnit.REGION else 1
        # Rounded, because pixels / area · area may be slightly above the number of pixels.
        return max(1, math.ceil(round(size[0] * size[1] * share, 6) / side**2))


def choose_parts(
    pool: Pool, valuer: Valuer, rule: PartRule, writer: QueryWriter
) -> tuple[list[ChosenImage], npt.NDArray[np.int64]]:
    """Choose windows or pixels in every image of the pool by RIPU's greedy rule. Answered parts stay blocked.

    Every image is read and passed through the teacher once. Its files are written right after its choice.

    Returns:
        The chosen images, and (C,) the pool's pixel counts by the teacher's class.
    """
    select = select_regions if rule.options.query_unit is QueryUnit.REGION else select_pixels
    rule.now.mkdir(parents=True, exist_ok=True)
    chosen, class_pixels = [], np.zeros(valuer.teacher.num_classes, np.int64)
    unlabelled, opened = pool.unlabelled, set(pool.open)
    images = prefetched(partial(pool.read, position) for position in unlabelled)
    for position, one in zip(unlabelled, images, strict=True):
        before = rule.queried_before(one.name, (one.is_open.shape[0], one.is_open.shape[1]))
        state = rule.now / _state_file(one.name)
        if position not in opened:
            write_query_masks(state, before)
            continue
        logits, score = part_score(valuer, one)
        class_pixels += torch.bincount(best_classes(logits).flatten(), minlength=len(class_pixels)).cpu().numpy()
        values = score.cpu().numpy()
        after, centres = select(values, before, rule.options.radius_px, rule.count(before.selected.shape))
        write_query_masks(state, after)
        queried = after.selected & ~before.selected
        if queried.any():
            write_query_masks(state.with_suffix(UNASKED), before)
            best = values[tuple(centres[0])]
            chosen.append(ChosenImage(position, float(best), len(centres), writer.write_files(one, logits, queried)))
    chosen.sort(key=lambda one: (-one.value, pool.names[one.position]))
    return chosen, class_pixels


@torch.no_grad()
def part_score(valuer: Valuer, one: PoolImage) -> tuple[Tensor, Tensor]:
    """Return an image's logits (1, C, H, W), and the (H, W) values of its windows or pixels.

    RIPU scores windows itself. With other functions a pixel has its value in the map, and a window the mean of its
    pixels. `random` draws the values.
    """
    options = valuer.rule.options
    entry, radius = ACQUISITIONS[options.name], options.radius_px
    encoded, logits = valuer.decoded(one.image)
    if entry.evidence is Evidence.NEIGHBOURHOODS:
        # Only the region score is divided by a constant.
        scale = {"log19": valuer.rule.log19} if entry.unit is QueryUnit.REGION else {}
        return logits, entry.load()(logits, radius, **scale).score[0]
    if entry.evidence is Evidence.NOTHING:
        drawn = np.random.default_rng(valuer.seed_of(one.name)).random(one.is_open.shape, np.float32)
        worth = torch.from_numpy(drawn)[None]
    elif entry.evidence is Evidence.DROPOUT_PASSES:
        worth = valuer.dropout_maps(entry, [one.name], encoded, (logits.shape[2], logits.shape[3]))
    else:
        worth = entry.load()(logits)
    return logits, (window_means(worth, radius) if options.query_unit is QueryUnit.REGION else worth)[0]


UNASKED = ".unasked.npz"


def _state_file(name: str) -> str:
    return f"{query_id('', 0, name)}.npz"
