"""Checkpoints: what is restored, in which layout, and what happens to damaged ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from core.checkpoint import RECORD_FILE, AttachedFile, TrainingState, load_newest, read_checkpoint, save_checkpoint
from core.engine.loop import train
from core.errors import StorageError
from core.files import file_sha256
from tests.support.datasets import cut_short
from tests.support.tiny import CrossEntropyStep, momentum_sgd, noise_batches, tiny_model

OWNER = "stage of these tests"


class Sums:
    """An accumulator."""

    def __init__(self, value: float = 0.0) -> None:
        self.value = value

    def state(self) -> dict[str, Any]:
        return {"value": self.value}

    def restore(self, state: dict[str, Any]) -> None:
        self.value = state["value"]


def trained(iterations: int, seed: int = 0, total: float = 0.1) -> TrainingState:
    model = tiny_model(2, seed=seed)
    optimizer = momentum_sgd(model)
    train(CrossEntropyStep(model, optimizer), noise_batches(0, iterations), iterations, [])
    return TrainingState(model, optimizer, Sums(total))


def momentum_of(state: TrainingState) -> list[torch.Tensor]:
    return [state.optimizer.state[parameter]["momentum_buffer"] for parameter in state.model.parameters()]


def newest(folder: Path, warnings: list[str]) -> int | None:
    found = load_newest([folder], OWNER, warnings.append)
    return found.iteration if found else None


def test_a_checkpoint_restores_every_bit_of_weights_buffers_momentum_and_sums(tmp_path: Path):
    saved = trained(3, total=1 / 3)
    save_checkpoint(tmp_path, 3, OWNER, saved)
    other = trained(1, seed=9)

    checkpoint = load_newest([tmp_path], OWNER, pytest.fail)
    assert checkpoint is not None
    checkpoint.restore(other)

    for name, tensor in saved.model.state_dict().items():
        assert torch.equal(other.model.state_dict()[name], tensor), name
    assert all(map(torch.equal, momentum_of(saved), momentum_of(other)))
    assert other.metrics.state() == {"value": 1 / 3}


def test_tensors_are_stored_contiguous_and_come_back_in_the_layout_of_the_model(tmp_path: Path):
    saved = trained(2)
    weight = saved.model.backbone.get_parameter("stages.1.0.weight")
    assert not weight.is_contiguous()
    save_checkpoint(tmp_path, 2, OWNER, saved)
    fresh = trained(0, seed=3)

    checkpoint = read_checkpoint(tmp_path / "2")
    checkpoint.restore(fresh)

    assert all(tensor.is_contiguous() for tensor in checkpoint.model.values())
    assert fresh.model.backbone.get_parameter("stages.1.0.weight").stride() == weight.stride()
    assert [tensor.stride() for tensor in momentum_of(fresh)] == [tensor.stride() for tensor in momentum_of(saved)]


def test_the_newest_two_are_kept_and_nothing_unfinished(tmp_path: Path):
    state = trained(1)
    (tmp_path / ".7.99.tmp").mkdir()

    for iteration in (10, 20, 100):
        save_checkpoint(tmp_path, iteration, OWNER, state)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["100", "20"]


def test_a_truncated_tensor_file_makes_the_one_before_it_be_used(tmp_path: Path):
    state, warnings = trained(1), []
    save_checkpoint(tmp_path, 10, OWNER, state)
    save_checkpoint(tmp_path, 20, OWNER, state)
    cut_short(tmp_path / "20" / "model.safetensors")

    assert newest(tmp_path, warnings) == 10
    assert len(warnings) == 1
    assert "20/model.safetensors" in warnings[0]
    assert "SHA-256" in warnings[0]


def test_one_changed_bit_in_a_tensor_is_found(tmp_path: Path):
    warnings: list[str] = []
    save_checkpoint(tmp_path, 10, OWNER, trained(1))
    path = tmp_path / "10" / "optimizer.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)

    assert newest(tmp_path, warnings) is None
    assert "optimizer.safetensors" in warnings[0]


@pytest.mark.parametrize("name", [RECORD_FILE, "model.safetensors"])
def test_a_missing_file_makes_a_checkpoint_unusable(tmp_path: Path, name: str):
    save_checkpoint(tmp_path, 10, OWNER, trained(1))
    (tmp_path / "10" / name).unlink()

    with pytest.raises(StorageError, match=name):
        read_checkpoint(tmp_path / "10")


def test_a_record_that_is_cut_short_makes_a_checkpoint_unusable(tmp_path: Path):
    save_checkpoint(tmp_path, 10, OWNER, trained(1))
    cut_short(tmp_path / "10" / RECORD_FILE)

    with pytest.raises(StorageError, match=RECORD_FILE):
        read_checkpoint(tmp_path / "10")


def test_a_checkpoint_of_another_stage_is_passed_over(tmp_path: Path):
    warnings: list[str] = []
    save_checkpoint(tmp_path, 10, "another stage", trained(1))

    assert newest(tmp_path, warnings) is None
    assert "another stage" in warnings[0]


def test_the_newest_of_several_attempts_is_used_whether_named_by_itself_or_by_its_folder(tmp_path: Path):
    state = trained(1)
    save_checkpoint(tmp_path / "a", 10, OWNER, state)
    save_checkpoint(tmp_path / "b", 30, OWNER, state)

    found = load_newest([tmp_path / "absent", tmp_path / "a", tmp_path / "b" / "30"], OWNER, pytest.fail)

    assert found is not None
    assert found.path == tmp_path / "b" / "30"


def test_a_checkpoint_of_another_architecture_is_refused(tmp_path: Path):
    save_checkpoint(tmp_path, 10, OWNER, trained(1))
    model = tiny_model(2, 1)

    with pytest.raises(StorageError, match="another model"):
        read_checkpoint(tmp_path / "10").restore(TrainingState(model, momentum_sgd(model), Sums()))


def test_what_is_reported_names_every_file_with_its_digest(tmp_path: Path):
    stored = save_checkpoint(tmp_path, 10, OWNER, trained(1))

    record = json.loads((tmp_path / "10" / RECORD_FILE).read_text())
    assert stored.files.keys() == {path.name for path in stored.path.iterdir()}
    assert record["files"].items() <= stored.files.items()
    assert stored.bytes == sum(path.stat().st_size for path in stored.path.iterdir())


def test_checkpoints_later_than_the_one_written_are_of_a_damaged_attempt_and_removed(tmp_path: Path):
    state = trained(1)
    for iteration in (10, 30):
        save_checkpoint(tmp_path, iteration, OWNER, state)

    save_checkpoint(tmp_path, 20, OWNER, state)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["10", "20"]


def test_a_record_that_names_no_weights_makes_a_checkpoint_unusable(tmp_path: Path):
    save_checkpoint(tmp_path, 10, OWNER, trained(1))
    path = tmp_path / "10" / RECORD_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "files": {}}))

    with pytest.raises(StorageError, match=r"names no model\.safetensors, optimizer\.safetensors"):
        read_checkpoint(tmp_path / "10")


def test_an_optimizer_with_counters_of_its_own_goes_on_bit_for_bit(tmp_path: Path):
    def state() -> TrainingState:
        model = tiny_model(2)
        return TrainingState(model, torch.optim.AdamW(model.parameters()), Sums())

    undisturbed, stopped, resumed = state(), state(), state()
    for one, iterations in ((undisturbed, 3), (stopped, 2)):
        train(CrossEntropyStep(one.model, one.optimizer), noise_batches(0, iterations), iterations, [])
    save_checkpoint(tmp_path, 2, OWNER, stopped)

    read_checkpoint(tmp_path / "2").restore(resumed)
    train(CrossEntropyStep(resumed.model, resumed.optimizer), noise_batches(2, 3), 3, [], done=2)

    found, expected = resumed.model.state_dict(), undisturbed.model.state_dict()
    assert [name for name in expected if not torch.equal(found[name], expected[name])] == []


def test_tallies_of_a_method_are_restored_beside_the_sums(tmp_path: Path):
    saved = trained(1)
    save_checkpoint(tmp_path, 1, OWNER, replace(saved, tallies={"seen": Sums(7.0)}))
    other = Sums()

    checkpoint = load_newest([tmp_path], OWNER, pytest.fail)
    assert checkpoint is not None
    checkpoint.restore(replace(trained(1, seed=9), tallies={"seen": other}))

    assert other.value == 7.0


def test_tally_that_an_older_checkpoint_does_not_hold_stays_as_it_is(tmp_path: Path):
    save_checkpoint(tmp_path, 1, OWNER, trained(1))
    newer = Sums(3.0)
    checkpoint = load_newest([tmp_path], OWNER, pytest.fail)
    assert checkpoint is not None

    checkpoint.restore(replace(trained(1, seed=9), tallies={"newer": newer}))

    assert newer.value == 3.0


class Notes:
    """Files that belong to a training."""

    def __init__(self, *paths: Path) -> None:
        self.kept = {path.name: AttachedFile(path, file_sha256(path)) for path in paths}

    def files(self) -> Mapping[str, AttachedFile]:
        return self.kept

    def restore_files(self, files: Mapping[str, AttachedFile]) -> None:
        self.kept = dict(files)


def test_attached_files_come_back_by_name_and_share_their_bytes(tmp_path: Path):
    note = tmp_path / "note.zip"
    note.write_bytes(b"made at the start")
    state = replace(trained(1), attached=Notes(note))
    stored = save_checkpoint(tmp_path / "kept", 1, OWNER, state)
    other, notes = trained(1, seed=9), Notes()

    read_checkpoint(stored.path).restore(replace(other, attached=notes))

    found = notes.kept["note.zip"]
    assert (found.path.read_bytes(), found.sha256) == (b"made at the start", stored.files["note.zip"])
    assert found.path.stat().st_ino == note.stat().st_ino


def test_an_attached_file_that_was_damaged_makes_a_checkpoint_unusable(tmp_path: Path):
    note = tmp_path / "note.zip"
    note.write_bytes(b"made at the start")
    state = replace(trained(1), attached=Notes(note))
    save_checkpoint(tmp_path / "kept", 1, OWNER, state)
    save_checkpoint(tmp_path / "kept", 2, OWNER, replace(state, attached=None))
    note.write_bytes(b"changed")
    warnings: list[str] = []
    (tmp_path / "kept" / "2" / RECORD_FILE).unlink()

    assert newest(tmp_path / "kept", warnings) is None
    assert "note.zip is damaged" in warnings[1]
