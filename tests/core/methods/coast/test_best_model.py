from __future__ import annotations

import math
from pathlib import Path

import torch

from core.methods.coast.best_model import BestModel
from core.methods.coast.networks import build_network
from core.methods.coast.options import NetworkOptions
from core.models.deeplabv2 import DeepLabV2
from core.tensor_files import read_tensors


def network() -> DeepLabV2:
    return build_network(NetworkOptions(name="tiny"), 2, 1, torch.Generator().manual_seed(1))


def bias_of(best: BestModel) -> float:
    assert best.path is not None
    return float(read_tensors(best.path)["layer5_list.0.bottleneck.2.bias"][0])


def set_bias(model: DeepLabV2, value: float) -> None:
    torch.nn.init.constant_(model.heads[0].bottleneck[2].bias, value)


def test_the_last_of_equally_good_models_is_kept(tmp_path: Path) -> None:
    model = network()
    best = BestModel(tmp_path, model)

    for iteration, score in enumerate((0.0, 0.4, 0.3, 0.4, math.nan), start=1):
        set_bias(model, iteration)
        best.tested(score, iteration)

    assert (best.iteration, best.score, bias_of(best)) == (4, 0.4, 4)


def test_a_checkpoint_keeps_the_best_of_its_time(tmp_path: Path) -> None:
    model = network()
    best = BestModel(tmp_path / "first", model)
    set_bias(model, 7)
    best.tested(0.5, 1)
    linked = tmp_path / "best.safetensors"
    linked.hardlink_to(best.files()["best.safetensors"].path)
    state, file = best.state(), best.files()["best.safetensors"]
    set_bias(model, 8)
    best.tested(0.6, 2)
    resumed = BestModel(tmp_path / "second", network())

    resumed.restore(state)
    resumed.restore_files({"best.safetensors": type(file)(linked, file.sha256)})

    assert (resumed.iteration, resumed.score, bias_of(resumed)) == (1, 0.5, 7)
    assert bias_of(best) == 8
