"""Active learning in rounds: a source, a target, and how many labels each round may ask for (spec STAL 6.4).

Free of torch: the server validates streams with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.acquisition.catalog import BudgetUnit
from core.data.classes import ClassTable
from core.data.dataset_spec import DatasetSpec
from core.data.opening import dataset_classes
from core.data.specs import SplitName
from core.errors import ConfigError, DataError
from core.streams.completion import Completion

NAMED = 5
"""Most names in a message."""
Budget = Annotated[float, Field(gt=0, le=1e12)]
INITIAL_IMAGES = 30
"""Images that are labelled at the start where nothing else is said."""


class ActiveRoundsStream(BaseModel):
    """What is labelled at the start, and what each later round may have labelled, by people or by an oracle.

    The experiment's dataset is the target. Round t trains on all labels so far; before round t + 1 the teacher values
    the pool, and what it chose is labelled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["active_rounds"] = "active_rounds"
    source: DatasetSpec | None = Field(
        None, description="Labelled dataset of another domain to learn from besides; none trains on the target alone."
    )
    initial_images: int = Field(
        INITIAL_IMAGES,
        ge=0,
        le=1_000_000,
        description="Target images that are labelled at the start, drawn by the seed.",
    )
    initial_list: SplitName = Field(
        "",
        description="List of the images that are labelled at the start, instead of a draw: lists/NAME.txt of the "
        "target, or one that is built in, such as gtav-30.",
    )
    budgets: tuple[Budget, ...] = Field(
        (35.0, 85.0), max_length=50, description="Labels of each round after the first."
    )
    unit: BudgetUnit = Field(BudgetUnit.IMAGES, description="What a budget counts.")
    oracle: Literal["ground_truth", "none"] = Field(
        "ground_truth",
        description="Who answers: the target's own labels (ground_truth), or people on the page Labelling (none).",
    )
    completion: Completion = Field(Completion(), description="When a round that people answer ends by itself.")
    seed: int = Field(1, ge=0, lt=2**63, description="Seed of the first images; independent of the seed of a run.")

    @property
    def rounds(self) -> int:
        """Rounds of training: the first, and one for each budget."""
        return 1 + len(self.budgets)

    @property
    def needs_all_labels(self) -> bool:
        """Whether every training image of the target needs a label file; otherwise those labelled at the start do."""
        return self.oracle == "ground_truth" and bool(self.budgets)

    def check_against(self, classes: ClassTable) -> None:
        """Refuse a target without classes, a source that shares none with it, and a start without any label.

        Raises:
            ConfigError: naming the way out.
        """
        if not classes.names:
            raise ConfigError("the target has no class to learn; give its class table", "/dataset")
        if self.initial_list and self.initial_images != INITIAL_IMAGES:
            raise ConfigError(
                f"{self.initial_images} images are to be drawn for the start, and the list {self.initial_list} names "
                "others; leave out initial_images or initial_list",
                "/stream/initial_images",
            )
        if self.source is None:
            if self.initial_images == 0:
                raise ConfigError(
                    "nothing is labelled at the start: name a source, or label images of the target",
                    "/stream/initial_images",
                )
            return
        try:
            of_source = dataset_classes(self.source).names.values()
        except DataError as error:
            raise ConfigError(str(error), "/stream/source/root") from error
        if set(of_source).isdisjoint(classes.names.values()):
            raise ConfigError(
                f"the source shares no class with the target: it has {_some(of_source)}, and the target "
                f"{_some(classes.names.values())}; classes are the same where their names are",
                "/stream/source",
            )

    def check_pool(self, pool_size: int, listed: int = 0) -> None:
        """Refuse budgets that the pool cannot meet.

        Args:
            pool_size: training images of the target.
            listed: how many of them `initial_list` names; 0 where that is not known yet.

        Raises:
            ConfigError: naming the first budget at fault.
        """
        first = listed if self.initial_list else self.initial_images
        if first > pool_size:
            raise ConfigError(
                f"{first} images are to be labelled at the start, but the target has {pool_size}",
                "/stream/initial_images",
            )
        left, percent = pool_size - first, 0.0
        for number, budget in enumerate(self.budgets):
            pointer = f"/stream/budgets/{number}"
            percent += budget
            if self.unit is BudgetUnit.PERCENT_PIXELS_PER_IMAGE and percent > 100:
                raise ConfigError(f"budgets of {percent:g} % are more than an image; give at most 100 in all", pointer)
            if left == 0:
                raise ConfigError(
                    f"round {number + 1} has nothing to ask: all {pool_size} images are labelled before", pointer
                )
            if self.unit is BudgetUnit.IMAGES and (budget < 1 or budget != int(budget)):
                raise ConfigError(f"a budget of {budget:g} images is not a whole image; give at least 1", pointer)
            images = self._images(budget, pool_size)
            if images > left:
                raise ConfigError(
                    f"round {number + 1} asks for {images} images, but only {left} of {pool_size} are left", pointer
                )
            left -= images

    def _images(self, budget: float, pool_size: int) -> int:
        """Return how many images leave the pool for a budget; none do where only parts of them are labelled."""
        if self.unit is BudgetUnit.PERCENT_IMAGES:
            return max(1, round(budget * pool_size / 100))
        return int(budget) if self.unit is BudgetUnit.IMAGES else 0


def _some(names: Collection[str]) -> str:
    """Return the first few names as a list in words."""
    listed = list(names)
    return ", ".join(listed[:NAMED]) + (f" and {len(listed) - NAMED} more" if len(listed) > NAMED else "")


def draw_initial(names: Sequence[str], count: int, seed: int) -> list[int]:
    """Return the positions of the images that are labelled at the start, ascending.

    The order is that of a hash of seed and name, so that it depends on no other image.

    Args:
        names: ids of the target's training images.
        count: how many.
        seed: of the stream.
    """

    def key(position: int) -> bytes:
        return hashlib.blake2b(f"{seed}/{names[position]}".encode(), digest_size=16).digest()

    return sorted(sorted(range(len(names)), key=key)[:count])
