from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torchvision.models import resnet50

from core.data.open_set_lists import GRASPNET, VOC_COCO, OpenSetList
from core.errors import ConfigError
from core.experiment import load_preset
from core.methods.semseg.config import SemsegConfig
from core.methods.semseg.networks import assemble, build_detector
from core.methods.semseg.options import ModelOptions
from core.models.initialise import load_backbone_weights
from core.models.openset.backbones import ResNetPyramid, build_pyramid
from core.models.parameters import parameter_count
from tests.support.open_set import CONFIG

SMALL = ModelOptions.model_validate(CONFIG["model"])


@pytest.mark.parametrize(
    ("known", "parameters", "trained"), [(20, 44_860_127, 44_637_727), (28, 44_870_375, 44_647_975)]
)
def test_the_published_models_have_as_many_parameters_as_published(known: int, parameters: int, trained: int) -> None:
    with torch.device("meta"):
        model = assemble(ModelOptions(), known)

    assert parameter_count(model) == parameters
    assert sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad) == trained


def test_caffe_weights_have_their_stride_in_the_first_convolution() -> None:
    with torch.device("meta"):
        trunks = [build_pyramid("resnet50", style) for style in ("torchvision", "msra_caffe")]

    blocks = [trunk.network.body["layer2"][0] for trunk in trunks]
    assert [(block.conv1.stride, block.conv2.stride) for block in blocks] == [((1, 1), (2, 2)), ((2, 2), (1, 1))]


def test_initial_weights_are_a_function_of_the_seed() -> None:
    first, again, other = (build_detector(SMALL, 3, seed).state_dict() for seed in (1, 1, 2))

    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["heads.space.prototypes"], other["heads.space.prototypes"])
    assert first["heads.box.deltas.weight"].std().item() == pytest.approx(0.001, rel=0.2)
    assert first["heads.classifier.weight"].std().item() == pytest.approx(0.01, rel=0.2)
    assert all(not value.any() for name, value in first.items() if name.startswith("heads.") and name.endswith("bias"))


def test_the_small_twin_has_levels_of_strides_4_to_64() -> None:
    levels = build_pyramid("tiny").levels(torch.zeros(1, 3, 128, 64))

    assert [tuple(level.shape[2:]) for level in levels] == [(32, 16), (16, 8), (8, 4), (4, 2), (2, 1)]


def test_a_missing_file_of_weights_is_named(tmp_path: Path) -> None:
    options = ModelOptions(backbone_weights=str(tmp_path / "none.pth"))

    with torch.device("meta"), pytest.raises(ConfigError, match=r"none\.pth: no such file of weights"):
        build_detector(options, 2, 0)


def test_weights_of_torchvisions_resnet_are_loaded_into_frozen_norms(tmp_path: Path) -> None:
    weights = resnet50(weights=None).state_dict()
    weights["layer2.0.bn1.running_mean"] += 1
    torch.save(weights, tmp_path / "resnet50.pth")
    trunk = build_pyramid("resnet50")
    assert isinstance(trunk, ResNetPyramid)

    load_backbone_weights(trunk.network.body, tmp_path / "resnet50.pth")

    assert (trunk.network.body.state_dict()["layer2.0.bn1.running_mean"] == 1).all()


@pytest.mark.parametrize(("preset", "listed"), [("semseg/voc-coco", VOC_COCO), ("semseg/graspnet", GRASPNET)])
def test_published_presets_name_the_published_classes(preset: str, listed: OpenSetList) -> None:
    stream = load_preset(preset).stream
    others = [name for raw_id, name in listed.names.items() if raw_id not in listed.known]

    assert stream["known"] == [listed.names[raw_id] for raw_id in listed.known]
    assert stream.get("unknown", others) == others


def test_a_schedule_for_another_batch_is_scaled() -> None:
    config = SemsegConfig.model_validate({"optim": {"batch_size": 8, "reference_batch": 4}})

    assert config.iterations == 64_000
    assert config.schedule_scale == 0.5
