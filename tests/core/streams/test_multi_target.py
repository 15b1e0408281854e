from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from core.data.classes import CITYSCAPES_CLASSES, SYNTHIA_CLASSES, ClassTable
from core.data.domain_classes import SEVEN_CLASSES
from core.data.presence import ClassPresence
from core.data.specs import FolderDatasetSpec
from core.data.worlds.streets_world import StreetsDatasetSpec
from core.errors import ConfigError
from core.streams.base import KnownDataset
from core.streams.catalog import read_stream
from core.streams.known import class_tables, known_datasets, open_use
from core.streams.multi_target import MultiTargetStream
from tests.support.camvid import write_domains
from tests.support.datasets import write_folder_dataset

SOURCE = StreetsDatasetSpec(world="streets", domain="synthetic", layout="gta5")
CITIES = ("city-a", "city-b", "city-c")


def stream(count: int = 2, **values: Any) -> MultiTargetStream:
    targets = [{"name": city, "dataset": {"world": "streets", "domain": city}} for city in CITIES[:count]]
    return MultiTargetStream.model_validate({"targets": targets, **values})


def named(*names: str) -> ClassTable:
    return ClassTable(dict(enumerate(names)), background_id=None)


def tables(source: ClassTable, *targets: ClassTable) -> dict[str, ClassTable]:
    return {"source": source, **dict(zip(CITIES, targets, strict=False))}


def test_source_and_targets_are_met_in_their_order_by_name() -> None:
    uses = stream(3).datasets(SOURCE)

    assert list(uses) == ["source", *CITIES]
    assert [use.pointer for use in uses.values()] == ["/dataset", *(f"/stream/targets/{i}/dataset" for i in range(3))]
    assert (uses["source"].splits, uses["source"].labels) == (("train",), {"train"})
    assert (uses["city-a"].splits, uses["city-a"].labels) == (("train", "eval"), {"eval"})
    assert stream(3).tested_after(0, SOURCE) == CITIES


def test_the_source_is_tested_and_targets_are_labelled_where_it_is_asked_for() -> None:
    asked = stream(test_source=True, target_labels=True)

    assert asked.tested_after(0, SOURCE) == ("source", "city-a", "city-b")
    assert asked.datasets(SOURCE)["source"].labelled_splits == ("train", "eval")
    assert asked.datasets(SOURCE)["city-b"].labelled_splits == ("train", "eval")


@pytest.mark.parametrize(("count", "said"), [(0, "there is no target"), (1, r"there is 1 target only \(city-a\)")])
def test_fewer_than_two_targets_are_refused_with_a_way_out(count: int, said: str) -> None:
    with pytest.raises(ValidationError, match=f"{said}; name at least two; .* active_rounds") as caught:
        stream(count)

    assert caught.value.errors()[0]["ctx"]["place"] == ("targets",)


@pytest.mark.parametrize(("name", "said"), [("city-a", "names another target already"), ("source", "means the source")])
def test_a_target_needs_a_name_of_its_own(name: str, said: str) -> None:
    world = {"world": "streets"}
    with pytest.raises(ValidationError, match=said) as caught:
        stream(targets=[{"name": "city-a", "dataset": world}, {"name": name, "dataset": world}])

    assert caught.value.errors()[0]["ctx"]["place"] == ("targets", 1, "name")


def test_a_name_that_leads_elsewhere_is_refused() -> None:
    world = {"world": "streets"}
    with pytest.raises(ValidationError, match="pattern"):
        stream(targets=[{"name": "../x", "dataset": world}, {"name": "b", "dataset": world}])


@pytest.mark.parametrize("classes", [7, "7", "7-consistent"])
def test_seven_classes_are_one_list_for_all(classes: int | str) -> None:
    seven = stream(classes=classes)
    found = class_tables(seven.datasets(SOURCE))

    seven.check_against(found)
    assert {name: table.names for name, table in found.items()} == dict.fromkeys(
        ("source", *CITIES[:2]), SEVEN_CLASSES.names
    )
    assert seven.channel_tables(found)["city-b"][:8].tolist() == [0, 1, 2, 3, 4, 5, 6, 255]


