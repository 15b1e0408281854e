"""The test sets of a trained model: nothing is learned from them. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from core.data.classes import ClassTable
from core.data.dataset_spec import DatasetSpec
from core.errors import Fault
from core.streams.base import MAIN_POINTER, DatasetUse, KnownDataset, StepPreview, StreamPreview, TaskStream
from core.streams.shared_classes import OWN_CLASSES, ClassChoice, DatasetName, class_labels, read_as

MOST_TEST_SETS = 32


class TestSet(BaseModel):
    """One test set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: DatasetName = Field(description="What tables and pages call the test set.")
    dataset: DatasetSpec = Field(description="Labelled images to test on.")


class CheckpointTestStream(TaskStream):
    """Datasets to test a model on. Only their test split is read.

    The experiment's dataset is the first of them.
    """

    noun: ClassVar = "test"

    kind: Literal["checkpoint_test"] = "checkpoint_test"
    first: DatasetName = Field("test", description="Name of the test set that the experiment's own dataset is.")
    further: tuple[TestSet, ...] = Field((), max_length=MOST_TEST_SETS - 1, description="The other test sets.")
    classes: ClassChoice = Field(
        OWN_CLASSES,
        description="Class list by which all test sets are read.",
        json_schema_extra={"x-labels": class_labels("their own")},
    )

    @model_validator(mode="after")
    def _distinct_names(self) -> CheckpointTestStream:
        taken = {self.first}
        for index, test_set in enumerate(self.further):
            if test_set.name in taken:
                message = f"two test sets are called {test_set.name!r}; choose another name"
                place = ("further", index, "name")
                raise PydanticCustomError("name_taken", "{message}", {"message": message, "place": place})
            taken.add(test_set.name)
        return self

    @property
    def num_steps(self) -> int:
        """One: the model does not change."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the test sets in their order."""
        return (self.first, *(test_set.name for test_set in self.further))

    def label(self) -> str:
        """Return a label such as `on city-a + city-b`."""
        return f"on {' + '.join(self.names)}"

    def datasets(self, main: DatasetSpec) -> Mapping[str, DatasetUse]:
        """Return the test sets in their order; of each, the test split with its labels."""
        specs = {MAIN_POINTER: main}
        specs |= {f"/stream/further/{index}/dataset": one.dataset for index, one in enumerate(self.further)}
        return {
            name: DatasetUse(read_as(spec, self.classes), pointer, splits=("eval",), labels=frozenset({"eval"}))
            for name, (pointer, spec) in zip(self.names, specs.items(), strict=True)
        }

    def warnings(self, classes: Mapping[str, ClassTable]) -> Iterator[Fault]:  # noqa: ARG002 - whatever the classes
        """Yield a fault for each test set that is listed twice."""
        for index, test_set in enumerate(self.further):
            for other in self.further[:index]:
                if other.dataset == test_set.dataset:
                    message = f"{test_set.name} is the same dataset as {other.name}"
                    yield Fault(f"/stream/further/{index}/dataset", message, "same_test_set")

    def images_per_step(self, known: Mapping[str, KnownDataset]) -> tuple[int, ...]:  # noqa: ARG002 - none is learned
        """Return that the one step trains on no image."""
        return (0,)

    def preview(self, known: Mapping[str, KnownDataset]) -> StreamPreview:  # noqa: ARG002 - none is learned
        """Return the test sets; none has an image to learn from."""
        return StreamPreview(tuple(StepPreview(title=name, domain=name, images=0) for name in self.names))
