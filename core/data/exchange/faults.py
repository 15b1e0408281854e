"""Faults of labels that are uploaded as an archive. Free of torch."""

from __future__ import annotations

from core.errors import DataError

NOT_A_LABEL = "not_a_label"
"""Code of a file that is no label at all; it does no harm."""


class ArchiveFault(DataError):
    """The whole archive is refused; nothing of it is read."""


class ExchangeFault(DataError):
    """One file, or one entry of a document, is refused; the others are read.

    Attributes:
        code: the kind of fault for programs, lower case without blanks.
        message: the message for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message
