"""The specs by which experiments name a dataset."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import pytest
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from core.data.catalog import ADAPTERS, WORLDS
from core.data.dataset_spec import DatasetSpec
from core.data.opening import open_dataset
from core.data.specs import FolderDatasetSpec
from core.data.worlds.objects_world import ObjectsDatasetSpec, materialise
from tests.support.datasets import write_folder_dataset

SMALL_WORLD = ObjectsDatasetSpec(world="objects", classes=3, size_px=32, train_images=5, eval_images=2)


class Holder(BaseModel):
    dataset: DatasetSpec


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
        ({"world": "object"}, ("dataset", "world"), "Input should be 'objects', 'domains' or 'streets'"),
        ({"world": "objects", "classes": 21}, ("dataset", "classes"), "less than or equal to 20"),
        ({"world": "objects", "density_max": 7}, ("dataset",), "cannot show 1 to 7 of 6 classes"),
        ({"world": "objects", "density_min": 3}, ("dataset",), "cannot show 3 to 2 of 6 classes"),
        ({"adapter": "vok", "root": "/data"}, ("dataset", "adapter"), "Input should be 'voc', 'folder', 'coco'"),
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
        "#/$defs/DomainsDatasetSpec",
        "#/$defs/FolderDatasetSpec",
        "#/$defs/ObjectsDatasetSpec",
        "#/$defs/StreetsDatasetSpec",
    }
    assert (world["classes"]["minimum"], world["classes"]["maximum"]) == (1, 20)
    assert all(field["description"] for field in world.values())


class MoonsDatasetSpec(ObjectsDatasetSpec):
    """A world that a test adds."""

    world: Literal["moons"] = Field(description="Which world is drawn.")  # type: ignore[assignment]


def test_a_world_needs_one_row_to_be_named_and_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(WORLDS, "moons", replace(WORLDS["objects"], module=__name__, spec="MoonsDatasetSpec"))
    monkeypatch.setitem(
        sys.modules, __name__, SimpleNamespace(MoonsDatasetSpec=MoonsDatasetSpec, materialise=materialise)
    )

    spec = TypeAdapter(DatasetSpec).validate_python(
        {"world": "moons", "size_px": 32, "train_images": 2, "eval_images": 1}
    )

    assert isinstance(spec, MoonsDatasetSpec)
    assert len(open_dataset(spec, tmp_path).train) == 2


def test_an_adapter_needs_one_row_to_be_named_and_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = write_folder_dataset(tmp_path)
    monkeypatch.setitem(ADAPTERS, "mine", ADAPTERS["folder"])

    spec = TypeAdapter(DatasetSpec).validate_python({"adapter": "mine", "root": folder.root})

    assert isinstance(spec, FolderDatasetSpec)
    assert spec.train_split == "train"
    assert "mine" in Holder.model_json_schema()["$defs"]["FolderDatasetSpec"]["properties"]["adapter"]["enum"]
