"""Masks of one image from clicks, a box, or an earlier mask: embedded once, then decoded for each question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.samples import Image
from core.data.transforms.large_scale_jitter import to_bytes
from core.models.sam.encoder import ImageFeatures
from core.models.sam.frozen import FrozenSam
from core.models.sam.hq_head import DecoderInputs, HQHead, decode_masks, sam_masks
from core.models.sam.image_fit import ImageFit, Placing, fit_image
from core.models.sam.prompt_encoding import encode_points
from core.models.sam.questions import Candidate, Question, candidate_order, check_question


@dataclass(frozen=True)
class EmbeddedImage:
    """An encoded image, ready for questions.

    Attributes:
        features: features of the image.
        fit: where the image lies in the encoder's view.
    """

    features: ImageFeatures
    fit: ImageFit


def view_of(image: Image, side: int, placing: Placing = "stretched") -> Tensor:
    """Return an (H, W, 3) image as the encoder's uint8 view (3, h, w), with h and w at most `side`.

    A stretched view is the one that heads are tested on: resized without antialiasing, truncated. A padded view is
    resized with antialiasing and rounded, as published SAM does; `FrozenSam.encode` pads it.
    """
    fit = fit_image(image.shape[0], image.shape[1], side, placing)
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).float()[None]
    is_padded = placing == "padded"
    found = F.interpolate(pixels, (fit.rows, fit.columns), mode="bilinear", align_corners=False, antialias=is_padded)[0]
    return to_bytes(found + 0.5 if is_padded else found)


def embed(sam: FrozenSam, image: Image, device: torch.device, placing: Placing = "stretched") -> EmbeddedImage:
    """Encode an image. This is the slow part, done once for all questions."""
    side = sam.size.image_px
    features = sam.encode(view_of(image, side, placing)[None].to(device))
    return EmbeddedImage(features, fit_image(image.shape[0], image.shape[1], side, placing))


@torch.no_grad()
def answer(
    sam: FrozenSam, head: HQHead | None, image: EmbeddedImage, question: Question, candidates: int = 1
) -> list[Candidate]:
    """Return masks of the object in question, the default mask first; see `candidate_order`.

    Args:
        sam: the model that embedded the image.
        head: its mask comes first; without a head, SAM's own masks.
        image: the image in question.
        question: clicks, box, and perhaps a mask to refine.
        candidates: number of masks.

    Raises:
        ValueError: without a click or a box, or for one outside the image; names it.
    """
    check_question(question, image.fit.height, image.fit.width)
    device = image.features.embeddings.device
    sparse, dense = _encode(sam, image, question, device)
    position = sam.sam.prompt_encoder.get_dense_pe()
    inputs = DecoderInputs(image.features.embeddings, image.features.early, sparse, dense, position)
    if head is None:
        logits, expected = sam_masks(sam.decoder, inputs)
    else:
        decoded = decode_masks(sam.decoder, head, inputs)
        logits, expected = torch.cat([decoded.hq, decoded.sam[:, 1:]], dim=1), decoded.iou
    scores, masks = expected[0].clamp(0, 1).tolist(), logits[0].cpu().numpy()
    order = candidate_order(expected[0].tolist(), question, head is not None, candidates)
    return [Candidate(image.fit.mask_on_image(masks[place]), scores[place], masks[place]) for place in order]


def _encode(sam: FrozenSam, image: EmbeddedImage, question: Question, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the tokens of a question (1, n, d), and its dense embedding (1, d, g, g)."""
    encoder, fit = sam.sam.prompt_encoder, image.fit
    boxes = None
    if question.box is not None:
        corners = fit.to_view(np.reshape(question.box, (2, 2)))
        boxes = torch.from_numpy(corners).reshape(1, 4).to(device)
    masks = None if question.mask is None else torch.from_numpy(question.mask)[None, None].to(device)
    sparse, dense = encoder(points=None, boxes=boxes, masks=masks)
    if question.clicks:
        places = torch.from_numpy(fit.to_view([(click.x, click.y) for click in question.clicks]))
        is_positive = torch.tensor([[click.is_positive for click in question.clicks]], device=device)
        tokens = encode_points(encoder, places[None].to(device), is_positive, has_box=boxes is not None)
        sparse = torch.cat([tokens, sparse], dim=1)
    return sparse, dense
