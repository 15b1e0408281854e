"""The frozen image encoder: embedding and early feature for masks, and a token pass for routing (CoSAM 4.3, 4.4)."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

EarlyFeature = Literal["windowed", "reference"]
"""`windowed` keeps SAM's windows, and takes the output of the first global block; `reference` lets every block attend
globally, and takes the output of block 0, as the published code does."""


class ImageFeatures(NamedTuple):
    """The encoder's outputs for images.

    Attributes:
        embeddings: (B, d, g, g).
        early: (B, g, g, v).
    """

    embeddings: Tensor
    early: Tensor


def attend_globally(encoder: Any) -> None:
    """Let every block attend globally; the package resizes their tables of relative positions to the whole grid."""
    for block in encoder.blocks:
        block.window_size = 0


def encode_images(encoder: Any, images: Tensor) -> ImageFeatures:
    """Return embedding and early feature of normalised images (B, 3, S, S).

    The early feature is the output of the first block that attends globally: after `attend_globally` that is block 0.
    """
    hidden = _patches(encoder, images)
    early: Tensor | None = None
    for block in encoder.blocks:
        hidden = block(hidden)
        if early is None and block.window_size == 0:
            early = hidden
    if early is None:
        raise ValueError("the image encoder has no block that attends globally, so it has no early feature")
    return ImageFeatures(encoder.neck(hidden.permute(0, 3, 1, 2)), early)


def encode_tokens(encoder: Any, images: Tensor, tokens: Tensor) -> Tensor:
    """Let tokens attend to images in the frozen blocks, without windows and without relative positions.

    Args:
        encoder: the frozen encoder.
        images: (B, 3, S, S) normalised.
        tokens: (1, L, v) bank; its first is the global feature token, the others assist.

    Returns:
        (B, L, v); the router reads [:, 0].
    """
    hidden = torch.cat([tokens.expand(len(images), -1, -1), _patches(encoder, images).flatten(1, 2)], dim=1)
    for block in encoder.blocks:
        hidden = hidden + _attention(block.attn, block.norm1(hidden))
        hidden = hidden + block.mlp(block.norm2(hidden))
    return hidden[:, : tokens.shape[1]]


def _patches(encoder: Any, images: Tensor) -> Tensor:
    """Return patches with their positions, (B, g, g, v)."""
    patches: Tensor = encoder.patch_embed(images)
    return patches if encoder.pos_embed is None else patches + encoder.pos_embed


def _attention(attention: Any, hidden: Tensor) -> Tensor:
    images, length, width = hidden.shape
    split = attention.qkv(hidden).reshape(images, length, 3, attention.num_heads, -1).permute(2, 0, 3, 1, 4)
    mixed = F.scaled_dot_product_attention(*split.unbind(0))  # (B, heads, length, width / heads)
    projected: Tensor = attention.proj(mixed.transpose(1, 2).reshape(images, length, width))
    return projected
