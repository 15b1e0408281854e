"""Errors that carry the reason code under which a stage is settled (SM-4). Free of torch.

Code raises the class that says whose fault it was; the runner's top level writes its `reason` into the `failed` event,
and the server decides from it whether a retry can help.
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class ReasonCode(StrEnum):
    """Why an attempt ended as it did."""

    USER_CODE_ERROR = "user_code_error"
    CONFIG_ERROR = "config_error"
    DATA_ERROR = "data_error"
    GPU_OUT_OF_MEMORY = "gpu_out_of_memory"
    HOST_OUT_OF_MEMORY = "host_out_of_memory"
    DISK_FULL = "disk_full"
    WORKER_LOST = "worker_lost"
    STALLED = "stalled"
    TIMEOUT = "timeout"
    STORAGE_ERROR = "storage_error"
    NON_FINITE_LOSS = "non_finite_loss"
    CANCELLED_BY_USER = "cancelled_by_user"
    INTERNAL = "internal"


DISK_FULL_WORDS = ("No space left on device", "database or disk is full")
"""Of libraries whose errors carry no number: the kernel's words, and SQLite's."""


LONGEST_NAME = 100
MOST_NAMED = 30
"""Names that a hint lists."""


class CoreError(Exception):
    """Base of the errors whose message is meant for the user."""

    reason = ReasonCode.INTERNAL


class ConfigError(CoreError):
    """The experiment asks for something that cannot be; `pointer` is the JSON Pointer of the culprit."""

    reason = ReasonCode.CONFIG_ERROR

    def __init__(self, message: str, pointer: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.pointer = pointer

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong, as faults of the document."""
        return (Fault(self.pointer, self.message, "config_error"),)


class ConfigErrors(ConfigError):
    """Several things of an experiment cannot be; the message has them all."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.message for fault in faults), faults[0].pointer)
        self._faults = tuple(faults)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All of them, in order."""
        return self._faults


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a document, or one to be looked at again.

    Attributes:
        pointer: JSON Pointer of the culprit; empty for the document itself.
        message: value found, what is allowed, and for an unknown key the nearest known one.
        code: machine-readable kind, such as `extra_forbidden` or `greater_than_equal`.
    """

    pointer: str
    message: str
    code: str


class DataError(CoreError):
    """A dataset is not what it should be; the message names the file."""

    reason = ReasonCode.DATA_ERROR


class NonFiniteLossError(CoreError):
    """The loss became NaN or infinite."""

    reason = ReasonCode.NON_FINITE_LOSS


class StorageError(CoreError):
    """A checkpoint or artifact cannot be read back as it was written."""

    reason = ReasonCode.STORAGE_ERROR


class DamagedFile(StorageError):
    """The bytes are not those that the digest names."""

    def __init__(self, name: str, *, expected: str, found: str) -> None:
        super().__init__(f"{name} is damaged: its SHA-256 is {found}, expected {expected}")
        self.expected, self.found = expected, found


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, or what caused it, is a disk or a quota without room for another byte."""
    seen: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in seen:
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if any(words in str(cause) for words in DISK_FULL_WORDS):
            return True
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__
    return False


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint such as `; did you mean 'eir'?`, or the list of what there is when nothing is near.

    A list that is too long to read is of the names with the same part before the slash, or of these parts, and is cut.
    """
    options = sorted(set(known) - {name})
    # Comparing takes the square of the length; no name is so long.
    close = difflib.get_close_matches(name[:LONGEST_NAME], options, n=1, cutoff=0.5)
    if close:
        return f"; did you mean {close[0]!r}?"
    if len(options) > MOST_NAMED:
        part, slash, _ = name.partition("/")
        groups = sorted({option.partition("/")[0] for option in options if "/" in option})
        options = [option for option in options if slash and option.startswith(f"{part}/")] or groups or options
    more = f" and {len(options) - MOST_NAMED} more" if len(options) > MOST_NAMED else ""
    return f"; there is {', '.join(map(repr, options[:MOST_NAMED]))}{more}" if options else ""