def test_worlds_are_drawn_once_for_all_class_lists() -> None:
    seven = stream(classes=7).datasets(SOURCE)["city-a"].spec
    own = stream().datasets(SOURCE)["city-a"].spec

    assert isinstance(seven, StreetsDatasetSpec)
    assert isinstance(own, StreetsDatasetSpec)
    assert seven.digest() == own.digest()


def test_each_dataset_maps_its_own_ids_by_the_names_of_the_sources_classes() -> None:
    city = ClassTable({3: "Traffic_Light", 5: "road", 9: "kite"}, background_id=None)
    found = tables(ClassTable({10: "road", 20: "traffic light"}, background_id=None), city, city)

    channels = stream().channel_tables(found)

    assert {raw_id: int(channels["city-a"][raw_id]) for raw_id in (3, 5, 9, 10)} == {3: 1, 5: 0, 9: 255, 10: 255}
    assert {raw_id: int(channels["source"][raw_id]) for raw_id in (5, 10, 20)} == {5: 255, 10: 0, 20: 1}


def test_a_target_without_a_shared_class_is_refused() -> None:
    found = tables(named("road", "sky"), named("road"), named("kite", "nut"))

    with pytest.raises(ConfigError, match=r"city-b has no class of the shared list: it has kite, nut, and") as caught:
        stream().check_against(found)

    assert caught.value.pointer == "/stream/targets/1/dataset"


def test_a_target_with_two_ids_for_one_class_is_refused() -> None:
    found = tables(named("traffic light"), named("traffic light"), named("traffic light", "Traffic_light"))

    with pytest.raises(ConfigError, match="ids 0 'traffic light' and 1 'Traffic_light' of the target city-b") as caught:
        stream().check_against(found)

    assert caught.value.pointer == "/stream/targets/1/dataset"


def test_a_source_must_teach_every_class_of_a_published_list() -> None:
    found = tables(SYNTHIA_CLASSES, CITYSCAPES_CLASSES, CITYSCAPES_CLASSES)

    with pytest.raises(ConfigError, match="the source has no class terrain, truck, train, which") as caught:
        stream(classes=19).check_against(found)

    assert caught.value.pointer == "/stream/classes"
    stream().check_against(found)


def test_classes_that_a_target_lacks_are_told() -> None:
    found = tables(CITYSCAPES_CLASSES, CITYSCAPES_CLASSES, SYNTHIA_CLASSES)

    [warning] = stream().warnings(found)

    assert (warning.pointer, warning.code) == ("/stream/targets/1/dataset", "target_classes_missing")
    assert warning.message == "city-b has no class terrain, truck, train; their scores are undefined there"


def test_one_dataset_as_two_targets_is_told() -> None:
    world = {"world": "streets"}
    twice = stream(targets=[{"name": "a", "dataset": world}, {"name": "b", "dataset": world}])

    [warning] = twice.warnings(dict.fromkeys(("source", "a", "b"), CITYSCAPES_CLASSES))

    assert (warning.pointer, warning.code) == ("/stream/targets/1/dataset", "same_target")


def test_a_target_without_images_is_refused() -> None:
    known = {"source": KnownDataset(3), "city-a": KnownDataset(2), "city-b": KnownDataset(0)}

    with pytest.raises(ConfigError, match="the target city-b has no image to learn from") as caught:
        stream().check_images(known)

    assert caught.value.pointer == "/stream/targets/1/dataset"


