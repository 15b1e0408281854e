"""Questions about one image: where clicks land, what is refused, and what is answered."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.models.sam.clicks import EmbeddedImage, answer, embed, view_of
from core.models.sam.frozen import FrozenSam, open_sam
from core.models.sam.questions import Click, Question

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def sam() -> FrozenSam:
    return open_sam("tiny")


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (40, 90, 3), np.uint8)


@pytest.fixture(scope="module")
def embedded(sam: FrozenSam, image: np.ndarray) -> EmbeddedImage:
    return embed(sam, image, CPU)


def test_a_mask_lies_on_the_image_and_axes_are_not_exchanged(sam: FrozenSam, embedded: EmbeddedImage) -> None:
    (found,) = answer(sam, None, embedded, Question([Click(80, 10)]))

    assert found.mask.shape == (40, 90)
    assert found.logits.shape == (sam.size.mask_px, sam.size.mask_px)
    with pytest.raises(ValueError, match="x 10, y 80 lies outside the image of 90x40"):
        answer(sam, None, embedded, Question([Click(10, 80)]))


@torch.no_grad()
def test_plain_sam_answers_as_the_package_does(sam: FrozenSam, embedded: EmbeddedImage) -> None:
    clicks = [Click(80, 10), Click(5, 30, is_positive=False)]
    encoder, decoder = sam.sam.prompt_encoder, sam.sam.mask_decoder
    places = torch.from_numpy(embedded.fit.to_view([(click.x, click.y) for click in clicks]))[None]
    box = torch.from_numpy(embedded.fit.to_view([(70, 2), (88, 20)])).reshape(1, 4)
    for boxes, asked in ((None, Question(clicks)), (box, Question(clicks, (70, 2, 88, 20)))):
        sparse, dense = encoder(points=(places, torch.tensor([[1, 0]])), boxes=boxes, masks=None)
        published, expected = decoder.predict_masks(embedded.features.embeddings, encoder.get_dense_pe(), sparse, dense)

        found = answer(sam, None, embedded, asked, candidates=3)

        best = 1 + int(expected[0, 1:].argmax())
        assert len(found) == 3
        assert np.allclose(found[0].logits, published[0, 0], atol=1e-5)
        assert np.allclose(found[1].logits, published[0, best], atol=1e-5)


@pytest.mark.parametrize(("height", "width", "rows", "columns"), [(40, 90, 28, 64), (90, 40, 64, 28), (1, 600, 1, 64)])
def test_a_padded_view_keeps_the_aspect_ratio(height: int, width: int, rows: int, columns: int) -> None:
    flat = np.full((height, width, 3), 200, np.uint8)

    view = view_of(flat, 64, "padded")

    assert view.shape == (3, rows, columns)
    assert set(view.unique().tolist()) == {200}


def test_an_earlier_answer_can_be_refined(sam: FrozenSam, embedded: EmbeddedImage) -> None:
    head = sam.new_head(1)
    (first,) = answer(sam, head, embedded, Question([Click(80, 10)]))
    (refined,) = answer(sam, head, embedded, Question([Click(80, 10)], mask=first.logits))

    assert not np.array_equal(first.logits, refined.logits)
    assert 0 <= refined.score <= 1


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (Question(), "nothing is asked"),
        (Question([Click(90, 0)]), "x 90, y 0 lies outside the image of 90x40"),
        (Question([Click(-1, 0)]), "x -1, y 0 lies outside"),
        (Question(box=(5, 5, 4, 9)), "ends before it begins"),
        (Question(box=(5, 5, 90, 9)), "x 90, y 9 lies outside"),
    ],
)
def test_what_cannot_be_asked_is_named(
    sam: FrozenSam, embedded: EmbeddedImage, question: Question, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        answer(sam, None, embedded, question)
