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


def test_new_region_weight_sums_the_weights_of_new_channels() -> None:
    # The left pixels take a quarter of class 1; the lower one of them was ignored.
    second = torch.ones(1, 1, 2, 2, dtype=torch.int64)
    first, share = SparseTarget.from_labels(LABELS), torch.tensor([[[[0.25, 0.0], [0.25, 0.0]]]])

    blended = SparseTarget(torch.cat([first.classes, second], 1), torch.cat([first.weights * (1 - share), share], 1))

    assert blended.new_region_weight(1).tolist() == [[[0.25, 1.0], [0.25, 1.0]]]
    assert blended.new_region_weight(2).tolist() == [[[0.0, 1.0], [0.0, 0.0]]]


def test_planes_of_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"classes \(1, 2, 2\) and weights \(1, 1, 2, 2\)"):
        SparseTarget(torch.zeros(1, 2, 2, dtype=torch.int64), torch.zeros(1, 1, 2, 2))


def test_hard_label_is_the_channel_of_the_largest_weight() -> None:
    assert torch.equal(SparseTarget.from_labels(LABELS).hard_labels(), LABELS)
    # An ignored pixel that was pasted on has the pasted class; equal shares go to the first.
    second = torch.ones(1, 1, 2, 2, dtype=torch.int64)
    first, share = SparseTarget.from_labels(LABELS), torch.tensor([[[[0.5, 0.75], [0.25, 0.0]]]])

    blended = SparseTarget(torch.cat([first.classes, second], 1), torch.cat([first.weights * (1 - share), share], 1))

    assert blended.hard_labels().tolist() == [[[0, 1], [1, 1]]]
