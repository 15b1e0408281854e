from __future__ import annotations

import pytest

from server.errors import RangeNotSatisfiableError
from server.routes.content import byte_range, disposition


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-0", (0, 0)),
        ("bytes=2-", (2, 9)),
        ("bytes = 2 - 3", (2, 3)),
        ("bytes=-4", (6, 9)),
        ("bytes=-400", (0, 9)),
        ("bytes=3-2", None),
        ("bytes=-", None),
        ("bytes=0-1,2-3", None),
        ("bytes=" + "9" * 30 + "-", None),
    ],
)
def test_range_of_ten_bytes(header: str | None, expected: tuple[int, int] | None) -> None:
    assert byte_range(header, 10) == expected


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_range_behind_ten_bytes_is_refused(header: str) -> None:
    with pytest.raises(RangeNotSatisfiableError):
        byte_range(header, 10)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("report/scores.json", "scores.json"),
        ("../../etc/passwd", "passwd"),
        ('a"b\r\nX: 1.json', "a_b__X__1.json"),
        ("..", "file"),
        (".hidden", "hidden"),
        ("Prüfung.pdf", "Pr_fung.pdf"),
        ("", "file"),
    ],
)
def test_name_of_a_download_is_free_of_what_leaves_a_folder_or_a_header(name: str, plain: str) -> None:
    value = disposition(name, is_inline=False)

    assert value.startswith(f'attachment; filename="{plain}";')
    assert "\n" not in value
    assert value.isascii()
