"""A segmentation model whose classifier grows by one head per continual step (EIR 3)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.methods.class_incremental.deep_head import DeepHead, with_unknown_as_background
from core.models.backbone import Backbone
from core.models.normalisation import activate, freeze_normalisation


class GrowingClassifier(nn.ModuleList):
    """1x1 convolutions with bias: head 0 is the background's channel, head s + 1 has the channels of step s.

    Args:
        in_channels: D of the features.
        classes_per_step: |N_s| of each step so far.
        detach_background: whether head 0 sends no gradient into the features.
        is_deep: whether each head has a 3x3 convolution of its own before the 1x1 (`DeepHead`).
    """

    def __init__(
        self,
        in_channels: int,
        classes_per_step: Sequence[int],
        detach_background: bool = True,
        *,
        is_deep: bool = False,
    ) -> None:
        head = DeepHead if is_deep else partial(nn.Conv2d, kernel_size=1)
        super().__init__(head(in_channels, channels) for channels in (1, *classes_per_step))
        self.detach_background = detach_background

    @property
    def heads(self) -> list[nn.Conv2d]:
        """The background's head, then one head per step."""
        return [head for head in self if isinstance(head, nn.Conv2d)]

    def forward(self, features: Tensor) -> Tensor:
        """Return logits (B, 1 + Σ|N_s|, h, w) of features (B, D, h, w), the background's channel first."""
        background, *steps = self.heads
        seen = features.detach() if self.detach_background else features
        return torch.cat([background(seen), *(head(features) for head in steps)], dim=1)


class Outputs(NamedTuple):
    """Outputs of a model for (B, 3, H, W) images: the heads' input features (B, D, h, w), and logits (B, C, H, W)."""

    features: Tensor
    logits: Tensor


class Maps(NamedTuple):
    """Maps of every stage of a model, for (B, 3, H, W) images.

    Attributes:
        taps: output of each layer of the encoder before its final ReLU.
        encoded: output of the encoder.
        features: (B, D, h, w), the heads' input.
        coarse_logits: (B, C, h, w) at the size of the features.
        logits: (B, C, H, W).
    """

    taps: tuple[Tensor, ...]
    encoded: Tensor
    features: Tensor
    coarse_logits: Tensor
    logits: Tensor


class SegmentationModel(nn.Module):
    """Backbone, pyramid pooling (or the identity), and a growing classifier.

    State names are `backbone.*`, `aspp.*` and `cls.{i}.{weight,bias}`; deep heads also have `cls.{i}.hidden.*`, and
    the head of the unknown has `unknown.*`.

    Attributes:
        classes_per_step: |N_s| of each step so far.
        unknown: head of one more channel, after those of all classes: objects of no known class (SSUL). None without.
        freeze_bn: whether `train()` leaves batch norm and dropout in evaluation mode; see `freeze`.
    """

    def __init__(
        self,
        backbone: Backbone,
        aspp: nn.Module,
        classifier: GrowingClassifier,
        unknown: DeepHead | None = None,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.aspp = aspp
        self.cls = classifier
        self.unknown = unknown
        self.classes_per_step = tuple(head.out_channels for head in classifier.heads[1:])
        self.freeze_bn = False
        self._fixed: tuple[nn.Module, ...] = ()

    @property
    def num_channels(self) -> int:
        """C = 1 + classes seen; the channel of the unknown is not counted."""
        return 1 + sum(self.classes_per_step)

    @property
    def memory_format(self) -> torch.memory_format:
        """The memory layout of images and weights with which the model is fastest."""
        return self.backbone.memory_format

    def features(self, images: Tensor) -> Tensor:
        """Return the heads' input features (B, D, h, w) of normalised images (B, 3, H, W)."""
        encoded = self.backbone(images.contiguous(memory_format=self.memory_format))
        features: Tensor = self.aspp(encoded)
        return features

    def coarse_logits(self, features: Tensor) -> Tensor:
        """Return logits (B, C, h, w) at the size of the features. Half-precision features give float32 logits.

        A model with a head of the unknown has C + 1 channels here; the unknown is the last.
        """
        logits: Tensor = self.cls(features)
        if self.unknown is not None:
            logits = torch.cat([logits, self.unknown(features)], dim=1)
        # Losses subtract logsumexps of full-size maps; an 8-bit mantissa is too coarse for that.
        return logits.float() if logits.dtype in (torch.bfloat16, torch.float16) else logits

    def maps(self, images: Tensor) -> Maps:
        """Return the maps of every stage for normalised images (B, 3, H, W)."""
        taps = tuple(self.backbone.pre_activations(images.contiguous(memory_format=self.memory_format)))
        encoded = activate(taps[-1], self.backbone.slope)
        features: Tensor = self.aspp(encoded)
        coarse = self.coarse_logits(features)
        return Maps(taps, encoded, features, coarse, _upsampled(coarse, images.shape[-2:]))

    def outputs(self, images: Tensor) -> Outputs:
        """Return features and logits of normalised images (B, 3, H, W)."""
        features = self.features(images)
        return Outputs(features, self.logits_of(features, images.shape[-2:]))

    def logits_of(self, features: Tensor, size: Sequence[int]) -> Tensor:
        """Return logits (B, C, H, W) of features (B, D, h, w), upsampled to a size (H, W); see `coarse_logits`."""
        return _upsampled(self.coarse_logits(features), size)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, C, H, W) of normalised images (B, 3, H, W); channel 0 is the background.

        Where the model has a channel for the unknown, its probability is added to the background's.
        """
        logits = self.outputs(images).logits
        return logits if self.unknown is None else with_unknown_as_background(logits)

    def freeze(self) -> None:
        """Fix batch norm (statistics and affine) and switch dropout off, now and after every later `train()`."""
        self.freeze_bn = True
        freeze_normalisation(self)

    def train_only(self, heads: Sequence[nn.Module]) -> None:
        """Fix all weights and statistics but those of some heads, now and after every later `train()`."""
        parts: list[nn.Module] = [self.backbone, self.aspp, *self.cls.heads]
        if self.unknown is not None:
            parts.append(self.unknown)
        self._fixed = tuple(part for part in parts if all(part is not head for head in heads))
        for part in self._fixed:
            part.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> SegmentationModel:
        """Set the mode of every module, except those that `freeze` or `train_only` fixed."""
        super().train(mode)
        for part in self._fixed:
            part.eval()
        if self.freeze_bn:
            freeze_normalisation(self)
        return self


def _upsampled(logits: Tensor, size: Sequence[int]) -> Tensor:
    return F.interpolate(logits, size=list(size), mode="bilinear", align_corners=False)


def reasoning_maps(classifier: GrowingClassifier, features: Tensor) -> tuple[Tensor, Tensor]:
    """Return the positive and negative evidence of every class, without bias.

    DKD, NeurIPS 2022 (EIR 3, side outputs).

    Args:
        classifier: its heads ≥ 1 are used.
        features: (B, D, h, w).

    Returns:
        features x max(w, 0) and features x min(w, 0), each (B, Σ|N_s|, h, w).
    """
    weight = torch.cat([head.weight for head in classifier.heads[1:]])
    return F.conv2d(features, weight.clamp(min=0)), F.conv2d(features, weight.clamp(max=0))
