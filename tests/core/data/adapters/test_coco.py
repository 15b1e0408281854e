from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PILImage
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from core.data.adapters import coco, graspnet
from core.data.faults import DataFaultError
from core.data.opening import open_dataset
from core.data.samples import Instances
from core.data.specs import FolderDatasetSpec
from core.data.verify import verify_dataset

WIDTH, HEIGHT = 12, 8
SQUARE = [2.0, 1, 6, 1, 6, 5, 2, 5]


def annotation(number: int, image: Any, category: int, segmentation: Any, **more: Any) -> dict[str, Any]:
    return {
        "id": number, "image_id": image, "category_id": category, "segmentation": segmentation,
        "bbox": [2, 1, 4, 4], "area": 16, "iscrowd": 0, **more,
    }  # fmt: skip


def document(annotations: list[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    images = [{"id": number, "file_name": f"{number:03d}.jpg", "width": WIDTH, "height": HEIGHT} for number in (1, 2)]
    return {
        "images": images,
        "categories": [{"id": 0, "name": "cup"}, {"id": 7, "name": "spoon"}],
        "annotations": annotations,
    } | changed


def write(root: Path, split: str, content: dict[str, Any] | str, name: str = "instances_{}") -> Path:
    path = root / "annotations" / f"{name.format(split)}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    (root / split).mkdir(exist_ok=True)
    for number in (1, 2):
        PILImage.new("RGB", (WIDTH, HEIGHT), (90, 20, number)).save(root / split / f"{number:03d}.jpg")
    return path


def objects_of(root: Path, annotations: list[dict[str, Any]], item: int = 0) -> Instances:
    write(root, "val2017", document(annotations))
    spec = FolderDatasetSpec(adapter="coco", root=str(root))
    return open_dataset(spec, root, splits=("eval",)).eval.instances(item)


def test_polygons_and_run_lengths_of_both_forms_are_read_alike(tmp_path: Path) -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[1:5, 2:6] = 1
    compressed = coco_mask.encode(np.asfortranarray(mask))
    text = {"size": [HEIGHT, WIDTH], "counts": compressed["counts"].decode()}
    runs = np.diff(np.flatnonzero(np.diff(np.r_[2, mask.T.ravel(), 2])))
    plain = {"size": [HEIGHT, WIDTH], "counts": runs.tolist()}

    found = objects_of(tmp_path, [annotation(n, 1, 7, one) for n, one in enumerate(([SQUARE], text, plain), start=1)])

    assert (found.masks == mask.astype(bool)).all()
    assert found.boxes.tolist() == [[2, 1, 6, 5]] * 3
    assert found.outlines is not None
    assert [outlines is None for outlines in found.outlines] == [False, True, True]


def test_ids_from_zero_with_gaps_crowds_and_absent_flags(tmp_path: Path) -> None:
    crowd = annotation(1, 1, 0, [SQUARE], iscrowd=1, area=99.5)
    plain = {key: value for key, value in annotation(2, "1", 7, [SQUARE]).items() if key not in ("iscrowd", "area")}

    found = objects_of(tmp_path, [crowd, plain])

    assert found.classes.tolist() == [0, 7]
    assert found.is_crowd.tolist() == [True, False]
    assert found.stated_areas is not None
    assert found.stated_areas.tolist() == [99.5, 16]
    assert coco.read_classes(tmp_path).names == {0: "cup", 7: "spoon"}


def test_an_image_without_objects_has_none(tmp_path: Path) -> None:
    assert len(objects_of(tmp_path, [annotation(1, 1, 7, [SQUARE])], item=1)) == 0


@pytest.mark.parametrize(
    "segmentation",
    [[], [[1, 1, 2, 2]], [[1, 1, 2, 2, 3]], [[3.0, 3, 3, 3, 3, 3]]],
    ids=["nothing", "two points", "odd", "no area"],
)
def test_objects_that_enclose_nothing_are_left_out(tmp_path: Path, segmentation: Any) -> None:
    assert len(objects_of(tmp_path, [annotation(1, 1, 7, segmentation)])) == 0


@pytest.mark.parametrize(
    ("one", "message"),
    [
        (annotation(5, 1, 7, None), "annotation 5 has a box and no segmentation"),
        (annotation(5, 1, 7, [[90.0, 90, 99, 90, 99, 99]]), "annotation 5 a polygon leaves the image of 12x8"),
        (annotation(5, 1, 7, {"size": [3, 3], "counts": [9]}), r"annotation 5 run lengths are of size \[3, 3\]"),
    ],
)
def test_what_cannot_be_drawn_names_file_and_annotation(tmp_path: Path, one: dict[str, Any], message: str) -> None:
    with pytest.raises(DataFaultError, match=f"instances_val2017.json: {message}"):
        objects_of(tmp_path, [one])


TWICE = [{"id": n, "file_name": "001.jpg", "width": 4, "height": 4} for n in (1, 2)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"images": [', "is no JSON to its end"),
        ("[]", "has no list of objects 'categories'"),
        (document([annotation(1, 9, 7, [SQUARE])]), "annotation 1 is of image 9, which it has not"),
        (
            document([annotation(1, 1, 3, [SQUARE])]),
            "annotation 1 has the category 3, which `categories` does not list",
        ),
        (document([], categories=[{"id": 1, "name": "cup"}, {"id": 2, "name": "Cup"}]), "1 and 2 are both named 'Cup'"),
        (document([], categories=[{"id": 300, "name": "cup"}]), "category id 300 is no whole number from 0 to 254"),
        (document([], categories=[]), "lists no category"),
        (document([], images=TWICE), "lists the image '001.jpg' .id 2. twice"),
        (document([], images=[]), "lists no image"),
        (document([], images=[{"id": 1, "file_name": "../a.jpg", "width": 4, "height": 4}]), "leads out of the folder"),
    ],
)
def test_annotation_files_that_cannot_be_meant(tmp_path: Path, content: Any, message: str) -> None:
    path = write(tmp_path, "val2017", content)

    with pytest.raises(DataFaultError, match=message) as caught:
        coco.list_pairs(tmp_path, "val2017")

    assert caught.value.path == path


def test_files_that_disagree_over_a_category_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "val2017", document([]))
    write(tmp_path, "train2017", document([annotation(1, 1, 7, [SQUARE])], categories=[{"id": 7, "name": "fork"}]))

    with pytest.raises(DataFaultError, match=r"the category 7 'fork', and another file of .* calls it 'spoon'"):
        coco.list_pairs(tmp_path, "train2017")


def test_a_missing_split_names_those_that_are_there(tmp_path: Path) -> None:
    write(tmp_path, "val2017", document([]))

    with pytest.raises(DataFaultError, match="the split does not exist; splits there: val2017"):
        coco.list_pairs(tmp_path, "test")


def test_a_check_reads_every_object_and_finds_no_fault(tmp_path: Path) -> None:
    for split in ("train2017", "val2017"):
        write(tmp_path, split, document([annotation(1, 1, 7, [SQUARE]), annotation(2, 2, 0, [SQUARE])]))

    report = verify_dataset(FolderDatasetSpec(adapter="coco", root=str(tmp_path)))

    assert report.faults == ()
    assert report.splits[0].images == {0: 1, 7: 1}


def test_graspnet_has_its_own_names(tmp_path: Path) -> None:
    write(tmp_path, "train", document([annotation(1, 1, 7, [SQUARE])]), name="graspnet_os_{}")
    (tmp_path / "train").rename(tmp_path / "images")

    (first, _) = graspnet.list_pairs(tmp_path, "train")

    assert graspnet.split_names(tmp_path) == ["train"]
    assert first.image == tmp_path / "images" / "001.jpg"
    assert len(graspnet.read_item(first)) == 1


def test_a_file_that_pycocotools_wrote_of_results_is_read(tmp_path: Path) -> None:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[1:5, 2:6] = 1
    segmentation = coco_mask.encode(np.asfortranarray(mask))
    result = {"image_id": 1, "category_id": 7, "score": 0.9, "segmentation": segmentation}
    with contextlib.redirect_stdout(io.StringIO()):
        results = COCO(str(write(tmp_path, "plain", document([])))).loadRes([result]).dataset
    results["annotations"][0]["segmentation"]["counts"] = segmentation["counts"].decode()
    write(tmp_path, "val2017", json.dumps(results, default=lambda value: np.asarray(value).tolist()))

    (first, _) = coco.list_pairs(tmp_path, "val2017")

    assert (coco.read_item(first).masks[0] == mask.astype(bool)).all()


def test_the_classes_of_an_images_objects_are_known_without_drawing_them(tmp_path: Path) -> None:
    write(
        tmp_path,
        "val2017",
        document(
            [annotation(1, 1, 7, [SQUARE]), annotation(2, 1, 0, [SQUARE], iscrowd=1), annotation(3, 1, 0, [[1, 2]])]
        ),
    )

    (first, second) = coco.list_pairs(tmp_path, "val2017")

    assert coco.object_classes(first) == {7}
    assert coco.object_classes(second) == frozenset()
