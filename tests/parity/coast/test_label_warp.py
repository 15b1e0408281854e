"""The geometry of strong images on their labels, in both modes (CoaST 2.2)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.data.transforms.label_warp import WarpMode, warp_labels, warp_steps
from core.data.transforms.randaugment import GEOMETRIC, Applied, Box, Operation, StrongPlan
from core.methods.coast.pseudo_labels import GRID_SHARE
from tests.support.parity import assert_close, load_case

ABSENT = 10_000.0
IGNORED = 250
MOST_DIFFERENT = 0.01
EXACT = {Operation.TRANSLATE_Y}
ALIKE = {Operation.SHEAR_X, Operation.SHEAR_Y, Operation.ROTATE}


def test_labels_are_warped_as_recorded_in_reference_mode() -> None:
    case = load_case("coast", "label_warp")

    for row, warped in enumerate(warp(case, range(len(case["labels"])), "reference")):
        allowed = 0.0 if moves(case["params"][row]) <= EXACT else MOST_DIFFERENT
        assert (warped != case["out_reference"][row]).mean() <= allowed


def test_a_shear_or_rotation_alone_is_the_recorded_one_in_exact_mode() -> None:
    case = load_case("coast", "label_warp")
    rows = [row for row, params in enumerate(case["params"]) if len(moves(params)) <= 1 and moves(params) <= ALIKE]

    for row, warped in zip(rows, warp(case, rows, "exact"), strict=True):
        assert (warped != case["out_reference"][row]).mean() <= MOST_DIFFERENT
    assert rows


@pytest.mark.parametrize("name", ["selftrain_k2", "selftrain_k3", "selftrain_k2norect", "selftrain_identical"])
@pytest.mark.parametrize("mode", ["exact", "reference"])
def test_labels_of_self_training_are_the_recorded_ones(name: str, mode: WarpMode) -> None:
    case = load_case("coast", name)
    height = int(case["crop_hw"][0])
    box = Box(4, 4, 4 + height // 3, 4 + height // 3)
    for target in range(int(case["hyper"][0])):
        labels = torch.from_numpy(case[f"hard{target}"])
        plans = [StrongPlan(bool(image % 2), (), box) for image in range(len(labels))]
        assert_close(warped_by(labels, plans, mode), case[f"hardwarp{target}"], 0)


def moves(params: np.ndarray) -> set[Operation]:
    """Return the geometric operations of a row of flip and amounts."""
    return {kind for kind, amount in zip(GEOMETRIC, params[1:].tolist(), strict=True) if amount != ABSENT}


def warp(case: dict[str, np.ndarray], rows: range | list[int], mode: WarpMode) -> np.ndarray:
    plans = []
    for row in rows:
        flip, *amounts = case["params"][row].tolist()
        applied = [Applied(kind, amount) for kind, amount in zip(GEOMETRIC, amounts, strict=True) if amount != ABSENT]
        plans.append(StrongPlan(bool(flip), tuple(applied), Box(*case["cutout_xyxy"][row].astype(int).tolist())))
    return warped_by(torch.from_numpy(case["labels"][list(rows)]), plans, mode).numpy()


def warped_by(labels: torch.Tensor, plans: list[StrongPlan], mode: WarpMode) -> torch.Tensor:
    height, width = labels.shape[-2:]
    steps = [warp_steps(plan, (height, width), GRID_SHARE, mode) for plan in plans]
    boxes = torch.tensor([plan.box for plan in plans])
    return warp_labels(labels, torch.from_numpy(np.stack(steps)), boxes, GRID_SHARE, mode, IGNORED)
