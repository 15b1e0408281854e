"""Frozen parts: a checkpoint names their weights, and refuses others."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from core.checkpoint import MODEL_FILE, TrainingState, read_checkpoint, save_checkpoint
from core.errors import StorageError
from core.frozen_parts import FrozenPart, FrozenWeights
from core.tensor_files import write_tensors

OWNER = "stage of these tests"


class Adapted(nn.Module):
    """A large encoder that stays as it is, and a small head that learns."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.encoder = nn.Sequential(nn.Conv2d(3, 64, 9), nn.BatchNorm2d(64))
        self.encoder_scale = nn.Parameter(torch.ones(1))
        self.head = nn.Conv2d(64, 2, 1)
        self.encoder.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> Adapted:
        super().train(mode)
        self.encoder.eval()
        return self


@dataclass
class Nothing:
    """Counts nothing."""

    def state(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None:
        assert state == {}


def encoder_file(folder: Path, seed: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    write_tensors(folder / "encoder.safetensors", Adapted(seed).encoder.state_dict())
    return folder / "encoder.safetensors"


def state_of(model: Adapted, *parts: FrozenPart) -> TrainingState:
    optimizer = torch.optim.SGD([model.encoder_scale, *model.head.parameters()], lr=0.1, momentum=0.9)
    return TrainingState(model, optimizer, Nothing(), frozen=parts)


def updated(state: TrainingState) -> TrainingState:
    model = state.model
    assert isinstance(model, Adapted)
    (model.head.weight.sum() * model.encoder_scale.sum()).backward()
    state.optimizer.step()
    return state


def test_checkpoint_holds_what_learns_and_names_the_rest(tmp_path: Path) -> None:
    part = FrozenPart.of_file("encoder", encoder_file(tmp_path / "weights"))
    saved = updated(state_of(Adapted(), part))

    with_part = save_checkpoint(tmp_path / "named", 3, OWNER, saved)
    copied = save_checkpoint(tmp_path / "copied", 3, OWNER, state_of(Adapted()))

    sizes = [(stored.path / MODEL_FILE).stat().st_size for stored in (with_part, copied)]
    # The encoder has 64 x 3 x 9 x 9 weights of four bytes.
    assert sizes[0] < 2_000
    assert sizes[1] > 62_000
    read = read_checkpoint(with_part.path)
    assert set(read.model) == {"encoder_scale", "head.weight", "head.bias"}
    assert read.record.frozen["encoder"].source.endswith("weights/encoder.safetensors")


def test_resumed_model_has_every_bit_of_both(tmp_path: Path) -> None:
    part = FrozenPart.of_file("encoder", encoder_file(tmp_path / "weights"))
    saved = updated(state_of(Adapted(), part))
    stored = save_checkpoint(tmp_path / "checkpoint", 3, OWNER, saved)
    resumed = Adapted(seed=9)
    resumed.encoder.load_state_dict(Adapted().encoder.state_dict())

    read_checkpoint(stored.path).restore(state_of(resumed, part))

    expected = saved.model.state_dict()
    assert all(torch.equal(value, expected[name]) for name, value in resumed.state_dict().items())


def test_other_weights_of_a_frozen_part_are_refused_with_both_digests(tmp_path: Path) -> None:
    part = FrozenPart.of_file("encoder", encoder_file(tmp_path / "weights"))
    other = FrozenPart.of_file("encoder", encoder_file(tmp_path / "others", seed=5))
    stored = save_checkpoint(tmp_path / "checkpoint", 3, OWNER, state_of(Adapted(), part))

    with pytest.raises(StorageError) as caught:
        read_checkpoint(stored.path).restore(state_of(Adapted(seed=5), other))

    message = str(caught.value)
    assert "frozen part 'encoder'" in message
    assert part.weights.sha256 in message
    assert other.weights.sha256 in message
    assert "put the first file back" in message


@pytest.mark.parametrize("is_stored", [True, False])
def test_part_that_is_frozen_on_one_side_alone_is_refused(tmp_path: Path, is_stored: bool) -> None:
    part = FrozenPart("encoder", FrozenWeights(source="SAM ViT-B", sha256="0" * 64))
    sides = [state_of(Adapted(), part), state_of(Adapted())]
    saved, resumed = sides if is_stored else sides[::-1]
    stored = save_checkpoint(tmp_path, 3, OWNER, saved)

    with pytest.raises(StorageError, match=r"part 'encoder' is frozen in the"):
        read_checkpoint(stored.path).restore(resumed)


def test_entry_that_is_in_neither_is_refused(tmp_path: Path) -> None:
    part = FrozenPart("encoder", FrozenWeights(source="SAM ViT-B", sha256="0" * 64))
    stored = save_checkpoint(tmp_path, 3, OWNER, state_of(Adapted(), part))
    wider = Adapted()
    wider.extra = nn.Conv2d(1, 1, 1)

    with pytest.raises(StorageError, match="another model"):
        read_checkpoint(stored.path).restore(state_of(wider, part))


def test_part_that_may_change_is_no_frozen_part(tmp_path: Path) -> None:
    part = FrozenPart("encoder", FrozenWeights(source="SAM ViT-B", sha256="0" * 64))
    learns, shifts = Adapted(), Adapted()
    learns.encoder.requires_grad_(True)
    shifts.encoder.train()

    for model, name in ((learns, "0.weight"), (shifts, "1")):
        with pytest.raises(ValueError, match=f"part 'encoder' is declared frozen, but '{name}'"):
            save_checkpoint(tmp_path, 3, OWNER, state_of(model, part))
