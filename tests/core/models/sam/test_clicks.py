"""Questions about one image: where clicks land, what is refused, and what is answered."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.models.sam.clicks import Click, EmbeddedImage, Question, answer, embed, to_encoder
from core.models.sam.frozen import FrozenSam, open_sam

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


@pytest.mark.parametrize(
    ("height", "width", "side", "click", "expected"),
    [
        (1024, 1024, 1024, (0, 0), (0, 0)),
        (1024, 1024, 1024, (1023, 7), (1023, 7)),
        (512, 512, 1024, (0, 511), (0.5, 1022.5)),
        (512, 512, 64, (255, 256), (31.4375, 31.5625)),
        (2800, 4400, 1024, (4399, 0), (1023.3836, -0.3171)),
        (2800, 4400, 1024, (2200, 1400), (511.6164, 511.6829)),
        (4400, 2800, 1024, (0, 4399), (-0.3171, 1023.3836)),
        (1, 600, 64, (599, 0), (63.4467, 31.5)),
        (600, 1, 64, (0, 599), (31.5, 63.4467)),
        (100, 300, 1024, (150, 20), (513.2067, 209.42)),
    ],
)
def test_clicks_land_where_the_resized_pixel_is(
    height: int, width: int, side: int, click: tuple[int, int], expected: tuple[float, float]
) -> None:
    assert to_encoder(click, height, width, side).tolist() == pytest.approx(expected, abs=1e-3)


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
    places = torch.stack([to_encoder((click.x, click.y), 40, 90, 64) for click in clicks])[None]
    box = torch.cat([to_encoder(corner, 40, 90, 64) for corner in ((70, 2), (88, 20))])[None]
    for boxes, asked in ((None, Question(clicks)), (box, Question(clicks, (70, 2, 88, 20)))):
        sparse, dense = encoder(points=(places, torch.tensor([[1, 0]])), boxes=boxes, masks=None)
        published, expected = decoder.predict_masks(embedded.features.embeddings, encoder.get_dense_pe(), sparse, dense)

        found = answer(sam, None, embedded, asked, candidates=3)

        best = 1 + int(expected[0, 1:].argmax())
        assert len(found) == 3
        assert torch.allclose(found[0].logits, published[0, 0], atol=1e-5)
        assert torch.allclose(found[1].logits, published[0, best], atol=1e-5)


def test_an_earlier_answer_can_be_refined(sam: FrozenSam, embedded: EmbeddedImage) -> None:
    head = sam.new_head(1)
    (first,) = answer(sam, head, embedded, Question([Click(80, 10)]))
    (refined,) = answer(sam, head, embedded, Question([Click(80, 10)], mask=first.logits))

    assert not torch.equal(first.logits, refined.logits)
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
