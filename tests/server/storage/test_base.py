from __future__ import annotations

import pytest

from core.errors import ReasonCode
from server.settings import get_settings
from server.storage import DamagedFile, LocalStorage, MissingFile, get_storage
from server.storage.base import check_digest

DIGEST = "0123456789abcdef" * 4


def test_a_digest_is_returned_as_it_is() -> None:
    assert check_digest(DIGEST) == DIGEST


@pytest.mark.parametrize("text", [DIGEST[:-1], DIGEST + "a", DIGEST.upper(), f"../{DIGEST[3:]}"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected 64 lower-case hexadecimal digits"):
        check_digest(text)


def test_faults_of_storage_may_pass_and_so_settle_a_stage_as_storage_error() -> None:
    faults = [MissingFile(DIGEST), DamagedFile("x", expected=DIGEST, found=DIGEST)]

    assert [fault.reason for fault in faults] == [ReasonCode.STORAGE_ERROR] * 2


def test_the_storage_of_the_process_lies_where_the_settings_say(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("PALIMPSEST_HOME", str(tmp_path))
    get_settings.cache_clear()
    get_storage.cache_clear()

    storage = get_storage()
    folder = get_settings().storage_folder
    get_settings.cache_clear()
    get_storage.cache_clear()

    assert isinstance(storage, LocalStorage)
    assert folder.is_dir()
