from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from core.acquisition.catalog import QueryUnit
from core.acquisition.manifest import (
    MANIFEST_FILE,
    Answer,
    AnsweredQuery,
    LabelManifest,
    count_ids,
    join_answers,
    next_manifest,
    read_manifest,
)
from core.acquisition.queries import query_id
from core.data.decoding import read_label
from core.errors import StorageError

NO = 255


def answered(
    image: str, labels: list[list[int]], *, round_index: int = 0, unit: QueryUnit = QueryUnit.REGION
) -> AnsweredQuery:
    pixels: npt.NDArray[np.uint8] = np.array(labels, dtype=np.uint8)
    answer = Answer(
        query=query_id("run", round_index, image),
        image=image,
        unit=unit,
        round=round_index,
        author="someone",
        pixels=int((pixels != NO).sum()),
        clicks=1,
        seconds=2.5,
    )
    return AnsweredQuery(answer, pixels)


def labels_of(folder: Path, image: str) -> list[list[int]]:
    [item] = [item for item in read_manifest(folder).images if item.image == image]
    labels: list[list[int]] = read_label(folder / item.mask).tolist()
    return labels


def test_answers_become_masks_with_their_digests(tmp_path: Path) -> None:
    manifest = join_answers(tmp_path, [answered("b", [[1, NO]]), answered("a", [[2, 3]])])

    assert manifest == read_manifest(tmp_path)
    assert [item.image for item in manifest.images] == ["a", "b"]
    assert (labels_of(tmp_path, "a"), labels_of(tmp_path, "b")) == ([[2, 3]], [[1, NO]])
    for item in manifest.images:
        assert item.sha256 == hashlib.sha256((tmp_path / item.mask).read_bytes()).hexdigest()


def test_two_rounds_are_joined_pixel_by_pixel(tmp_path: Path) -> None:
    join_answers(tmp_path / "0", [answered("a", [[1, 1, NO, NO]]), answered("b", [[4, NO, NO, NO]])])

    joined = join_answers(tmp_path / "1", [answered("a", [[NO, 2, 2, NO]], round_index=1)], tmp_path / "0")

    # The second pixel was labelled twice: the later label counts.
    assert labels_of(tmp_path / "1", "a") == [[1, 2, 2, NO]]
    assert labels_of(tmp_path / "1", "b") == [[4, NO, NO, NO]]
    assert (joined.rounds, [answer.round for answer in joined.answers]) == (2, [0, 0, 1])


def test_the_earlier_manifest_stays_as_it_was(tmp_path: Path) -> None:
    before = join_answers(tmp_path / "0", [answered("a", [[1, NO]])])

    join_answers(tmp_path / "1", [answered("a", [[2, 2]], round_index=1)], tmp_path / "0")

    assert read_manifest(tmp_path / "0") == before
    assert labels_of(tmp_path / "0", "a") == [[1, NO]]


def test_an_image_that_was_labelled_as_a_whole_stays_so(tmp_path: Path) -> None:
    join_answers(tmp_path / "0", [answered("a", [[1, NO]], unit=QueryUnit.IMAGE), answered("b", [[1, NO]])])

    joined = join_answers(tmp_path / "1", [answered("a", [[NO, 2]], round_index=1)], tmp_path / "0")

    assert {item.image: item.is_whole for item in joined.images} == {"a": True, "b": False}


def test_a_round_without_answers_keeps_the_labels(tmp_path: Path) -> None:
    before = join_answers(tmp_path / "0", [answered("a", [[1, NO]])])

    after = join_answers(tmp_path / "1", [], tmp_path / "0")

    assert (after.images, after.digest(), after.rounds) == (before.images, before.digest(), 2)
    assert labels_of(tmp_path / "1", "a") == [[1, NO]]


def test_another_ignore_id_marks_what_is_not_labelled(tmp_path: Path) -> None:
    join_answers(tmp_path / "0", [answered("a", [[7, 0]])], ignore_id=0)

    join_answers(tmp_path / "1", [answered("a", [[0, 255]], round_index=1)], tmp_path / "0", ignore_id=0)

    assert labels_of(tmp_path / "1", "a") == [[7, 255]]


def test_same_labels_have_one_digest_whoever_gave_them_and_in_how_many_rounds(tmp_path: Path) -> None:
    at_once = join_answers(tmp_path / "once", [answered("b", [[5]]), answered("a", [[1]])])
    join_answers(tmp_path / "0", [answered("a", [[1]])])

    in_two = join_answers(tmp_path / "1", [answered("b", [[5]], round_index=1)], tmp_path / "0")

    assert in_two.digest() == at_once.digest()
    assert join_answers(tmp_path / "other", [answered("b", [[6]]), answered("a", [[1]])]).digest() != at_once.digest()


def test_what_a_round_sets_aside_is_in_its_own_manifest_and_in_no_digest(tmp_path: Path) -> None:
    first = next_manifest(LabelManifest(), [], ["b", "a", "b"])

    assert first.set_aside == ["a", "b"]
    assert next_manifest(first, []).set_aside == []
    assert first.digest() == LabelManifest().digest()


def test_names_of_images_never_become_names_of_files(tmp_path: Path) -> None:
    join_answers(tmp_path / "labels", [answered("../../outside", [[1]])])

    assert labels_of(tmp_path / "labels", "../../outside") == [[1]]
    assert [path.name for path in tmp_path.iterdir()] == ["labels"]


def test_pixels_of_each_id_are_counted() -> None:
    counts = count_ids(np.array([[0, 3, 3], [255, 3, 0]], np.uint8))

    assert (counts[0], counts[3], counts[255], counts.sum(), counts.shape) == (2, 3, 1, 6, (256,))


@pytest.mark.parametrize("shape", [(0, 5), (1, 1), (7, 1), (40, 30)])
def test_ids_of_noise_are_counted_as_well(shape: tuple[int, int]) -> None:
    labels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)

    np.testing.assert_array_equal(count_ids(labels), np.bincount(labels.ravel(), minlength=256))


def test_a_manifest_without_labels_is_empty() -> None:
    assert (LabelManifest().images, LabelManifest().rounds) == ([], 0)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"schema_version": 2}'])
def test_a_damaged_manifest_is_named(tmp_path: Path, damage: bytes) -> None:
    join_answers(tmp_path, [answered("a", [[1]])])
    (tmp_path / MANIFEST_FILE).write_bytes(damage)

    with pytest.raises(StorageError, match=r"manifest\.json: cannot be read as a manifest"):
        read_manifest(tmp_path)


def test_an_earlier_manifest_that_is_missing_or_lacks_a_mask_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"manifest\.json: cannot be read"):
        join_answers(tmp_path / "1", [], tmp_path / "nowhere")

    mask = tmp_path / "0" / join_answers(tmp_path / "0", [answered("a", [[1]])]).images[0].mask
    for damage in (lambda: mask.write_bytes(mask.read_bytes()[:-3]), mask.unlink):
        damage()
        with pytest.raises(StorageError, match=r"masks/.*\.png: cannot be read as the labels of 'a'"):
            join_answers(tmp_path / "1", [], tmp_path / "0")
