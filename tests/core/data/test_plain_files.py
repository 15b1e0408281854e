"""Files that are opened only where they are plain."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from core.data.faults import DataFaultError, FaultKind
from core.data.plain_files import Confines, opened_plainly, read_plainly


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(path))


def make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def test_a_plain_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "list").write_bytes(b"one\n")

    assert read_plainly(tmp_path / "list", 4) == b"one\n"


@pytest.mark.parametrize(
    ("make", "found"),
    [(Path.mkdir, "a folder"), (make_pipe, "a named pipe"), (make_socket, "a socket"), (make_device, "a device")],
)
def test_what_is_no_plain_file_is_named_at_once(tmp_path: Path, make: object, found: str) -> None:
    make(tmp_path / "odd")  # type: ignore[operator]

    with pytest.raises(DataFaultError, match=f"odd: is {found}; put a plain file there") as fault:
        opened_plainly(tmp_path / "odd", 100)

    assert fault.value.kind is FaultKind.NOT_A_FILE


def test_a_file_above_the_limit_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(11))

    with pytest.raises(DataFaultError, match="large: has 11 bytes; at most 10 are read") as fault:
        read_plainly(tmp_path / "large", 10)

    assert fault.value.kind is FaultKind.TOO_LARGE


@pytest.mark.parametrize("name", ["gone", "file/below"])
def test_a_file_that_is_not_there_is_missing(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(DataFaultError, match="does not exist") as fault:
        opened_plainly(tmp_path / name, 10)

    assert fault.value.kind is FaultKind.MISSING_FILE


def test_links_may_lead_anywhere_inside_the_root_and_nowhere_else(tmp_path: Path) -> None:
    root = tmp_path / "real"
    (root / "images").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (root / "more").symlink_to(root / "images")
    (root / "away").symlink_to(tmp_path / "outside")
    (tmp_path / "root").symlink_to(root)
    confines = Confines(tmp_path / "root")

    assert confines.fault_of(tmp_path / "root/images/a.png") is None
    assert confines.fault_of(tmp_path / "root/more/a.png") is None
    fault = confines.fault_of(tmp_path / "root/away/a.png")
    assert fault is not None
    assert f"leads out of the dataset's root, to {tmp_path}/outside/a.png;" in str(fault)


def test_a_folder_whose_name_only_begins_like_the_root_is_outside(tmp_path: Path) -> None:
    for name in ("data", "data-of-others"):
        (tmp_path / name).mkdir()
    (tmp_path / "data/link.png").symlink_to(tmp_path / "data-of-others/a.png")

    with pytest.raises(DataFaultError) as fault:
        Confines(tmp_path / "data").require(tmp_path / "data/link.png")

    assert fault.value.kind is FaultKind.LEADS_OUT


@pytest.mark.parametrize("most_listed", [100, 1], ids=["listed", "too many to list"])
def test_root_holds_its_plain_files_and_leaves_links_and_what_lies_outside_to_a_closer_look(
    tmp_path: Path, most_listed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.data.plain_files.MAX_LISTED", most_listed)
    root, outside = tmp_path / "root", tmp_path / "outside.png"
    (root / "sub").mkdir(parents=True)
    for path in (root / "sub" / "a.png", root / "sub" / "b.png", outside):
        path.touch()
    (root / "link.png").symlink_to(root / "sub" / "a.png")
    (root / "out").symlink_to(tmp_path)
    confines = Confines(root)

    held = [root / "sub" / "a.png"]
    left = [root / "link.png", root / "sub", root / "gone.png", outside, root / "out" / "outside.png"]

    assert [path for path in (*held, *left) if confines.hold(path)] == held
