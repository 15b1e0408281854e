"""Outputs of stages in storage: a blob a file, or one pack of many."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.packs import NotAPack
from server.storage import DamagedFile, LocalStorage, MissingFile
from server.storage.outputs import PACKED_ABOVE, StoredOutput, pack_of, store_output
from tests.core.test_packs import write_files

MANY = 5000


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "storage")


def labels(count: int) -> dict[str, bytes]:
    """Return the files of an output: an index, and so many masks."""
    return {"manifest.json": b"{}"} | {f"masks/{number:05}.png": b"mask %d" % number for number in range(count)}


def stored_files(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "storage").rglob("*") if path.is_file()]


def contents_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_few_files_are_stored_each_for_itself(storage: LocalStorage, tmp_path: Path) -> None:
    sources = write_files(tmp_path / "written", labels(PACKED_ABOVE))

    entries = store_output(storage, sources)

    assert entries == {name: {"sha256": one.sha256, "bytes": one.bytes} for name, one in sources.items()}
    assert len(stored_files(tmp_path)) == PACKED_ABOVE + 1


def test_thousands_of_files_are_one_entry_and_their_index_stays_by_itself(
    storage: LocalStorage, tmp_path: Path
) -> None:
    sources = write_files(tmp_path / "written", labels(MANY))

    entries = store_output(storage, sources)

    pack = pack_of(entries)
    assert pack is not None and pack["files"] == MANY
    assert entries.keys() == {"", "manifest.json"}
    assert entries["manifest.json"]["sha256"] == sources["manifest.json"].sha256
    assert len(stored_files(tmp_path)) == 2


def test_placed_output_is_the_tree_that_was_stored(storage: LocalStorage, tmp_path: Path) -> None:
    entries = store_output(storage, write_files(tmp_path / "written", labels(MANY)))

    StoredOutput(storage, entries).place(tmp_path / "placed")

    assert contents_of(tmp_path / "placed") == labels(MANY)


def test_every_file_keeps_its_digest_and_can_go_into_another_output(storage: LocalStorage, tmp_path: Path) -> None:
    sources = write_files(tmp_path / "written", labels(PACKED_ABOVE + 1))
    entries = store_output(storage, sources)

    again = StoredOutput(storage, entries).sources()

    assert {name: (one.sha256, one.bytes) for name, one in again.items()} == {
        name: (one.sha256, one.bytes) for name, one in sources.items()
    }
    assert store_output(storage, again) == entries


def test_single_file_of_a_packed_output_is_read_by_its_name(storage: LocalStorage, tmp_path: Path) -> None:
    stored = StoredOutput(storage, store_output(storage, write_files(tmp_path / "written", labels(MANY))))

    assert (stored.read("masks/04999.png"), stored.read("manifest.json")) == (b"mask 4999", b"{}")
    assert "masks/05000.png" not in stored


def test_output_that_is_one_file_has_no_name(storage: LocalStorage, tmp_path: Path) -> None:
    entries = store_output(storage, write_files(tmp_path, {"model": b"weights"}))
    whole = {"": entries["model"]}

    StoredOutput(storage, whole).place(tmp_path / "placed")

    assert pack_of(whole) is None
    assert (tmp_path / "placed").read_bytes() == b"weights"


def test_entries_from_before_there_were_packs_are_read_as_they_are(storage: LocalStorage, tmp_path: Path) -> None:
    contents = labels(PACKED_ABOVE + 10)
    entries = {}
    for name, one in write_files(tmp_path / "written", contents).items():
        storage.put_file(tmp_path / "written" / name)
        entries[name] = {"sha256": one.sha256, "bytes": one.bytes}

    StoredOutput(storage, entries).place(tmp_path / "placed")

    assert contents_of(tmp_path / "placed") == contents


def test_pack_that_is_damaged_or_gone_is_named(storage: LocalStorage, tmp_path: Path) -> None:
    entries = store_output(storage, write_files(tmp_path / "written", labels(PACKED_ABOVE + 1)))
    pack = storage.path(entries[""]["sha256"])
    opened = StoredOutput(storage, entries)
    pack.write_bytes(pack.read_bytes()[:-1] + b"?")

    with pytest.raises(DamagedFile, match=entries[""]["sha256"]):
        opened.place(tmp_path / "placed")
    storage.delete(entries[""]["sha256"])
    with pytest.raises(MissingFile):
        StoredOutput(storage, entries)


def test_pack_that_cannot_be_read_is_no_pack(storage: LocalStorage) -> None:
    entries = {"": {"sha256": storage.put_bytes(b"no archive"), "bytes": 10, "files": 100}}

    with pytest.raises(NotAPack):
        StoredOutput(storage, entries)
