"""Records of an evaluation besides its scores: files of the stage folder, named by digest. Free of torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

from core.files import write_atomically
from core.stage.events import EvaluationRecord
from core.stage.folder import ARTIFACT_DIR

RECORD_DIR = f"{ARTIFACT_DIR}/evaluations"
CONFUSION = "confusion"
"""Kind of a confusion matrix."""
NAMED = 16
"""Digits of the digest in a file's name."""


class Confusion(BaseModel):
    """A confusion matrix with the classes that it is of.

    Attributes:
        channels: raw class id of each row and column; BACKGROUND_ID for the background.
        matrix: (C, C) pixels; rows are ground truth, columns predictions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: list[int]
    matrix: list[list[int]]


def write_record(
    folder: Path, kind: str, data: bytes, suffix: str, channels: Sequence[int] | None = None
) -> EvaluationRecord:
    """Write a record into a stage folder; return its entry for an event.

    Args:
        folder: folder of the attempt.
        kind: kind of the record, such as `curve`.
        data: content of the record.
        suffix: suffix of the file's name, such as `.json`; it decides the media type.
        channels: raw class ids, for a confusion matrix.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    path = f"{RECORD_DIR}/{kind}-{sha256[:NAMED]}{suffix}"
    (folder / RECORD_DIR).mkdir(parents=True, exist_ok=True)
    write_atomically(folder / path, data)
    listed = None if channels is None else list(channels)
    return EvaluationRecord(kind=kind, path=path, bytes=len(data), sha256=sha256, channels=listed)


def write_confusion(folder: Path, channels: Sequence[int], matrix: npt.NDArray[np.int64]) -> EvaluationRecord:
    """Write the confusion matrix (C, C) of these classes into a stage folder."""
    confusion = Confusion(channels=list(channels), matrix=matrix.tolist())
    return write_record(folder, CONFUSION, confusion.model_dump_json().encode(), ".json", channels)
