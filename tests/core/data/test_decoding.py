"""Reading image and label files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.decoding import (
    PictureHeader,
    decode_label,
    image_header,
    image_size,
    read_image,
    read_label,
    read_wide_label,
    require_same_size,
)
from core.data.faults import DataFaultError, FaultKind
from core.data.worlds.streets_world import wide_png
from tests.support.datasets import cut_short, draw_picture, write_png_header
from tests.support.foreign import grey_png


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    PILImage.fromarray(draw_picture((1,))[0]).save(path)
    return path


def test_grey_image_becomes_three_equal_channels(tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    PILImage.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4)).save(path)

    image = read_image(path)

    np.testing.assert_array_equal(image, np.arange(12).reshape(3, 4, 1).repeat(3, axis=2))


def test_palette_label_gives_indices_and_not_colours(tmp_path: Path) -> None:
    path = tmp_path / "label.png"
    ids = np.array([[0, 1], [20, 255]], dtype=np.uint8)
    image = PILImage.fromarray(ids)
    image.putpalette([value % 256 for value in range(7, 7 + 768)])
    image.save(path)

    np.testing.assert_array_equal(read_label(path), ids)


@pytest.mark.parametrize(
    ("array", "mode"),
    [
        (np.zeros((4, 4, 3), np.uint8), "RGB"),
        (np.zeros((4, 4, 4), np.uint8), "RGBA"),
        (np.zeros((4, 4, 2), np.uint8), "LA"),
        (np.zeros((4, 4), np.uint16), "I;16"),
    ],
)
def test_label_that_is_no_8_bit_index_image_is_refused(tmp_path: Path, array: np.ndarray, mode: str) -> None:
    path = tmp_path / "label.png"
    PILImage.fromarray(array).save(path)

    with pytest.raises(DataFaultError, match=rf"label\.png: .*8-bit index image.*mode {mode};") as fault:
        read_label(path)

    assert fault.value.kind is FaultKind.NOT_AN_INDEX


@pytest.mark.parametrize("read", [read_image, read_label, read_wide_label, image_size])
def test_missing_file_is_named(tmp_path: Path, read: Callable[[Path], object]) -> None:
    with pytest.raises(DataFaultError, match=r"gone\.png: does not exist") as fault:
        read(tmp_path / "gone.png")

    assert fault.value.kind is FaultKind.MISSING_FILE


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_truncated_image_is_refused(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cut{suffix}"
    PILImage.fromarray(draw_picture((1,))[0]).save(path)
    cut_short(path)

    with pytest.raises(DataFaultError, match=rf"cut\{suffix}: cannot be decoded, it is damaged or cut short") as fault:
        read_image(path)

    assert fault.value.kind is FaultKind.UNREADABLE


def test_text_in_an_image_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("no picture")

    with pytest.raises(DataFaultError, match=r"notes\.png: is no picture; it must be one of PNG, JPEG, WEBP"):
        read_image(path)


def test_size_is_read_as_width_and_height(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    PILImage.fromarray(np.zeros((3, 5), np.uint8)).save(path)

    assert image_size(path) == (5, 3)


def test_sizes_that_differ_are_both_named(picture: Path) -> None:
    with pytest.raises(DataFaultError, match=r"is 32x31 but its image picture\.png is 32x32"):
        require_same_size(picture, PictureHeader((32, 32), "RGB"), picture.with_name("label.png"), (32, 31))


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (16_385, 1), (10_000, 6_401)])
def test_too_large_a_picture_is_refused_by_its_header(tmp_path: Path, width: int, height: int) -> None:
    path = tmp_path / "large.png"
    write_png_header(path, width, height)

    with pytest.raises(DataFaultError, match="cut it into tiles") as caught:
        read_image(path)

    assert caught.value.kind == FaultKind.TOO_LARGE


def test_header_gives_size_and_mode(picture: Path) -> None:
    assert image_header(picture) == PictureHeader((32, 32), "RGB", orientation=1)


def test_file_is_known_by_its_content_and_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_text("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>")

    with pytest.raises(DataFaultError, match="is no picture"):
        read_image(path)


WIDE = np.array([[[3, 500, 9], [258, 1, 2]], [[65535, 0, 0], [255, 7, 7]]], dtype=np.uint16)


def test_wide_label_keeps_all_sixteen_bits_of_the_first_channel(tmp_path: Path) -> None:
    path = tmp_path / "label.png"
    path.write_bytes(wide_png(WIDE))

    found = read_wide_label(path)

    assert (found.tolist(), found.dtype) == ([[3, 258], [65535, 255]], np.uint16)


@pytest.mark.parametrize("channels", [(), (3,), (4,)])
def test_wide_label_of_eight_bits_is_taken_as_it_is(tmp_path: Path, channels: tuple[int, ...]) -> None:
    path = tmp_path / "label.png"
    pixels = np.zeros((2, 3, *channels), dtype=np.uint8)
    pixels.reshape(2, 3, -1)[..., 0] = [[0, 1, 22], [3, 255, 7]]
    PILImage.fromarray(pixels).save(path)

    assert read_wide_label(path).tolist() == [[0, 1, 22], [3, 255, 7]]


def test_wide_label_of_one_channel_keeps_its_sixteen_bits(tmp_path: Path) -> None:
    path = tmp_path / "label.png"
    PILImage.fromarray(WIDE[..., 0]).save(path)

    assert read_wide_label(path).tolist() == WIDE[..., 0].tolist()


@pytest.mark.parametrize("kept", [20, 60, -40])
def test_wide_label_that_is_cut_short_is_refused(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "label.png"
    noise = np.random.default_rng(0).integers(0, 65536, (16, 16, 3)).astype(np.uint16)
    path.write_bytes(wide_png(noise)[:kept])

    with pytest.raises(DataFaultError, match="cannot be decoded") as caught:
        read_wide_label(path)

    assert caught.value.kind is FaultKind.UNREADABLE


def test_wide_label_with_a_changed_byte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "label.png"
    data = bytearray(wide_png(WIDE))
    data[60] ^= 0xFF
    path.write_bytes(data)

    with pytest.raises(DataFaultError) as caught:
        read_wide_label(path)

    assert caught.value.kind is FaultKind.UNREADABLE


@pytest.mark.parametrize(
    ("write", "kind"),
    [
        (lambda path: PILImage.fromarray(np.eye(4, dtype=np.uint8)).save(path), None),
        (lambda path: path.write_bytes(grey_png(np.eye(4, dtype=np.uint8), 4)), None),
        (lambda path: PILImage.fromarray(np.zeros((4, 4), np.uint16)).save(path), FaultKind.NOT_AN_INDEX),
        (lambda path: PILImage.fromarray(np.zeros((4, 4, 3), np.uint8)).save(path), FaultKind.NOT_AN_INDEX),
        (lambda path: path.write_bytes(b""), FaultKind.UNREADABLE),
        (lambda path: write_png_header(path, 20_000, 20_000), FaultKind.TOO_LARGE),
    ],
)
def test_a_label_of_a_dataset_and_one_that_is_sent_are_judged_alike(
    tmp_path: Path, write: Callable[[Path], object], kind: FaultKind | None
) -> None:
    path = tmp_path / "label.png"
    write(path)

    judged = []
    for read in (lambda: read_label(path), lambda: decode_label(path.read_bytes(), "label.png", (4, 4))):
        try:
            judged.append(read().tolist())
        except DataFaultError as fault:
            judged.append(fault.kind)

    assert judged == [kind or np.eye(4, dtype=int).tolist()] * 2
