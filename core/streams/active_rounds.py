"""Active learning in rounds: a source, a target, and how many labels each round may ask for (STAL 6.4).

Free of torch: the server validates streams with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue

from core.data.classes import ClassTable
from core.data.dataset_spec import DatasetSpec
from core.data.groups import groups_of
from core.data.pairing import PairedFiles
from core.data.specs import FolderDatasetSpec, SplitName
from core.errors import ConfigError, Fault
from core.streams.base import DatasetUse, KnownDataset, LabelPurpose, StepPreview, StreamPreview, TaskStream
from core.streams.budgets import BudgetUnit, LabelBudget, check_budgets
from core.streams.completion import Completion
from core.streams.first_images import FirstImages, first_images, listed_images, require_labels, shortened
from core.streams.hand_out import HandOut

TARGET, SOURCE = "target", "source"
"""Names of the datasets; the experiment's own is the target."""
NAMED = 5
"""Maximum number of names in a message."""
Budget = Annotated[float, Field(gt=0, le=1e12)]
INITIAL_IMAGES = 30
"""Default number of images that are labelled at the start."""


UNIT_LABELS: dict[str, JsonValue] = {
    "images": "images of the target",
    "regions": "regions of every image",
    "pixels": "pixels of every image",
    "percent_images": "% of the target's images",
    "percent_pixels_per_image": "% of every image's pixels",
}
"""Labels of the units in forms."""
ORACLE_LABELS: dict[str, JsonValue] = {"ground_truth": "the target's own labels", "none": "people"}


