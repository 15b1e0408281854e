"""Records of an evaluation as files of the stage folder."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from core.metrics.records import Confusion, write_confusion, write_record
from core.stage.events import EvaluationRecord


def test_a_confusion_matrix_is_a_file_with_its_classes(tmp_path: Path) -> None:
    record = write_confusion(tmp_path, [-1, 4], np.array([[5, 1], [2, 8]]))

    data = (tmp_path / record.path).read_bytes()
    assert Confusion.model_validate_json(data) == Confusion(channels=[-1, 4], matrix=[[5, 1], [2, 8]])
    assert (record.kind, record.channels, record.bytes) == ("confusion", [-1, 4], len(data))
    assert record.sha256 == hashlib.sha256(data).hexdigest()
    assert record.path == f"artifacts/evaluations/confusion-{record.sha256[:16]}.json"


def test_what_was_announced_stays_where_it_is_when_the_same_kind_is_written_again(tmp_path: Path) -> None:
    first = write_record(tmp_path, "curve", b"1", ".csv")
    second = write_record(tmp_path, "curve", b"2", ".csv")

    assert (tmp_path / first.path).read_bytes() == b"1"
    assert (tmp_path / second.path).read_bytes() == b"2"


@pytest.mark.parametrize("kind", ["", "../up", "Big", "a" * 51])
def test_a_kind_is_a_short_plain_word(kind: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        EvaluationRecord(kind=kind, path="x", bytes=1, sha256="0" * 64)
