"""What a new kind of stream gets from the base without saying anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pytest

from core.data.classes import CITYSCAPES_CLASSES
from core.data.worlds.streets_world import StreetsDatasetSpec
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.base import MAIN, DatasetUse, KnownDataset, StepPreview, StreamPreview, TaskStream, main_name
from core.streams.class_incremental import ClassIncrementalStream

STREETS = StreetsDatasetSpec(world="streets")


class Plain(TaskStream):
    """A stream that says no more than it must."""

    kind: Literal["plain"] = "plain"
    length: int = 2

    @property
    def num_steps(self) -> int:
        return self.length

    def label(self) -> str:
        return "plain"

    def images_per_step(self, known: Mapping[str, KnownDataset]) -> tuple[int, ...] | None:
        return (known[MAIN].train_images,) * self.length

    def preview(self, known: Mapping[str, KnownDataset]) -> StreamPreview:
        return StreamPreview((StepPreview(self.step_title(0), images=known[MAIN].train_images),))


def test_a_stream_uses_its_own_dataset_with_all_labels_and_asks_for_none() -> None:
    stream = Plain()

    assert stream.datasets(STREETS) == {MAIN: DatasetUse(STREETS, "/dataset", ("train", "eval"))}
    assert stream.tested_after(1, STREETS) == (MAIN,)
    assert (stream.classes_per_step, stream.teaches_classes, stream.asks_for_labels) == ((), False, False)
    assert list(stream.warnings({MAIN: CITYSCAPES_CLASSES})) == []
    assert stream.step_title(1) == "step 1"


def test_a_base_without_a_kind_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        TaskStream(kind="plain")  # type: ignore[abstract]


def test_labels_are_needed_in_the_splits_that_are_read_for_them() -> None:
    answered = DatasetUse(STREETS, "/stream/pool", splits=("train",), labels=frozenset({"oracle", "eval"}))

    assert (answered.labelled_splits, answered.is_main) == ((), False)
    assert DatasetUse(STREETS).labelled_splits == ("train", "eval")


def test_the_own_dataset_is_found_by_its_place_in_the_document() -> None:
    rounds = ActiveRoundsStream(source=StreetsDatasetSpec(world="streets", domain="synthetic"))

    assert main_name(rounds.datasets(STREETS)) == "target"


def test_keys_that_exclude_each_other_are_published_with_the_schema() -> None:
    assert ClassIncrementalStream.model_json_schema()["x-alternatives"] == [["schedule", "steps"]]
    assert ActiveRoundsStream.model_json_schema()["x-alternatives"] == [["initial_images", "initial_list"]]
    assert "x-alternatives" not in Plain.model_json_schema()
