"""Many small files in one ZIP whose members are ranges of its bytes."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from pathlib import Path

import pytest

from core.packs import FileSource, NotAPack, PackWriter, offset_of, pack_members, read_member, unpack, write_pack
from server.storage import DamagedFile, LocalStorage

CONTENTS = {"masks/b.png": b"second", "a.json": b"{}", "masks/ä ö.png": b"", "masks/deep/c.png": bytes(range(256))}


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "storage")


def write_files(folder: Path, contents: dict[str, bytes]) -> dict[str, FileSource]:
    """Write files and return them as sources, in the order of the contents."""
    sources = {}
    for name, data in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        sources[name] = source_of(path)
    return sources


def source_of(path: Path) -> FileSource:
    data = path.read_bytes()
    return FileSource(hashlib.sha256(data).hexdigest(), len(data), lambda: path.open("rb"))


def put_pack(storage: LocalStorage, sources: dict[str, FileSource]) -> Path:
    return storage.path(storage.put_written(lambda target: write_pack(target, sources)))


def test_the_same_files_give_the_same_pack_whatever_their_order_times_and_rights(
    storage: LocalStorage, tmp_path: Path
) -> None:
    first = put_pack(storage, write_files(tmp_path / "one", CONTENTS))
    again = write_files(tmp_path / "two", dict(reversed(CONTENTS.items())))
    os.utime(tmp_path / "two/a.json", (1e9, 1e9))
    (tmp_path / "two/masks/b.png").chmod(0o600)

    assert put_pack(storage, again) == first


def test_other_content_of_the_same_size_gives_another_pack(storage: LocalStorage, tmp_path: Path) -> None:
    first = put_pack(storage, write_files(tmp_path, {"a": b"one"}))

    assert put_pack(storage, write_files(tmp_path, {"a": b"two"})) != first


def test_members_name_digest_and_size_and_are_ranges_of_the_pack(storage: LocalStorage, tmp_path: Path) -> None:
    pack = put_pack(storage, write_files(tmp_path, CONTENTS))
    data = pack.read_bytes()

    members = pack_members(pack)

    assert list(members) == sorted(CONTENTS)
    for name, content in CONTENTS.items():
        member = members[name]
        assert (member.sha256, member.bytes) == (hashlib.sha256(content).hexdigest(), len(content))
        assert data[offset_of(pack, member) :][: member.bytes] == content
        assert read_member(pack, member) == content


def test_any_zip_program_reads_a_pack(storage: LocalStorage, tmp_path: Path) -> None:
    pack = put_pack(storage, write_files(tmp_path, CONTENTS))

    with zipfile.ZipFile(pack) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == CONTENTS


def test_unpacked_files_are_those_that_were_packed(storage: LocalStorage, tmp_path: Path) -> None:
    pack = put_pack(storage, write_files(tmp_path / "written", CONTENTS))

    unpack(pack, tmp_path / "placed")

    placed = {path.relative_to(tmp_path / "placed").as_posix(): path for path in (tmp_path / "placed").rglob("*.*")}
    assert {name: path.read_bytes() for name, path in placed.items()} == CONTENTS


def test_file_that_is_not_what_its_source_says_is_refused_and_nothing_is_stored(
    storage: LocalStorage, tmp_path: Path
) -> None:
    sources = write_files(tmp_path / "written", CONTENTS)
    (tmp_path / "written/masks/b.png").write_bytes(b"secund")

    with pytest.raises(DamagedFile, match=r"masks/b\.png is damaged"):
        put_pack(storage, sources)
    assert [path for path in (tmp_path / "storage").rglob("*") if path.is_file()] == []


def test_damaged_member_is_named(storage: LocalStorage, tmp_path: Path) -> None:
    pack = put_pack(storage, write_files(tmp_path, CONTENTS))
    member = pack_members(pack)["masks/b.png"]
    data = bytearray(pack.read_bytes())
    data[offset_of(pack, member)] ^= 1
    pack.write_bytes(data)

    with pytest.raises(DamagedFile, match=r"masks/b\.png in"):
        read_member(pack, member)


def test_what_is_no_pack_is_told_from_one(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no archive at all")
    with zipfile.ZipFile(tmp_path / "archive", "w") as archive:
        archive.writestr("a", "b")

    with pytest.raises(NotAPack, match="cannot be read as a pack"):
        pack_members(tmp_path / "text")
    with pytest.raises(NotAPack, match="is a ZIP, but no pack"):
        pack_members(tmp_path / "archive")


@pytest.mark.parametrize("name", ["../a", "/a", "a/../../b", "a//b", "./a"])
def test_member_that_would_leave_the_folder_is_refused(storage: LocalStorage, tmp_path: Path, name: str) -> None:
    (tmp_path / "a").touch()
    pack = put_pack(storage, {name: source_of(tmp_path / "a")})

    with pytest.raises(NotAPack, match="no member of a pack"):
        unpack(pack, tmp_path / "folder")


def test_members_that_are_added_one_by_one_give_the_bytes_of_the_whole(tmp_path: Path) -> None:
    sources = write_files(tmp_path, CONTENTS)
    whole, added = io.BytesIO(), io.BytesIO()
    write_pack(whole, sources)

    writer = PackWriter(added)
    for name in sorted(CONTENTS):
        writer.add(name, CONTENTS[name])
    writer.close()

    assert added.getvalue() == whole.getvalue()
    with pytest.raises(ValueError, match=r"'a\.json' comes before"):
        writer.add("a.json", b"")
