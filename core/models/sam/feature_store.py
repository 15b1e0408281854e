"""Features of images on disk, by the digests of model and image: an image is encoded once (CoSAM 8)."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from core.errors import StorageError, is_disk_full
from core.tensor_files import read_tensors, write_tensors

StorePrecision = Literal["half", "float", "off"]
NAMED = 16
"""Digits of a file's own digest in its name."""
MIB = 2**20
SUFFIX = ".safetensors"
Warn = Callable[[str], None]


class FeatureStore:
    """Named tensors by key: `<first two digits>/<key>-<digest of the file>.safetensors`.

    Several processes may use one folder. A file that is damaged or cut short is dropped. Where the disk is full,
    nothing more is written.
    """

    def __init__(self, folder: Path, precision: StorePrecision, limit_mib: int, warn: Warn) -> None:
        """Use a folder; create it if it is missing.

        Args:
            folder: folder of the features.
            precision: precision of the stored features; `off` stores none.
            limit_mib: size above which the least recently used files are removed.
            warn: called with a message when something goes wrong.
        """
        self._folder, self._precision = folder, precision
        self._limit, self._warn = limit_mib * MIB, warn
        self._is_writable = precision != "off"
        self._bytes: int | None = None
        self.hits, self.misses = 0, 0

    def load(self, key: str) -> dict[str, Tensor] | None:
        """Return the tensors of a key as float32 on the CPU; None if there is no intact file."""
        path = self._find(key) if self._precision != "off" else None
        found = None if path is None else self._read(path)
        self.hits, self.misses = self.hits + (found is not None), self.misses + (found is None)
        return found

    def save(self, key: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Store the tensors of a key. When the disk is full, warn once and write nothing more.

        Returns:
            The tensors as `load` returns them.
        """
        kind = torch.float16 if self._precision == "half" else torch.float32
        kept = {name: tensor.to("cpu", kind) for name, tensor in tensors.items()}
        if self._is_writable:
            self._write(key, kept)
        return {name: tensor.float() for name, tensor in kept.items()}

    def _write(self, key: str, tensors: Mapping[str, Tensor]) -> None:
        folder = self._folder / key[:2]
        aside = folder / f".{key}.{os.getpid()}.tmp"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            sha256 = write_tensors(aside, tensors)
            size = aside.stat().st_size
            aside.rename(folder / f"{key}-{sha256[:NAMED]}{SUFFIX}")
        except OSError as error:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
            self._is_writable = False
            reason = "the disk is full" if is_disk_full(error) else str(error)
            self._warn(f"features are not kept any more: {reason}")
            return
        self._make_room(size)

    def _find(self, key: str) -> Path | None:
        return next(iter(sorted((self._folder / key[:2]).glob(f"{key}-*{SUFFIX}"))), None)

    def _read(self, path: Path) -> dict[str, Tensor] | None:
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:NAMED]
            if not path.stem.endswith(f"-{digest}"):
                raise StorageError(f"{path}: is damaged")
            tensors = read_tensors(path)
            os.utime(path)
        except FileNotFoundError:  # another process made room
            return None
        except (OSError, StorageError) as error:
            self._warn(f"features are made anew: {error}")
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
            return None
        return {name: tensor.float() for name, tensor in tensors.items()}

    def _make_room(self, added: int) -> None:
        """Remove the least recently used files, down to nine tenths of the limit."""
        self._bytes = self._size() if self._bytes is None else self._bytes + added
        if self._bytes <= self._limit:
            return
        left = self._size()
        files = sorted(((_state(path), path) for path in self._folder.glob(f"*/*{SUFFIX}")), key=lambda pair: pair[0])
        for (_, size), path in files:
            if left <= 0.9 * self._limit:
                break
            path.unlink(missing_ok=True)
            left -= size
        self._bytes = left

    def _size(self) -> int:
        return sum(_state(path)[1] for path in self._folder.glob(f"*/*{SUFFIX}"))


def _state(path: Path) -> tuple[int, int]:
    """Return time of the last use, and size; zeros for a file that is gone."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
