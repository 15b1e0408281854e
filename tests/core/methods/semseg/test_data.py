from __future__ import annotations

import numpy as np
import pytest
import torch

from core.data.samples import Instances
from core.methods.semseg.data import (
    GroupedBatchPlan,
    View,
    draw_view,
    group_by_shape,
    resized,
    shown_image,
    stacked,
    taught_objects,
)
from core.methods.semseg.options import InputOptions

OUTLINE = np.array([1.0, 1, 5, 1, 5, 3, 1, 3])


def objects(**changed: object) -> Instances:
    """Return a known object, an unknown one, a crowd of the known class and a known one without a side."""
    masks = np.zeros((4, 4, 8), np.bool_)
    masks[:, 1:3, 1:5] = True
    parts = {
        "size": (8, 4),
        "boxes": np.array([[1, 1, 5, 3], [0, 0, 4, 4], [0, 0, 8, 4], [2, 2, 2, 4]], np.float64),
        "masks": masks,
        "classes": np.array([7, 3, 7, 7]),
        "is_crowd": np.array([False, False, True, False]),
        "outlines": ((OUTLINE,), None, None, None),
    }
    return Instances(**{**parts, **changed})  # type: ignore[arg-type]


def test_only_objects_of_known_classes_are_taught() -> None:
    taught = taught_objects(objects(), View((8, 16)), (5, 7), "polygons")

    assert taught.heads.tolist() == [1]
    assert taught.boxes.tolist() == [[2, 2, 10, 6]]
    assert taught.outlines is not None
    np.testing.assert_array_equal(taught.outlines[0][0], 2 * OUTLINE)


def test_a_flip_exchanges_left_and_right_of_boxes_outlines_and_masks() -> None:
    view = View((4, 8), is_flipped=True)

    by_outline, by_mask = (taught_objects(objects(), view, (7,), kind) for kind in ("polygons", "bitmaps"))

    assert by_outline.boxes.tolist() == by_mask.boxes.tolist() == [[3, 1, 7, 3]]
    assert by_outline.outlines is not None and by_mask.bitmaps is not None
    assert by_outline.outlines[0][0].tolist() == [7, 1, 3, 1, 3, 3, 7, 3]
    assert np.flatnonzero(by_mask.bitmaps[0].numpy().any(axis=0)).tolist() == [3, 4, 5, 6]


def test_masks_that_have_no_outline_are_sampled() -> None:
    taught = taught_objects(objects(outlines=None), View((8, 16)), (3, 7), "polygons")

    assert taught.heads.tolist() == [1, 0]
    assert taught.bitmaps is not None
    assert taught.bitmaps.shape == (2, 8, 16)
    targets = taught.mask_targets(torch.tensor([0]), taught.boxes[:1])
    assert targets[0, 1:-1, 1:-1].all()  # a corner is seen by a quarter


def test_an_image_without_known_objects_teaches_none() -> None:
    taught = taught_objects(objects(), View((4, 8)), (9,), "bitmaps")

    assert taught.boxes.shape == (0, 4)
    assert taught.mask_targets(torch.zeros(0, dtype=torch.int64), taught.boxes).shape == (0, 28, 28)


@pytest.mark.parametrize(
    ("size", "wanted"), [((480, 640), (800, 1067)), ((300, 900), (444, 1333)), ((900, 300), (1333, 444))]
)
def test_sizes_are_those_of_the_publication(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    assert resized(size, 800, 1333) == wanted


def test_views_are_drawn_from_the_sizes_and_flipped_now_and_then() -> None:
    options, generator = InputOptions(train_sizes=(32, 64)), np.random.default_rng(0)

    views = [draw_view((10, 10), options, generator) for _ in range(50)]

    assert {view.size for view in views} == {(32, 32), (64, 64)}
    assert {view.is_flipped for view in views} == {True, False}


def test_images_are_normalised_as_their_weights_want() -> None:
    image = np.full((2, 2, 3), (255, 0, 128), np.uint8)

    ours, caffe = (shown_image(image, View((2, 2)), style)[:, 0, 0] for style in ("torchvision", "msra_caffe"))

    assert torch.allclose(ours, torch.tensor([(1 - 0.485) / 0.229, -0.456 / 0.224, (128 / 255 - 0.406) / 0.225]))
    assert torch.allclose(caffe, torch.tensor([128 - 103.530, -116.280, 255 - 123.675]))


def test_batches_are_padded_to_a_multiple_of_32() -> None:
    batch = stacked([torch.ones(3, 20, 40), torch.ones(3, 33, 10)])

    assert batch.shape == (2, 3, 64, 64)
    assert batch[0, :, :20, :40].all() and batch.sum() == 3 * (20 * 40 + 33 * 10)


def test_a_batch_holds_images_of_one_shape_and_an_epoch_every_image_once() -> None:
    groups = group_by_shape([(4, 2), (2, 4), (4, 2), (4, 2), (2, 2), (4, 2)])
    plan = GroupedBatchPlan(6, 2, run_seed=1, stage_index=0, groups=groups)
    epoch = [plan.items(iteration) for iteration in range(plan.per_epoch)]

    assert [group.tolist() for group in groups] == [[0, 2, 3, 5], [1, 4]]
    assert plan.per_epoch == 3
    assert sorted(np.concatenate(epoch).tolist()) == [0, 1, 2, 3, 4, 5]
    assert all(set(batch) <= set(groups[0]) or set(batch) <= set(groups[1]) for batch in epoch)
    assert not all((plan.items(3 + at) == epoch[at]).all() for at in range(3))


def test_a_group_smaller_than_a_batch_repeats_its_images() -> None:
    plan = GroupedBatchPlan(1, 3, run_seed=1, stage_index=0, groups=(np.array([0]),))

    assert plan.items(0).tolist() == [0, 0, 0]
