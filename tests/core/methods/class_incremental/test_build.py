from __future__ import annotations

import pytest
import torch
from torch import nn

from core.methods.class_incremental.build import assemble_model, build_model
from core.methods.class_incremental.config import ModelConfig
from core.models.catalog import Architecture, models_of
from core.models.parameters import parameter_count

TINY = ModelConfig(name="tiny")
NORMS = ("bn", "leaky_bn")


def test_weights_depend_on_the_seed_alone() -> None:
    torch.manual_seed(1)
    first = build_model(TINY, [2, 1], seed=7).state_dict()
    torch.manual_seed(2)
    second = build_model(TINY, [2, 1], seed=7).state_dict()
    other = build_model(TINY, [2, 1], seed=8).state_dict()

    assert all(torch.equal(first[name], second[name]) for name in first)
    assert not torch.equal(first["backbone.stages.0.0.weight"], other["backbone.stages.0.0.weight"])


def test_trunk_is_the_same_however_many_heads_follow() -> None:
    few, many = build_model(TINY, [2], seed=7).state_dict(), build_model(TINY, [2, 1, 5], seed=7).state_dict()

    assert all(torch.equal(few[name], many[name]) for name in few)


def test_global_generator_is_neither_read_nor_moved() -> None:
    before = torch.random.get_rng_state()

    build_model(ModelConfig(name="deeplabv3_resnet18"), [2], seed=7)

    assert torch.equal(torch.random.get_rng_state(), before)


def test_heads_read_the_features_of_their_trunk() -> None:
    with torch.device("meta"):
        feature_channels = {
            name: assemble_model(ModelConfig(name=name), [1]).cls.heads[0].in_channels
            for name in models_of(Architecture.TRUNK)
        }

    assert feature_channels == {
        "tiny": 96,
        "deeplabv3_resnet18": 256,
        "deeplabv3_resnet50": 256,
        "deeplabv3_resnet101": 256,
    }


def test_tiny_works_in_channels_last_and_resnet18_does_not() -> None:
    tiny = build_model(TINY, [1], seed=0)
    with torch.device("meta"):
        resnet = assemble_model(ModelConfig(name="deeplabv3_resnet18"), [1])

    images = torch.zeros(2, 3, 16, 16)

    assert tiny.backbone.stages[0][0].weight.is_contiguous(memory_format=torch.channels_last)
    assert tiny.features(images).is_contiguous(memory_format=torch.channels_last)
    assert resnet.memory_format == torch.contiguous_format


def test_settings_reach_the_network() -> None:
    config = ModelConfig(name="deeplabv3_resnet50", output_stride=8, dropout=0.25, detach_background_head=False)

    with torch.device("meta"):
        model = assemble_model(config, [1])

    rates = [branch[0].dilation[0] for branch in list(model.aspp.convs)[1:4]]
    dropouts = [module.p for module in model.modules() if isinstance(module, nn.Dropout)]
    assert (rates, dropouts, model.cls.detach_background) == ([12, 24, 36], [0.25], False)


def test_heads_cost_one_weight_a_feature_and_a_bias_for_each_class_and_the_background() -> None:
    with torch.device("meta"):
        model = assemble_model(ModelConfig(name="deeplabv3_resnet101"), [15, 5])

    assert parameter_count(model.cls) == 257 * 21


def test_norm_reaches_the_network_and_its_first_weights() -> None:
    plain, leaky = (build_model(ModelConfig(name="deeplabv3_resnet18", norm=norm), [1], 7) for norm in NORMS)

    weights = [model.aspp.last_conv[0].weight for model in (plain, leaky)]
    # Kaiming by fan-in: 2/fan; Xavier with the leaky gain: 2/(1 + slope²) of the mean of equal fans.
    assert [weight.var().item() * weight[0].numel() for weight in weights] == pytest.approx([2, 2], rel=0.02)
    assert not torch.equal(*weights)
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    assert leaky.features(images).min() < 0 <= plain.features(images).min()
