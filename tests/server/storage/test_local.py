from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import pytest

from server.storage import DamagedFile, LocalStorage, MissingFile

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of the three bytes `abc` (FIPS 180-2, appendix B.1)."""
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
OTHER = "0" * 64


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "storage")


@pytest.fixture
def abc(tmp_path: Path) -> Path:
    path = tmp_path / "abc.txt"
    path.write_bytes(b"abc")
    return path


def _files(tmp_path: Path) -> list[str]:
    root = tmp_path / "storage"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_a_file_is_stored_under_its_digest(storage: LocalStorage, abc: Path, tmp_path: Path) -> None:
    digest = storage.put_file(abc)

    assert digest == ABC
    assert _files(tmp_path) == [f"ba/78/{ABC}"]
    assert storage.path(ABC).read_bytes() == b"abc"
    assert (storage.size(ABC), storage.exists(ABC), abc.exists()) == (3, True, True)


def test_an_empty_file_can_be_stored(storage: LocalStorage, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()

    assert storage.put_file(tmp_path / "empty") == EMPTY
    assert storage.size(EMPTY) == 0


def test_the_same_bytes_are_stored_once(storage: LocalStorage, abc: Path, tmp_path: Path) -> None:
    storage.put_file(abc)
    inode = storage.path(ABC).stat().st_ino
    storage.put_file(abc, sha256=ABC)

    assert _files(tmp_path) == [f"ba/78/{ABC}"]
    assert storage.path(ABC).stat().st_ino == inode


def test_a_change_of_the_source_leaves_what_is_stored_alone(storage: LocalStorage, abc: Path) -> None:
    storage.put_file(abc)

    abc.write_bytes(b"xyz")

    assert storage.path(ABC).read_bytes() == b"abc"


@pytest.mark.parametrize("is_known", [False, True])
def test_a_moved_file_is_gone_from_where_it_was(storage: LocalStorage, abc: Path, is_known: bool) -> None:
    known = [storage.put_file(path) for path in [abc] * is_known]

    digest = storage.put_file(abc, sha256=ABC, move=True)

    assert digest == ABC
    assert known == [ABC] * is_known
    assert not abc.exists()
    assert storage.path(ABC).read_bytes() == b"abc"


@pytest.mark.parametrize("is_known", [False, True])
def test_bytes_that_are_not_the_promised_ones_are_refused(
    storage: LocalStorage, abc: Path, tmp_path: Path, is_known: bool
) -> None:
    promised = tmp_path / "xyz"
    promised.write_bytes(b"xyz")
    other = hashlib.sha256(b"xyz").hexdigest()
    before = [storage.put_file(path) for path in [promised] * is_known]

    with pytest.raises(DamagedFile) as error:
        storage.put_file(abc, sha256=other, move=True)

    assert (error.value.found, error.value.expected) == (ABC, other)
    assert str(abc) in str(error.value)
    assert len(_files(tmp_path)) == len(before)
    assert abc.exists()


def test_a_file_larger_than_one_read_is_stored_whole(storage: LocalStorage, tmp_path: Path) -> None:
    data = bytes(range(256)) * 12_000  # 3 MB: three reads of 1 MiB, the last one short
    (tmp_path / "large").write_bytes(data)

    digest = storage.put_file(tmp_path / "large")

    assert digest == hashlib.sha256(data).hexdigest()
    assert storage.size(digest) == 3_072_000


def test_opening_reads_the_bytes(storage: LocalStorage, abc: Path) -> None:
    storage.put_file(abc)

    with storage.open(ABC) as file:
        file.seek(1)
        assert file.read() == b"bc"


def test_copying_writes_the_target_and_leaves_nothing_beside_it(
    storage: LocalStorage, abc: Path, tmp_path: Path
) -> None:
    storage.put_file(abc)
    target = tmp_path / "new" / "folder" / "copy.bin"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"old")

    storage.copy_to(ABC, target)

    assert target.read_bytes() == b"abc"
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.parametrize("damage", [b"abd", b"ab", b"abcd", b""])
def test_a_damaged_file_is_not_copied(storage: LocalStorage, abc: Path, tmp_path: Path, damage: bytes) -> None:
    storage.put_file(abc)
    storage.path(ABC).write_bytes(damage)
    target = tmp_path / "out" / "copy.bin"

    with pytest.raises(DamagedFile, match=f"expected {ABC}"):
        storage.copy_to(ABC, target)

    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    "use",
    [
        lambda storage, _: storage.open(OTHER),
        lambda storage, _: storage.path(OTHER),
        lambda storage, _: storage.size(OTHER),
        lambda storage, target: storage.copy_to(OTHER, target),
    ],
    ids=["open", "path", "size", "copy_to"],
)
def test_a_file_that_is_not_stored_is_named(
    storage: LocalStorage, tmp_path: Path, use: Callable[[LocalStorage, Path], object]
) -> None:
    with pytest.raises(MissingFile, match=f"no file with SHA-256 {OTHER} is stored"):
        use(storage, tmp_path / "x")


def test_deleting_removes_the_file_and_may_be_repeated(storage: LocalStorage, abc: Path, tmp_path: Path) -> None:
    storage.put_file(abc)

    storage.delete(ABC)
    storage.delete(ABC)

    assert not storage.exists(ABC)
    assert _files(tmp_path) == []


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "ABC", ABC.upper(), ABC + "0", f"{ABC}\n"])
def test_what_is_no_digest_never_becomes_a_path(storage: LocalStorage, name: str) -> None:
    with pytest.raises(ValueError, match="is no SHA-256"):
        storage.exists(name)


def test_a_source_that_cannot_be_read_leaves_nothing_behind(storage: LocalStorage, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        storage.put_file(tmp_path / "missing")

    assert _files(tmp_path) == []


def test_the_same_file_may_be_stored_by_many_at_once(storage: LocalStorage, abc: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(lambda _: storage.put_file(abc), range(40)))

    assert digests == {ABC}
    assert _files(tmp_path) == [f"ba/78/{ABC}"]


def test_a_stored_file_is_not_a_link_to_its_source(storage: LocalStorage, abc: Path) -> None:
    storage.put_file(abc)

    assert not abc.samefile(storage.path(ABC))


def test_written_file_is_stored_under_its_digest_once(storage: LocalStorage, tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"abX")
        file.seek(2)
        file.write(b"c")

    assert (storage.put_written(write), storage.put_written(write)) == (ABC, ABC)
    assert _files(tmp_path) == [f"ba/78/{ABC}"]


def test_writing_that_fails_leaves_nothing(storage: LocalStorage, tmp_path: Path) -> None:
    def write(file: BinaryIO) -> None:
        file.write(b"abc")
        raise OSError(28, "no space left")

    with pytest.raises(OSError, match="no space left"):
        storage.put_written(write)
    assert _files(tmp_path) == []
