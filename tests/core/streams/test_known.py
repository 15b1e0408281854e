"""What is known of the datasets of a stream, and which of their files need to be there."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.faults import DataFaultError
from core.data.opening import open_dataset
from core.data.presence import scan_presence
from core.data.specs import FolderDatasetSpec
from core.data.worlds.streets_world import StreetsDatasetSpec
from core.errors import ConfigError
from core.streams.active_rounds import SOURCE, TARGET, ActiveRoundsStream
from core.streams.base import MAIN
from core.streams.class_incremental import ClassIncrementalStream
from core.streams.known import class_tables, known_datasets, open_use
from tests.support.datasets import pairs_of, write_folder_dataset, write_voc_dataset

STEPS = ClassIncrementalStream(steps=((1, 2), (3,)))
STREETS = StreetsDatasetSpec(world="streets", train_images=5)


def rounds(source: FolderDatasetSpec) -> ActiveRoundsStream:
    return ActiveRoundsStream(source=source, initial_images=2, budgets=(2,))


def test_presence_is_known_once_the_labels_were_scanned(tmp_path: Path) -> None:
    spec, cache = write_voc_dataset(tmp_path / "voc"), tmp_path / "presence"
    uses = STEPS.datasets(spec)

    before = known_datasets(uses, tmp_path, cache)[MAIN]
    scan_presence(open_dataset(spec, tmp_path).train, cache)
    after = known_datasets(uses, tmp_path, cache)[MAIN]

    assert (before.train_images, before.presence, before.folder) == (13, None, spec)
    assert after.presence is not None
    assert STEPS.images_per_step({MAIN: after}) == (6, 3)


def test_a_world_is_counted_and_not_drawn(tmp_path: Path) -> None:
    known = known_datasets(ActiveRoundsStream(source=STREETS).datasets(STREETS), tmp_path, tmp_path / "presence")

    assert {name: (one.train_images, one.train) for name, one in known.items()} == {
        TARGET: (5, None),
        SOURCE: (5, None),
    }
    assert list(tmp_path.iterdir()) == []


def test_test_images_of_a_source_are_not_asked_for(tmp_path: Path) -> None:
    source = write_folder_dataset(tmp_path / "source")
    for pair in pairs_of(source, "val"):
        pair.image.unlink()
        pair.label.unlink()
    (Path(source.root) / "val.txt").unlink()
    uses = rounds(source).datasets(STREETS)

    assert known_datasets(uses, tmp_path, tmp_path / "presence")[SOURCE].train_images == 13
    assert list(open_use(uses[SOURCE], tmp_path).splits) == ["train"]


def test_what_a_source_lacks_is_pointed_at(tmp_path: Path) -> None:
    source = write_folder_dataset(tmp_path / "source")
    pairs_of(source)[3].label.unlink()
    gone = FolderDatasetSpec.model_validate({"adapter": "folder", "root": str(tmp_path / "gone")})

    with pytest.raises(ConfigError, match=r"train_3\.png: does not exist") as missing:
        known_datasets(rounds(source).datasets(STREETS), tmp_path, tmp_path)
    with pytest.raises(ConfigError, match="root does not exist") as nowhere:
        class_tables(rounds(gone).datasets(STREETS))

    assert [error.value.pointer for error in (missing, nowhere)] == ["/stream/source/root"] * 2


def test_what_the_own_dataset_lacks_is_a_fault_of_the_data(tmp_path: Path) -> None:
    spec = write_folder_dataset(tmp_path / "six")
    pairs_of(spec)[3].label.unlink()

    with pytest.raises(DataFaultError, match="train_3"):
        known_datasets(STEPS.datasets(spec), tmp_path, tmp_path)


def test_all_folders_that_are_missing_are_told_at_once(tmp_path: Path) -> None:
    own, source = (
        FolderDatasetSpec.model_validate({"adapter": "folder", "root": str(tmp_path / name)})
        for name in ("own", "source")
    )

    with pytest.raises(ConfigError, match=r"own: the dataset's root .*source: the dataset's root") as caught:
        class_tables(rounds(source).datasets(own))

    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [
        ("/dataset/root", "data_error"),
        ("/stream/source/root", "config_error"),
    ]
