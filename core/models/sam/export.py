"""The prompt decoder as an ONNX file, and an image's features as the file takes them (stack.md 7)."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.models.sam.encoder import ImageFeatures
from core.models.sam.exported import DETAIL, EMBEDDINGS, INPUTS, LOGITS, POINTS, SCORES
from core.models.sam.frozen import FrozenSam
from core.models.sam.hq_head import DecoderInputs, HQHead, decode_with_detail, head_detail, sam_masks
from core.models.sam.questions import BOX_START, NEGATIVE, PADDING

OPSET = 17
EXAMPLE_POINTS = 3


class PromptDecoder(nn.Module):
    """Prompt encoder, mask decoder and perhaps a head, for one image and one question.

    It returns low-resolution logits: no size depends on the data, and the caller resizes to the image.
    """

    def __init__(self, sam: FrozenSam, head: HQHead | None) -> None:
        """Take the frozen parts of a model; nothing is copied."""
        super().__init__()
        self.prompts, self.decoder, self.head = sam.sam.prompt_encoder, sam.decoder, head

    def forward(self, embeddings: Tensor, detail: Tensor | None, *question: Tensor) -> tuple[Tensor, Tensor]:
        """Return (1, 4, m, m) logits of the masks and their (1, 4) expected quality.

        Args:
            embeddings: (1, d, g, g).
            detail: (1, d/8, m, m) of the head; None without one.
            question: (1, n, 2) places and (1, n) labels of points, (1, 1, m, m) mask, and (1) 1 if there is a mask.
        """
        places, labels, mask, has_mask = question
        sparse, dense = self._sparse(places, labels), self._dense(mask, has_mask)
        # The early feature is not read: the detail takes its place.
        inputs = DecoderInputs(embeddings, embeddings, sparse, dense, self.prompts.get_dense_pe())
        if self.head is None or detail is None:
            return sam_masks(self.decoder, inputs)
        decoded = decode_with_detail(self.decoder, self.head, detail, inputs)
        return torch.cat([decoded.hq, decoded.sam[:, 1:]], dim=1), decoded.iou

    def _sparse(self, places: Tensor, labels: Tensor) -> Tensor:
        encoder = self.prompts
        codes = encoder.pe_layer.forward_with_coords(places + 0.5, encoder.input_image_size)
        tokens: Tensor = codes * (labels != PADDING)[..., None]
        kinds = [(PADDING, encoder.not_a_point_embed), *enumerate(encoder.point_embeddings, start=NEGATIVE)]
        for label, embedding in kinds:
            tokens = tokens + embedding.weight * (labels == label)[..., None]
        return tokens

    def _dense(self, mask: Tensor, has_mask: Tensor) -> Tensor:
        none = self.prompts.no_mask_embed.weight.reshape(1, -1, 1, 1)
        dense: Tensor = has_mask * self.prompts.mask_downscaling(mask) + (1 - has_mask) * none
        return dense


class _Plain(nn.Module):
    """A prompt decoder without a head, so that the file has no input for a detail."""

    def __init__(self, inner: PromptDecoder) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, embeddings: Tensor, *question: Tensor) -> tuple[Tensor, Tensor]:
        found: tuple[Tensor, Tensor] = self.inner(embeddings, None, *question)
        return found


@torch.no_grad()
def export_decoder(sam: FrozenSam, head: HQHead | None) -> bytes:
    """Return the prompt decoder of a model on the CPU as an ONNX file; the number of points is free."""
    size, has_head = sam.size, head is not None
    example: tuple[Any, ...] = (
        torch.zeros(1, EXAMPLE_POINTS, 2),
        torch.full((1, EXAMPLE_POINTS), float(BOX_START)),
        torch.zeros(1, 1, size.mask_px, size.mask_px),
        torch.ones(1),
    )
    if has_head:
        example = (torch.zeros(1, size.channels // 8, size.mask_px, size.mask_px), *example)
    decoder = PromptDecoder(sam, head)
    # The other exporter cannot follow this graph; the warning says that this one is old.
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        path = Path(folder) / "decoder.onnx"
        torch.onnx.export(
            (decoder if has_head else _Plain(decoder)).eval(),
            (torch.zeros(1, size.channels, size.grid, size.grid), *example),
            path,
            input_names=[name for name in INPUTS if has_head or name != DETAIL],
            output_names=[LOGITS, SCORES],
            dynamic_axes={name: {1: "points"} for name in POINTS},
            opset_version=OPSET,
            dynamo=False,
        )
        return path.read_bytes()


@torch.no_grad()
def exported_features(features: ImageFeatures, head: HQHead | None) -> dict[str, Tensor]:
    """Return what the exported decoder takes of an image, in half precision on the CPU.

    Args:
        features: features of one image.
        head: head of the decoder; its detail is computed here, so that no early feature has to be sent.
    """
    found = {EMBEDDINGS: features.embeddings}
    if head is not None:
        found[DETAIL] = head_detail(head, features.embeddings, features.early)
    return {name: tensor.to("cpu", torch.float16) for name, tensor in found.items()}
