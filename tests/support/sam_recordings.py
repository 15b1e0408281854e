"""Recorded SAM decoders, heads and encoders as modules (parity/cosam)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import count
from typing import Any

import numpy as np
import torch
from segment_anything.modeling import ImageEncoderViT
from torch import Tensor, nn

from core.losses.mask_points import Uniform
from core.models.sam.build import mask_decoder
from core.models.sam.hq_head import HQHead

HEAD_PARTS = ("hf_token", "hf_mlp", "compress_vit_feat", "embedding_encoder", "embedding_maskfeature")
STEPS = (0.7548776662466927, 0.5698402909980532)
Case = Mapping[str, np.ndarray]


def state_of(case: Case, prefix: str) -> dict[str, Tensor]:
    """Return the recorded arrays below a prefix by the rest of their names."""
    return {name.removeprefix(prefix): torch.from_numpy(case[name]) for name in case if name.startswith(prefix)}


def recorded_decoder(case: Case, prefix: str = "w.") -> tuple[Any, HQHead]:
    """Return the frozen decoder and the head, in the recorded type."""
    state = state_of(case, prefix)
    channels = state["iou_token.weight"].shape[1]
    depth = next(index for index in count() if f"transformer.layers.{index}.norm1.weight" not in state)
    mlp = state["transformer.layers.0.mlp.lin1.weight"].shape[0]
    decoder = mask_decoder(channels, mlp, int(case["num_heads"]), depth)
    head = HQHead(channels, state["compress_vit_feat.0.weight"].shape[0])
    load_head(head, state)
    decoder.load_state_dict({name: value for name, value in state.items() if not is_of_head(name)})
    kind = state["iou_token.weight"].dtype
    return decoder.to(kind).eval().requires_grad_(False), head.to(kind)


def load_head(head: HQHead, state: Mapping[str, Tensor]) -> None:
    """Load the entries of a head."""
    own = {name: value for name, value in state.items() if is_of_head(name)}
    head.to(next(iter(own.values())).dtype).load_state_dict(own)


def is_of_head(name: str) -> bool:
    """Return whether an entry belongs to a head."""
    return name.split(".", maxsplit=1)[0] in HEAD_PARTS


def recorded_encoder(case: Case) -> Any:
    """Return the image encoder that was recorded."""
    state = state_of(case, "w.")
    patch, grid = int(case["patch"]), state["pos_embed"].shape[1]
    width = state["pos_embed"].shape[-1]
    depth = next(index for index in count() if f"blocks.{index}.norm1.weight" not in state)
    encoder = ImageEncoderViT(
        img_size=grid * patch,
        patch_size=patch,
        embed_dim=width,
        depth=depth,
        num_heads=int(case["num_heads"]),
        mlp_ratio=state["blocks.0.mlp.lin1.weight"].shape[0] / width,
        out_chans=state["neck.0.weight"].shape[0],
        norm_layer=partial(nn.LayerNorm, eps=1e-6),
        use_rel_pos=True,
        window_size=int(case["window"]),
        global_attn_indexes=tuple(case["global_index"].tolist()),
    )
    encoder.load_state_dict(state)
    return encoder.eval().requires_grad_(False)


def low_discrepancy(dtype: torch.dtype = torch.float32) -> Uniform:
    """Return the recordings' points of one call of a loss: candidates, then the others."""
    offsets = iter((0.5, 0.25))

    def draw(shape: tuple[int, int, int]) -> Tensor:
        numbers = torch.arange(1, shape[0] * shape[1] + 1, dtype=torch.float64)
        offset = next(offsets)
        points = torch.stack([(offset + numbers * step) % 1 for step in STEPS], dim=1)
        return points.reshape(shape).to(dtype)

    return draw
