from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from core.data.exchange.zip_writing import ZippedFile, ZipWriter


def _write(path: Path) -> list[ZippedFile]:
    with ZipWriter(path) as target:
        target.add("labels/a.png", b"pixels" * 100, "a")
        target.add_chunks("answers.json", iter([b"{", b" " * 500, b"}"]))
        return target.files


def test_the_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    _write(tmp_path / "one.zip")
    _write(tmp_path / "two.zip")

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_pictures_are_stored_and_documents_packed_with_a_fixed_time(tmp_path: Path) -> None:
    _write(tmp_path / "one.zip")

    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        picture, document = archive.infolist()
        assert (picture.compress_type, picture.compress_size) == (zipfile.ZIP_STORED, 600)
        assert document.compress_type == zipfile.ZIP_DEFLATED
        assert document.compress_size < document.file_size == 502
        assert {picture.date_time, document.date_time} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.read("answers.json") == b"{" + b" " * 500 + b"}"


def test_what_was_added_is_known_by_size_and_digest(tmp_path: Path) -> None:
    files = _write(tmp_path / "one.zip")

    assert files[0] == ZippedFile("labels/a.png", hashlib.sha256(b"pixels" * 100).hexdigest(), 600, "a")
    assert (files[1].path, files[1].bytes, files[1].answer) == ("answers.json", 502, None)
