from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from torchvision.models.resnet import Bottleneck, ResNet

from core.errors import ConfigError
from core.methods.class_incremental.build import build_model
from core.methods.class_incremental.config import ModelConfig
from core.models.deep_stem import DeepStemResNet
from core.models.initialise import (
    initialise_new_head,
    load_backbone_weights,
    load_deep_stem_weights,
    load_previous_step,
)
from core.models.tiny import TinyEncoder

TINY = ModelConfig(name="tiny")


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def backbone_state() -> dict[str, Tensor]:
    torch.manual_seed(0)
    return TinyEncoder().state_dict()


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


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_operators_file_is_loaded_without_fc_and_without_batch_counters(tmp_path: Path, suffix: str) -> None:
    state = {name: tensor for name, tensor in backbone_state().items() if not name.endswith("num_batches_tracked")}
    path = tmp_path / f"weights{suffix}"
    {".safetensors": save_file, ".pth": torch.save}[suffix]({**state, "fc.weight": torch.zeros(2, 2)}, path)
    encoder = TinyEncoder()

    load_backbone_weights(encoder, path)

    assert all(torch.equal(encoder.state_dict()[name], tensor) for name, tensor in state.items())


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"stages.0.0.weight": None}, "1 entries are missing, such as 'stages.0.0.weight'"),
        ({"layer9.weight": torch.zeros(1)}, "1 entries are unknown, such as 'layer9.weight'"),
        ({"stages.0.0.weight": torch.zeros(16, 3, 1, 1)}, r"shape \(16, 3, 1, 1\), expected \(16, 3, 3, 3\)"),
    ],
    ids=["missing", "unknown", "shape"],
)
def test_file_of_another_backbone_is_refused_by_name(tmp_path: Path, change: dict[str, Tensor], fault: str) -> None:
    state = {name: tensor for name, tensor in {**backbone_state(), **change}.items() if tensor is not None}
    save_file(state, tmp_path / "weights.safetensors")

    with pytest.raises(ConfigError, match=fault) as caught:
        load_backbone_weights(TinyEncoder(), tmp_path / "weights.safetensors")

    assert caught.value.pointer == "/model/backbone_weights"
    assert "weights.safetensors" in caught.value.message


@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pth"])
def test_damaged_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"not weights")

    with pytest.raises(ConfigError, match=rf"{name}: cannot be read as weights"):
        load_backbone_weights(TinyEncoder(), tmp_path / name)


def test_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.pth: no such file"):
        load_backbone_weights(TinyEncoder(), tmp_path / "absent.pth")


def test_checkpoint_that_holds_more_than_tensors_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": backbone_state(), "epoch": 3}, tmp_path / "checkpoint.pth")

    with pytest.raises(ConfigError, match="holds no plain table of named tensors"):
        load_backbone_weights(TinyEncoder(), tmp_path / "checkpoint.pth")


def deep_stem() -> DeepStemResNet:
    return DeepStemResNet((1, 2, 1, 1))


def torchvision_state(blocks: list[int]) -> dict[str, Tensor]:
    """Return a state of torchvision's ResNet in which every number is 0.5."""
    with torch.device("meta"):
        entries = ResNet(Bottleneck, blocks).state_dict()
    return {name: torch.full(tensor.shape, 0.5) for name, tensor in entries.items()}


def test_torchvisions_resnet_fills_the_layers_of_a_deep_stem_encoder_where_shapes_agree(tmp_path: Path) -> None:
    torch.save(torchvision_state([1, 2, 1, 1]), tmp_path / "resnet.pth")
    encoder = deep_stem()
    before = {name: tensor.clone() for name, tensor in encoder.state_dict().items()}

    note = load_deep_stem_weights(encoder, tmp_path / "resnet.pth")

    unchanged = {
        name
        for name, tensor in encoder.state_dict().items()
        if torch.equal(tensor, before[name]) and not name.endswith("num_batches_tracked")
    }
    readers = {"layer1.0.conv1.weight", "layer1.0.downsample.0.weight"}
    assert {name for name in unchanged if name.startswith("layer")} == readers
    assert unchanged - readers == {name for name in before if name.startswith(("conv1", "bn1"))} - {
        name for name in before if name.endswith("num_batches_tracked")
    }
    assert float(encoder.state_dict()["layer2.1.conv2.weight"].unique()) == 0.5
    assert "resnet.pth has torchvision's plain stem" in note
    assert "layer1.0.conv1.weight and layer1.0.downsample.0.weight" in note


def test_file_with_a_deep_stem_fits_as_a_whole(tmp_path: Path) -> None:
    torch.manual_seed(1)
    state, encoder = deep_stem().state_dict(), deep_stem()
    save_file(state, tmp_path / "deep.safetensors")

    assert load_deep_stem_weights(encoder, tmp_path / "deep.safetensors") == ""
    assert all(torch.equal(encoder.state_dict()[name], tensor) for name, tensor in state.items())


@pytest.mark.parametrize(("blocks", "fault"), [([1, 1, 1, 1], "missing, such as 'layer2.1"), ([2, 2, 1, 1], "unknown")])
def test_torchvisions_resnet_of_another_depth_is_refused(tmp_path: Path, blocks: list[int], fault: str) -> None:
    torch.save(torchvision_state(blocks), tmp_path / "resnet.pth")

    with pytest.raises(ConfigError, match=rf"resnet\.pth: not torchvision's ResNet of this encoder's depth: .*{fault}"):
        load_deep_stem_weights(deep_stem(), tmp_path / "resnet.pth")
