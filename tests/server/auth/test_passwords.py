from __future__ import annotations

import pytest

from server.auth.passwords import COMMON, is_password, password_fault
from tests.support.accounts import PASSWORD, password_hash


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "has 5 characters; at least 10"),
        ("x" * 201, "has 201 characters; at most 200"),
        ("Password123", "is one of those that are tried first"),
        ("aaaaaaaaaaab", "is one of those that are tried first"),
        ("Annette12345"[:12], "is the name of the account"),
        (PASSWORD, None),
        ("ÄÖÜ äöü ßß€", None),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str, said: str | None) -> None:
    fault = password_fault(password, "annette12345")

    assert fault == said or (said is not None and fault is not None and fault.startswith(said))


def test_the_common_ones_would_be_long_enough() -> None:
    assert len(COMMON) > 100
    assert all(len(word) >= 10 and word == word.lower() for word in COMMON)


def test_argon2id_tells_the_password_from_others() -> None:
    stored = password_hash()

    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_password(stored, PASSWORD)
    assert not is_password(stored, PASSWORD + " ")
    assert not is_password(None, "nobody has this password")
    assert not is_password("no hash", PASSWORD)
