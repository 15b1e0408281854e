from dataclasses import replace

import numpy as np
import pytest

from core.data.samples import LabelMap
from core.memory.instances import MemoryRules, judge, select_instances
from core.streams.step import Step
from tests.support.instances import dataset_of, label_with_box, rectangle_entry

FIRST_STEP = Step(0, (), (1, 2))
SECOND_STEP = Step(1, (1, 2), (3,))
TWO_BLOBS = label_with_box(1, (2, 2, 6, 6)) + label_with_box(1, (10, 2, 14, 6))


def labels_of_first_step() -> list[LabelMap]:
    """Three images of class 1, two of class 2, one rejected."""
    return [
        label_with_box(1, (2, 2, 6, 6)),
        label_with_box(2, (4, 4, 9, 8)),
        TWO_BLOBS,
        label_with_box(1, (5, 5, 8, 8)),
        label_with_box(2, (8, 2, 12, 9)),
        label_with_box(1, (9, 9, 15, 12)),
    ]


def test_one_class_with_two_blobs_rejects_the_whole_image() -> None:
    labels = TWO_BLOBS.copy()
    labels[15:18, 15:18] = 2

    assert judge(labels, (1, 2), MemoryRules(10)).kept is None
    assert judge(labels, (2,), MemoryRules(10)).kept == (2,)


def test_rules_for_classes_leave_out_the_class_with_two_blobs_alone() -> None:
    labels = TWO_BLOBS.copy()
    labels[15:18, 15:18] = 2

    assert judge(labels, (1, 2), MemoryRules(10, unit="class")).kept == (2,)
    assert judge(TWO_BLOBS, (1, 2), MemoryRules(10, unit="class")).kept == ()


def test_specks_neither_count_as_blobs_nor_are_kept() -> None:
    labels = label_with_box(1, (4, 4, 9, 9))
    labels[15, 15] = 1
    dataset = dataset_of([labels])
    rules = MemoryRules(1, speck_px=2)

    assert judge(labels, (1,), MemoryRules(1)).kept is None
    assert judge(labels, (1,), rules).kept == (1,)

    selection = select_instances((), dataset, [0], Step(0, (), (1,)), rules, np.random.default_rng(0))

    assert [entry.box for entry in selection.entries] == [(4, 4, 9, 9)]
    assert judge(label_with_box(1, (4, 4, 5, 5)), (1,), rules).kept == ()


def test_street_like_scenes_fill_the_memory_by_class_and_the_shortfall_by_image_says_how() -> None:
    labels = TWO_BLOBS.copy()
    labels[15:18, 15:18] = 2
    dataset = dataset_of([labels] * 4)

    by_image = select_instances((), dataset, range(4), FIRST_STEP, MemoryRules(4), np.random.default_rng(0))
    by_class = select_instances(
        (), dataset, range(4), FIRST_STEP, MemoryRules(4, unit="class"), np.random.default_rng(0)
    )

    assert by_image.entries == ()
    assert "memory holds 0 of the 4" in by_image.warnings[0]
    assert "set memory.filter: class" in by_image.warnings[0]
    assert [entry.classes for entry in by_class.entries] == [(2,)] * 4
    assert not any("memory.filter" in warning for warning in by_class.warnings)


def test_classes_that_do_not_count_are_background() -> None:
    labels = label_with_box(7, (0, 0, 3, 3)) + label_with_box(7, (9, 9, 12, 12)) + label_with_box(1, (5, 5, 8, 8))

    assert judge(labels, (2, 1), MemoryRules(10)).kept == (1,)


def test_small_object_is_rejected_when_a_minimum_area_is_set() -> None:
    labels = label_with_box(1, (2, 2, 5, 5))

    assert judge(labels, (1,), MemoryRules(10, min_area=9)).kept == (1,)
    assert judge(labels, (1,), MemoryRules(10, min_area=10)).kept is None
    assert judge(labels, (1, 2), MemoryRules(10, min_area=9)).kept == (1,)


def test_object_near_the_border_is_rejected_when_a_distance_is_set() -> None:
    labels = label_with_box(1, (2, 5, 6, 9))

    assert judge(labels, (1,), MemoryRules(10, border_px=2)).kept == (1,)
    assert judge(labels, (1,), MemoryRules(10, border_px=3)).kept is None


def test_memory_of_the_first_step_is_balanced_and_leaves_rejected_images_out() -> None:
    dataset = dataset_of(labels_of_first_step())

    selection = select_instances((), dataset, range(6), FIRST_STEP, MemoryRules(4), np.random.default_rng(0))

    assert sorted(entry.drawn_class for entry in selection.entries) == [1, 1, 2, 2]
    assert "image-2" not in {entry.source for entry in selection.entries}
    assert {entry.step_added for entry in selection.entries} == {0}
    assert selection.warnings == ()


def test_only_the_images_of_the_step_are_candidates() -> None:
    dataset = dataset_of(labels_of_first_step())

    selection = select_instances((), dataset, [3, 1], FIRST_STEP, MemoryRules(2), np.random.default_rng(0))

    assert {entry.source for entry in selection.entries} == {"image-3", "image-1"}


