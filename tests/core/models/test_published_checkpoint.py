"""Checkpoints of the published layout: what is loaded, and how every difference is told."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from core.errors import ConfigError
from core.models.deeplabv3plus import DeepLabV3Plus
from core.models.deeplabv3plus_encoders import tiny
from core.models.published_checkpoint import load_published


def network(classes: int = 3) -> DeepLabV3Plus:
    return tiny(classes, 0.1)


def filled(value: float, prefix: str = "", without: tuple[str, ...] = (), classes: int = 3) -> dict[str, Tensor]:
    """Return a state in which every number is the same."""
    return {
        prefix + name: torch.full_like(tensor, value)
        for name, tensor in network(classes).state_dict().items()
        if name not in without
    }


def written(path: Path, content: dict[str, Any]) -> Path:
    torch.save(content, path)
    return path


def values_of(model: torch.nn.Module) -> set[float]:
    return {float(value) for tensor in model.state_dict().values() for value in tensor.unique()}


@pytest.mark.parametrize(("state", "value"), [("teacher", 2.0), ("student", 1.0)])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_either_network_of_a_checkpoint_is_loaded(tmp_path: Path, state: Any, value: float, prefix: str) -> None:
    content = {
        "epoch": 7, "best_miou": np.float64(0.7), "optimizer_state": {"state": {}, "param_groups": [{"lr": 0.1}]},
        "model_state": filled(1, prefix), "teacher_state": filled(2, prefix),
    }  # fmt: skip
    model = network()

    difference = load_published(model, written(tmp_path / "best.pth", content), state)

    assert not difference
    assert values_of(model) == {value}


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_file_of_one_state_alone_is_loaded(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"teacher{suffix}"
    {".pth": torch.save, ".safetensors": save_file}[suffix](filled(4), path)
    model = network()

    assert not load_published(model, path)
    assert values_of(model) == {4}


def test_batch_counters_may_be_missing(tmp_path: Path) -> None:
    counters = tuple(name for name in network().state_dict() if name.endswith("num_batches_tracked"))

    assert not load_published(network(), written(tmp_path / "a.pth", filled(1, without=counters)))


def test_every_kind_of_difference_is_told_and_refused(tmp_path: Path) -> None:
    gone = ("decoder.head.0.weight", "auxor.aux.0.bias")
    path = written(
        tmp_path / "a.pth", {"teacher_state": {**filled(1, without=gone, classes=5), "extra.bias": torch.ones(1)}}
    )
    model = network()
    before = model.state_dict()["decoder.low_conv.0.bias"].clone()

    with pytest.raises(ConfigError) as caught:
        load_published(model, path)

    assert caught.value.pointer == "/model/checkpoint"
    assert "2 missing, such as 'auxor.aux.0.bias'; 1 unexpected, such as 'extra.bias'; 4 of another shape, " in str(
        caught.value
    )
    assert "'auxor.aux.4.bias' with (5,) for (3,)" in str(caught.value)
    assert torch.equal(model.state_dict()["decoder.low_conv.0.bias"], before)


def test_allowed_differences_are_returned_and_leave_the_rest_as_it_was(tmp_path: Path) -> None:
    gone = "decoder.head.0.weight"
    path = written(tmp_path / "a.pth", {"teacher_state": filled(1, without=(gone,), classes=5)})
    model = network()
    before = {name: model.state_dict()[name].clone() for name in (gone, "decoder.classifier.8.weight")}

    difference = load_published(model, path, allow_differences=True)

    assert difference.missing == (gone,)
    assert set(difference.mismatched) == {
        "auxor.aux.4.bias", "auxor.aux.4.weight", "decoder.classifier.8.bias", "decoder.classifier.8.weight",
    }  # fmt: skip
    assert all(torch.equal(model.state_dict()[name], tensor) for name, tensor in before.items())
    assert float(model.state_dict()["decoder.low_conv.0.bias"].unique()) == 1


def test_file_with_nothing_that_fits_is_refused_even_where_differences_are_allowed(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pth", {"layer1.weight": torch.ones(2)})

    with pytest.raises(ConfigError, match="nothing in its teacher fits"):
        load_published(network(), path, allow_differences=True)


def test_checkpoint_without_the_state_that_is_asked_for_says_what_it_has(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pth", {"model_state": filled(1), "epoch": 3})

    with pytest.raises(ConfigError, match=r"no table of tensors 'teacher_state', but 'model_state', 'epoch'"):
        load_published(network(), path)


class Touches:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    path = written(tmp_path / "a.pth", {"teacher_state": filled(1), "hook": Touches(tmp_path / "made")})

    with pytest.raises(ConfigError, match="cannot be read as tensors alone"):
        load_published(network(), path)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(("content", "message"), [(None, "no such checkpoint"), (b"x", "cannot be read")])
def test_missing_or_damaged_file_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "best.pth"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=rf"best\.pth: {message}"):
        load_published(network(), path)
