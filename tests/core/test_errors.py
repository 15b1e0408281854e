"""What errors mean."""

from __future__ import annotations

import errno

import pytest

from core.errors import StorageError, is_disk_full


def _caused_by(cause: Exception) -> Exception:
    try:
        raise StorageError("the file cannot be written") from cause
    except StorageError as error:
        return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(errno.ENOSPC, "x"), True),
        (OSError(errno.EDQUOT, "x"), True),
        (_caused_by(OSError(errno.ENOSPC, "x")), True),
        (RuntimeError("write failed: No space left on device"), True),
        (OSError(errno.EACCES, "x"), False),
        (_caused_by(ValueError("x")), False),
    ],
)
def test_a_full_disk_is_found_behind_the_errors_that_it_causes(error: Exception, expected: bool) -> None:
    assert is_disk_full(error) is expected
