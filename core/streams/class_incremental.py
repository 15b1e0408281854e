"""Class-incremental task stream: classes arrive in steps, and a step's labels name only its own (spec EIR 2.3).

Free of torch: the server validates streams with it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, LiteralString

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from core.data.classes import IGNORE_INDEX, ClassTable
from core.errors import ConfigError
from core.streams.base import Step
from core.streams.masking import LabelUse, LookupTable, channel_table, kept_ids, network_table
from core.streams.schedules import named_schedule
from core.streams.selection import Setting

ClassId = Annotated[int, Field(ge=0, lt=IGNORE_INDEX)]


class ClassIncrementalStream(BaseModel):
    """An ordered partition of classes into steps, and which images a step may use.

    Given either a published schedule or explicit steps; validated, it always has steps.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["class_incremental"] = "class_incremental"
    setting: Setting = Field(
        "overlap",
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
    def learning_order(self) -> tuple[int, ...]:
        """Raw ids of all classes in the order of learning; network channel 1 + i is the i-th of them."""
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

    def check_against(self, classes: ClassTable, pointer: str = "/stream") -> None:
        """Refuse a class that the dataset cannot teach.

        Args:
            classes: the dataset's class table.
            pointer: JSON pointer of the stream inside the experiment.

        Raises:
            ConfigError: pointing at the class; the message lists what there is.
        """
        for index, step in enumerate(self.steps):
            for position, class_id in enumerate(step):
                if class_id not in classes.names:
                    raise ConfigError(_why_not(class_id, index, classes), f"{pointer}/steps/{index}/{position}")

    def label_table(self, step: Step, use: LabelUse, classes: ClassTable, masking_value: int | None = 0) -> LookupTable:
        """Return the (256,) table with which `table[label]` gives the network labels of a step.

        Seen classes that the use shows become 1 + their place in the learning order; hidden and future classes become
        `masking_value` (0 background, 255 ignored, None hides nothing); ignored pixels become 255.
        """
        channels = channel_table(self.learning_order, classes)
        return network_table(channels, kept_ids(step, use, self.setting, classes), masking_value)


def _fault(code: LiteralString, message: str, *place: str | int) -> PydanticCustomError:
    """Return a fault of the whole stream that says which part of it is meant."""
    return PydanticCustomError(code, "{message}", {"message": message, "place": place})


def _why_not(class_id: int, step: int, classes: ClassTable) -> str:
    known = ", ".join(f"{raw_id} {name}" for raw_id, name in sorted(classes.names.items()))
    if class_id == classes.background_id:
        return f"step {step}: class {class_id} is the dataset's background and never learned; its classes are {known}"
    if class_id == classes.ignore_id:
        return f"step {step}: class {class_id} marks the dataset's unlabelled pixels; its classes are {known}"
    return f"step {step}: class {class_id} is not in the dataset; its classes are {known}"
