"""The answers of one round as files: the oracle's, and those that people gave before the oracle. Free of torch.

```
answers.json    an AnswerBatch
ID.png          index PNG of raw ids; the ignore id where nothing was queried or no label is known
```
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.acquisition.manifest import Answer, AnsweredQuery
from core.data.decoding import read_label
from core.errors import StorageError
from core.files import index_png, write_atomically

ANSWER_FILE = "answers.json"
ANSWERED = "answered"
"""Name of the label stage's input that holds people's answers."""


class StoredAnswer(BaseModel):
    """One answer and the file with its labels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: Answer
    mask: str
    """Relative to the folder of `answers.json`."""
    sha256: str


class AnswerBatch(BaseModel):
    """`answers.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1
    answers: list[StoredAnswer] = Field(default_factory=list)


class AnswerRecord:
    """Writes answers to a folder one by one, so that memory holds one label map at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stored: list[StoredAnswer] = []
        folder.mkdir(parents=True, exist_ok=True)

    def passing(self, answered: Iterable[AnsweredQuery]) -> Iterator[AnsweredQuery]:
        """Yield each answer after writing its labels to disk."""
        for one in answered:
            data, name = index_png(one.labels), f"{one.answer.query}.png"
            write_atomically(self._folder / name, data)
            sha256 = hashlib.sha256(data).hexdigest()
            self._stored.append(StoredAnswer(answer=one.answer, mask=name, sha256=sha256))
            yield one

    def close(self) -> Path:
        """Write `answers.json` after all files that it names; return its path."""
        path = self._folder / ANSWER_FILE
        write_atomically(path, AnswerBatch(answers=self._stored).model_dump_json(indent=1).encode())
        return path


def read_answers(folder: Path) -> AnswerBatch:
    """Read a folder of answers; raise StorageError, naming the file, if it cannot be read."""
    path = folder / ANSWER_FILE
    try:
        return AnswerBatch.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StorageError(f"{path}: cannot be read as answers to queries: {error}") from error


def answered_queries(folder: Path) -> Iterator[AnsweredQuery]:
    """Yield the answers of a folder with their labels; raise StorageError or DataFaultError, naming the file."""
    for stored in read_answers(folder).answers:
        yield AnsweredQuery(stored.answer, read_label(folder / stored.mask))
