"""A stored model: what it says about itself, and that it is refused unless it fits exactly."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.errors import StorageError
from core.methods.class_incremental.config import ModelConfig
from core.methods.class_incremental.model_store import RECORD_FILE, ModelRecord, load_model, save_model
from core.tensor_files import write_tensors
from tests.support.tiny import tiny_model

RECORD = ModelRecord(
    method="eir",
    architecture=ModelConfig(name="tiny"),
    classes_per_step=(2, 1),
    learning_order=(7, 3, 5),
    step=1,
    rule="threshold",
    parameters=0,
    run_id="run",
    seed=4,
    code_version="0",
)


def test_a_model_comes_back_with_weights_and_record(tmp_path: Path):
    model = tiny_model(2, 1)

    record = save_model(tmp_path / "model", model, RECORD)
    stored = load_model(tmp_path / "model")

    assert stored.record == record
    assert stored.record.learning_order == (7, 3, 5)
    images = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(stored.build(torch.device("cpu"))(images), model.eval()(images))


def test_a_built_model_is_frozen(tmp_path: Path):
    save_model(tmp_path, tiny_model(2, 1), RECORD)

    model = load_model(tmp_path).build(torch.device("cpu"))

    assert not model.training
    assert not any(parameter.requires_grad for parameter in model.parameters())


def test_a_lacking_entry_is_refused_by_name(tmp_path: Path):
    model = tiny_model(2, 1)
    record = save_model(tmp_path, model, RECORD)
    weights = {name: tensor for name, tensor in model.state_dict().items() if name != "cls.2.bias"}
    digest = write_tensors(tmp_path / "model.safetensors", weights)
    (tmp_path / RECORD_FILE).write_text(record.model_copy(update={"weights_sha256": digest}).model_dump_json())

    with pytest.raises(StorageError, match=r"cls\.2\.bias"):
        load_model(tmp_path).build(torch.device("cpu"))


def test_exchanged_weights_are_found_by_their_digest(tmp_path: Path):
    save_model(tmp_path, tiny_model(2, 1), RECORD)
    write_tensors(tmp_path / "model.safetensors", tiny_model(2, 1, seed=1).state_dict())

    with pytest.raises(StorageError, match="SHA-256"):
        load_model(tmp_path)


@pytest.mark.parametrize("name", ["model.json", "model.safetensors"])
def test_a_missing_file_is_named(tmp_path: Path, name: str):
    save_model(tmp_path, tiny_model(2, 1), RECORD)
    (tmp_path / name).unlink()

    with pytest.raises(StorageError, match=name):
        load_model(tmp_path)
