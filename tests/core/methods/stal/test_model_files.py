"""Teacher and student on disk."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.errors import StorageError
from core.methods.stal.config import NetworkOptions
from core.methods.stal.model_files import StalModelRecord, load_teacher, store_models
from core.methods.stal.state import StalState
from core.methods.stal.training import build_state
from tests.support.rounds import round_context

CPU = torch.device("cpu")


@pytest.fixture
def state(tmp_path: Path) -> StalState:
    return build_state(round_context(tmp_path / "context"), 5, 4)


def record(raw_ids: tuple[int, ...] = (0, 1, 2, 3, 4)) -> StalModelRecord:
    return StalModelRecord(
        architecture=NetworkOptions(name="tiny"), raw_ids=raw_ids, round=1, run_id="run", seed=3, code_version="x"
    )


def test_teacher_is_loaded_as_it_was_stored(state: StalState, tmp_path: Path) -> None:
    torch.nn.init.constant_(state.teacher.decoder.classifier[8].bias, 4.0)
    stored = store_models(tmp_path, state, record())

    teacher, found = load_teacher(tmp_path, CPU)

    assert found == stored
    assert found.teacher_sha256 != found.student_sha256
    assert all(torch.equal(value, teacher.state_dict()[name]) for name, value in state.teacher.state_dict().items())
    assert not teacher.training
    assert not any(parameter.requires_grad for parameter in teacher.parameters())


def test_changed_weights_are_noticed(state: StalState, tmp_path: Path) -> None:
    store_models(tmp_path, state, record())
    (tmp_path / "teacher.safetensors").write_bytes((tmp_path / "student.safetensors").read_bytes()[:-4] + b"abcd")

    with pytest.raises(StorageError, match=r"teacher\.safetensors"):
        load_teacher(tmp_path, CPU)


def test_weights_of_another_architecture_are_refused(state: StalState, tmp_path: Path) -> None:
    store_models(tmp_path, state, record(raw_ids=(0, 1)))

    with pytest.raises(StorageError, match="do not fit"):
        load_teacher(tmp_path, CPU)


@pytest.mark.parametrize("content", [None, b"", b"short"])
def test_missing_or_damaged_teacher_is_named_with_the_way_out(
    state: StalState, tmp_path: Path, content: bytes | None
) -> None:
    store_models(tmp_path, state, record())
    (tmp_path / "teacher.safetensors").unlink()
    if content is not None:
        (tmp_path / "teacher.safetensors").write_bytes(content)

    with pytest.raises(StorageError, match=r"teacher\.safetensors: .*; give the output of a training stage, or run"):
        load_teacher(tmp_path, CPU)


def test_damaged_record_is_named_with_the_way_out(state: StalState, tmp_path: Path) -> None:
    store_models(tmp_path, state, record())
    (tmp_path / "model.json").write_text('{"schema_version": 1', encoding="utf-8")

    with pytest.raises(StorageError, match=r"(?s)model\.json: .*run the round's training again"):
        load_teacher(tmp_path, CPU)


def test_folder_without_a_record_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"model\.json"):
        load_teacher(tmp_path, CPU)
