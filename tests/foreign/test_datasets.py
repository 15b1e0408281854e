"""Data sets as other tools write them: each is read as it is meant, or refused with the way out."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.adapters.cityscapes import LABEL_SUFFIX
from core.data.adapters.cityscapes import read_label as read_train_ids
from core.data.faults import DataFaultError, FaultKind
from core.data.opening import on_disk, open_dataset
from core.data.specs import FolderDatasetSpec
from core.data.verify import verify_dataset
from core.data.worlds.streets_world import StreetsDatasetSpec, wide_png
from tests.support.foreign import HEIGHT, NAMES, WIDTH, grey_png, label, picture, sound_dataset

Spoil = Callable[[Path], None]


def write_image(array: np.ndarray, suffix: str = ".png") -> Spoil:
    """Put another picture in the place of the first."""

    def spoil(root: Path) -> None:
        (root / "images/one.jpg").unlink()
        PILImage.fromarray(array).save(root / f"images/one{suffix}")

    return spoil


def image_of_16_bit_colours(root: Path) -> None:
    (root / "images/one.jpg").unlink()
    dark = np.random.default_rng(0).integers(0, 4096, (HEIGHT, WIDTH, 3)).astype(np.uint16)
    (root / "images/one.png").write_bytes(wide_png(dark))


def image_of_two_pages(root: Path) -> None:
    (root / "images/one.jpg").unlink()
    pages = [PILImage.fromarray(picture(seed)) for seed in range(2)]
    pages[0].save(root / "images/one.tif", save_all=True, append_images=pages[1:])


def label_in_jpeg(root: Path) -> None:
    PILImage.fromarray(label() * 40).save(root / "labels/one.jpg", quality=90)
    (root / "labels/one.jpg").rename(root / "labels/one.png")


def label_in_tiff_of_jpeg(root: Path) -> None:
    PILImage.fromarray(label()).save(root / "labels/one.tif", compression="jpeg")
    (root / "labels/one.tif").rename(root / "labels/one.png")


def label_in_webp(root: Path) -> None:
    PILImage.fromarray(label()).save(root / "labels/one.webp", lossless=True)
    (root / "labels/one.webp").rename(root / "labels/one.png")


def label_white_is_zero(root: Path) -> None:
    PILImage.fromarray(label()).save(root / "labels/one.tif", tiffinfo={262: 0})
    (root / "labels/one.tif").rename(root / "labels/one.png")


def turned(label_size: tuple[int, int]) -> Spoil:
    def spoil(root: Path) -> None:
        exif = PILImage.Exif()
        exif[0x0112] = 6
        PILImage.fromarray(picture()).save(root / "images/one.jpg", exif=exif)
        PILImage.fromarray(np.resize(label(), label_size)).save(root / "labels/one.png")

    return spoil


def classes(*names: str) -> Spoil:
    def spoil(root: Path) -> None:
        quoted = ", ".join(f'"{name}"' for name in names)
        (root / "classes.json").write_text(f'{{"classes": [{quoted}], "background_id": 0}}')

    return spoil


def two_pictures_of_one_id(root: Path) -> None:
    PILImage.fromarray(picture(5)).save(root / "images/one.png")


def pipe_as(name: str) -> Spoil:
    def spoil(root: Path) -> None:
        (root / name).unlink()
        os.mkfifo(root / name)

    return spoil


def device_as(name: str) -> Spoil:
    def spoil(root: Path) -> None:
        (root / name).unlink()
        (root / name).symlink_to("/dev/zero")

    return spoil


def link_out(name: str) -> Spoil:
    def spoil(root: Path) -> None:
        outside = (root / name).rename(root.parent / "secret")
        (root / name).symlink_to(outside)

    return spoil


REFUSED = {
    "image of 16 bits": (
        write_image(np.full((HEIGHT, WIDTH), 30_000, np.uint16)),
        FaultKind.WRONG_DEPTH,
        ["images/one.png", "mode I;16", "more than 8 bits a channel", "write images of 8 bits"],
    ),
    "image of three channels of 16 bits": (
        image_of_16_bit_colours,
        FaultKind.WRONG_DEPTH,
        ["images/one.png", "RGB;16B", "write images of 8 bits"],
    ),
    "image of floating-point values": (
        write_image(np.full((HEIGHT, WIDTH), 0.5, np.float32), ".tif"),
        FaultKind.WRONG_DEPTH,
        ["images/one.tif", "mode F", "floating-point values", "write images of 8 bits"],
    ),
    "image of two pages": (image_of_two_pages, FaultKind.UNREADABLE, ["holds 2 pictures", "one picture a file"]),
    "label in JPEG": (label_in_jpeg, FaultKind.LOSSY, ["labels/one.png", "stored as JPEG", "write labels as PNG"]),
    "label in a TIFF of JPEG": (label_in_tiff_of_jpeg, FaultKind.LOSSY, ["TIFF (jpeg)", "write labels as PNG"]),
    "label in WEBP": (label_in_webp, FaultKind.LOSSY, ["stored as WEBP", "write labels as PNG"]),
    "label whose white is 0": (label_white_is_zero, FaultKind.NOT_AN_INDEX, ["L;I", "write them as 8-bit PNG"]),
    "label of a picture as it is seen": (
        turned((WIDTH, HEIGHT)),
        FaultKind.SIZE_MISMATCH,
        ["orientation tag 6", f"as it is stored, {WIDTH}x{HEIGHT}", "turn the label, or write the image upright"],
    ),
    "two classes of one name": (classes("background", "cat", "cat"), FaultKind.BAD_LIST, ["ids 1 and 2", "'cat'"]),
    "names that differ in case": (classes("background", "cat", "Cat"), FaultKind.BAD_LIST, ["'cat' and 'Cat'"]),
    "a control character in a name": (
        classes("background", "c\\u0000t", "dog"),
        FaultKind.BAD_LIST,
        ["control character"],
    ),
    "two pictures of one id": (two_pictures_of_one_id, FaultKind.SAME_ID, ["images/one.jpg", "one.png", "'one'"]),
    "pipe as image": (pipe_as("images/one.jpg"), FaultKind.NOT_A_FILE, ["one.jpg: is a named pipe"]),
    "pipe as label": (pipe_as("labels/one.png"), FaultKind.NOT_A_FILE, ["one.png: is a named pipe"]),
    "pipe as list": (pipe_as("train.txt"), FaultKind.NOT_A_FILE, ["train.txt: is a named pipe"]),
    "pipe as class table": (pipe_as("classes.json"), FaultKind.NOT_A_FILE, ["classes.json: is a named pipe"]),
    "device as image": (device_as("images/one.jpg"), FaultKind.LEADS_OUT, ["to /dev/zero"]),
    "device as list": (device_as("train.txt"), FaultKind.LEADS_OUT, ["to /dev/zero"]),
    "image outside": (link_out("images/one.jpg"), FaultKind.LEADS_OUT, ["one.jpg: leads out of", "secret"]),
    "label outside": (link_out("labels/one.png"), FaultKind.LEADS_OUT, ["one.png: leads out of", "secret"]),
    "list outside": (link_out("train.txt"), FaultKind.LEADS_OUT, ["train.txt: leads out of", "secret"]),
    "class table outside": (link_out("classes.json"), FaultKind.LEADS_OUT, ["classes.json: leads out of"]),
}
"""What is wrong, by which kind of fault it is known, and what the fault says."""


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_right_is_refused_with_its_file_and_the_way_out(tmp_path: Path, case: str) -> None:
    spoil, kind, said = REFUSED[case]
    spec = sound_dataset(tmp_path / "root")
    spoil(tmp_path / "root")

    faults = verify_dataset(spec).faults

    assert [fault.kind for fault in faults] == [kind]
    assert [part for part in said if part not in faults[0].message] == []
    # A run refuses it too, when it is opened or when the file is read.
    with pytest.raises(DataFaultError) as refused:
        opened = open_dataset(spec, tmp_path / "home")
        opened.train.image(0), opened.train.label(0)
    assert refused.value.kind is kind


def mask_0_255(root: Path) -> None:
    classes("background", "polyp")(root)
    for name in NAMES:
        PILImage.fromarray(((label() == 1) * 255).astype(np.uint8)).save(root / f"labels/{name}.png")


def test_a_mask_of_0_and_255_is_told_from_ignored_pixels(tmp_path: Path) -> None:
    spec = sound_dataset(tmp_path)
    mask_0_255(tmp_path)

    faults = verify_dataset(spec).faults

    assert [fault.kind for fault in faults] == [FaultKind.BINARY_MASK] * 2
    assert "split 'train'" in faults[0].message
    assert "255 is the ignore id: is this a 0/255 mask? Then write the id" in faults[0].message
    assert "in place of 255, such as 1 for 'polyp'" in faults[0].message


def without_pixels(root: Path) -> None:
    classes("background", "cat", "dog", "never", "unused")(root)


def with_a_learned_picture_to_test_on(root: Path) -> None:
    (root / "val.txt").write_text("one\n")


NOTED = {
    "a class without a pixel": (
        without_pixels,
        {FaultKind.NO_PIXEL: 2},
        ["in split 'train' 1 class has no pixel: 3 'never'; they cannot be learned from it"],
    ),
    "an orientation tag": (
        turned((HEIGHT, WIDTH)),
        {FaultKind.ORIENTED: 1},
        ["images/one.jpg", "orientation tag 6", f"as it is stored, {WIDTH}x{HEIGHT}, and its label must lie in that"],
    ),
    "test pictures that were learned": (
        with_a_learned_picture_to_test_on,
        {FaultKind.DUPLICATE: 1},
        ["'one' of train is the same picture as 'one' of val", "scores would count pictures that were learned"],
    ),
}
"""What is worth a look, which notices there are, and what the first says."""


@pytest.mark.parametrize("case", NOTED)
def test_what_may_be_meant_is_noted(tmp_path: Path, case: str) -> None:
    spoil, kinds, said = NOTED[case]
    spec = sound_dataset(tmp_path)
    spoil(tmp_path)

    report = verify_dataset(spec)

    assert report.is_sound
    assert report.notice_counts == kinds
    assert [part for part in said if part not in report.notices[0].message] == []


def test_a_split_for_both_learning_and_testing_is_noted(tmp_path: Path) -> None:
    spec = sound_dataset(tmp_path).model_copy(update={"eval_split": "train"})

    notices = verify_dataset(spec).notices

    assert [notice.message.partition(": ")[2] for notice in notices] == [
        "the split 'train' is both learned from and tested on; scores would count pictures that were learned"
    ]


def test_a_picture_is_the_same_for_training_and_for_the_page_whatever_its_tag_says(tmp_path: Path) -> None:
    spec = sound_dataset(tmp_path)
    turned((HEIGHT, WIDTH))(tmp_path)

    image = open_dataset(spec, tmp_path / "home").train.image(0)

    with PILImage.open(tmp_path / "images/one.jpg") as stored:
        np.testing.assert_array_equal(image, np.asarray(stored))


def train_ids_as_label_ids(root: Path) -> FolderDatasetSpec:
    """Draw street scenes, and call their files of train ids label ids."""
    world = StreetsDatasetSpec(
        world="streets", domain="city-a", train_images=3, eval_images=1, height_px=32, width_px=64
    )
    spec = on_disk(world, root)
    for path in Path(spec.root).rglob(f"*{LABEL_SUFFIX}"):
        ids = read_train_ids(path)
        PILImage.fromarray(ids).save(path)
    return spec


def test_label_files_that_hold_train_ids_are_named(tmp_path: Path) -> None:
    faults = verify_dataset(train_ids_as_label_ids(tmp_path)).faults

    assert [fault.kind for fault in faults] == [FaultKind.TRAIN_IDS] * 2
    assert "the 3 label files of its split hold ids up to 18 alone, and " in faults[0].message
    assert "call the files ..._gtFine_labelTrainIds.png" in faults[0].message


def test_gta5_of_several_sizes_with_a_missing_label_is_told_whole(tmp_path: Path) -> None:
    for name, size in (("00001", (8, 12)), ("00002", (8, 10)), ("00003", (8, 12))):
        for folder, channels in (("images", (3,)), ("labels", ())):
            (tmp_path / folder).mkdir(exist_ok=True)
            PILImage.fromarray(np.full((*size, *channels), 7, np.uint8)).save(tmp_path / folder / f"{name}.png")
    (tmp_path / "labels/00002.png").unlink()
    PILImage.fromarray(np.full((8, 11), 7, np.uint8)).save(tmp_path / "labels/00003.png")

    report = verify_dataset(FolderDatasetSpec.model_validate({"adapter": "gta5", "root": str(tmp_path)}))

    assert [(fault.kind, Path(fault.path).name) for fault in report.faults] == [
        (FaultKind.MISSING_FILE, "00002.png"),
        (FaultKind.SIZE_MISMATCH, "00003.png"),
    ]
    assert (report.splits[0].num_sizes, report.splits[0].sound) == (2, 1)


def label_of(bits: int) -> Spoil:
    def spoil(root: Path) -> None:
        ids = label() if bits > 1 else np.minimum(label(), 1)
        (root / "labels/one.png").write_bytes(grey_png(ids, bits))

    return spoil


def label_with_few_colours(root: Path) -> None:
    image = PILImage.fromarray(label(), "P")
    image.putpalette([0, 0, 0, 200, 10, 10, 10, 200, 10])
    image.save(root / "labels/one.png", bits=2)


def list_of(data: bytes) -> Spoil:
    return lambda root: (root / "train.txt").write_bytes(data) and None


def in_form(on_disk: str, listed: str) -> Spoil:
    def spoil(root: Path) -> None:
        name = unicodedata.normalize(on_disk, "Zürich")
        (root / "images/one.jpg").rename(root / f"images/{name}.jpg")
        (root / "labels/one.png").rename(root / f"labels/{name}.png")
        (root / "train.txt").write_text(unicodedata.normalize(listed, "Zürich"), encoding="utf-8")

    return spoil


def label_suffix_in_capitals(root: Path) -> None:
    (root / "labels/one.png").rename(root / "labels/one.PNG")


READ = {
    "label of 4 bits of grey": label_of(4),
    "label of 2 bits of grey": label_of(2),
    "label of a small palette": label_with_few_colours,
    "list with a byte order mark": list_of("\ufeffone\r\n".encode()),
    "list in UTF-16": list_of("one\r\n".encode("utf-16")),
    "list with suffixes": list_of(b"one.jpg\n"),
    "list of paths": list_of(b"images/one.jpg\n"),
    "list with backslashes": list_of(b".\\images\\one.jpg\r\n"),
    "names taken apart on disk": in_form("NFD", "NFC"),
    "names taken apart in the list": in_form("NFC", "NFD"),
    "suffix in capitals": label_suffix_in_capitals,
}


@pytest.mark.parametrize("case", READ)
def test_what_is_clear_is_read(tmp_path: Path, case: str) -> None:
    spec = sound_dataset(tmp_path)
    READ[case](tmp_path)

    report = verify_dataset(spec)
    train = open_dataset(spec, tmp_path / "home").train

    assert report.faults == ()
    assert list(train.ids) in (["one"], ["Zürich"])
    np.testing.assert_array_equal(train.label(0), label())
    assert train.image(0).shape == (HEIGHT, WIDTH, 3)


def test_label_of_one_bit_is_0_and_1(tmp_path: Path) -> None:
    spec = sound_dataset(tmp_path)
    label_of(1)(tmp_path)

    np.testing.assert_array_equal(open_dataset(spec, tmp_path).train.label(0), np.minimum(label(), 1))


def test_data_without_a_background_works(tmp_path: Path) -> None:
    report = verify_dataset(sound_dataset(tmp_path, classes=("road", "car", "tree"), background_id=None))

    assert report.is_sound
    assert report.classes is not None
    assert (report.classes.background_id, report.classes.names) == (None, {0: "road", 1: "car", 2: "tree"})
