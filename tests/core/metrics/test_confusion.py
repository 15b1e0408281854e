from __future__ import annotations

import numpy as np
import pytest
import torch

from core.metrics.confusion import ConfusionMatrix, predict


def test_threshold_rule_ignores_the_background_channel_and_needs_a_logit_over_zero() -> None:
    # One pixel a column: a foreground over 0 beats a higher background; exactly 0 is background; ties go to the lower.
    logits = torch.tensor([[9.0, -9.0, 0.0], [1.0, 0.0, 2.0], [0.5, -1.0, 2.0]])[None, :, None, :]

    assert predict(logits).flatten().tolist() == [1, 0, 1]


def test_argmax_rule_takes_the_best_of_all_channels() -> None:
    logits = torch.tensor([[9.0, -9.0, 2.0], [1.0, -8.0, 2.0], [0.5, -1.0, 1.0]])[None, :, None, :]

    assert predict(logits, "argmax_all").flatten().tolist() == [0, 2, 0]


def test_best_class_rule_never_answers_background() -> None:
    logits = torch.tensor([9.0, -3.0, -2.0]).reshape(1, 3, 1, 1)

    assert predict(logits, "best_class").item() == 2
    assert predict(logits, "threshold").item() == 0


def test_matrix_has_ground_truth_in_its_rows_and_skips_labels_out_of_range() -> None:
    confusion = ConfusionMatrix(3)

    confusion.update(torch.tensor([0, 1, 1, 2, 255, -1, 3]), torch.tensor([0, 1, 2, 0, 1, 1, 1]))

    np.testing.assert_array_equal(confusion.matrix(), [[1, 0, 0], [0, 1, 1], [1, 0, 0]])


def test_updates_accumulate() -> None:
    confusion = ConfusionMatrix(2)

    confusion.update(torch.ones(2, 3, 3, dtype=torch.uint8), torch.zeros(2, 3, 3, dtype=torch.int64))
    confusion.update(torch.ones(1, 3, 3, dtype=torch.uint8), torch.ones(1, 3, 3, dtype=torch.int64))

    np.testing.assert_array_equal(confusion.matrix(), [[0, 0], [18, 9]])


def test_labels_of_narrow_types_do_not_overflow() -> None:
    confusion = ConfusionMatrix(151)

    confusion.update(torch.tensor([150, 255], dtype=torch.uint8), torch.tensor([149, 0]))

    assert confusion.matrix()[150, 149] == 1
    assert confusion.matrix().sum() == 1


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match=r"labels \(2,\) and predictions \(3,\)"):
        ConfusionMatrix(2).update(torch.zeros(2), torch.zeros(3))
