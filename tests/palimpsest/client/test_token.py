from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from palimpsest import Client
from palimpsest.client.errors import PalimpsestError
from palimpsest.client.token import FILE_VARIABLE, TOKEN_VARIABLE, find_token


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a token that only its owner can read, named by the environment."""
    path = tmp_path / "token"
    path.write_text("plm_of_file\n")
    path.chmod(0o600)
    monkeypatch.setenv(FILE_VARIABLE, str(path))
    return path


def test_the_environment_comes_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_file = find_token()
    monkeypatch.setenv(TOKEN_VARIABLE, " plm_of_variable ")

    assert (of_file, find_token()) == ("plm_of_file", "plm_of_variable")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_file_that_others_can_read_is_refused(file: Path, mode: int) -> None:
    file.chmod(mode)

    with pytest.raises(PalimpsestError, match=rf"Others can read .*mode {mode:o}.*chmod 600"):
        find_token()


def test_a_file_that_is_named_must_be_there_and_hold_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(PalimpsestError, match="cannot be read"):
        find_token()
    file.unlink()
    with pytest.raises(PalimpsestError, match=f"which {FILE_VARIABLE} names"):
        find_token()


def test_without_any_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    assert find_token() == ""


@pytest.mark.parametrize(("given", "sent"), [(None, "Bearer plm_of_file"), ("plm_x", "Bearer plm_x"), ("", None)])
def test_the_client_sends_the_token_and_never_in_an_address(file: Path, given: str | None, sent: str | None) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"items": [], "next_cursor": None})

    with Client(transport=httpx.MockTransport(answer), token=given) as client:
        client.methods()

    assert asked[0].headers.get("authorization") == sent
    assert "plm" not in str(asked[0].url)
