"""The stage folder's contract: what identifies a stage, and files that are written whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.files import write_atomically
from core.stage.folder import StageFolderSpec

SPEC: dict[str, Any] = {
    "run_id": "r",
    "stage_id": "s",
    "method": "eir",
    "config": {"memory": {"size": 3}},
    "stage": {"index": 1, "name": "train", "kind": "train", "step": 1, "noun": "step"},
    "num_stages": 2,
    "datasets": {"main": {"spec": {"world": "objects"}, "splits": ["train"], "labelled": []}},
    "stream": {"steps": [[1], [2]]},
    "seed": 4,
    "data_home": "data",
}


def identity(**changes: Any) -> str:
    return StageFolderSpec.model_validate(SPEC | changes).identity()


@pytest.mark.parametrize("changes", [{"attempt": 3}, {"data_home": "x"}, {"run_id": "q"}, {"resume": ["../a"]}])
def test_attempts_at_one_stage_have_one_identity(changes: dict[str, Any]):
    assert identity(**changes) == identity()


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 5},
        {"config": {"memory": {"size": 4}}},
        {"stage": {"index": 0, "name": "train", "kind": "train", "step": 0, "noun": "step"}},
        {"stream": {"steps": [[2], [1]]}},
        {"method": "finetune"},
    ],
)
def test_what_changes_the_weights_changes_the_identity(changes: dict[str, Any]):
    assert identity(**changes) != identity()


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path: Path):
    path = tmp_path / "result.json"
    path.write_bytes(b"old")

    write_atomically(path, b"new")

    assert path.read_bytes() == b"new"
    assert [file.name for file in tmp_path.iterdir()] == ["result.json"]
