from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.folder_access import WORKING_FOLDER_GONE, access_fault, no_access, user_name
from tests.support.unprivileged import as_nobody, locked, open_folder

__all__ = ["open_folder"]
ELSE = "set PLACE to another folder"
ME = user_name(os.geteuid())


@pytest.mark.parametrize("name", ["", "new", "new/deeper"])
def test_a_folder_that_can_be_used_has_no_fault_and_nothing_is_left_in_it(tmp_path: Path, name: str) -> None:
    assert access_fault(tmp_path / name, ELSE) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("below", ["", "sub", "sub/deeper"])
def test_a_file_in_place_of_a_folder_is_named_with_its_owner(tmp_path: Path, below: str) -> None:
    (tmp_path / "a file").touch()

    assert access_fault(tmp_path / "a file" / below, ELSE) == (
        f"{tmp_path}/a file is a file of {ME}, where a folder is needed: "
        f"run `mv '{tmp_path}/a file' '{tmp_path}/a file.old'`, or {ELSE}"
    )


def test_a_link_that_leads_nowhere_is_named_with_its_target(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("gone")

    fault = access_fault(tmp_path / "link", ELSE)

    assert fault is not None
    assert fault.startswith(f"{tmp_path}/link is a link of {ME} to gone, which does not exist or is no folder, where")


@pytest.mark.parametrize("below", ["", "sub"])
def test_a_folder_that_may_not_be_written_to_is_named_with_owner_and_command(open_folder: Path, below: str) -> None:
    folder = locked(open_folder / "theirs")

    with as_nobody() as user:
        fault = access_fault(folder / below, ELSE)

    command = f"sudo chown {user}" if user != ME else "chmod u+rwx"
    assert fault is not None
    assert fault.startswith(f"{folder} belongs to {ME} (mode 555) and cannot be used ")
    assert fault.endswith(f": run `{command} {folder}`, or {ELSE}")


def test_a_folder_that_may_not_be_listed_is_a_fault(open_folder: Path) -> None:
    folder = open_folder / "drop"
    folder.mkdir()
    folder.chmod(0o333)

    with as_nobody():
        fault = access_fault(folder, ELSE)

    assert fault is not None
    assert "belongs to" in fault


def test_what_is_one_s_own_is_not_given_to_oneself(tmp_path: Path) -> None:
    (tmp_path / "mine").touch(mode=0o400)

    assert no_access(tmp_path / "mine", tmp_path / "too") == (
        f"{tmp_path}/mine belongs to {ME} (mode 400) and cannot be used as it is: "
        f"run `chmod u+rw {tmp_path}/mine {tmp_path}/too`"
    )


def test_a_folder_of_the_kernel_says_why(tmp_path: Path) -> None:
    fault = access_fault(Path("/proc/palimpsest"), ELSE)

    assert fault is not None
    assert fault.startswith("/proc cannot be written to (")
    assert fault.endswith(f"); {ELSE}")


def test_a_working_folder_that_was_deleted_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    assert access_fault(Path("var"), ELSE) == f"{WORKING_FOLDER_GONE}, or {ELSE}"


def test_a_user_without_a_name_is_a_number() -> None:
    assert user_name(123_456_789) == "123456789"
