"""Every operation, CutOut and whole plans of the strong augmentation (CoaST 2.1)."""

from __future__ import annotations

import random
from itertools import count

import numpy as np

from core.data.transforms.randaugment import (
    GEOMETRIC,
    NUM_OPERATIONS,
    Applied,
    Box,
    Operation,
    StrongPlan,
    amount_of,
    box_at,
    carry_out,
)
from tests.support.parity import assert_close, load_case

NO_BOX = Box(0, 0, -1, -1)
ABSENT = 10_000.0


def test_every_operation_gives_the_recorded_image() -> None:
    case = load_case("coast", "randaugment_ops")
    image = case["image"].astype(np.uint8)
    height, width = image.shape[:2]
    names = [name.removesuffix("_param") for name in case if name.endswith("_param")]
    for name in names:
        kind, strength, *sign = name.split("_")
        operation = Operation(kind)
        amount = amount_of(operation, int(strength), width, height, is_negative=bool(sign))
        assert_close(amount, case[f"{name}_param"], 1e-9)
        strong = carry_out(image, StrongPlan(False, (Applied(operation, amount),), NO_BOX))
        np.testing.assert_array_equal(strong, case[name], err_msg=name)
    assert {name.split("_")[0] for name in names} == set(Operation)


def test_cut_out_fills_the_recorded_box() -> None:
    case = load_case("coast", "randaugment_ops")
    image = case["image"].astype(np.uint8)
    boxes = [name.removesuffix("_uv") for name in case if name.endswith("_uv")]
    for name in boxes:
        box = box_at(*case[f"{name}_uv"].tolist(), image.shape[1], image.shape[0])
        assert_close(box, case[f"{name}_xyxy"], 0)
        np.testing.assert_array_equal(carry_out(image, StrongPlan(False, (), box)), case[name])
    assert boxes


def test_whole_plans_give_the_recorded_images() -> None:
    case = load_case("coast", "randaugment_stream")
    image = case["image"].astype(np.uint8)
    for index in count():
        if f"s{index}_seed" not in case:
            break
        plan = published_plan(int(case[f"s{index}_seed"]), image.shape[1], image.shape[0])
        amounts = dict(plan.operations)
        recorded = [float(plan.is_flipped), *(amounts.get(kind, ABSENT) for kind in GEOMETRIC), *plan.box]
        assert_close(recorded, case[f"s{index}_params"], 1e-9)
        np.testing.assert_array_equal(carry_out(image, plan), case[f"s{index}_out"])
    assert index > 0


def published_plan(seed: int, width: int, height: int) -> StrongPlan:
    """Draw a plan in the published order from the published generators."""
    coins, numbers = random.Random(seed), np.random.RandomState(seed)
    is_flipped = coins.random() < 0.5
    operations = []
    for kind in coins.choices(list(Operation), k=NUM_OPERATIONS):
        strength = int(numbers.randint(1, 10))
        if coins.random() < 0.5:
            is_negative = kind in GEOMETRIC and coins.random() < 0.5
            operations.append(Applied(kind, amount_of(kind, strength, width, height, is_negative=is_negative)))
    x, y = numbers.uniform(0, width), numbers.uniform(0, height)
    return StrongPlan(is_flipped, tuple(operations), box_at(x, y, width, height))
