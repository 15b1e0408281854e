"""Named class schedules."""

from __future__ import annotations

import pytest

from core.streams.schedules import ADE20K_SCHEDULES, SCHEDULES, VOC_SCHEDULES, in_id_order, named_schedule


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("19-1", [19, 1]),
        ("15-5", [15, 5]),
        ("15-1", [15, 1, 1, 1, 1, 1]),
        ("15-1_q", [15, 1, 1, 1, 1, 1]),
        ("10-1", [10] + [1] * 10),
        ("10-5", [10, 5, 5]),
        ("10-10", [10, 10]),
        ("5-3", [5, 3, 3, 3, 3, 3]),
        ("5-3-140", [5, 3, 3, 3, 3, 3]),
        ("5-1", [5] + [1] * 15),
        ("2-1", [2] + [1] * 18),
        ("2-2", [2] * 10),
        ("joint", [20]),
        ("100-50", [100, 50]),
        ("100-10", [100, 10, 10, 10, 10, 10]),
        ("100-5", [100] + [5] * 10),
        ("50-50", [50, 50, 50]),
        ("ade20k/joint", [150]),
    ],
)
def test_schedule_has_the_published_number_of_classes_in_each_step(name: str, sizes: list[int]) -> None:
    assert [len(step) for step in named_schedule(name)] == sizes


def test_every_schedule_learns_every_class_of_its_dataset_once() -> None:
    learned = {name: sorted(sum(steps, ())) for name, steps in VOC_SCHEDULES.items()}
    learned_ade = {name: sorted(sum(steps, ())) for name, steps in ADE20K_SCHEDULES.items()}

    assert learned == {key: list(range(1, 21)) for key in VOC_SCHEDULES}
    assert learned_ade == {key: list(range(1, 151)) for key in ADE20K_SCHEDULES}


def test_there_are_twenty_two_other_orders_of_15_1_and_no_two_agree() -> None:
    orders = [steps for name, steps in VOC_SCHEDULES.items() if name.startswith("15-1_")]

    assert len(orders) == 22
    assert len(set(orders)) == 22


def test_plain_joint_is_the_twenty_classes_of_voc() -> None:
    assert SCHEDULES["joint"] == SCHEDULES["voc/joint"] == (tuple(range(1, 21)),)


def test_last_step_takes_the_classes_that_are_left() -> None:
    assert in_id_order(3, 2, 6) == ((1, 2, 3), (4, 5), (6,))


def test_unknown_schedule_names_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"there is no schedule '15-6'; did you mean '15-[15]'\?"):
        named_schedule("15-6")
