"""Named tensors in a safetensors file: contiguous, flushed to disk, checked by digest when read back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.errors import StorageError
from core.files import file_sha256


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> str:
    """Write tensors from any device and in any memory format; return the file's SHA-256.

    Raises:
        OSError: if the disk is full or cannot be written to.
    """
    # A memory format such as channels_last is the reader's business.
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        save_file(plain, path)
    except SafetensorError as error:
        # The library wraps the operating system's error; its number is what tells a full disk from a bug.
        raise OSError(_errno_in(str(error)), f"{path}: cannot be written: {error}") from error
    path.chmod(0o644)  # the library leaves it readable by nobody else
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    return file_sha256(path)


def read_tensors(path: Path, sha256: str | None = None) -> dict[str, Tensor]:
    """Return the tensors of a file on the CPU.

    Args:
        path: a safetensors file.
        sha256: what the file's digest must be; None does not check.

    Raises:
        StorageError: if the file is missing, cut short, or has another digest.
    """
    try:
        if sha256 is not None:
            found = file_sha256(path)
            if found != sha256:
                raise StorageError(f"{path}: its SHA-256 is {found}, expected {sha256}; the file was damaged")
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise StorageError(f"{path}: cannot be read: {error}") from error


def _errno_in(text: str) -> int:
    """Return N of `… (os error N)`; 0 where there is none."""
    _, found, rest = text.partition("(os error ")
    digits = rest.split(")", 1)[0]
    return int(digits) if found and digits.isdecimal() else 0
