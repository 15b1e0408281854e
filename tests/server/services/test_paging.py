from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.errors import InvalidRequestError
from server.services.paging import decode_cursor, encode_cursor, split_page


def test_cursor_brings_its_key_back() -> None:
    assert decode_cursor("scores", encode_cursor("scores", (3, "id-ü")), (int, str)) == (3, "id-ü")


def test_first_page_has_no_key() -> None:
    assert decode_cursor("runs", None, (str,)) is None


def test_cursor_goes_into_an_address_as_it_is() -> None:
    cursor = encode_cursor("runs", ("a" * 36,))

    assert cursor.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "content",
    [
        ["other", "id"],
        ["runs"],
        ["runs", 1],
        ["runs", "id", "id"],
        ["runs", None],
        ["runs", "a\0b"],
        "runs",
        {},
    ],
)
def test_cursor_of_another_form_is_refused(content: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(content).encode()).decode()

    with pytest.raises(InvalidRequestError, match="no cursor of this list"):
        decode_cursor("runs", cursor, (str,))


@pytest.mark.parametrize("number", [-1, 2**53, True, 1.5])
def test_number_that_no_row_has_is_refused(number: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(["history", number]).encode()).decode()

    with pytest.raises(InvalidRequestError):
        decode_cursor("history", cursor, (int,))


@given(text=st.text(max_size=60))
def test_any_text_is_a_cursor_or_refused(text: str) -> None:
    try:
        key = decode_cursor("runs", text, (str,))
    except InvalidRequestError:
        return
    assert key is not None
    assert encode_cursor("runs", key)


@pytest.mark.parametrize(("rows", "page", "last"), [([1, 2, 3], [1, 2], 2), ([1, 2], [1, 2], None), ([], [], None)])
def test_row_beyond_the_page_says_that_there_are_more(rows: list[int], page: list[int], last: int | None) -> None:
    assert split_page(rows, 2) == (page, last)
