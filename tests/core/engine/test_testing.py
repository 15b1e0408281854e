"""One pass through test images."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core.data.label_ids import lookup_table
from core.data.loaders import Batch
from core.engine.testing import batches_of_split, pass_through, unless_stopped
from core.stage.interrupt import StageInterrupted, StopFlag
from tests.support.rounds import pictures
from tests.support.tiny import noise_batches, tiny_model

CPU = torch.device("cpu")
CHANNELS = lookup_table({0: 0, 1: 1, 3: 2, 4: 3})


def test_every_batch_is_seen_in_evaluation_mode_which_ends_with_the_pass() -> None:
    model, seen = tiny_model().train(), []

    def logits_of(images: Tensor) -> Tensor:
        assert not model.training
        assert not torch.is_grad_enabled()
        return images

    pass_through(model, noise_batches(0, 2), logits_of, lambda batch, _: seen.append(batch.items.tolist()),
                 device=CPU, dtype=torch.float32)  # fmt: skip

    assert seen == [[0, 1], [2, 3]]
    assert model.training


def test_mode_is_restored_when_a_pass_is_cut_short() -> None:
    model, stop = tiny_model().train(), StopFlag()
    batches = unless_stopped(noise_batches(0, 3), stop, 7)

    with pytest.raises(StageInterrupted, match="stopped after iteration 7"):
        pass_through(model, batches, model, lambda *_: stop.request(), device=CPU, dtype=torch.float32)

    assert model.training


def test_all_batches_are_given_where_nobody_asks_to_stop() -> None:
    assert [batch.items.tolist() for batch in unless_stopped(noise_batches(0, 2), StopFlag(), 0)] == [[0, 1], [2, 3]]


def test_images_of_a_split_come_whole_and_in_order_with_their_channels() -> None:
    batches: list[Batch] = list(batches_of_split(pictures(3), CHANNELS, batch_size=2))

    assert [batch.items.tolist() for batch in batches] == [[0, 1], [2]]
    # Stripes of the classes 4, 3, 1 and 0.
    assert batches[0].labels[0, ::8, 0].tolist() == [3, 2, 1, 0]


def test_centre_alone_is_given_where_that_is_asked_for() -> None:
    (batch,) = batches_of_split(pictures(1), CHANNELS, batch_size=2, centre_px=16)

    assert batch.images.shape == (1, 3, 16, 16)
    assert np.unique(batch.labels.numpy()).tolist() == [1, 2]
