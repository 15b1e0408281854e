"""Networks by name, and what they start from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.errors import ConfigError
from core.methods.stal.config import NetworkOptions
from core.methods.stal.networks import build_network

TINY = NetworkOptions(name="tiny")


def test_weights_depend_on_the_seed_alone() -> None:
    torch.manual_seed(9)
    one = build_network(TINY, 3, seed=1).state_dict()
    drawn = torch.rand(1)
    again, other = (build_network(TINY, 3, seed=seed).state_dict() for seed in (1, 2))

    assert all(torch.equal(one[name], again[name]) for name in one)
    assert not torch.equal(one["decoder.head.0.weight"], other["decoder.head.0.weight"])
    # The global generator goes on as if nothing had been built.
    torch.manual_seed(9)
    assert torch.equal(torch.rand(1), drawn)


def test_missing_file_of_backbone_weights_is_pointed_at(tmp_path: Path) -> None:
    options = NetworkOptions(name="tiny", backbone_weights=str(tmp_path / "none.pth"))

    with pytest.raises(ConfigError, match="no such file"):
        build_network(options, 3, seed=0)


def test_network_starts_from_a_checkpoint_where_that_is_asked_for(tmp_path: Path) -> None:
    state = {
        f"module.{name}": torch.full_like(value, 2) for name, value in build_network(TINY, 3, 0).state_dict().items()
    }
    torch.save({"teacher_state": state}, tmp_path / "best.pth")
    notes: list[str] = []

    network = build_network(from_checkpoint(tmp_path), 3, 1, notes.append)

    assert all(bool((value == 2).all()) for value in network.state_dict().values())
    assert notes == []


def test_part_of_a_checkpoint_is_loaded_and_the_rest_is_told(tmp_path: Path) -> None:
    torch.save({"teacher_state": build_network(TINY, 5, 0).state_dict()}, tmp_path / "best.pth")
    notes: list[str] = []

    with pytest.raises(ConfigError, match="4 of another shape"):
        build_network(from_checkpoint(tmp_path), 3, 1)
    build_network(from_checkpoint(tmp_path, checkpoint_partial=True), 3, 1, notes.append)

    assert len(notes) == 1
    assert notes[0].startswith("best.pth was loaded in part: 4 of another shape, such as 'auxor.aux.4.bias'")


def from_checkpoint(folder: Path, **options: object) -> NetworkOptions:
    return NetworkOptions.model_validate(
        {"name": "tiny", "init": "checkpoint", "checkpoint": str(folder / "best.pth"), **options}
    )


@pytest.mark.parametrize("options", [{"init": "checkpoint"}, {"checkpoint": "/data/best.pth"}])
def test_checkpoint_and_its_path_belong_together(options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="give both or neither"):
        NetworkOptions.model_validate(options)
