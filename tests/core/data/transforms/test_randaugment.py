from __future__ import annotations

import numpy as np
import pytest

from core.data.transforms.randaugment import (
    GEOMETRIC,
    Applied,
    Box,
    Operation,
    StrongPlan,
    amount_of,
    box_at,
    carry_out,
    draw_plan,
)

NO_BOX = Box(0, 0, -1, -1)
RAMP = np.repeat(np.arange(0, 240, 20, dtype=np.uint8)[None, :, None], 3, axis=2).repeat(6, axis=0)
"""(6, 12, 3): columns of 0, 20, … 220."""


def after(*operations: Applied, is_flipped: bool = False) -> np.ndarray:
    return carry_out(RAMP, StrongPlan(is_flipped, operations, NO_BOX))


def test_flip_exchanges_left_and_right() -> None:
    np.testing.assert_array_equal(after(is_flipped=True), RAMP[:, ::-1])


def test_translation_takes_pixels_from_further_right_and_leaves_grey() -> None:
    moved = after(Applied(Operation.TRANSLATE_X, 2))

    np.testing.assert_array_equal(moved[:, :-2], RAMP[:, 2:])
    assert (moved[:, -2:] == 127).all()


def test_operations_follow_one_another() -> None:
    there_and_back = after(Applied(Operation.TRANSLATE_X, 3), Applied(Operation.TRANSLATE_X, -3))

    np.testing.assert_array_equal(there_and_back[:, 3:], RAMP[:, 3:])
    assert (there_and_back[:, :3] == 127).all()


def test_solarize_inverts_what_is_bright() -> None:
    found = after(Applied(Operation.SOLARIZE, 100))

    np.testing.assert_array_equal(found, np.where(RAMP >= 100, 255 - RAMP, RAMP))


def test_cut_out_fills_its_edges_too_and_leaves_the_given_image_alone() -> None:
    image = np.zeros((5, 5, 3), dtype=np.uint8)

    found = carry_out(image, StrongPlan(False, (), Box(1, 2, 3, 3)))

    assert (found[2:4, 1:4] == 127).all()
    assert np.count_nonzero(found) == 2 * 3 * 3
    assert not image.any()


@pytest.mark.parametrize(
    ("point", "expected"), [((0.0, 0.0), Box(0, 0, 3, 3)), ((11.9, 8.9), Box(10, 7, 12, 9)), ((6, 5), Box(4, 3, 7, 6))]
)
def test_box_is_shifted_in_at_left_and_top_and_cut_at_right_and_bottom(
    point: tuple[float, float], expected: Box
) -> None:
    assert box_at(*point, width=12, height=9) == expected


def test_amounts_of_the_strongest_operations() -> None:
    found = {kind.value: amount_of(kind, 9, width=100, height=50, is_negative=True) for kind in Operation}

    assert found == {
        "AutoContrast": 0, "Brightness": pytest.approx(0.86), "Color": pytest.approx(0.86),
        "Contrast": pytest.approx(0.86), "Equalize": 0, "Identity": 0, "Posterize": 7, "Rotate": -27,
        "Sharpness": pytest.approx(0.86), "ShearX": pytest.approx(-0.27), "ShearY": pytest.approx(-0.27),
        "Solarize": 26, "TranslateX": -27, "TranslateY": -13,
    }  # fmt: skip


def test_plans_follow_from_the_generator_and_advance_it_alike() -> None:
    first, second = np.random.default_rng(4), np.random.default_rng(4)

    plans = [draw_plan(40, 20, first) for _ in range(200)]

    assert plans == [draw_plan(40, 20, second) for _ in range(200)]
    assert first.random() == second.random()
    assert {len(plan.operations) for plan in plans} == {0, 1, 2}
    assert {plan.is_flipped for plan in plans} == {True, False}
    assert {kind for plan in plans for kind, _ in plan.operations} == set(Operation)
    signs = {amount < 0 for plan in plans for kind, amount in plan.operations if kind in GEOMETRIC and amount}
    assert signs == {True, False}
