"""Binary masks by domain."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from core.data.adapters.sam_domain import list_pairs, read_classes, read_grey_mask, read_label, split_names
from core.data.faults import DataFaultError, FaultKind
from core.data.opening import open_dataset
from core.data.specs import FolderDatasetSpec
from core.data.verify import verify_dataset

VALUES = np.array([[0, 128, 129, 255]], np.uint8)
TWO = """
domains:
  - {name: CAMO, train: {images: Images/Train, masks: GT}, test: {images: Images/Test, masks: GT}}
  - {name: coco, test: {images: coco, masks: coco}}
"""


def write(path: Path, pixels: np.ndarray = VALUES) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PILImage.fromarray(pixels).save(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "domains.yaml").write_text(TWO)
    for name in ("Images/Train/b.v2.jpg", "Images/Train/a.jpg", "Images/Test/c.jpg", "coco/d.jpg"):
        write(tmp_path / name)
    for name in ("GT/a.png", "GT/b.v2.png", "GT/c.png", "coco/d.png"):
        write(tmp_path / name)
    return tmp_path


def test_images_are_sorted_and_lose_only_their_last_suffix(root: Path) -> None:
    pairs = list_pairs(root, "CAMO.train")

    assert [pair.id for pair in pairs] == ["a", "b.v2"]
    assert pairs[1].label == root / "GT/b.v2.png"
    assert split_names(root) == ["CAMO.train", "CAMO.test", "coco.test"]
    assert list(read_classes(root).names.values()) == ["foreground"]


def test_images_and_masks_may_share_a_folder(root: Path) -> None:
    (root / "domains.yaml").write_text(
        "domains: [{name: x, test: {images: both, masks: both, image_ext: .png, mask_ext: _mask.png}}]"
    )
    for name in ("both/a.png", "both/a_mask.png"):
        write(root / name)

    assert [pair.id for pair in list_pairs(root, "test")] == ["a"]


def test_foreground_is_above_128_in_every_form_of_mask(tmp_path: Path) -> None:
    write(tmp_path / "grey.png")
    write(tmp_path / "rgb.png", np.stack([VALUES, VALUES * 0, VALUES * 0], axis=2))
    write(tmp_path / "rgba.png", np.stack([VALUES, VALUES * 0, VALUES * 0, VALUES * 0 + 9], axis=2))
    for name in ("grey", "rgb", "rgba"):
        assert read_label(tmp_path / f"{name}.png").tolist() == [[False, False, True, True]]
        assert read_grey_mask(tmp_path / f"{name}.png").tolist() == VALUES.tolist()
    write(tmp_path / "bits.png", VALUES > 128)
    assert read_grey_mask(tmp_path / "bits.png").tolist() == [[0, 0, 255, 255]]


def test_a_jpeg_mask_keeps_what_lies_between(tmp_path: Path) -> None:
    mask = np.zeros((32, 32), np.uint8)
    mask[:, 13:] = 255
    write(tmp_path / "mask.jpg", mask)

    values = read_grey_mask(tmp_path / "mask.jpg")

    assert ((values > 5) & (values < 250)).any() or len(np.unique(values)) > 2
    assert (read_label(tmp_path / "mask.jpg") == (mask > 128)).mean() > 0.95


def test_a_mask_of_16_bits_is_refused_with_the_way_out(tmp_path: Path) -> None:
    write(tmp_path / "deep.png", VALUES.astype(np.uint16) * 257)

    with pytest.raises(DataFaultError, match="8 bits, 255 for the foreground") as caught:
        read_grey_mask(tmp_path / "deep.png")
    assert caught.value.kind is FaultKind.WRONG_DEPTH


def test_an_image_without_a_mask_is_named(root: Path) -> None:
    (root / "GT/a.png").unlink()
    spec = FolderDatasetSpec(adapter="sam-domain", root=str(root), train_split="CAMO.train", eval_split="CAMO.test")

    with pytest.raises(DataFaultError, match=r"GT/a\.png: does not exist"):
        open_dataset(spec, root)
    assert any("GT/a.png" in fault.message for fault in verify_dataset(spec).faults)


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (None, "say which folders hold what"),
        ("domains: []", "at least 1 entry"),
        ("domains: [{name: a}, {name: a}]", "two domains are called 'a'"),
        ("domains: [{name: a, test: {images: x, masks: ./x, mask_ext: .jpg}}]", "cannot both end in"),
        ("domains: [", "cannot be read as YAML"),
        ("domains: [{name: a, test: {images: ../x, masks: y}}]", "leads out of"),
        ("domains: [{name: a, test: {images: x, masks: y}}]", "is no folder"),
        ("domains: [{name: a, train: {images: x, masks: y}}]", "has no split 'test'; splits there: train, a.train"),
    ],
)
def test_an_unusable_manifest_says_what_to_do(tmp_path: Path, manifest: str | None, message: str) -> None:
    if manifest is not None:
        (tmp_path / "domains.yaml").write_text(manifest)

    with pytest.raises(DataFaultError, match=message.replace("[", r"\[").replace(".", r"\.")):
        list_pairs(tmp_path, "test")
