from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image as PILImage

from server.errors import InvalidRequestError
from server.services.rounds.answer_masks import (
    QueriedPixels,
    check_answer,
    check_ids,
    cut,
    decode_mask,
    decode_tile,
    laid_over,
    within_region,
)
from tests.support.label_rounds import png

WHOLE = QueriedPixels((4, 3), None, [3, 7], 255)


def region() -> np.ndarray:
    asked = np.zeros((3, 4), np.bool_)
    asked[:2, :2] = True
    return asked


PART = QueriedPixels((4, 3), region(), [3, 7], 255)


def labels(value: int = 7) -> np.ndarray:
    return np.full((3, 4), value, np.uint8)


def code_of(caught: pytest.ExceptionInfo[InvalidRequestError]) -> str:
    [entry] = caught.value.errors
    return entry.code


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (png(np.zeros((3, 4, 3), np.uint8)), "not_an_index", "mode RGB; write class ids, not colours"),
        (png(np.zeros((3, 4), np.uint16)), "not_an_index", "mode I;16; write class ids of 8 bits a pixel"),
        (png(np.zeros((4, 4), np.uint8)), "size_mismatch", "is 4x4, its image is 4x3"),
        (
            png(np.random.default_rng(0).integers(0, 9, (3, 4)).astype(np.uint8))[:45],
            "unreadable",
            "damaged or cut short",
        ),
        (b"no picture", "unreadable", "is no picture; it must be one of PNG"),
        (b"", "unreadable", "is no picture"),
    ],
)
def test_what_is_no_mask_is_refused_by_name(data: bytes, code: str, words: str) -> None:
    with pytest.raises(InvalidRequestError, match=words) as caught:
        decode_mask(data, (4, 3))
    assert code_of(caught) == code
    assert "/tmp" not in caught.value.detail


def test_tiles_that_were_cut_lie_where_they_were() -> None:
    labels = np.arange(257 * 300, dtype=np.uint32).reshape(257, 300).astype(np.uint8)

    tiles = cut(labels)

    assert sorted(tiles) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    np.testing.assert_array_equal(laid_over(np.zeros_like(labels), tiles), labels)


def test_a_picture_of_a_hundred_megapixels_is_refused_by_its_header() -> None:
    file = io.BytesIO()
    PILImage.new("L", (10_000, 10_000)).save(file, format="PNG")

    with pytest.raises(InvalidRequestError, match="is 10000x10000; at most 64 megapixels") as caught:
        decode_mask(file.getvalue(), (4, 3))
    assert code_of(caught) == "too_large"


def test_a_jpeg_is_no_mask() -> None:
    file = io.BytesIO()
    PILImage.fromarray(labels()).save(file, format="JPEG")

    with pytest.raises(InvalidRequestError, match="is a JPEG picture; it must be one of PNG"):
        decode_mask(file.getvalue(), (4, 3))


def test_a_palette_png_is_read_by_its_indices() -> None:
    image = PILImage.fromarray(labels(7))
    image.putpalette([0] * 768)
    file = io.BytesIO()
    image.save(file, format="PNG")

    np.testing.assert_array_equal(decode_mask(file.getvalue(), (4, 3)), labels(7))


def test_ids_outside_the_class_list_are_named_with_their_place() -> None:
    mask = labels()
    mask[1, 2] = mask[2, 3] = 9

    with pytest.raises(
        InvalidRequestError, match=r"9 \(2 pixels\), first at x 2, y 1; known are 3, 7 and 255"
    ) as caught:
        check_ids(mask, WHOLE)
    assert code_of(caught) == "unknown_id"


def test_labels_outside_of_the_region_are_refused_with_their_box() -> None:
    mask = labels(255)
    mask[:2, :2] = 7
    mask[2, 1:3] = 3

    with pytest.raises(InvalidRequestError, match=r"2 pixels \(x 1 to 2, y 2 to 2\) outside") as caught:
        check_answer(mask, PART, allow_unsure=False)
    assert code_of(caught) == "outside_region"


def test_pixels_without_a_class_are_listed_unless_they_are_meant() -> None:
    mask = labels(255)
    mask[:2, 0] = 7

    with pytest.raises(InvalidRequestError, match=r"2 pixels \(x 1 to 1, y 0 to 1\) of the queried pixels") as caught:
        check_answer(mask, PART, allow_unsure=False)

    assert code_of(caught) == "unlabelled_pixels"
    assert check_answer(mask, PART, allow_unsure=True) == []


def test_an_answer_without_any_class_is_none() -> None:
    with pytest.raises(InvalidRequestError, match="or skip the query") as caught:
        check_answer(labels(255), PART, allow_unsure=True)
    assert code_of(caught) == "no_label"


def test_a_single_pixel_among_others_deserves_a_second_look() -> None:
    mask = labels()
    mask[1, 1] = 3

    assert check_answer(mask, WHOLE, allow_unsure=False) == [
        "1 pixel (x 1 to 1, y 1 to 1) without a neighbour of the same class"
    ]
    assert check_answer(labels(), WHOLE, allow_unsure=False) == []


def test_single_pixels_that_were_asked_for_are_no_slips() -> None:
    asked = np.zeros((3, 4), np.bool_)
    asked[0, 0] = asked[2, 2] = True
    mask = np.where(asked, 7, 255).astype(np.uint8)

    assert check_answer(mask, QueriedPixels((4, 3), asked, [3, 7], 255), allow_unsure=False) == []


def test_a_draft_lies_over_the_proposal_tile_by_tile() -> None:
    proposal = np.full((300, 260), 3, np.uint8)
    tiles = {(0, 1): png(np.full((256, 4), 7, np.uint8)), (1, 0): png(np.full((44, 256), 7, np.uint8))}

    drafted = laid_over(proposal, tiles)

    assert (drafted[:256, :256] == 3).all()
    assert (drafted[:256, 256:] == 7).all()
    assert (drafted[256:, :256] == 7).all()
    assert (drafted[256:, 256:] == 3).all()
    assert (proposal == 3).all()


def test_a_proposal_counts_within_the_region_alone() -> None:
    inside = within_region(labels(3), PART)

    assert inside.tolist() == [[3, 3, 255, 255], [3, 3, 255, 255], [255, 255, 255, 255]]
    assert within_region(labels(3), WHOLE).tolist() == labels(3).tolist()


@pytest.mark.parametrize(
    ("text", "row", "column", "code"),
    [
        ("no base64!", 0, 0, "not_base64"),
        (base64.b64encode(png(labels())).decode(), 1, 0, "outside_image"),
        (base64.b64encode(png(np.zeros((2, 2), np.uint8))).decode(), 0, 0, "size_mismatch"),
        (base64.b64encode(png(labels(9))).decode(), 0, 0, "unknown_id"),
    ],
)
def test_a_wrong_tile_is_refused(text: str, row: int, column: int, code: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        decode_tile(text, row, column, WHOLE)
    assert code_of(caught) == code


def test_a_tile_is_kept_as_it_was_sent() -> None:
    data = png(labels())

    assert decode_tile(base64.b64encode(data).decode(), 0, 0, WHOLE) == data
