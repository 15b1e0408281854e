"""Samples of every kind through the same scans, checks and pictures."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image as PILImage

from core.data.opening import open_dataset
from core.data.presence import known_presence, scan_presence
from core.data.samples import SampleKind
from core.data.specs import FolderDatasetSpec
from core.data.truths import VIEWS
from core.data.verify import check_dataset
from core.experiment import InvalidExperiment, resolve
from tests.support.other_samples import add_adapters, read_objects, write_masks, write_objects


@pytest.fixture
def masks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FolderDatasetSpec:
    add_adapters(monkeypatch)
    write_masks(tmp_path / "data")
    return FolderDatasetSpec(adapter="toy-masks", root=str(tmp_path / "data"))


@pytest.fixture
def objects(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FolderDatasetSpec:
    add_adapters(monkeypatch)
    write_objects(tmp_path / "data")
    return FolderDatasetSpec(adapter="toy-objects", root=str(tmp_path / "data"))


def test_every_kind_of_sample_can_be_looked_at() -> None:
    assert set(VIEWS) == set(SampleKind)


def test_masks_are_scanned_kept_and_read(masks: FolderDatasetSpec, tmp_path: Path) -> None:
    train = open_dataset(masks, tmp_path).train

    presence = scan_presence(train, tmp_path / "presence")

    assert presence.pixels[:, [0, 1]].tolist() == [[24 * 16 - 8, 8], [24 * 16 - 12, 12]]
    assert train.mask(0).sum() == 8
    assert known_presence(train, tmp_path / "presence") is not None
    with pytest.raises(TypeError, match="the samples are binary masks, and were asked for label maps"):
        train.label(0)


def test_objects_are_scanned_by_their_classes_and_an_image_may_show_none(
    objects: FolderDatasetSpec, tmp_path: Path
) -> None:
    train = open_dataset(objects, tmp_path).train

    presence = scan_presence(train)

    assert presence.pixels[:, [3, 7]].tolist() == [[64, 4], [0, 0]]
    assert len(train.instances(1)) == 0
    assert train.instances(1).boxes.shape == (0, 4)


def test_a_small_object_in_front_of_a_large_one_stays_visible(objects: FolderDatasetSpec) -> None:
    found = read_objects(Path(objects.root) / "objects" / "train_0.json")

    drawn = VIEWS[SampleKind.INSTANCES].draw(found)

    assert (drawn[0, 0], drawn[3, 3], drawn[12, 20]) == (3, 7, 255)


def test_the_check_reports_what_the_adapter_declares(masks: FolderDatasetSpec) -> None:
    report = check_dataset(masks).report

    assert report.is_sound
    assert [(split.name, split.listed, split.images.get(1)) for split in report.splits] == [
        ("train", 2, 2),
        ("val", 1, 1),
    ]


def test_objects_of_another_size_or_class_are_named(objects: FolderDatasetSpec) -> None:
    root = Path(objects.root)
    PILImage.new("RGB", (30, 16)).save(root / "images" / "train_0.png")
    (root / "objects" / "val_0.json").write_text("[[9, [0, 0, 2, 2], false]]")

    faults = [fault.message for fault in check_dataset(objects).report.faults]

    assert any("train_0" in message and "24" in message and "30" in message for message in faults)
    assert any("label id 9 (4 pixels) is not in the class list" in message for message in faults)


def test_a_method_is_not_given_samples_that_it_does_not_read(objects: FolderDatasetSpec) -> None:
    document = {
        "method": "eir",
        "dataset": objects.model_dump(),
        "stream": {"steps": [[3], [7]]},
    }

    with pytest.raises(InvalidExperiment) as refusal:
        resolve(document)

    (fault,) = refusal.value.faults
    assert fault.pointer == "/dataset/adapter"
    assert "'toy-objects' yields instances, and method 'eir' learns from label maps; adapters of these are voc" in (
        fault.message
    )
