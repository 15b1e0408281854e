"""What can be wrong with labels that somebody sends as an archive. Free of torch."""

from __future__ import annotations

from core.errors import DataError

NOT_A_LABEL = "not_a_label"
"""Code of a file that is no label at all, which spoils nothing."""


class ArchiveFault(DataError):
    """The archive as a whole cannot be taken; nothing of it is read."""


class ExchangeFault(DataError):
    """One file, or one entry of a document, cannot be taken; the others can.

    Attributes:
        code: the kind of fault for programs, lower case without blanks.
        message: for people.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message
