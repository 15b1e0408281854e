"""Masks of one image from clicks, a box, or an earlier mask: embedded once, then decoded for each question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.data.samples import Image, Mask
from core.data.transforms.large_scale_jitter import View, resized, to_bytes
from core.models.sam.encoder import ImageFeatures
from core.models.sam.frozen import FrozenSam
from core.models.sam.hq_head import DecoderInputs, HQHead, decode_masks, sam_masks
from core.models.sam.masks import mask_at_size
from core.models.sam.prompt_encoding import encode_points

MOST_CANDIDATES = 3


class Click(NamedTuple):
    """A pixel of the image, and whether it lies on the object."""

    x: int
    y: int
    is_positive: bool = True


@dataclass(frozen=True)
class Question:
    """A question about an image; it has at least a click or a box.

    Attributes:
        clicks: in pixels of the image.
        box: x1, y1, x2, y2 in pixels of the image; the last column and row belong to it.
        mask: (m, m) logits of an earlier answer, to refine it.
    """

    clicks: Sequence[Click] = ()
    box: tuple[int, int, int, int] | None = None
    mask: Tensor | None = None


class Candidate(NamedTuple):
    """A mask at the image's size, its expected quality in [0, 1], and its (m, m) logits."""

    mask: Mask
    score: float
    logits: Tensor


@dataclass(frozen=True)
class EmbeddedImage:
    """An encoded image, ready for questions.

    Attributes:
        features: features of the image.
        height, width: of the image.
    """

    features: ImageFeatures
    height: int
    width: int


def view_of(image: Image, side: int) -> Tensor:
    """Return an (H, W, 3) image as the encoder's uint8 view (3, S, S), on which heads are trained and tested."""
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).float()
    return to_bytes(resized(View(pixels, pixels[:1]), side, side).image)


def embed(sam: FrozenSam, image: Image, device: torch.device) -> EmbeddedImage:
    """Encode an image. This is the slow part, done once for all questions."""
    features = sam.encode(view_of(image, sam.size.image_px)[None].to(device))
    return EmbeddedImage(features, *image.shape[:2])


@torch.no_grad()
def answer(
    sam: FrozenSam, head: HQHead | None, image: EmbeddedImage, question: Question, candidates: int = 1
) -> list[Candidate]:
    """Return masks of the object in question, the default mask first.

    Args:
        sam: the model that embedded the image.
        head: its mask comes first; without a head, SAM's own single mask.
        image: the image in question.
        question: clicks, box, and perhaps a mask to refine.
        candidates: number of masks; those after the first are SAM's own, best first.

    Raises:
        ValueError: without a click or a box, or for one outside the image; names it.
    """
    check_question(question, image.height, image.width)
    device = image.features.embeddings.device
    sparse, dense = _encode(sam, image, question, device)
    position = sam.sam.prompt_encoder.get_dense_pe()
    inputs = DecoderInputs(image.features.embeddings, image.features.early, sparse, dense, position)
    if head is None:
        own, expected = sam_masks(sam.decoder, inputs)
        first = own[:, :1]
    else:
        decoded = decode_masks(sam.decoder, head, inputs)
        first, own, expected = decoded.hq, decoded.sam, decoded.iou
    order = expected[0, 1:].argsort(descending=True)[: max(0, min(candidates, MOST_CANDIDATES) - 1)]
    logits = torch.cat([first[0], own[0, 1:][order]])[:, None]  # (K, 1, m, m)
    scores = torch.cat([expected[0, :1], expected[0, 1:][order]]).clamp(0, 1).tolist()
    masks = mask_at_size(logits, (image.height, image.width))[:, 0].cpu().numpy()
    return [Candidate(*found) for found in zip(masks, scores, logits[:, 0].cpu(), strict=True)]


def check_question(question: Question, height: int, width: int) -> None:
    """Refuse a question that cannot be asked of an image of this size; raises ValueError that names the fault."""
    if not question.clicks and question.box is None:
        raise ValueError("nothing is asked: give a click or a box")
    points = [(click.x, click.y) for click in question.clicks]
    if question.box is not None:
        x1, y1, x2, y2 = question.box
        if x2 < x1 or y2 < y1:
            raise ValueError(f"the box {question.box} ends before it begins; give x1, y1, x2, y2")
        points += [(x1, y1), (x2, y2)]
    for x, y in points:
        if not (0 <= x < width and 0 <= y < height):
            raise ValueError(f"the point x {x}, y {y} lies outside the image of {width}x{height}")


def to_encoder(points: npt.ArrayLike, height: int, width: int, side: int) -> Tensor:
    """Return the positions of pixel centres in the encoder's square view, in pixels of the view.

    Args:
        points: (..., 2) x and y of pixels.
        height, width: of the image.
        side: S of the view; the view is square whatever the image's aspect ratio.
    """
    pixels = torch.as_tensor(np.asarray(points, dtype=np.float32))
    return (pixels + 0.5) * torch.tensor([side / width, side / height]) - 0.5


def _encode(sam: FrozenSam, image: EmbeddedImage, question: Question, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the tokens of a question (1, n, d), and its dense embedding (1, d, g, g)."""
    encoder, side = sam.sam.prompt_encoder, sam.size.image_px
    boxes = None
    if question.box is not None:
        corners = to_encoder(np.reshape(question.box, (2, 2)), image.height, image.width, side)
        boxes = corners.reshape(1, 4).to(device)
    masks = None if question.mask is None else question.mask[None, None].to(device)
    sparse, dense = encoder(points=None, boxes=boxes, masks=masks)
    if question.clicks:
        places = to_encoder([(click.x, click.y) for click in question.clicks], image.height, image.width, side)
        is_positive = torch.tensor([[click.is_positive for click in question.clicks]], device=device)
        tokens = encode_points(encoder, places[None].to(device), is_positive, has_box=boxes is not None)
        sparse = torch.cat([tokens, sparse], dim=1)
    return sparse, dense
