from __future__ import annotations

import pytest
import torch

from core.losses.sparse_target import SparseTarget

LABELS = torch.tensor([[[0, 2], [255, 1]]])


def test_dense_form_of_hard_labels_is_their_one_hot_with_ignored_pixels_all_zero() -> None:
    dense = SparseTarget.from_labels(LABELS).to_dense(3)

    expected = torch.tensor([[[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 0.0]]]])
    assert torch.equal(dense, expected)


def test_labelled_leaves_out_ignored_pixels() -> None:
    assert SparseTarget.from_labels(LABELS).labelled.tolist() == [[[True, True], [False, True]]]


def test_another_ignore_index_keeps_its_pixels_out_and_255_is_then_a_label() -> None:
    target = SparseTarget.from_labels(torch.tensor([[[250, 1]]]), ignore_index=250)

    assert target.labelled.tolist() == [[[False, True]]]


def test_blend_mixes_the_pasted_class_inside_the_mask_only() -> None:
    masks = torch.tensor([[[True, False], [True, True]]])

    blended = SparseTarget.from_labels(LABELS).blend(masks, torch.tensor([2]), torch.tensor([0.25]))

    dense = blended.to_dense(3)[0]
    assert dense[:, 0, 0].tolist() == [0.75, 0.0, 0.25]
    assert dense[:, 0, 1].tolist() == [0.0, 0.0, 1.0]
    assert dense[:, 1, 0].tolist() == [0.0, 0.0, 0.25]
    assert dense[:, 1, 1].tolist() == [0.0, 0.75, 0.25]


def test_later_pastes_act_on_the_result_of_earlier_ones() -> None:
    everywhere = torch.ones(1, 2, 2, dtype=torch.bool)

    twice = (
        SparseTarget.from_labels(LABELS)
        .blend(everywhere, torch.tensor([2]), torch.tensor([0.5]))
        .blend(everywhere, torch.tensor([2]), torch.tensor([0.5]))
    )

    assert twice.to_dense(3)[0, :, 0, 0].tolist() == [0.25, 0.0, 0.75]
    assert twice.classes.shape == (1, 3, 2, 2)


def test_pasted_ignore_pixel_becomes_labelled() -> None:
    masks = torch.tensor([[[False, False], [True, False]]])

    blended = SparseTarget.from_labels(LABELS).blend(masks, torch.tensor([1]), torch.tensor([0.25]))

    assert blended.labelled.tolist() == [[[True, True], [True, True]]]


def test_each_image_of_a_batch_takes_its_own_class_and_lambda() -> None:
    labels = torch.zeros(2, 1, 1, dtype=torch.int64)
    masks = torch.ones(2, 1, 1, dtype=torch.bool)

    blended = SparseTarget.from_labels(labels).blend(masks, torch.tensor([1, 2]), torch.tensor([0.25, 1.0]))

    assert blended.to_dense(3).flatten(1).tolist() == [[0.75, 0.25, 0.0], [0.0, 0.0, 1.0]]


def test_new_region_weight_sums_the_weights_of_new_channels() -> None:
    masks = torch.tensor([[[True, False], [True, False]]])

    blended = SparseTarget.from_labels(LABELS).blend(masks, torch.tensor([1]), torch.tensor([0.25]))

    assert blended.new_region_weight(1).tolist() == [[[0.25, 1.0], [0.25, 1.0]]]
    assert blended.new_region_weight(2).tolist() == [[[0.0, 1.0], [0.0, 0.0]]]


def test_planes_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"classes \(1, 2, 2\) and weights \(1, 1, 2, 2\)"):
        SparseTarget(torch.zeros(1, 2, 2, dtype=torch.int64), torch.zeros(1, 1, 2, 2))