def test_budget_beyond_the_candidates_keeps_them_all_and_says_so() -> None:
    dataset = dataset_of(labels_of_first_step())

    selection = select_instances((), dataset, range(6), FIRST_STEP, MemoryRules(100), np.random.default_rng(0))

    assert len(selection.entries) == 5
    assert len(selection.warnings) == 1
    assert selection.warnings[0].startswith("memory holds 5 of the 100 instances asked for: there were 5 candidates")


def test_class_without_an_instance_is_named() -> None:
    dataset = dataset_of([label_with_box(1, (2, 2, 6, 6)), label_with_box(1, (3, 3, 7, 7))])

    selection = select_instances((), dataset, range(2), FIRST_STEP, MemoryRules(2), np.random.default_rng(0))

    assert [entry.drawn_class for entry in selection.entries] == [1, 1]
    assert selection.warnings == ("no instance in memory was drawn for class 2 (class 2): nothing is pasted for it",)


def test_shortfall_to_nothing_is_a_warning_and_not_an_endless_loop() -> None:
    selection = select_instances((), dataset_of([TWO_BLOBS]), [0], FIRST_STEP, MemoryRules(8), np.random.default_rng(0))

    assert selection.entries == ()
    assert selection.warnings[0].startswith("memory holds 0 of the 8 instances asked for: there were 0 candidates")


def test_budget_zero_keeps_nothing_and_warns_of_nothing() -> None:
    dataset = dataset_of(labels_of_first_step())
    previous = (rectangle_entry(1, (2, 2, 6, 6)),)

    selection = select_instances(previous, dataset, range(6), SECOND_STEP, MemoryRules(0), np.random.default_rng(0))

    assert (selection.entries, selection.warnings) == ((), ())


def test_earlier_entries_compete_and_keep_their_content_and_step() -> None:
    previous = tuple(rectangle_entry(class_id, (2, 2, 6 + class_id, 6)) for class_id in (1, 2))
    dataset = dataset_of([label_with_box(3, (1, 1, 5, 5)), label_with_box(3, (2, 2, 8, 8))])

    selection = select_instances(previous, dataset, range(2), SECOND_STEP, MemoryRules(3), np.random.default_rng(1))

    by_class = {entry.drawn_class: entry for entry in selection.entries}
    assert sorted(by_class) == [1, 2, 3]
    assert by_class[1] == previous[0]
    assert by_class[2] == previous[1]
    assert by_class[3].step_added == 1


def test_earlier_entry_may_be_drawn_for_another_of_its_classes() -> None:
    entry = replace(rectangle_entry(1, (2, 2, 6, 6)), classes=(1, 2))

    selection = select_instances((entry,), dataset_of([]), [], Step(1, (2,), (3,)), MemoryRules(1), _rng())

    assert [kept.drawn_class for kept in selection.entries] == [2]
    assert selection.entries[0].id == entry.id


def test_filter_judges_the_view_and_the_entry_is_cut_from_the_whole_image() -> None:
    labels = label_with_box(1, (2, 2, 6, 6)) + label_with_box(2, (15, 10, 20, 15))
    rules = MemoryRules(4, view=_top_left_corner)

    selection = select_instances((), dataset_of([labels]), [0], FIRST_STEP, rules, _rng())

    assert [entry.classes for entry in selection.entries] == [(1,)]
    assert selection.entries[0].box == (2, 2, 6, 6)
    assert selection.entries[0].canvas_size == (24, 20)


@pytest.mark.parametrize("seed", [0, 1])
def test_selection_is_a_function_of_the_seed(seed: int) -> None:
    dataset = dataset_of([label_with_box(1 + index % 2, (2, 2, 6 + index % 5, 7)) for index in range(30)])

    first = select_instances((), dataset, range(30), FIRST_STEP, MemoryRules(6), np.random.default_rng(seed))
    again = select_instances((), dataset, range(30), FIRST_STEP, MemoryRules(6), np.random.default_rng(seed))
    other = select_instances((), dataset, range(30), FIRST_STEP, MemoryRules(6), np.random.default_rng(seed + 7))

    assert first == again
    assert first != other


def _top_left_corner(labels: LabelMap, index: int) -> LabelMap:
    return labels[:8, : 8 + index]


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_shortfall_counts_what_each_criterion_left_out_and_advises_on_these_alone() -> None:
    small, large = label_with_box(1, (4, 4, 5, 5)), label_with_box(1, (4, 4, 9, 9))
    dataset = dataset_of([TWO_BLOBS, small, large])

    rules = MemoryRules(4, min_area=9)
    by_image = select_instances((), dataset, range(3), FIRST_STEP, rules, np.random.default_rng(0)).warnings[0]

    assert "1 candidates (0 kept before, and 1 of the 3 images of step 0)" in by_image
    assert "images in which a class has: 1 for more than one connected blob, 1 for fewer than 9 pixels" in by_image
    assert by_image.endswith("or lower memory.min_area, or lower memory.size")
    assert "border" not in by_image


def test_too_few_images_that_all_pass_are_no_matter_of_the_filter() -> None:
    dataset = dataset_of([label_with_box(1, (4, 4, 9, 9))])

    selection = select_instances((), dataset, [0], FIRST_STEP, MemoryRules(4), np.random.default_rng(0))

    assert selection.warnings[0].endswith("(0 kept before, and 1 of the 1 images of step 0); lower memory.size")
