from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core.data.transforms.label_warp import WarpMode, warp_labels, warp_steps
from core.data.transforms.randaugment import Applied, Box, Operation, StrongPlan, carry_out

NO_BOX = Box(0, 0, -1, -1)
SHARE = 4
GRID = (16, 32)
LABELS = torch.arange(GRID[0] * GRID[1]).view(1, *GRID)
BLOCKS = (torch.arange(GRID[0])[:, None] // 4 + torch.arange(GRID[1]) // 4)[None] % 3


def plan(*operations: Applied, is_flipped: bool = False, box: Box = NO_BOX) -> StrongPlan:
    return StrongPlan(is_flipped, operations, box)


def warped(labels: Tensor, *plans: StrongPlan, mode: WarpMode = "exact", ignore_index: int = 255) -> Tensor:
    steps = np.stack([warp_steps(one, (labels.shape[1], labels.shape[2]), SHARE, mode) for one in plans])
    boxes = torch.tensor([one.box for one in plans])
    return warp_labels(labels, torch.from_numpy(steps), boxes, SHARE, mode, ignore_index)


def seen(labels: Tensor, done: StrongPlan) -> Tensor:
    """Return what is seen of labels that are painted into an image: (h, w), 255 where it is grey."""
    paint = np.kron(labels[0].numpy(), np.ones((SHARE, SHARE))).astype(np.uint8) * 100
    image = carry_out(np.repeat(paint[:, :, None], 3, axis=2), done)
    middle = image[SHARE // 2 :: SHARE, SHARE // 2 :: SHARE, 0].astype(int)
    return torch.from_numpy(np.where(middle == 127, 255, np.round(middle / 100).astype(int)))


@pytest.mark.parametrize("mode", ["exact", "reference"])
def test_nothing_happens_to_labels_of_an_image_that_stays(mode: WarpMode) -> None:
    assert torch.equal(warped(LABELS, plan(), mode=mode), LABELS)


@pytest.mark.parametrize("mode", ["exact", "reference"])
def test_flip_and_translation_along_y_are_exact(mode: WarpMode) -> None:
    found = warped(LABELS, plan(Applied(Operation.TRANSLATE_Y, 8), is_flipped=True), mode=mode)

    assert torch.equal(found[:, :-2], LABELS.flip(2)[:, 2:])
    assert (found[:, -2:] == 255).all()


def test_translation_along_x_goes_as_far_as_the_image_or_twice_as_far_in_the_reference() -> None:
    moved = plan(Applied(Operation.TRANSLATE_X, 8))

    assert torch.equal(warped(LABELS, moved)[:, :, :-2], LABELS[:, :, 2:])
    assert torch.equal(warped(LABELS, moved, mode="reference")[:, :, :-4], LABELS[:, :, 4:])


def test_what_left_the_image_does_not_come_back() -> None:
    there_and_back = plan(Applied(Operation.TRANSLATE_X, 8), Applied(Operation.TRANSLATE_X, -8))

    found = warped(LABELS, there_and_back)

    assert (found[:, :, :2] == 255).all()
    assert torch.equal(found[:, :, 2:], LABELS[:, :, 2:])


def test_reference_keeps_the_last_of_a_kind_and_a_fixed_order() -> None:
    shear, turn = Applied(Operation.SHEAR_X, 0.2), Applied(Operation.ROTATE, 20)

    last = warped(LABELS, plan(Applied(Operation.SHEAR_X, -0.1), shear), mode="reference")
    assert torch.equal(last, warped(LABELS, plan(shear), mode="reference"))
    orders = [plan(turn, shear), plan(shear, turn)]
    assert torch.equal(*(warped(LABELS, one, mode="reference") for one in orders))
    assert not torch.equal(*(warped(LABELS, one) for one in orders))


@pytest.mark.parametrize(
    "operations",
    [
        (Applied(Operation.ROTATE, 21),),
        (Applied(Operation.SHEAR_X, -0.27), Applied(Operation.ROTATE, -12)),
        (Applied(Operation.ROTATE, 15), Applied(Operation.SHEAR_Y, 0.18)),
        (Applied(Operation.TRANSLATE_X, 13), Applied(Operation.SHEAR_X, 0.21)),
    ],
)
@pytest.mark.parametrize("is_flipped", [False, True])
def test_exact_labels_go_where_the_pixels_of_the_image_go(operations: tuple[Applied, ...], is_flipped: bool) -> None:
    done = plan(*operations, is_flipped=is_flipped)

    found, expected = warped(BLOCKS, done)[0], seen(BLOCKS, done)

    # Along the borders of blocks the image is a mixture of two classes.
    assert (found == expected).double().mean() > 0.9


def test_cut_out_covers_the_cells_that_the_box_begins_up_to_the_last() -> None:
    found = warped(LABELS, plan(box=Box(5, 8, 20, 15)), ignore_index=-1)

    assert sorted({(row, column) for _, row, column in (found == -1).nonzero().tolist()}) == [
        (2, 1), (2, 2), (2, 3), (2, 4),
    ]  # fmt: skip


def test_images_of_a_batch_are_warped_each_by_its_own_plan() -> None:
    plans = [plan(), plan(is_flipped=True), plan(Applied(Operation.TRANSLATE_Y, -4), box=Box(0, 0, 8, 8))]

    together = warped(LABELS.expand(3, -1, -1), *plans)

    assert torch.equal(together, torch.cat([warped(LABELS, one) for one in plans]))
