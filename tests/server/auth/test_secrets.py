from __future__ import annotations

import re

import pytest

from server.auth.secrets import csrf_token, digest, is_token, new_secret, new_token


def test_a_token_has_a_prefix_43_digits_and_a_checksum() -> None:
    tokens = {new_token() for _ in range(50)}

    assert len(tokens) == 50
    assert all(re.fullmatch(r"plm_[0-9A-Za-z]{49}", token) and is_token(token) for token in tokens)


@pytest.mark.parametrize("place", [4, 20, 46, 52])
def test_a_token_with_one_wrong_digit_is_none(place: int) -> None:
    token = new_token()
    wrong = token[:place] + ("a" if token[place] != "a" else "b") + token[place + 1 :]

    assert not is_token(wrong)


@pytest.mark.parametrize(
    "text", ["", "plm_", "plm_" + "é" * 49, "x" * 53, "plm_" + "0" * 48, pytest.param(new_secret(), id="secret")]
)
def test_other_texts_are_no_tokens(text: str) -> None:
    assert not is_token(text)


def test_what_is_stored_and_what_a_page_sends_do_not_give_the_secret_away() -> None:
    secret = new_secret()

    assert re.fullmatch(r"[0-9a-f]{64}", digest(secret))
    assert digest(secret) != csrf_token(secret)
    assert csrf_token(secret) == csrf_token(secret) != csrf_token(new_secret())