def test_a_shared_class_without_any_pixel_of_the_source_is_refused_once_it_is_known() -> None:
    pixels = np.zeros((2, 256), np.uint32)
    pixels[:, :6] = 9
    known = dict.fromkeys(("city-a", "city-b"), KnownDataset(2))

    stream(classes=7).check_images({**known, "source": KnownDataset(2)})
    with pytest.raises(ConfigError, match=r"none of the 2 training images .* shows a pixel of 6 'vehicle'") as caught:
        stream(classes=7).check_images({**known, "source": KnownDataset(2, ClassPresence(pixels, SEVEN_CLASSES))})

    assert caught.value.pointer == "/stream/classes"


def test_a_preview_says_the_images_of_every_domain() -> None:
    known = {"source": KnownDataset(30), "city-a": KnownDataset(20), "city-b": KnownDataset(10)}

    steps = stream().preview(known).steps

    assert [(step.domain, step.images) for step in steps] == [("source", 30), ("city-a", 20), ("city-b", 10)]
    assert stream().images_per_step(known) == (30, 20, 10)


def test_it_is_told_by_its_targets_and_survives_json() -> None:
    seven = stream(classes=7)

    assert seven.label() == "to city-a + city-b, 7 classes"
    assert stream(3).label() == "to city-a + city-b + city-c"
    assert read_stream(seven.model_dump(mode="json")) == seven


def folder_targets(tmp_path: Path) -> tuple[MultiTargetStream, FolderDatasetSpec]:
    """A source and two targets in the layout `folder`, of which the second has no training labels."""
    for name in ("source", "one", "two"):
        write_folder_dataset(tmp_path / name)
    for label in (tmp_path / "two/labels").glob("train_*.png"):
        label.unlink()
    targets = [
        {"name": name, "dataset": {"adapter": "folder", "root": str(tmp_path / name)}} for name in ("one", "two")
    ]
    source = FolderDatasetSpec.model_validate({"adapter": "folder", "root": str(tmp_path / "source")})
    return stream(targets=targets), source


def test_targets_need_no_labels_to_learn_from_but_for_an_upper_bound(tmp_path: Path) -> None:
    without, source = folder_targets(tmp_path)

    known = known_datasets(without.datasets(source), tmp_path, tmp_path)

    assert (known["two"].train_images, known["source"].eval) == (13, None)
    upper = without.model_copy(update={"target_labels": True})
    with pytest.raises(ConfigError, match=r"train_0.png: does not exist") as caught:
        known_datasets(upper.datasets(source), tmp_path, tmp_path)
    assert caught.value.pointer == "/stream/targets/1/dataset/root"


def test_an_empty_split_of_a_target_is_refused_by_its_name(tmp_path: Path) -> None:
    empty, source = folder_targets(tmp_path)
    (tmp_path / "two/train.txt").write_text("")

    with pytest.raises(ConfigError, match=r"two/train.txt: lists no image") as caught:
        known_datasets(empty.datasets(source), tmp_path, tmp_path)

    assert caught.value.pointer == "/stream/targets/1/dataset/root"


def test_real_images_by_day_at_dusk_and_in_the_dark_share_seven_classes(tmp_path: Path) -> None:
    source, targets = write_domains(tmp_path, images=3)
    seven = stream(targets=targets, classes=7)
    uses = seven.datasets(source)

    found = class_tables(uses)
    seven.check_against(found)
    known = known_datasets(uses, tmp_path, tmp_path)
    seven.check_images(known)

    assert {name: table.names for name, table in found.items()} == dict.fromkeys(
        ("source", "dusk", "dark"), SEVEN_CLASSES.names
    )
    assert list(seven.warnings(found)) == []
    assert seven.images_per_step(known) == (3, 3, 3)
    day, dusk, dark = (open_use(use, tmp_path).train for use in uses.values())
    assert dark.image(0).mean() < 0.6 * dusk.image(0).mean() < 0.6 * day.image(0).mean()
    assert set(np.unique(day.label(0))) <= {*range(7), 255}
    # A street by day is mostly road, buildings and sky.
    assert np.isin(day.label(0), [0, 1, 4]).mean() > 0.5
