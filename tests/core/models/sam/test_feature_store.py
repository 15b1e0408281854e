"""Features on disk: what is kept, what is dropped, and what goes wrong."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import torch

from core.models.sam import feature_store
from core.models.sam.feature_store import FeatureStore

KEYS = ("ab1", "ab2", "cd3", "ef4")


def store(folder: Path, warnings: list[str] | None = None, **settings: object) -> FeatureStore:
    options = {"precision": "float", "limit_mib": 100, **settings}
    return FeatureStore(folder, options["precision"], options["limit_mib"], (warnings or []).append)  # type: ignore[arg-type]


def features(value: float, size: int = 4) -> dict[str, torch.Tensor]:
    return {"embedding": torch.full((size,), value)}


def test_features_come_back_in_every_process(tmp_path: Path) -> None:
    store(tmp_path).save("ab1", features(1 / 3))

    again = store(tmp_path)

    assert torch.equal((again.load("ab1") or {})["embedding"], features(1 / 3)["embedding"])
    assert again.load("ab2") is None
    assert (again.hits, again.misses) == (1, 1)


def test_half_precision_is_what_the_first_use_gives_too(tmp_path: Path) -> None:
    given = store(tmp_path, precision="half").save("ab1", features(1 / 3))["embedding"]

    assert torch.equal(given, (store(tmp_path, precision="half").load("ab1") or {})["embedding"])
    assert not torch.equal(given, features(1 / 3)["embedding"])
    assert given.dtype == torch.float32


def test_nothing_is_kept_when_it_is_off(tmp_path: Path) -> None:
    off = store(tmp_path, precision="off")

    assert torch.equal(off.save("ab1", features(1 / 3))["embedding"], features(1 / 3)["embedding"])
    assert off.load("ab1") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: data[:-1] + b"x", lambda _data: b""])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: object) -> None:
    store(tmp_path).save("ab1", features(1.0))
    (path,) = tmp_path.rglob("*.safetensors")
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    warnings: list[str] = []
    found = FeatureStore(tmp_path, "float", 100, warnings.append)

    assert found.load("ab1") is None
    assert "is damaged" in warnings[0]
    found.save("ab1", features(1.0))
    assert found.load("ab1") is not None


def test_the_longest_unused_are_removed_at_the_limit(tmp_path: Path) -> None:
    kept = store(tmp_path, limit_mib=1)
    for place, key in enumerate(KEYS[:3]):
        kept.save(key, features(1.0, 2**16))
        (path,) = tmp_path.rglob(f"{key}-*")
        os.utime(path, ns=(place, place))
    kept.load("ab1")  # the oldest was just used

    kept.save("ef4", features(1.0, 2**17))

    assert [key for key in KEYS if list(tmp_path.rglob(f"{key}-*"))] == ["ab1", "ef4"]


def test_a_full_disk_is_told_once_and_costs_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    warnings: list[str] = []
    found = FeatureStore(tmp_path, "float", 100, warnings.append)
    monkeypatch.setattr(feature_store, "write_tensors", full)

    values = [found.save(key, features(2.0))["embedding"] for key in KEYS]

    assert all(torch.equal(value, features(2.0)["embedding"]) for value in values)
    assert warnings == ["features are not kept any more: the disk is full"]
    assert list(tmp_path.rglob("*.tmp")) == []
