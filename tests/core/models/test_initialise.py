from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from torchvision.models.resnet import Bottleneck, ResNet

from core.errors import ConfigError
from core.models.deep_stem import DeepStemResNet
from core.models.initialise import load_backbone_weights, load_deep_stem_weights
from core.models.tiny import TinyEncoder


def backbone_state() -> dict[str, Tensor]:
    torch.manual_seed(0)
    return TinyEncoder().state_dict()


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
