"""The sizes of Segment Anything (CoSAM 4.1, 4.7). Free of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Backbone = Literal["vit_b", "vit_l", "vit_h", "tiny"]


@dataclass(frozen=True)
class SamSize:
    """One size.

    Attributes:
        image_px: side of the encoder's images.
        patch_px: side of a patch.
        width, depth, heads: of the image encoder; the width is that of its early feature.
        global_blocks: the blocks that attend globally; the others attend in windows of `window`.
        channels: d, of embedding, prompts and decoder.
        mask_channels: hidden channels of the prompt encoder's masks.
        decoder_mlp, decoder_heads: of the two-way transformer.
    """

    image_px: int
    patch_px: int
    width: int
    depth: int
    heads: int
    window: int
    global_blocks: tuple[int, ...]
    channels: int
    mask_channels: int
    decoder_mlp: int
    decoder_heads: int

    @property
    def grid(self) -> int:
        """Side of the embedding."""
        return self.image_px // self.patch_px

    @property
    def mask_px(self) -> int:
        """Side of the decoder's masks, and of the prompt encoder's."""
        return 4 * self.grid


def _published(width: int, depth: int, heads: int, global_blocks: tuple[int, ...]) -> SamSize:
    return SamSize(1024, 16, width, depth, heads, 14, global_blocks, 256, 16, 2048, 8)


SIZES: Mapping[Backbone, SamSize] = {
    "vit_b": _published(768, 12, 12, (2, 5, 8, 11)),
    "vit_l": _published(1024, 24, 16, (5, 11, 17, 23)),
    "vit_h": _published(1280, 32, 16, (7, 15, 23, 31)),
    "tiny": SamSize(64, 8, 32, 4, 2, 3, (1, 3), 32, 8, 64, 4),
}
