"""Tensor files: digests, layouts, and errors that say what is wrong."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest
import torch

from core import tensor_files
from core.errors import StorageError
from core.tensor_files import SafetensorError, read_tensors, write_tensors


def test_tensors_come_back_bit_by_bit_under_the_digest_of_the_file(tmp_path: Path):
    tensors = {"half": torch.tensor([1.5], dtype=torch.bfloat16), "count": torch.tensor(7)}
    path = tmp_path / "tensors.safetensors"

    digest = write_tensors(path, tensors)

    assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert {name: tensor.tolist() for name, tensor in read_tensors(path, digest).items()} == {"half": [1.5], "count": 7}


def test_channels_last_tensors_are_stored_contiguous(tmp_path: Path):
    weight = torch.arange(24.0).view(1, 2, 3, 4).to(memory_format=torch.channels_last)

    write_tensors(tmp_path / "a", {"weight": weight})

    stored = read_tensors(tmp_path / "a")["weight"]
    assert stored.is_contiguous()
    assert torch.equal(stored, weight)


def test_another_digest_than_expected_is_refused_with_both(tmp_path: Path):
    digest = write_tensors(tmp_path / "a", {})

    with pytest.raises(StorageError, match=f"{digest}, expected 0000"):
        read_tensors(tmp_path / "a", "0000")


def test_a_file_that_holds_no_tensors_is_refused_by_name(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"no tensors")

    with pytest.raises(StorageError, match="a: cannot be read"):
        read_tensors(tmp_path / "a")


def test_a_full_disk_keeps_its_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_arguments: object) -> None:
        raise SafetensorError('Error while serializing: I/O error: No space left on device (os error 28) at path "x"')

    monkeypatch.setattr(tensor_files, "save_file", full)

    with pytest.raises(OSError, match="No space left") as caught:
        write_tensors(tmp_path / "a", {})
    assert caught.value.errno == errno.ENOSPC
