"""The class-incremental stream: what it accepts, and what its steps are."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from core.data.classes import VOC_CLASSES, ClassTable
from core.errors import ConfigError
from core.streams.base import MAIN
from core.streams.class_incremental import ClassIncrementalStream
from core.streams.masking import LabelUse

THREE_CLASSES = ClassTable({1: "sky", 2: "road", 3: "car"})


def stream(*steps: tuple[int, ...]) -> ClassIncrementalStream:
    return ClassIncrementalStream(steps=steps)


def test_named_schedule_is_resolved_into_its_steps() -> None:
    named = ClassIncrementalStream(schedule="10-5")

    assert named.steps == (tuple(range(1, 11)), tuple(range(11, 16)), tuple(range(16, 21)))


def test_resolved_stream_survives_a_round_trip_through_json() -> None:
    named = ClassIncrementalStream(schedule="15-1_c", setting="disjoint")

    assert ClassIncrementalStream.model_validate_json(named.model_dump_json()) == named


def test_step_knows_the_classes_before_it_in_learning_order() -> None:
    step = stream((3, 1), (2,), (5, 4)).step(2)

    assert (step.old_classes, step.new_classes) == ((3, 1, 2), (5, 4))


def test_learning_order_joins_the_steps() -> None:
    assert stream((3, 1), (2,)).learning_order == (3, 1, 2)


@pytest.mark.parametrize("index", [-1, 2])
def test_step_outside_the_stream_is_an_index_error(index: int) -> None:
    with pytest.raises(IndexError, match=f"step {index} of a stream with steps 0 to 1"):
        stream((1,), (2,)).step(index)


def test_class_in_two_steps_is_refused_with_both_steps_named() -> None:
    with pytest.raises(ValidationError, match="class 7 is in step 0 and again in step 2"):
        stream((7, 8), (9,), (1, 7))


def test_class_twice_in_one_step_is_refused() -> None:
    with pytest.raises(ValidationError, match="class 7 is in step 1 and again in step 1"):
        stream((1,), (7, 7))


def test_step_without_a_class_is_refused() -> None:
    with pytest.raises(ValidationError, match="step 1 has no class"):
        stream((1,), ())


def test_stream_without_steps_says_what_it_needs() -> None:
    with pytest.raises(ValidationError, match="needs the name of a schedule, or steps"):
        ClassIncrementalStream()


@pytest.mark.parametrize("class_id", [-1, 255, 300])
def test_ids_that_no_class_can_have_are_refused_at_their_place(class_id: int) -> None:
    with pytest.raises(ValidationError) as refusal:
        stream((1,), (2, class_id))

    assert refusal.value.errors()[0]["loc"] == ("steps", 1, 1)


def test_unknown_schedule_names_the_nearest() -> None:
    with pytest.raises(ValidationError, match="no schedule '100-20'; did you mean '100-"):
        ClassIncrementalStream(schedule="100-20")


def test_schedule_and_other_steps_contradict_each_other() -> None:
    with pytest.raises(ValidationError, match="steps differ from those of the schedule '15-5'"):
        ClassIncrementalStream(schedule="15-5", steps=((1,), (2,)))


def test_class_that_the_dataset_lacks_is_pointed_at() -> None:
    with pytest.raises(
        ConfigError, match="step 1: class 4 is not in the dataset; its classes are 1 sky, 2 road"
    ) as error:
        stream((1, 2), (3, 4)).check_against({MAIN: THREE_CLASSES})

    assert error.value.pointer == "/stream/steps/1/1"


def test_background_cannot_be_learned() -> None:
    with pytest.raises(ConfigError, match="class 0 is the dataset's background") as error:
        stream(
            (0, 1),
        ).check_against({MAIN: THREE_CLASSES})

    assert error.value.pointer == "/stream/steps/0/0"


def test_ignored_id_cannot_be_learned() -> None:
    without_background = ClassTable({0: "sky"}, ignore_id=11, background_id=None)

    with pytest.raises(ConfigError, match="class 11 marks the dataset's unlabelled pixels"):
        stream((0,), (11,)).check_against({MAIN: without_background})


def test_voc_schedule_fits_voc() -> None:
    ClassIncrementalStream(schedule="5-3").check_against({MAIN: VOC_CLASSES})


def test_training_labels_show_new_classes_alone_and_test_labels_all_seen_ones() -> None:
    two_steps = stream((3,), (1, 2))
    step = two_steps.step(1)

    train = two_steps.label_table(step, LabelUse.TRAIN, THREE_CLASSES)
    test = two_steps.label_table(step, LabelUse.TEST, THREE_CLASSES)

    assert train[[0, 1, 2, 3, 255]].tolist() == [0, 2, 3, 0, 255]
    assert test[[0, 1, 2, 3, 255]].tolist() == [0, 2, 3, 1, 255]


@settings(derandomize=True, database=None, deadline=None)
@given(st.permutations(range(1, 13)), st.lists(st.integers(1, 4), min_size=3, max_size=3))
def test_test_labels_of_any_partition_are_channels_of_the_step(order: list[int], sizes: list[int]) -> None:
    bounds = [sum(sizes[:i]) for i in range(4)]
    steps = tuple(tuple(order[a:b]) for a, b in itertools.pairwise(bounds))
    partition = ClassIncrementalStream(steps=steps)
    classes = ClassTable(dict.fromkeys(range(1, 13), "class"))

    tables = [partition.label_table(partition.step(i), LabelUse.TEST, classes) for i in range(3)]

    seen = [sorted(set(table.tolist())) for table in tables]
    assert seen == [[*range(partition.step(i).num_channels), 255] for i in range(3)]


@pytest.mark.parametrize(
    ("steps", "label"),
    [
        (((1, 2), (3, 4), (5, 6)), "6 classes, 2-2-2"),
        (((1,),), "1 class, 1"),
        ((tuple(range(100)), *((100 + step,) for step in range(10))), "110 classes, 100-1 in 11 steps"),
    ],
)
def test_it_is_told_in_a_few_words(steps: tuple[tuple[int, ...], ...], label: str) -> None:
    assert stream(*steps).label() == label
    assert ClassIncrementalStream(steps=steps, setting="disjoint").label() == f"disjoint, {label}"


def test_classes_of_no_step_are_worth_a_look() -> None:
    (found,) = stream((1,), (3,)).warnings({MAIN: THREE_CLASSES})

    assert (found.pointer, found.code) == ("/stream/steps", "classes_left_out")
    assert found.message == "in no step, so never learned: 2 road; their pixels count as background"
    assert list(stream((1, 2), (3,)).warnings({MAIN: THREE_CLASSES})) == []
