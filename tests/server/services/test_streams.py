from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.data.opening import on_disk, open_dataset
from core.data.presence import scan_presence
from core.data.specs import FolderDatasetSpec
from core.data.worlds.objects_world import ObjectsDatasetSpec
from core.streams.schedules import named_schedule
from server.errors import InvalidRequestError
from server.schemas.streams import StreamPreview, StreamPreviewRequest
from server.services.datasets.presence_cache import presence_cache_below
from server.services.streams import list_schedules, preview
from tests.support.datasets import write_folder_dataset, write_voc_dataset
from tests.support.unlabelled import ROUNDS, write_unlabelled_target

STEPS = [[1, 2], [3, 4], [5, 6]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The allowed root."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Where scans of labels are kept."""
    return presence_cache_below(tmp_path / "home")


def _preview(root: Path, cache: Path, dataset: dict[str, Any], **stream: Any) -> StreamPreview:
    request = StreamPreviewRequest(dataset=dataset, stream=stream)
    return preview(request, data_roots=[root], presence_cache=cache)


def _scan(spec: FolderDatasetSpec, cache: Path) -> None:
    scan_presence(open_dataset(spec, cache.parent).train, cache)


def test_every_schedule_can_be_named_in_a_stream() -> None:
    assert all(named_schedule(each.name) == tuple(map(tuple, each.steps)) for each in list_schedules())


def test_images_of_steps_and_classes_are_counted_from_the_scan(root: Path, cache: Path) -> None:
    spec = write_voc_dataset(root / "six")
    _scan(spec, cache)

    found = _preview(root, cache, {"adapter": "voc", "root": spec.root}, steps=STEPS)

    assert (found.is_scanned, found.train_images, found.images_unused, found.faults) == (True, 13, 0, [])
    assert [label.images for label in found.classes[:6]] == [4, 3, 3, 4, 3, 3]
    assert [(step.images, step.images_shared) for step in found.steps] == [(6, 0), (6, 2), (5, 2)]
    assert [step.images_per_class for step in found.steps] == [[4, 3], [3, 4], [3, 3]]


def test_disjoint_steps_share_no_image_and_leave_those_with_later_classes_out(root: Path, cache: Path) -> None:
    spec = write_voc_dataset(root / "six")
    _scan(spec, cache)

    found = _preview(root, cache, {"adapter": "voc", "root": spec.root}, setting="disjoint", steps=STEPS)

    assert [(step.images, step.images_shared) for step in found.steps] == [(3, 0), (5, 0), (5, 0)]
    assert found.images_unused == 0


def test_images_that_show_no_learned_class_are_unused(root: Path, cache: Path) -> None:
    spec = write_voc_dataset(root / "six")
    _scan(spec, cache)

    assert _preview(root, cache, {"adapter": "voc", "root": spec.root}, steps=[[1], [2]]).images_unused == 7


def test_classes_are_listed_before_any_scan(root: Path, cache: Path) -> None:
    write_folder_dataset(root / "six")

    found = _preview(root, cache, {"adapter": "folder", "root": str(root / "six")}, steps=[[0], [1, 2]])

    assert (found.is_scanned, found.train_images, found.images_unused) == (False, 13, None)
    assert [(label.name, label.images) for label in found.classes[:2]] == [("floor", None), ("one", None)]
    assert [step.model_dump() for step in found.steps][1] == {
        "title": "step 1",
        "classes": [1, 2],
        "domain": None,
        "images": None,
        "images_shared": None,
        "images_per_class": None,
    }


def test_world_that_was_not_drawn_stays_so_and_one_that_was_is_counted(root: Path, cache: Path) -> None:
    world = {"world": "objects", "classes": 2, "size_px": 32, "train_images": 5, "eval_images": 1}
    before = _preview(root, cache, world, steps=[[1], [2]])
    untouched = not cache.parent.exists()
    _scan(on_disk(ObjectsDatasetSpec.model_validate(world), cache.parent), cache)

    after = _preview(root, cache, world, steps=[[1], [2]])

    assert (before.is_scanned, before.train_images, untouched) == (False, 5, True)
    assert (after.is_scanned, after.train_images) == (True, 5)
    assert all(step.images is not None for step in after.steps)


@pytest.mark.parametrize(
    ("stream", "pointer"),
    [
        ({"steps": [[1, 2], [2]]}, "/stream/steps/1/0"),
        ({"steps": [[1], []]}, "/stream/steps/1"),
        ({"steps": [[1], [99]]}, "/stream/steps/1/0"),
        ({"schedule": "15-2"}, "/stream/schedule"),
        ({"steps": STEPS, "seting": "overlap"}, "/stream/seting"),
        ({}, "/stream/steps"),
    ],
)
def test_fault_of_the_stream_is_said_beside_the_classes(
    root: Path, cache: Path, stream: dict[str, Any], pointer: str
) -> None:
    found = _preview(root, cache, {"world": "objects"}, **stream)

    assert [fault.pointer for fault in found.faults] == [pointer]
    assert (len(found.classes), found.steps) == (6, [])


@pytest.mark.parametrize(
    ("dataset", "pointer"),
    [
        ({"adapter": "voc", "root": "data/voc"}, "/dataset/root"),
        ({"adapter": "voc", "root": "/etc"}, "/dataset/root"),
        ({"adapter": "voc"}, "/dataset/root"),
        ({"world": "objects", "clases": 3}, "/dataset/clases"),
        ({"world": "nowhere"}, "/dataset/world"),
    ],
)
def test_dataset_that_cannot_be_opened_is_refused_at_its_place(
    root: Path, cache: Path, dataset: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        _preview(root, cache, dataset, steps=[[1]])

    assert [fault.pointer for fault in caught.value.errors] == [pointer]


def test_folder_that_vanished_is_refused_at_its_root(root: Path, cache: Path) -> None:
    spec = write_folder_dataset(root / "six")
    (root / "six" / "labels" / "train_3.png").unlink()

    with pytest.raises(InvalidRequestError, match="train_3"):
        _preview(root, cache, {"adapter": "folder", "root": spec.root}, steps=[[1]])


STREETS = {"world": "streets", "train_images": 10}


def _rounds(root: Path, cache: Path, **stream: Any) -> StreamPreview:
    return _preview(root, cache, STREETS, kind="active_rounds", **stream)


def test_rounds_have_a_pool_and_what_each_has_labelled(root: Path, cache: Path) -> None:
    found = _rounds(root, cache, initial_images=2, budgets=[3], source=STREETS | {"domain": "synthetic"})

    assert (found.train_images, found.images_unused, found.faults) == (10, None, [])
    assert [(step.title, step.classes, step.images) for step in found.steps] == [("round 0", [], 2), ("round 1", [], 3)]
    assert [label.id for label in found.classes] == list(range(19))


@pytest.mark.parametrize(
    ("stream", "pointer"),
    [
        ({"initial_images": 2, "budgets": [9]}, "/stream/budgets/0"),
        ({"initial_images": 11}, "/stream/initial_images"),
        ({"initial_images": 2, "unit": "imges"}, "/stream/unit"),
        ({"source": {"adapter": "gta5", "root": "/etc"}}, "/stream/source/root"),
        ({"source": {"world": "streets", "domain": "city-z"}}, "/stream/source/domain"),
    ],
)
def test_fault_of_rounds_is_part_of_the_answer(root: Path, cache: Path, stream: dict[str, Any], pointer: str) -> None:
    assert [fault.pointer for fault in _rounds(root, cache, **stream).faults] == [pointer]


def test_source_that_is_missing_is_a_fault_of_rounds(root: Path, cache: Path) -> None:
    found = _rounds(root, cache, initial_images=2, budgets=[2], source={"adapter": "voc", "root": str(root / "none")})

    assert [fault.pointer for fault in found.faults] == ["/stream/source/root"]


def test_rounds_of_people_need_labels_of_the_first_images_alone(root: Path, cache: Path) -> None:
    target = write_unlabelled_target(root)
    dataset = target.spec.model_dump()

    assert _preview(root, cache, dataset, **ROUNDS).faults == []
    target.remove_label(target.labelled[0])
    assert [fault.pointer for fault in _preview(root, cache, dataset, **ROUNDS).faults] == ["/stream/initial_images"]
    by_oracle = _preview(root, cache, dataset, **{**ROUNDS, "oracle": "ground_truth"})
    assert [fault.pointer for fault in by_oracle.faults] == ["/stream/oracle"]
    assert by_oracle.train_images == 8


def test_several_targets_are_counted_and_classes_are_those_that_all_share(root: Path, cache: Path) -> None:
    spec = write_folder_dataset(root / "target", classes=["road", "one", "two", "three", "four", "five", "Car"])
    targets = [
        {"name": "a", "dataset": {"world": "streets", "domain": "city-b", "train_images": 7}},
        {"name": "b", "dataset": {"adapter": "folder", "root": spec.root}},
    ]
    source = {"world": "streets", "domain": "synthetic", "layout": "gta5", "train_images": 9}

    found = _preview(root, cache, source, kind="multi_target", classes=7, targets=targets)

    assert (found.faults, found.train_images) == ([], 9)
    assert [label.name for label in found.classes] == [
        *("flat", "construction", "object", "nature", "sky", "human", "vehicle")
    ]
    assert [(step.domain, step.images) for step in found.steps] == [("source", 9), ("a", 7), ("b", 13)]


def test_all_targets_that_cannot_be_read_are_told_at_once(root: Path, cache: Path) -> None:
    for name in ("a", "b"):
        write_folder_dataset(root / name)
        (root / name / "classes.json").unlink()
    targets = [{"name": name, "dataset": {"adapter": "folder", "root": str(root / name)}} for name in ("a", "b")]

    found = _preview(root, cache, {"world": "streets"}, kind="multi_target", targets=targets)

    assert [fault.pointer for fault in found.faults] == [f"/stream/targets/{place}/dataset/root" for place in (0, 1)]
