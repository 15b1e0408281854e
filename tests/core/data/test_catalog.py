"""The table of datasets, and the specs by which experiments name them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from core.data.catalog import (
    ADAPTERS,
    WORLD_SPECS,
    WORLDS,
    DatasetSpec,
    FolderDatasetSpec,
    ObjectsDatasetSpec,
    dataset_classes,
    on_disk,
    open_dataset,
)
from core.data.classes import object_classes
from core.data.faults import DataFaultError
from tests.support.datasets import SIX_CLASSES, pairs_of, write_folder_dataset, write_voc_dataset

SMALL_WORLD = ObjectsDatasetSpec(world="objects", classes=3, size_px=32, train_images=5, eval_images=2)


class Holder(BaseModel):
    dataset: DatasetSpec


@pytest.mark.parametrize("name", ADAPTERS)
def test_every_adapter_resolves(name: str) -> None:
    adapter = ADAPTERS[name].load()

    assert callable(adapter.read_classes)
    assert callable(adapter.list_pairs)
    assert callable(adapter.read_label)


@pytest.mark.parametrize("name", WORLDS)
def test_every_world_resolves_and_names_an_adapter(name: str) -> None:
    assert callable(WORLDS[name].load().materialise)
    assert WORLD_SPECS[name](world=name).adapter in ADAPTERS


def test_catalog_presence_verification_and_streams_load_without_torch() -> None:
    code = (
        "import sys, core.data.catalog, core.data.presence, core.data.verify, core.data.pairing, core.data.samples;"
        "import core.streams.class_incremental, core.data.worlds.export;"
        "sys.exit('torch' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[3]).returncode == 0


def test_presence_of_world_decides_between_the_two_specs() -> None:
    specs = TypeAdapter(DatasetSpec)

    assert specs.validate_python({"world": "objects"}) == ObjectsDatasetSpec(world="objects")
    assert specs.validate_python({"adapter": "voc", "root": "/data"}) == FolderDatasetSpec(
        adapter="voc", root="/data", train_split="train_aug", eval_split="val"
    )


def test_usual_split_is_filled_in_for_the_adapter_and_a_given_one_kept() -> None:
    spec = FolderDatasetSpec.model_validate({"adapter": "folder", "root": "/data", "eval_split": "test_dusk"})

    assert (spec.train_split, spec.eval_split) == ("train", "test_dusk")


@pytest.mark.parametrize(
    ("dataset", "place", "complaint"),
    [
        ({"world": "objects", "size": 64}, ("dataset", "size"), "Extra inputs are not permitted"),
        ({"world": "object"}, ("dataset", "world"), "Input should be 'objects' or 'streets'"),
        ({"world": "objects", "classes": 21}, ("dataset", "classes"), "less than or equal to 20"),
        ({"world": "objects", "density_max": 7}, ("dataset",), "cannot show 1 to 7 of 6 classes"),
        ({"world": "objects", "density_min": 3}, ("dataset",), "cannot show 3 to 2 of 6 classes"),
        ({"adapter": "vok", "root": "/data"}, ("dataset", "adapter"), "Input should be 'voc', 'folder', 'cityscapes'"),
        ({"adapter": "voc"}, ("dataset", "root"), "Field required"),
        ({"adapter": "voc", "root": "/d", "eval_split": "../x"}, ("dataset", "eval_split"), "match pattern"),
        ("objects", ("dataset",), "a dataset is an object"),
    ],
)
def test_faulty_spec_is_refused_once_and_at_its_place(dataset: object, place: tuple[str], complaint: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Holder.model_validate({"dataset": dataset})

    errors = refusal.value.errors()
    assert [error["loc"] for error in errors] == [place]
    assert complaint in errors[0]["msg"]


def test_specs_survive_a_round_trip_through_json() -> None:
    held = Holder.model_validate({"dataset": SMALL_WORLD})

    assert Holder.model_validate_json(held.model_dump_json()) == held


def test_json_schema_offers_both_kinds_with_bounds_and_descriptions() -> None:
    schema = Holder.model_json_schema()
    world = schema["$defs"]["ObjectsDatasetSpec"]["properties"]

    assert {choice["$ref"] for choice in schema["properties"]["dataset"]["anyOf"]} == {
        "#/$defs/FolderDatasetSpec",
        "#/$defs/ObjectsDatasetSpec",
        "#/$defs/StreetsDatasetSpec",
    }
    assert (world["classes"]["minimum"], world["classes"]["maximum"]) == (1, 20)
    assert all(field["description"] for field in world.values())


def test_folder_dataset_is_opened_with_both_splits(tmp_path: Path) -> None:
    opened = open_dataset(write_folder_dataset(tmp_path), tmp_path / "home")

    assert (len(opened.train), len(opened.eval)) == (len(SIX_CLASSES), 6)
    assert opened.train.classes == opened.classes


def test_dataset_with_a_missing_file_is_not_opened(tmp_path: Path) -> None:
    spec = write_voc_dataset(tmp_path)
    pairs_of(spec)[0].label.unlink()

    with pytest.raises(DataFaultError, match=r"SegmentationClassAug/train_0\.png: does not exist; .*check-data"):
        open_dataset(spec, tmp_path / "home")


def test_world_is_drawn_once_and_read_through_its_adapter(tmp_path: Path) -> None:
    first = open_dataset(SMALL_WORLD, tmp_path)
    written = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.png")}
    second = open_dataset(SMALL_WORLD, tmp_path)

    assert (len(first.train), len(first.eval)) == (5, 2)
    assert second.train.ids == first.train.ids
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.png")} == written


def test_another_seed_is_another_folder(tmp_path: Path) -> None:
    other = SMALL_WORLD.model_copy(update={"seed": 1})

    assert on_disk(SMALL_WORLD, tmp_path).root != on_disk(other, tmp_path).root


def test_classes_of_a_world_are_known_before_it_is_drawn(tmp_path: Path) -> None:
    before = dataset_classes(SMALL_WORLD)

    assert before == object_classes(3)
    assert open_dataset(SMALL_WORLD, tmp_path).classes == before


def test_classes_of_a_folder_are_read_from_its_table(tmp_path: Path) -> None:
    assert dataset_classes(write_folder_dataset(tmp_path)).names[6] == "six"
