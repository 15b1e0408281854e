from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from core.acquisition.answers import ANSWER_FILE, AnswerRecord, answered_queries, read_answers
from core.acquisition.catalog import QueryUnit
from core.acquisition.manifest import Answer, AnsweredQuery
from core.acquisition.queries import query_id
from core.data.faults import DataFaultError
from core.errors import StorageError


def answered(image: str, labels: list[list[int]]) -> AnsweredQuery:
    pixels = np.array(labels, dtype=np.uint8)
    answer = Answer(
        query=query_id("run", 0, image),
        image=image,
        unit=QueryUnit.REGION,
        round=0,
        author="ann",
        pixels=int((pixels != 255).sum()),
        clicks=2,
        seconds=1.5,
    )
    return AnsweredQuery(answer, pixels)


def test_answers_pass_by_and_are_read_back(tmp_path: Path) -> None:
    given = [answered("b", [[1, 255]]), answered("a/../c", [[2, 3]])]
    record = AnswerRecord(tmp_path)

    passed = list(record.passing(iter(given)))
    path = record.close()

    assert [one.answer for one in passed] == [one.answer for one in given]
    assert path == tmp_path / ANSWER_FILE
    read = list(answered_queries(tmp_path))
    assert [one.answer for one in read] == [one.answer for one in given]
    assert [one.labels.tolist() for one in read] == [[[1, 255]], [[2, 3]]]
    for stored in read_answers(tmp_path).answers:
        assert stored.sha256 == hashlib.sha256((tmp_path / stored.mask).read_bytes()).hexdigest()


def test_labels_are_on_disk_before_the_next_answer_is_asked_for(tmp_path: Path) -> None:
    record = AnswerRecord(tmp_path)
    passing = record.passing(answered(name, [[1]]) for name in "ab")

    next(passing)

    assert [path.name for path in tmp_path.iterdir()] == [f"{query_id('run', 0, 'a')}.png"]


@pytest.mark.parametrize("damage", [b"", b"[]", b'{"schema_version": 2}'])
def test_a_damaged_record_is_named(tmp_path: Path, damage: bytes) -> None:
    AnswerRecord(tmp_path).close()
    (tmp_path / ANSWER_FILE).write_bytes(damage)

    with pytest.raises(StorageError, match=r"answers\.json: cannot be read as answers"):
        read_answers(tmp_path)


def test_missing_labels_are_named(tmp_path: Path) -> None:
    record = AnswerRecord(tmp_path)
    list(record.passing([answered("a", [[1]])]))
    record.close()
    next(tmp_path.glob("*.png")).unlink()

    with pytest.raises(DataFaultError, match="does not exist"):
        list(answered_queries(tmp_path))
