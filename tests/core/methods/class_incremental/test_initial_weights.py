from __future__ import annotations

import math

import pytest
import torch

from core.methods.class_incremental.build import build_model
from core.methods.class_incremental.config import ModelConfig
from core.methods.class_incremental.initial_weights import initialise_new_head, load_previous_step

TINY = ModelConfig(name="tiny")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_backbone_convolutions_are_kaiming_normal_by_fan_out_and_heads_by_fan_in() -> None:
    model = build_model(ModelConfig(name="deeplabv3_resnet18"), [4], seed=0)

    # Fan-out of 512 channels at 3x3, fan-in of 256 channels at 3x3 and at 1x1; more than 10^5 draws, so 2 % is ample.
    backbone, aspp = (
        model.backbone.get_parameter("layer4.1.conv2.weight"),
        model.aspp.get_parameter("last_conv.0.weight"),
    )
    heads = torch.cat([head.weight.flatten() for head in model.cls.heads])
    assert backbone.std().item() == pytest.approx(math.sqrt(2 / (512 * 9)), rel=0.02)
    assert aspp.std().item() == pytest.approx(math.sqrt(2 / (256 * 9)), rel=0.02)
    assert heads.std().item() == pytest.approx(math.sqrt(2 / 256), rel=0.1)


def test_batch_norm_starts_as_the_identity() -> None:
    model = build_model(TINY, [1], seed=0)
    norm = model.backbone.stages[0][1]

    values = [norm.weight, norm.bias, norm.running_mean, norm.running_var]

    assert [value.unique().item() for value in values] == [1, 0, 0, 1]
    assert norm.num_batches_tracked == 0


def test_background_mode_copies_head_zero_into_every_new_channel() -> None:
    model = build_model(TINY, [1, 3], seed=0)

    initialise_new_head(model, "background", generator())

    background, _, new = model.cls.heads
    assert torch.equal(new.weight, background.weight.expand(3, -1, -1, -1))
    assert torch.equal(new.bias, background.bias.expand(3))


def test_random_mode_depends_on_the_generator_alone_and_leaves_other_heads() -> None:
    model, twin = build_model(TINY, [1, 3], seed=0), build_model(TINY, [1, 3], seed=0)

    initialise_new_head(model, "random", generator(5))
    torch.rand(100)
    initialise_new_head(twin, "random", generator(5))

    assert torch.equal(model.cls.heads[2].weight, twin.cls.heads[2].weight)
    assert not torch.equal(model.cls.heads[2].weight, build_model(TINY, [1, 3], seed=0).cls.heads[2].weight)
    assert torch.equal(model.cls.heads[1].weight, twin.cls.heads[1].weight)


def test_mib_mode_shares_the_backgrounds_probability_with_the_new_classes() -> None:
    model = build_model(TINY, [1, 3], seed=0)
    bias = model.cls.heads[0].bias.item()

    initialise_new_head(model, "mib", generator())

    background, _, new = model.cls.heads
    assert new.bias.tolist() == pytest.approx([bias - math.log(4)] * 3)
    assert background.bias.item() == pytest.approx(bias - math.log(4))
    assert torch.equal(new.weight, background.weight.expand(3, -1, -1, -1))


def test_previous_step_fills_everything_but_the_newest_head() -> None:
    previous, model = build_model(TINY, [2], seed=1), build_model(TINY, [2, 3], seed=2)
    newest = model.cls.heads[2].weight.clone()

    load_previous_step(model, previous.state_dict())

    state = model.state_dict()
    assert all(torch.equal(state[name], tensor) for name, tensor in previous.state_dict().items())
    assert torch.equal(model.cls.heads[2].weight, newest)


@pytest.mark.parametrize(
    ("classes", "fault"),
    [
        ([4], r"'cls.1.bias' has shape \(4,\), expected \(2,\)|'cls.1.weight' has shape \(4, 96, 1, 1\)"),
        ([2, 3], "2 entries are unknown, such as 'cls.2.bias'"),
        ([], "2 entries are missing, such as 'cls.1.bias'"),
    ],
)
def test_state_of_other_classes_is_refused_by_name(classes: list[int], fault: str) -> None:
    model, other = build_model(TINY, [2, 3], seed=0), build_model(TINY, classes, seed=0)

    with pytest.raises(ValueError, match=fault):
        load_previous_step(model, other.state_dict())
