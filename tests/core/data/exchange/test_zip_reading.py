from __future__ import annotations

import io
import stat
import zipfile

import pytest

from core.data.exchange.faults import ArchiveFault, ExchangeFault
from core.data.exchange.zip_reading import LIMITS, ZipLimits, opened_archive


def _zip(*files: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return target


def _refusal(file: io.BytesIO, limits: ZipLimits = LIMITS) -> str:
    with pytest.raises(ArchiveFault) as fault, opened_archive(file, limits):
        pass
    return str(fault.value)


def _link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def test_files_are_named_in_order_and_read_one_by_one() -> None:
    with opened_archive(_zip(("b.png", b"two"), ("a/", b""), ("a/c.png", b"three"))) as archive:
        assert archive.names == ["a/c.png", "b.png"]
        assert archive.read("a/c.png", 5) == b"three"
        with pytest.raises(ExchangeFault, match=r"a/c\.png: has 5 bytes unpacked; at most 4 are read"):
            archive.read("a/c.png", 4)


def test_what_operating_systems_add_is_left_out() -> None:
    added = ("__MACOSX/._a.png", "__MACOSX/labels/._a.png", "labels/._a.png", ".DS_Store", "labels/Thumbs.db")

    with opened_archive(_zip(("labels/a.png", b"x"), *((name, b"") for name in added))) as archive:
        assert archive.names == ["labels/a.png"]


def test_backslashes_of_other_systems_are_folders() -> None:
    with opened_archive(_zip(("labels\\city\\a.png", b"x"))) as archive:
        assert archive.names == ["labels/city/a.png"]
        assert archive.read("labels/city/a.png", 9) == b"x"


def test_utf_8_that_does_not_say_so_is_read_as_utf_8() -> None:
    data = _zip(("aXXb.png", b"x")).getvalue().replace(b"aXXb.png", "aüb.png".encode())

    with opened_archive(io.BytesIO(data)) as archive:
        assert archive.names == ["aüb.png"]
        assert archive.read("aüb.png", 9) == b"x"


def test_the_limits_are_those_of_the_specification() -> None:
    assert (LIMITS.entries, LIMITS.unpacked_bytes, LIMITS.ratio) == (200_000, 10 * 2**30, 200)


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../a.png", "a/../../b.png", "C:/a.png", "a\\..\\b.png", "./a.png", "a//b.png", "x" * 1001]
)
def test_names_that_could_lead_out_are_refused(name: str) -> None:
    said = _refusal(_zip((name, b"x")))

    assert repr(name[:200]) in said
    assert "leads out of the archive" in said


def test_a_name_with_a_nul_is_refused() -> None:
    data = _zip(("aXb.png", b"x")).getvalue().replace(b"aXb.png", b"a\0b.png")

    assert "'a\\x00b.png'" in _refusal(io.BytesIO(data))


def test_links_and_archives_inside_are_refused() -> None:
    assert "'a.png' is a link" in _refusal(_zip((_link("a.png"), b"/etc/passwd")))
    assert "'inner.ZIP' is an archive inside" in _refusal(_zip(("inner.ZIP", b"x")))


def test_a_bomb_is_refused_by_its_ratio_before_anything_is_unpacked() -> None:
    said = _refusal(_zip(("zeros.png", bytes(1_000_000))))

    assert said == "'zeros.png' unpacks to more than 200 times its size"


def test_too_many_entries_are_refused_before_they_are_listed() -> None:
    file = _zip(*((f"{number}.png", b"") for number in range(6)))

    assert "more than 5 entries" in _refusal(file, ZipLimits(entries=5))
    with opened_archive(file, ZipLimits(entries=6)) as archive:
        assert len(archive.names) == 6


def test_too_many_bytes_are_refused() -> None:
    file = _zip(("a.png", bytes(60)), ("b.png", bytes(60)), method=zipfile.ZIP_STORED)

    assert "more than 100 bytes unpacked" in _refusal(file, ZipLimits(unpacked_bytes=100))


def test_overlapping_entries_are_measured_by_the_whole_archive() -> None:
    # Each entry of the list says the same place, so that the bytes count many times.
    body = b"PK\x03\x04\x14\0\0\0\0\0\0\0!\0" + bytes(4) + (150).to_bytes(4, "little") * 2 + b"\x01\0\0\0a" + bytes(150)
    entries = b"".join(
        b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0!\0" + bytes(4) + (150).to_bytes(4, "little") * 2
        + b"\x01\0" + bytes(12) + bytes(4) + bytes([97 + number]) for number in range(8)
    )  # fmt: skip
    end = b"PK\x05\x06" + bytes(4) + b"\x08\0\x08\0" + len(entries).to_bytes(4, "little")
    file = io.BytesIO(body + entries + end + len(body).to_bytes(4, "little") + b"\0\0")

    assert "the archive unpacks to more than 1 times its size" in _refusal(file, ZipLimits(ratio=1))


def test_a_name_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        file = _zip(("a.png", b"1"), ("a.png", b"2"))

    assert "has 'a.png' twice" in _refusal(file)


def test_an_unusual_method_is_refused() -> None:
    assert "'a.png' is packed by method 12" in _refusal(_zip(("a.png", b"x"), method=zipfile.ZIP_BZIP2))


def test_an_encrypted_file_is_refused() -> None:
    data = bytearray(_zip(("a.png", b"x")).getvalue())
    data[data.index(b"PK\x01\x02") + 8] |= 1

    assert "'a.png' is encrypted" in _refusal(io.BytesIO(bytes(data)))


@pytest.mark.parametrize("data", [b"", b"text", _zip(("a.png", b"x")).getvalue()[:-30]], ids=["empty", "text", "cut"])
def test_what_is_no_zip_is_refused(data: bytes) -> None:
    assert "is no ZIP archive, or is cut short" in _refusal(io.BytesIO(data))


def test_a_damaged_file_is_a_fault_of_its_own() -> None:
    data = _zip(("a.png", b"sound"), ("b.png", b"fine"), method=zipfile.ZIP_STORED).getvalue()

    with opened_archive(io.BytesIO(data.replace(b"sound", b"wrong"))) as archive:
        with pytest.raises(ExchangeFault, match=r"a\.png: cannot be unpacked") as fault:
            archive.read("a.png", 100)
        assert fault.value.code == "unreadable"
        assert archive.read("b.png", 100) == b"fine"
