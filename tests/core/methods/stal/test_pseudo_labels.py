"""Which of the teacher's labels are believed, with numbers by hand."""

from __future__ import annotations

import torch

from core.engine.teacher_view import TeacherView
from core.methods.stal.pseudo_labels import (
    confident_labels,
    drop_unreliable,
    small_onehot,
    unlabelled_masks,
    with_known,
)


def view(entropy: list[float]) -> TeacherView:
    values = torch.tensor([[entropy]])
    return TeacherView(torch.arange(len(entropy))[None, None], 1 - values / 10, values)


def test_the_most_uncertain_share_is_dropped_and_the_most_certain_by_the_reference() -> None:
    """Of entropies 0 to 4 the 80th percentile is 3.2 and the 20th 0.8."""
    seen = view([0.0, 1.0, 2.0, 3.0, 4.0])

    assert drop_unreliable(seen, 20).tolist() == [[[0, 1, 2, 3, 255]]]
    assert drop_unreliable(seen, 20, drop_low_entropy=True).tolist() == [[[255, 1, 2, 3, 4]]]


def test_labels_below_a_confidence_are_dropped() -> None:
    assert confident_labels(view([0.0, 5.0]), 0.75).tolist() == [[[0, 255]]]
    assert confident_labels(view([0.0, 5.0]), 0.0).tolist() == [[[0, 1]]]


def test_what_people_said_is_certain() -> None:
    known = with_known(view([2.0, 5.0]), torch.tensor([[[255, 7]]]))

    assert known.labels.tolist() == [[[0, 7]]]
    assert known.confidence[0, 0].tolist() == [0.800000011920929, 1.0]
    assert known.entropy.tolist() == [[[2.0, 0.0]]]


def test_masks_take_both_ends_of_the_entropy_where_there_is_a_label() -> None:
    entropy = torch.tensor([[[0.0, 1.0, 2.0, 3.0, 4.0]]])
    labels = torch.tensor([[[0, 255, 0, 0, 0]]])

    masks = unlabelled_masks(entropy, labels, (1, 5), (40.0, 60.0))

    # Percentiles 1.6 and 2.4.
    assert masks.low.flatten().tolist() == [1, 0, 0, 0, 0]
    assert masks.high.flatten().tolist() == [0, 0, 0, 1, 1]
    # Over the labelled pixels 0, 2, 3, 4 alone they are 2.2 and 2.8.
    counted = unlabelled_masks(entropy, labels, (1, 5), (40.0, 60.0), over_labelled=True)
    assert counted.low.flatten().tolist() == [1, 0, 1, 0, 0]


def test_onehot_leaves_out_unlabelled_pixels_and_joins_the_batch_by_the_reference() -> None:
    labels = torch.tensor([[[0, 255]], [[1, 1]]])

    assert small_onehot(labels, 2, (1, 2)).flatten(2).tolist() == [[[1, 0], [0, 0]], [[0, 0], [1, 1]]]
    assert small_onehot(labels, 2, (1, 2), True).flatten(2).tolist() == [[[1, 0], [1, 1]], [[0, 0], [0, 0]]]
