"""Faults of a dataset on disk. Free of torch."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from core.errors import DataError


class FaultKind(StrEnum):
    """The kinds of fault that `check-data` tells apart; stored reports hold these words, so none may change."""

    MISSING_ROOT = "missing root"
    BAD_LIST = "unusable split list or class table"
    EMPTY = "empty split"
    MISSING_FILE = "missing file"
    NOT_A_FILE = "no plain file"
    LEADS_OUT = "link that leads out of the root"
    UNREADABLE = "unreadable file"
    TOO_LARGE = "picture is too large to be read"
    WRONG_DEPTH = "image has not 8 bits a channel"
    NOT_AN_INDEX = "label is not an 8-bit index image"
    LOSSY = "label in a lossy format"
    SIZE_MISMATCH = "image and label differ in size"
    UNKNOWN_ID = "id outside the class list"
    SAME_ID = "two files of one id"
    BINARY_MASK = "labels look like 0/255 masks"
    TRAIN_IDS = "label ids look like train ids"
    NO_PIXEL = "class without a pixel"
    ORIENTED = "image with an orientation tag"
    DUPLICATE = "the same picture more than once"

    @property
    def code(self) -> str:
        """The kind for programs: lower case, without blanks."""
        return self.name.lower()


class DataFaultError(DataError):
    """One fault of one file or folder; the message starts with its path."""

    def __init__(self, kind: FaultKind, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.kind = kind
        self.path = path
