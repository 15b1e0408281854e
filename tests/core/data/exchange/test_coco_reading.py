from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from core.data.classes import ClassTable
from core.data.exchange import coco_reading
from core.data.exchange.coco_reading import read_coco
from core.data.exchange.faults import ExchangeFault
from core.data.exchange.found import KEPT_OF_A_KIND, Found, ReadingTerms
from core.data.exchange.masks import encode_rle

TABLE = ClassTable({3: "road", 7: "sky"}, background_id=None)
SIZE = (4, 3)
IMAGE = {"id": 1, "file_name": "sub/ulm_1.jpg", "width": 4, "height": 3}


def box(left: int, top: int, right: int, bottom: int) -> dict[str, Any]:
    mask = np.zeros((3, 4), np.bool_)
    mask[top:bottom, left:right] = True
    return encode_rle(mask)


def annotation(number: int, category: Any, segmentation: Any) -> dict[str, Any]:
    return {"id": number, "image_id": 1, "category_id": category, "segmentation": segmentation}


def found_in(document: Any) -> Found:
    found = Found()
    read_coco("a.json", json.dumps(document).encode(), ReadingTerms(TABLE), found)
    return found


def read(annotations: list[Any], **members: Any) -> np.ndarray:
    found = found_in({"images": [IMAGE], "annotations": annotations, **members})
    assert found.faults == []
    return found.labels[0].read(SIZE).labels


def fault_of(annotations: list[Any], **members: Any) -> ExchangeFault:
    with pytest.raises(ExchangeFault) as fault:
        read(annotations, **members)
    return fault.value


def test_annotations_of_an_image_are_laid_together_and_the_rest_is_ignored() -> None:
    labels = read([annotation(1, 3, box(0, 0, 2, 3)), annotation(2, 7, [[2, 0, 3, 0, 3, 3, 2, 3]])])

    assert labels.tolist() == [[3, 3, 7, 255]] * 3


def test_the_image_is_known_by_its_file_name_without_suffix() -> None:
    [label] = found_in({"images": [IMAGE], "annotations": []}).labels

    assert (label.file, label.stem) == ("a.json: sub/ulm_1.jpg", "sub/ulm_1")


def test_names_of_categories_win_over_their_ids() -> None:
    # A tool that numbers from 1 calls the sky 3, which is the road here.
    labels = read([annotation(1, 3, box(0, 0, 4, 3))], categories=[{"id": 3, "name": "Sky"}, {"id": 1, "name": "road"}])

    assert np.unique(labels).tolist() == [7]


@pytest.mark.parametrize(
    ("category", "members", "words"),
    [
        (9, {}, "the category 9 is no class of the round"),
        (3, {"categories": [{"id": 3, "name": "tree"}, {"id": 7}]}, "the category 3 (tree) is no class of the round"),
        (None, {}, "the category None is no class"),
        ([3], {}, "the category [3] is no class"),
    ],
)
def test_an_unknown_category_is_named(category: Any, members: dict[str, Any], words: str) -> None:
    fault = fault_of([annotation(5, category, box(0, 0, 1, 1))], **members)

    assert fault.code == "unknown_category"
    assert f"annotation 5: {words}" in fault.message


def test_annotations_of_two_classes_that_overlap_are_both_named() -> None:
    fault = fault_of([annotation(11, 3, box(0, 0, 2, 2)), annotation(12, 7, box(1, 1, 4, 3))])

    assert fault.code == "overlap"
    assert "the annotations 11 and 12 overlap and differ in class (1 pixels, first at x 1, y 1)" in fault.message


def test_annotations_of_one_class_may_overlap() -> None:
    labels = read([annotation(1, 3, box(0, 0, 3, 3)), annotation(2, 3, box(1, 0, 4, 3))])

    assert np.unique(labels).tolist() == [3]


def test_a_bad_segmentation_is_named_by_its_annotation() -> None:
    fault = fault_of([annotation(4, 3, {"size": [3, 4], "counts": [5]})])

    assert (fault.code, fault.message) == ("bad_rle", "annotation 4: run lengths cover 5 pixels; the image has 12")


