"""Segment Anything from its own package, by size and seed."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from segment_anything.modeling import ImageEncoderViT, MaskDecoder, PromptEncoder, Sam, TwoWayTransformer
from torch import nn

from core.models.sam.sizes import SIZES, Backbone, SamSize

DECODER_DEPTH, IOU_HEAD_DEPTH, CANDIDATES = 2, 3, 3


def build_sam(backbone: Backbone, seed: int) -> Any:
    """Return a `Sam` on the CPU, frozen and in evaluation mode, with random weights that depend on the seed alone.

    `Sam.forward` is never called: it runs the decoder image by image.
    """
    size = SIZES[backbone]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        sam = Sam(
            _encoder(size), _prompt_encoder(size), mask_decoder(size.channels, size.decoder_mlp, size.decoder_heads)
        )
    return sam.eval().requires_grad_(False)


def mask_decoder(channels: int, mlp: int, heads: int, depth: int = DECODER_DEPTH) -> Any:
    """Return a mask decoder with PyTorch's own initial values.

    Args:
        channels: d.
        mlp: hidden width of the two-way transformer's layers.
        heads: of its attention; a divisor of d / 2.
        depth: its layers.
    """
    return MaskDecoder(
        transformer_dim=channels,
        transformer=TwoWayTransformer(depth=depth, embedding_dim=channels, mlp_dim=mlp, num_heads=heads),
        num_multimask_outputs=CANDIDATES,
        iou_head_depth=IOU_HEAD_DEPTH,
        iou_head_hidden_dim=channels,
    )


def _encoder(size: SamSize) -> Any:
    return ImageEncoderViT(
        img_size=size.image_px,
        patch_size=size.patch_px,
        embed_dim=size.width,
        depth=size.depth,
        num_heads=size.heads,
        mlp_ratio=4,
        out_chans=size.channels,
        qkv_bias=True,
        norm_layer=partial(nn.LayerNorm, eps=1e-6),
        use_rel_pos=True,
        window_size=size.window,
        global_attn_indexes=size.global_blocks,
    )


def _prompt_encoder(size: SamSize) -> Any:
    return PromptEncoder(
        embed_dim=size.channels,
        image_embedding_size=(size.grid, size.grid),
        input_image_size=(size.image_px, size.image_px),
        mask_in_chans=size.mask_channels,
    )
