"""The head that HQ-SAM adds to a frozen mask decoder; each domain trains one (HQ-SAM, NeurIPS 2023; CoSAM 4.2)."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from segment_anything.modeling.common import LayerNorm2d
from segment_anything.modeling.mask_decoder import MLP
from torch import Tensor, nn


class DecoderInputs(NamedTuple):
    """The decoder's inputs for B images, each with one prompt of n tokens.

    Attributes:
        embeddings: (B, d, g, g) of the image encoder.
        early: (B, g, g, v) early feature of the image encoder.
        sparse: (B, n, d) prompt tokens, perhaps none.
        dense: (B, d, g, g) of a mask prompt, or of no mask.
        position: (1, d, g, g) code of the grid's positions.
    """

    embeddings: Tensor
    early: Tensor
    sparse: Tensor
    dense: Tensor
    position: Tensor


class DecodedMasks(NamedTuple):
    """Masks at four times the grid's size, as logits.

    Attributes:
        hq: (B, 1, 4g, 4g) of the head.
        sam: (B, 4, 4g, 4g) of the frozen decoder: the single mask, then three candidates.
        iou: (B, 4) IoU that the frozen decoder predicts for each of its masks.
    """

    hq: Tensor
    sam: Tensor
    iou: Tensor

    @property
    def single(self) -> Tensor:
        """(B, 1, 4g, 4g) SAM's single mask."""
        return self.sam[:, :1]

    @property
    def best(self) -> Tensor:
        """(B, 1, 4g, 4g) the candidate with the highest predicted IoU."""
        chosen = self.iou[:, 1:].argmax(dim=1)[:, None, None, None]
        return self.sam[:, 1:].gather(1, chosen.expand(-1, 1, *self.sam.shape[2:]))


class HQHead(nn.Module):
    """The five trainable parts; their names are those of published HQ-SAM checkpoints.

    The frozen decoder is not part of a head: it is an argument of the functions below, and serves any number of heads.
    """

    def __init__(self, channels: int, early_channels: int) -> None:
        """Build the parts with PyTorch's own initial values.

        Args:
            channels: d of the mask decoder, a multiple of 8.
            early_channels: v, width of the early feature.
        """
        super().__init__()
        quarter, eighth = channels // 4, channels // 8
        self.hf_token = nn.Embedding(1, channels)
        self.hf_mlp = MLP(channels, channels, eighth, 3)
        self.compress_vit_feat = _upscaling(early_channels, channels, eighth)
        self.embedding_encoder = _upscaling(channels, quarter, eighth)
        self.embedding_maskfeature = nn.Sequential(
            nn.Conv2d(eighth, quarter, 3, padding=1),
            LayerNorm2d(quarter),
            nn.GELU(),
            nn.Conv2d(quarter, eighth, 3, padding=1),
        )


def hq_logits(decoder: Any, head: HQHead, inputs: DecoderInputs) -> Tensor:
    """Return only the head's masks, (B, 1, 4g, 4g): the masks that are trained and scored."""
    return _decode(decoder, head, head_detail(head, inputs.embeddings, inputs.early), inputs)[0]


def decode_masks(decoder: Any, head: HQHead, inputs: DecoderInputs) -> DecodedMasks:
    """Return the masks of the head and of the frozen decoder, from one pass.

    Args:
        decoder: a `segment_anything` mask decoder.
        head: head of a domain.
        inputs: inputs of images whose prompts have the same number of tokens.
    """
    return decode_with_detail(decoder, head, head_detail(head, inputs.embeddings, inputs.early), inputs)


def head_detail(head: HQHead, embeddings: Tensor, early: Tensor) -> Tensor:
    """Return the head's detail of images, (B, d/8, 4g, 4g); it does not depend on prompts."""
    detail: Tensor = head.embedding_encoder(embeddings) + head.compress_vit_feat(early.permute(0, 3, 1, 2))
    return detail


def decode_with_detail(decoder: Any, head: HQHead, detail: Tensor, inputs: DecoderInputs) -> DecodedMasks:
    """Return the masks of `decode_masks` for a known detail; the early feature of the inputs is not read."""
    hq, tokens, upscaled = _decode(decoder, head, detail, inputs)
    return DecodedMasks(hq, *_sam_masks(decoder, tokens, upscaled))


def sam_masks(decoder: Any, inputs: DecoderInputs) -> tuple[Tensor, Tensor]:
    """Return the four masks (B, 4, 4g, 4g) of the frozen decoder without any head, and their expected IoU (B, 4)."""
    return _sam_masks(decoder, *_transform(decoder, _own_tokens(decoder), inputs))


def _decode(decoder: Any, head: HQHead, detail: Tensor, inputs: DecoderInputs) -> tuple[Tensor, Tensor, Tensor]:
    """Return masks of the head (B, 1, 4g, 4g), output tokens (B, 6 + n, d) and upscaled embedding (B, d/8, 4g, 4g)."""
    output_tokens = torch.cat([_own_tokens(decoder), head.hf_token.weight])
    tokens, upscaled = _transform(decoder, output_tokens, inputs)
    features = head.embedding_maskfeature(upscaled) + detail
    weights = head.hf_mlp(tokens[:, len(output_tokens) - 1])  # (B, d/8)
    return torch.einsum("bc,bchw->bhw", weights, features)[:, None], tokens, upscaled


def _own_tokens(decoder: Any) -> Tensor:
    """Return the (5, d) tokens of a mask decoder: one for the IoU, and four for masks."""
    return torch.cat([decoder.iou_token.weight, decoder.mask_tokens.weight])


def _transform(decoder: Any, output_tokens: Tensor, inputs: DecoderInputs) -> tuple[Tensor, Tensor]:
    images = len(inputs.embeddings)
    tokens = torch.cat([output_tokens.expand(images, -1, -1), inputs.sparse], dim=1)
    source = inputs.embeddings + inputs.dense
    hidden, source_out = decoder.transformer(source, inputs.position.expand_as(source), tokens)
    return hidden, decoder.output_upscaling(source_out.transpose(1, 2).reshape(source.shape))


def _sam_masks(decoder: Any, tokens: Tensor, upscaled: Tensor) -> tuple[Tensor, Tensor]:
    mlps = decoder.output_hypernetworks_mlps
    weights = torch.stack([mlp(tokens[:, 1 + index]) for index, mlp in enumerate(mlps)], dim=1)  # (B, 4, d/8)
    return torch.einsum("bkc,bchw->bkhw", weights, upscaled), decoder.iou_prediction_head(tokens[:, 0])


def _upscaling(channels: int, hidden: int, out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.ConvTranspose2d(channels, hidden, 2, stride=2),
        LayerNorm2d(hidden),
        nn.GELU(),
        nn.ConvTranspose2d(hidden, out, 2, stride=2),
    )
