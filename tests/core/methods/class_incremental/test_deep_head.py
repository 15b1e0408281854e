"""Heads with a convolution of their own, and the unknown that counts as background in tests."""

from __future__ import annotations

import pytest
import torch

from core.methods.class_incremental.build import build_model
from core.methods.class_incremental.deep_head import CERTAIN, with_unknown_as_background
from core.methods.class_incremental.initial_weights import initialise_new_head, load_previous_step
from tests.support.baselines import TINY


def test_unknown_adds_its_probability_to_the_background() -> None:
    logits = torch.tensor([0.0, 1.0, -1.0])[None, :, None, None]

    merged = with_unknown_as_background(logits)

    assert merged.shape == (1, 2, 1, 1)
    assert merged.sigmoid().flatten().tolist() == pytest.approx([0.5 + 0.268941, 0.731059], abs=1e-5)


def test_probabilities_that_add_up_to_one_beat_every_class() -> None:
    logits = torch.tensor([0.1, 20.0, 0.1])[None, :, None, None]

    assert with_unknown_as_background(logits).flatten().tolist() == [CERTAIN, 20.0]


def test_new_head_starts_as_the_unknown_in_every_channel() -> None:
    first = build_model(TINY, (1,), seed=1, heads="deep_unknown")
    second = build_model(TINY, (1, 2), seed=2, heads="deep_unknown")
    load_previous_step(second, first.state_dict())

    initialise_new_head(second, "unknown", torch.Generator().manual_seed(0))

    features = torch.randn(1, second.cls.heads[0].in_channels, 4, 4, generator=torch.Generator().manual_seed(0))
    logits = second.eval().coarse_logits(features)
    # Channels: background, one old class, two new ones, the unknown.
    torch.testing.assert_close(logits[:, 2], logits[:, 4])
    torch.testing.assert_close(logits[:, 3], logits[:, 4])
    assert not torch.allclose(logits[:, 1], logits[:, 4])


def test_new_head_is_random_where_there_is_no_unknown() -> None:
    model = build_model(TINY, (1, 2), seed=2, heads="deep")
    before = model.cls.heads[2].weight.clone()

    initialise_new_head(model, "unknown", torch.Generator().manual_seed(0))

    assert not torch.equal(model.cls.heads[2].weight, before)
    assert model.unknown is None


def test_fixed_parts_stay_in_evaluation_mode() -> None:
    model = build_model(TINY, (1, 1), seed=2, heads="deep_unknown")
    model.train_only([model.cls.heads[2]])

    model.train()

    assert model.cls.heads[2].training
    assert [part.training for part in (model.backbone, model.cls.heads[0], model.cls.heads[1])] == [False] * 3
    assert {name.split(".")[1] for name, one in model.named_parameters() if one.requires_grad} == {"2"}