def test_the_size_of_the_document_is_compared_with_the_image() -> None:
    [label] = found_in({"images": [IMAGE], "annotations": []}).labels

    with pytest.raises(ExchangeFault, match="the document says 4x3, the image is 8x6") as fault:
        label.read((8, 6))
    assert fault.value.code == "size_mismatch"


def test_too_many_annotations_of_an_image_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coco_reading, "MAX_ANNOTATIONS", 1)

    assert fault_of([annotation(1, 3, box(0, 0, 1, 1)), annotation(2, 3, box(2, 2, 3, 3))]).code == "too_large"


@pytest.mark.parametrize(
    "document",
    [[], {}, {"images": [], "annotations": {}}, {"images": [], "annotations": [], "categories": [{"name": "x"}]}],
)
def test_a_document_that_is_none_is_one_fault(document: Any) -> None:
    [(file, fault)] = found_in(document).faults

    assert (file, fault.code) == ("a.json", "bad_document")


@pytest.mark.parametrize("data", [b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_one_fault(data: bytes) -> None:
    found = Found()
    read_coco("a.json", data, ReadingTerms(TABLE), found)

    assert [fault.code for _, fault in found.faults] == ["bad_document"]


def test_entries_that_say_nothing_do_not_stop_the_others() -> None:
    images = [IMAGE, {"id": 2}, IMAGE, 5, {**IMAGE, "id": 3, "file_name": ""}]
    annotations = [annotation(1, 3, box(0, 0, 4, 3)), {"image_id": 9}, {"image_id": [1]}, "text"]

    found = found_in({"images": images, "annotations": annotations})

    assert [file for file, _ in found.faults] == [
        "a.json#/images/1", "a.json#/images/2", "a.json#/images/3", "a.json#/images/4",
        "a.json#/annotations/1", "a.json#/annotations/2", "a.json#/annotations/3",
    ]  # fmt: skip
    assert np.unique(found.labels[0].read(SIZE).labels).tolist() == [3]


@pytest.mark.parametrize("image_id", [1, 1.0, "1", " 1 "])
@pytest.mark.parametrize("category", [7, 7.0, "7"])
def test_ids_mean_the_same_as_numbers_and_as_text(image_id: Any, category: Any) -> None:
    entry = annotation(1, category, box(0, 0, 4, 3)) | {"image_id": image_id}

    assert np.unique(read([entry])).tolist() == [7]


@pytest.mark.parametrize("width", ["4", 4.0])
def test_sides_mean_the_same_as_numbers_and_as_text(width: Any) -> None:
    found = found_in({"images": [IMAGE | {"width": width}], "annotations": [annotation(1, 3, box(0, 0, 4, 3))]})

    assert np.unique(found.labels[0].read(SIZE).labels).tolist() == [3]


@pytest.mark.parametrize("side", [True, 4.5, "four", None, "1" * 5000])
def test_an_image_without_a_size_is_refused(side: Any) -> None:
    found = found_in({"images": [IMAGE | {"width": side}], "annotations": []})

    assert [fault.code for _, fault in found.faults] == ["bad_image"]


def test_backslashes_of_a_file_name_are_folders() -> None:
    [label] = found_in({"images": [IMAGE | {"file_name": "set\\sub\\ulm_1.jpg"}], "annotations": []}).labels

    assert label.stem == "set/sub/ulm_1"


def test_of_many_entries_that_say_nothing_the_first_are_told_and_the_others_counted() -> None:
    found = found_in({"images": [], "annotations": [{}] * 200})

    assert len(found.faults) == KEPT_OF_A_KIND
    assert found.unlisted == {"no_image": 200 - KEPT_OF_A_KIND}


def test_messages_do_not_grow_with_the_document() -> None:
    found = found_in({"images": [IMAGE], "annotations": [{"image_id": "x" * 10_000}]})

    assert len(found.faults[0][1].message) < 300
    fault = fault_of([annotation(1, "y" * 10_000, [])], categories=[{"id": n, "name": "sky"} for n in range(1000)])
    assert len(fault.message) < 500