class ActiveRoundsStream(TaskStream):
    """What is labelled at the start, and what each later round may have labelled, by people or by an oracle.

    The experiment's dataset is the target. Round t trains on all labels so far; before round t + 1 the teacher values
    the pool, and what it chose is labelled.
    """

    noun: ClassVar = "round"
    alternatives: ClassVar = (("initial_images", "initial_list"),)
    asks_for_labels: ClassVar = True

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
    unit: BudgetUnit = Field(
        BudgetUnit.IMAGES, description="What a budget counts.", json_schema_extra={"x-labels": UNIT_LABELS}
    )
    oracle: Literal["ground_truth", "none"] = Field(
        "ground_truth",
        description="Who labels what a round queries: the target's own labels answer at once, people on the page "
        "Labelling.",
        json_schema_extra={"x-labels": ORACLE_LABELS},
    )
    completion: Completion = Field(Completion(), description="When a round that people answer ends by itself.")
    hand_out: HandOut = Field(HandOut(), description="How queries come to people, and what these are told.")
    seed: int = Field(1, ge=0, lt=2**63, description="Seed of the first images; independent of the seed of a run.")

    @property
    def num_steps(self) -> int:
        """Number of training rounds: the first, and one for each budget."""
        return 1 + len(self.budgets)

    @property
    def first(self) -> FirstImages:
        """How the initially labelled images are chosen."""
        return FirstImages(self.initial_images, self.seed, self.initial_list)

    def label(self) -> str:
        """Return a label such as `streets synthetic > 30+35+85 images`."""
        source = f"{self.source.label} > " if self.source is not None else ""
        start = self.initial_list or f"{self.initial_images:g}"
        budgets = "+".join([start, *(f"{budget:g}" for budget in self.budgets)])
        return f"{source}{budgets} {self.unit.replace('_', ' ')}"

    @property
    def labels_per_step(self) -> tuple[LabelBudget, ...]:
        """The budget of the round after each training but the last."""
        return tuple(LabelBudget(amount, self.unit, self.oracle == "none") for amount in self.budgets)

    def closing_rule(self) -> Completion:
        """Return the document's completion rule."""
        return self.completion

    def handing_out(self) -> HandOut:
        """Return the document's rule for handing out queries."""
        return self.hand_out

    def datasets(self, main: DatasetSpec) -> Mapping[str, DatasetUse]:
        """Return the target and, if there is one, the source, of which only the training images are read.

        The initially labelled images of the target need label files. With a ground-truth oracle all its training images
        do. `check_images` checks both.
        """
        answers: tuple[LabelPurpose, ...] = ("oracle",) if self.oracle == "ground_truth" and self.budgets else ()
        uses = {TARGET: DatasetUse(main, labels=frozenset({"eval", *answers}))}
        if self.source is not None:
            uses[SOURCE] = DatasetUse(
                self.source, "/stream/source", splits=("train",), labels=frozenset[LabelPurpose]({"train"})
            )
        return uses

    def check_against(self, classes: Mapping[str, ClassTable]) -> None:
        """Refuse a target without classes, a source that shares no class with it, and a start without any label.

        Raises:
            ConfigError: naming the way out.
        """
        of_target = classes[TARGET].names.values()
        if not of_target:
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
        of_source = classes[SOURCE].names.values()
        if set(of_source).isdisjoint(of_target):
            raise ConfigError(
                f"the source shares no class with the target: it has {_some(of_source)}, and the target "
                f"{_some(of_target)}; classes are the same where their names are",
                "/stream/source",
            )

    def warnings(self, classes: Mapping[str, ClassTable]) -> Iterator[Fault]:
        """Yield a fault for source classes that the target lacks, and for each setting without effect."""
        yield from self._idle()
        of_source = classes[SOURCE].names.values() if self.source is not None else ()
        unknown = sorted(set(of_source) - set(classes[TARGET].names.values()))
        if unknown:
            message = f"the target has no class named {', '.join(unknown)}; their pixels in the source are ignored"
            yield Fault("/stream/source", message, "source_classes_ignored")

    def _idle(self) -> Iterator[Fault]:
        """Yield a fault for each changed setting without effect."""
        fields, asks = type(self).model_fields, bool(self.budgets)
        rows = (
            ("seed", bool(self.initial_list) or self.initial_images == 0, "no first images are drawn"),
            ("unit", not asks, "there are no budgets"),
            ("oracle", not asks, "there are no budgets, so nothing is asked"),
            ("completion", not asks or self.oracle != "none", "no people are asked"),
            ("hand_out", not asks or self.oracle != "none", "no people are asked"),
        )
        for name, is_idle, because in rows:
            if is_idle and getattr(self, name) != fields[name].default:
                yield Fault(f"/stream/{name}", f"has no effect: {because}", "without_effect")

    def check_pool(self, pool_size: int, listed: int = 0) -> None:
        """Refuse budgets that the pool cannot meet.

        Args:
            pool_size: training images of the target.
            listed: how many of them `initial_list` names; 0 if that is not known yet.

        Raises:
            ConfigError: naming the first budget at fault.
        """
        first = listed if self.initial_list else self.initial_images
        if first > pool_size:
            raise ConfigError(
                f"{first} images are to be labelled at the start, but the target has {pool_size}",
                "/stream/initial_images",
            )
        check_budgets(self.budgets, self.unit, pool_size, first)

    def check_images(self, known: Mapping[str, KnownDataset]) -> None:
        """Refuse budgets beyond the pool, and missing first images, groups or label files.

        The first images need label files; with a ground-truth oracle all training images do.

        Raises:
            ConfigError: naming the first culprit, their number and the way out.
            DataFaultError: when groups are listed and an image has none.
        """
        target = known[TARGET]
        self.check_pool(target.train_images)
        if target.folder is None or target.train is None:
            return
        names = first_images(target.folder, self.first, target.train.ids)
        groups_of(target.folder, target.train.ids)
        self.check_pool(target.train_images, len(names))
        if self.oracle == "ground_truth" and self.budgets:
            _require_all_labels(target.train)
        require_labels(self.first, names, target.train)

    def images_per_step(self, known: Mapping[str, KnownDataset]) -> tuple[int, ...] | None:
        """Return the size of the pool as the only entry."""
        return (known[TARGET].train_images,)

    def preview(self, known: Mapping[str, KnownDataset]) -> StreamPreview:
        """Return how many images each round labels, for budgets that count images."""
        pool = known[TARGET].train_images
        counts = [None if self.initial_list else self.initial_images]
        counts += [self.unit.images(budget, pool) or None for budget in self.budgets]
        return StreamPreview(tuple(StepPreview(self.step_title(at), images=count) for at, count in enumerate(counts)))

    def labelled_at_start(self, folder: FolderDatasetSpec) -> int:
        """Return how many images are labelled at the start; 0 if their list is gone."""
        if not self.initial_list:
            return self.initial_images
        try:
            return len(listed_images(folder, self.initial_list))
        except (ConfigError, OSError):
            return 0


def _require_all_labels(train: PairedFiles) -> None:
    unlabelled = train.without_label(train.ids)
    if unlabelled:
        raise ConfigError(
            f"{len(unlabelled)} of the {len(train)} training images have no label file, and ground truth is to answer: "
            f"{shortened(unlabelled)}; put their labels there, or let people answer with oracle: none",
            "/stream/oracle",
        )


def _some(names: Collection[str]) -> str:
    """Return the first few names, joined for a message."""
    listed = list(names)
    return ", ".join(listed[:NAMED]) + (f" and {len(listed) - NAMED} more" if len(listed) > NAMED else "")
