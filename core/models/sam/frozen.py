"""Frozen SAM with its size, early feature, weights and pretrained head."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from core.data.transforms.large_scale_jitter import encoder_input
from core.frozen_parts import FrozenWeights
from core.models.sam.build import build_sam
from core.models.sam.checkpoint import load_head, load_sam, read_head, weights_of_file, weights_of_state
from core.models.sam.decoding import PromptedBatch
from core.models.sam.encoder import EarlyFeature, ImageFeatures, attend_globally, encode_images, encode_tokens
from core.models.sam.hq_head import HQHead
from core.models.sam.prompt_encoding import PromptValues, encode_prompts
from core.models.sam.sizes import SIZES, Backbone, SamSize


@dataclass(frozen=True)
class FrozenSam:
    """SAM as a run uses it.

    Attributes:
        sam: of `segment_anything`, in evaluation mode and without gradients.
        backbone: name of its size.
        early: which early feature it returns.
        weights: where they come from, and their digest.
        head: entries of the pretrained head; empty where there is none.
    """

    sam: Any
    backbone: Backbone
    early: EarlyFeature
    weights: FrozenWeights
    head: Mapping[str, Tensor]

    @property
    def size(self) -> SamSize:
        """Size of the model."""
        return SIZES[self.backbone]

    @property
    def key(self) -> str:
        """Digest of everything besides the image that features depend on."""
        return hashlib.sha256(f"{self.backbone}/{self.early}/{self.weights.sha256}".encode()).hexdigest()

    @property
    def decoder(self) -> Any:
        """The frozen mask decoder."""
        return self.sam.mask_decoder

    def new_head(self, seed: int) -> HQHead:
        """Return the head from which every domain starts: the pretrained one, else one that depends on the seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            head = HQHead(self.size.channels, self.size.width)
        if self.head:
            load_head(head, self.head, self.weights.source)
        return head

    @torch.no_grad()
    def encode(self, images: Tensor) -> ImageFeatures:
        """Return the features of (B, 3, h, w) uint8 images on the device, no larger than the encoder's."""
        return encode_images(self.sam.image_encoder, encoder_input(images, self.size.image_px))

    def encode_tokens(self, images: Tensor, tokens: Tensor) -> Tensor:
        """Return the (B, L, v) tokens after attending to uint8 images; only the bank gets gradients."""
        return encode_tokens(self.sam.image_encoder, encoder_input(images, self.size.image_px), tokens)

    @torch.no_grad()
    def prompted(self, features: ImageFeatures, prompts: Sequence[PromptValues]) -> PromptedBatch:
        """Return the decoder's batch: features, and the tokens of the prompts."""
        groups = encode_prompts(self.sam.prompt_encoder, prompts, features.embeddings.device)
        return PromptedBatch(features.embeddings, features.early, self.sam.prompt_encoder.get_dense_pe(), groups)


def open_sam(
    backbone: Backbone,
    early: EarlyFeature = "windowed",
    checkpoint: Path | None = None,
    head_checkpoint: Path | None = None,
    seed: int = 0,
) -> FrozenSam:
    """Build SAM on the CPU, and load the given files.

    Args:
        backbone: which size.
        early: which early feature.
        checkpoint: checkpoint of SAM, or a full one of HQ-SAM; None draws random weights.
        head_checkpoint: a decoder of HQ-SAM; its head is loaded.
        seed: seed of random weights.

    Raises:
        ConfigError: if a file cannot be read, or is of another model.
    """
    sam = build_sam(backbone, seed)
    if checkpoint is None:
        head, weights = {}, weights_of_state(sam.state_dict(), f"random weights of seed {seed}")
    else:
        head, weights = load_sam(sam, checkpoint), weights_of_file(checkpoint)
    if head_checkpoint is not None:
        head = read_head(head_checkpoint, sam.mask_decoder)
    if early == "reference":
        attend_globally(sam.image_encoder)
    return FrozenSam(sam, backbone, early, weights, head)
