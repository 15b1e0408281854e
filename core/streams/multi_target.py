"""Several unlabelled targets beside one labelled source, all with one class list (CoaST 2.3).

Free of torch: the server validates streams with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal, LiteralString

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from core.data.class_lists import CLASS_LISTS, folded, shortened
from core.data.classes import IGNORE_INDEX, ClassTable
from core.data.dataset_spec import DatasetSpec
from core.data.label_ids import IdTable
from core.data.presence import ClassPresence
from core.data.specs import SplitRole
from core.data.split_doubts import absent_classes, named_classes
from core.errors import ConfigError, Fault
from core.streams.base import MAIN, DatasetUse, KnownDataset, LabelPurpose, StepPreview, StreamPreview, TaskStream
from core.streams.shared_classes import OWN_CLASSES, ClassChoice, DatasetName, class_labels, read_as

SOURCE = "source"
"""Name of the source, which is the experiment's own dataset; the targets have names of their own."""
LEAST_TARGETS, MOST_TARGETS = 2, 16


class Target(BaseModel):
    """One target."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: DatasetName = Field(description="What tables and pages call the domain.")
    dataset: DatasetSpec = Field(description="Images without labels to learn from, and labelled ones to test on.")


class MultiTargetStream(TaskStream):
    """A labelled source and K unlabelled targets, which are learned together.

    The experiment's dataset is the source. All datasets have one class list: a published one, or the source's own.
    """

    noun: ClassVar = "domain"

    kind: Literal["multi_target"] = "multi_target"
    targets: tuple[Target, ...] = Field(
        max_length=MOST_TARGETS, description="The targets in their order; at least two."
    )
    classes: ClassChoice = Field(
        OWN_CLASSES,
        description="Class list of all datasets.",
        json_schema_extra={"x-labels": class_labels("those of the source")},
    )
    test_source: bool = Field(False, description="Test on the source too, which shows what is forgotten of it.")
    target_labels: bool = Field(
        False, description="Read the labels of the targets' training images, as an upper bound learns from them."
    )

    @model_validator(mode="after")
    def _several_distinct(self) -> MultiTargetStream:
        count = len(self.targets)
        if count < LEAST_TARGETS:
            named = f"1 target only ({self.targets[0].name})" if count else "no target"
            way_out = "name at least two; for one target there are streams of kind active_rounds, also without a budget"
            raise _fault("too_few_targets", f"there is {named}; {way_out}", "targets")
        seen: set[str] = {SOURCE, MAIN}
        for index, target in enumerate(self.targets):
            if target.name in seen:
                taken = "means the source" if target.name in (SOURCE, MAIN) else "names another target already"
                raise _fault(
                    "name_taken", f"the name {target.name!r} {taken}; choose another", "targets", index, "name"
                )
            seen.add(target.name)
        return self

    @property
    def num_steps(self) -> int:
        """One: all targets are learned together."""
        return 1

    @property
    def domains(self) -> tuple[str, ...]:
        """Names of the targets in their order: domain i of the method is the i-th."""
        return tuple(target.name for target in self.targets)

    def label(self) -> str:
        """Return a label such as `to city-a + city-b, 7 classes`."""
        classes = "" if self.classes == OWN_CLASSES else f", {self.classes} classes"
        return f"to {' + '.join(self.domains)}{classes}"

    def datasets(self, main: DatasetSpec) -> Mapping[str, DatasetUse]:
        """Return the source and then each target, read by the shared class list.

        The source's training images are read; its test images only if the stream tests it. Labels of the targets'
        training images are needed only for upper bounds.
        """
        of_source: tuple[SplitRole, ...] = ("train", "eval") if self.test_source else ("train",)
        labels: frozenset[LabelPurpose] = frozenset({"train", "eval"} if self.target_labels else {"eval"})
        uses = {SOURCE: DatasetUse(read_as(main, self.classes), splits=of_source, labels=frozenset(of_source))}
        for index, target in enumerate(self.targets):
            spec = read_as(target.dataset, self.classes)
            uses[target.name] = DatasetUse(spec, f"/stream/targets/{index}/dataset", labels=labels)
        return uses

    def shared_classes(self, classes: Mapping[str, ClassTable]) -> ClassTable:
        """Return the class list that all datasets share, by the source's raw ids; channel i is the i-th in id order."""
        return classes[SOURCE]

    def channel_tables(self, classes: Mapping[str, ClassTable]) -> dict[str, IdTable]:
        """Return for each dataset the (256,) network channel of each raw id; 255 for an id that is no shared class.

        Args:
            classes: class table of each dataset, by name.
        """
        names = self.shared_classes(classes).names
        channel = {folded(names[raw_id]): at for at, raw_id in enumerate(sorted(names))}
        tables = {}
        for dataset, table in classes.items():
            tables[dataset] = np.full(256, IGNORE_INDEX, np.uint8)
            for raw_id, name in table.names.items():
                tables[dataset][raw_id] = channel.get(folded(name), IGNORE_INDEX)
        return tables

    def check_against(self, classes: Mapping[str, ClassTable]) -> None:
        """Refuse a class list that the source does not cover, or of which a target has no class.

        Raises:
            ConfigError: pointing at the dataset, or at the choice of the list.
        """
        source = list(classes[SOURCE].names.values())
        if not source:
            raise ConfigError("the source has no class to learn; give its class table", "/dataset")
        if self.classes != OWN_CLASSES:
            wanted = CLASS_LISTS[self.classes].classes.names.values()
            missing = _missing(list(wanted), source)
            if missing:
                raise ConfigError(
                    f"the source has no class {shortened(missing)}, which the list of {self.classes} classes has, so "
                    "nothing would teach it; say in `renamed` what the list calls the source's classes, or set "
                    "classes: dataset",
                    "/stream/classes",
                )
        for index, target in enumerate(self.targets):
            self._check_target(index, classes[SOURCE], classes[target.name])

    def _check_target(self, index: int, source: ClassTable, target: ClassTable) -> None:
        name, pointer = self.targets[index].name, f"/stream/targets/{index}/dataset"
        by_name: dict[str, int] = {}
        for raw_id, own in target.names.items():
            first = by_name.setdefault(folded(own), raw_id)
            if first != raw_id and folded(own) in map(folded, source.names.values()):
                raise ConfigError(
                    f"ids {first} {target.names[first]!r} and {raw_id} {own!r} of the target {name} are both the "
                    f"class {own!r} of the source; rename one of them",
                    pointer,
                )
        shared = list(source.names.values())
        if len(_missing(shared, list(target.names.values()))) == len(shared):
            raise ConfigError(
                f"the target {name} has no class of the shared list: it has "
                f"{shortened(list(target.names.values()))}, and the list {shortened(shared)}; classes are the same "
                "where their names are, so say in `renamed` what the list calls them",
                pointer,
            )

    def warnings(self, classes: Mapping[str, ClassTable]) -> Iterator[Fault]:
        """Yield a fault for shared classes that a target lacks, and for datasets that are listed twice."""
        shared = list(self.shared_classes(classes).names.values())
        for index, target in enumerate(self.targets):
            pointer = f"/stream/targets/{index}/dataset"
            missing = _missing(shared, list(classes[target.name].names.values()))
            if missing:
                message = f"{target.name} has no class {shortened(missing)}; their scores are undefined there"
                yield Fault(pointer, message, "target_classes_missing")
            for other in self.targets[:index]:
                if other.dataset == target.dataset:
                    yield Fault(pointer, f"{target.name} is the same dataset as {other.name}", "same_target")

    def check_images(self, known: Mapping[str, KnownDataset]) -> None:
        """Refuse a target without images, and, after a scan, a class that no training image of the source shows.

        Raises:
            ConfigError: pointing at the dataset.
        """
        for index, target in enumerate(self.targets):
            if not known[target.name].train_images:
                pointer = f"/stream/targets/{index}/dataset"
                raise ConfigError(
                    f"the target {target.name} has no image to learn from; name a split with some", pointer
                )
        presence = known[SOURCE].presence
        if presence is not None:
            self._require_pixels(presence)

    def _require_pixels(self, presence: ClassPresence) -> None:
        absent = absent_classes(presence.pixels, presence.classes)
        if absent:
            raise ConfigError(
                f"none of the {len(presence.pixels)} training images of the source shows a pixel of "
                f"{named_classes(absent, presence.classes)}, so nothing would teach it; add images, or take a class "
                "list without it: fewer classes, or a classes.json of the source's own with classes: dataset",
                "/stream/classes" if self.classes != OWN_CLASSES else "/dataset",
            )

    def images_per_step(self, known: Mapping[str, KnownDataset]) -> tuple[int, ...] | None:
        """Return the training images of the source, then of each target."""
        return tuple(known[name].train_images for name in (SOURCE, *self.domains))

    def preview(self, known: Mapping[str, KnownDataset]) -> StreamPreview:
        """Return the training images of the source and of each target."""
        names = (SOURCE, *self.domains)
        return StreamPreview(
            tuple(StepPreview(title=name, domain=name, images=known[name].train_images) for name in names)
        )


def _missing(wanted: list[str], there: list[str]) -> list[str]:
    """Return the wanted names that are missing, in their order."""
    has = set(map(folded, there))
    return [name for name in wanted if folded(name) not in has]


def _fault(code: LiteralString, message: str, *place: str | int) -> PydanticCustomError:
    """Return a fault of the whole stream that names the part at fault."""
    return PydanticCustomError(code, "{message}", {"message": message, "place": place})
