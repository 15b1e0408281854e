"""Class-incremental task stream: classes arrive in steps, and a step's labels name only its own (EIR 2.3).

Free of torch: the server validates streams with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, LiteralString

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from core.data.classes import IGNORE_INDEX, ClassTable
from core.data.dataset_spec import DatasetSpec
from core.data.presence import ClassPresence
from core.errors import ConfigError, Fault
from core.streams.base import MAIN, DatasetUse, KnownDataset, StepPreview, StreamPreview, TaskStream
from core.streams.masking import LabelUse, LookupTable, channel_table, kept_ids, masking_value, network_table
from core.streams.published_counts import count_differences, published_counts
from core.streams.schedules import named_schedule
from core.streams.selection import Setting, Split
from core.streams.step import Step
from core.streams.step_images import ItemIndices, preview_steps, step_items

ClassId = Annotated[int, Field(ge=0, lt=IGNORE_INDEX)]
USUAL_SETTING: Setting = "overlap"
"""The setting that a label leaves out."""
SHOWN_STEPS = 6
"""A label lists at most this many steps; of more it gives only the number."""


class ClassIncrementalStream(TaskStream):
    """An ordered partition of classes into steps, and which images a step may use.

    Given either a published schedule or explicit steps; validated, it always has steps.
    """

    alternatives: ClassVar = (("schedule", "steps"),)

    kind: Literal["class_incremental"] = "class_incremental"
    setting: Setting = Field(
        USUAL_SETTING,
        description="Images of a step: all that show a new class (overlap), only those without future classes "
        "(disjoint), or these with the old classes labelled too (sequential).",
    )
    schedule: str | None = Field(
        None, description="A published schedule such as 15-5 or ade20k/100-10; its steps are filled in."
    )
    steps: tuple[tuple[ClassId, ...], ...] = Field(
        (), description="Raw class ids of each step, in the order in which they are learned."
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_in_steps(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not isinstance(data.get("schedule"), str):
            return data
        try:
            steps = named_schedule(data["schedule"])
        except ValueError as error:
            raise _fault("unknown_schedule", str(error), "schedule") from None
        given = data.get("steps")
        if given and tuple(map(tuple, given)) != steps:
            differs = f"steps differ from those of the schedule {data['schedule']!r}; give one of the two"
            raise _fault("steps_differ", differs, "steps")
        return {**data, "steps": steps}

    @model_validator(mode="after")
    def _partition(self) -> ClassIncrementalStream:
        if not self.steps:
            needed = "a stream needs the name of a schedule, or steps with at least one class each"
            raise _fault("no_steps", needed, "steps")
        first_step: dict[int, int] = {}
        for index, step in enumerate(self.steps):
            if not step:
                raise _fault("empty_step", f"step {index} has no class; every step learns at least one", "steps", index)
            for position, class_id in enumerate(step):
                if class_id in first_step:
                    twice = (
                        f"class {class_id} is in step {first_step[class_id]} and again in step {index}; "
                        "a class is learned once, so remove it from one of them"
                    )
                    raise _fault("class_twice", twice, "steps", index, position)
                first_step[class_id] = index
        return self

    @property
    def num_steps(self) -> int:
        """Number of steps, the base step included."""
        return len(self.steps)

    @property
    def classes_per_step(self) -> tuple[tuple[int, ...], ...]:
        """Raw ids that are new at each step."""
        return self.steps

    @property
    def learning_order(self) -> tuple[int, ...]:
        """Raw ids of all classes in the order of learning; network channel 1 + i is the i-th class."""
        return tuple(class_id for step in self.steps for class_id in step)

    def step(self, index: int) -> Step:
        """Return one step with the classes before it.

        Raises:
            IndexError: when there is no such step.
        """
        if not 0 <= index < self.num_steps:
            raise IndexError(f"step {index} of a stream with steps 0 to {self.num_steps - 1}")
        old = tuple(class_id for step in self.steps[:index] for class_id in step)
        return Step(index=index, old_classes=old, new_classes=self.steps[index])

    def label(self) -> str:
        """Return such as `6 classes, 2-2-2`; an unusual setting comes first, so that truncated labels still differ."""
        sizes = [len(step) for step in self.steps]
        steps = "-".join(map(str, sizes))
        if len(sizes) > SHOWN_STEPS:
            steps = f"{sizes[0]}-{sizes[1]} in {len(sizes)} steps"
        parts = [f"{sum(sizes)} {'class' if sum(sizes) == 1 else 'classes'}", steps]
        return ", ".join(parts if self.setting == USUAL_SETTING else [self.setting, *parts])

    def datasets(self, main: DatasetSpec) -> Mapping[str, DatasetUse]:
        """Return the one dataset; the classes that its images show decide the steps."""
        return {MAIN: DatasetUse(main, counts_classes=True)}

    def check_against(self, classes: Mapping[str, ClassTable]) -> None:
        """Refuse a class that the dataset cannot teach; raises ConfigError that lists what there is."""
        table = classes[MAIN]
        for index, step in enumerate(self.steps):
            for position, class_id in enumerate(step):
                if class_id not in table.names:
                    raise ConfigError(_why_not(class_id, index, table), f"/stream/steps/{index}/{position}")

    def warnings(self, classes: Mapping[str, ClassTable]) -> Iterator[Fault]:
        """Yield a fault if classes of the dataset are in no step."""
        learned, names = set(self.learning_order), classes[MAIN].names
        left_out = [f"{raw_id} {name}" for raw_id, name in sorted(names.items()) if raw_id not in learned]
        if left_out:
            message = f"in no step, so never learned: {', '.join(left_out)}; their pixels count as background"
            yield Fault("/stream/steps", message, "classes_left_out")

    def image_warnings(self, known: Mapping[str, KnownDataset]) -> Iterator[Fault]:
        """Yield a fault for each step whose number of images differs from the published one."""
        presence = known[MAIN].presence
        if presence is None:
            return
        published = published_counts(self.steps, self.setting, presence.classes)
        if published is None:
            return
        for index, found, wanted in count_differences(self.image_counts(presence), published):
            message = (
                f"step {index} has {found} training images, and {wanted} in the published lists: scores cannot be "
                "compared with published ones; check that the dataset is complete"
            )
            yield Fault(f"/stream/steps/{index}", message, "images_differ_from_published")

    def items(self, index: int, presence: ClassPresence, split: Split = Split.TRAIN) -> ItemIndices:
        """Return the ascending indices of the images of a step in the split that was scanned."""
        return step_items(presence, self.step(index), split, self.setting)

    def image_counts(self, presence: ClassPresence) -> tuple[int, ...]:
        """Return the number of training images of each step."""
        return tuple(len(self.items(index, presence)) for index in range(self.num_steps))

    def require_images(self, presence: ClassPresence) -> None:
        """Refuse a step without training images.

        Args:
            presence: scan of the training split.

        Raises:
            ConfigError: naming the first such step, its classes and the images that show them in any setting.
        """
        counts = self.image_counts(presence)
        if 0 in counts:
            index = counts.index(0)
            raise ConfigError(_no_image(index, self.steps[index], self.setting, presence), f"/stream/steps/{index}")

    def check_images(self, known: Mapping[str, KnownDataset]) -> None:
        """Refuse a step without images, if the labels were scanned; raises ConfigError."""
        presence = known[MAIN].presence
        if presence is not None:
            self.require_images(presence)

    def images_per_step(self, known: Mapping[str, KnownDataset]) -> tuple[int, ...] | None:
        """Return the training images of each step; None before a scan."""
        presence = known[MAIN].presence
        return None if presence is None else self.image_counts(presence)

    def preview(self, known: Mapping[str, KnownDataset]) -> StreamPreview:
        """Return classes and images of each step; images are unknown before a scan."""
        presence, steps = known[MAIN].presence, [self.step(index) for index in range(self.num_steps)]
        if presence is not None:
            return preview_steps(presence, steps, self.setting)
        return StreamPreview(tuple(StepPreview(self.step_title(step.index), step.new_classes) for step in steps))

    def label_table(self, step: Step, use: LabelUse, classes: ClassTable) -> LookupTable:
        """Return the (256,) table with which `table[label]` gives the network labels of a step.

        Visible seen classes become 1 + their position in the learning order. Hidden and future classes become 0, the
        background, or 255 in tests of a dataset whose protocol ignores them. Ignored pixels become 255.
        """
        channels = channel_table(self.learning_order, classes)
        return network_table(channels, kept_ids(step, use, self.setting, classes), masking_value(use, classes))


def _fault(code: LiteralString, message: str, *place: str | int) -> PydanticCustomError:
    """Return a fault of the whole stream that names the part at fault."""
    return PydanticCustomError(code, "{message}", {"message": message, "place": place})


def _no_image(index: int, step: Sequence[int], setting: Setting, presence: ClassPresence) -> str:
    names = presence.classes.names
    shown = ", ".join(
        f"{class_id} {names.get(class_id, '?')} (in {presence.images_of(class_id)} images)" for class_id in step
    )
    return (
        f"step {index} has no training image in the setting {setting!r}; its classes are {shown}; "
        "move them to another step, choose another setting, or add images"
    )


def _why_not(class_id: int, step: int, classes: ClassTable) -> str:
    known = ", ".join(f"{raw_id} {name}" for raw_id, name in sorted(classes.names.items()))
    if class_id == classes.background_id:
        return f"step {step}: class {class_id} is the dataset's background and never learned; its classes are {known}"
    if class_id == classes.ignore_id:
        return f"step {step}: class {class_id} marks the dataset's unlabelled pixels; its classes are {known}"
    return f"step {step}: class {class_id} is not in the dataset; its classes are {known}"
