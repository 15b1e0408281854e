"""Batch normalisation frozen as an earlier step left it, and followed by leaky ReLUs instead of ReLUs."""

from __future__ import annotations

from collections.abc import Iterator

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

LEAKY_SLOPE = 0.01


def activate(x: Tensor, slope: float) -> Tensor:
    """Return the ReLU of a tensor, leaky where the slope is over 0."""
    return F.leaky_relu(x, slope) if slope else F.relu(x)


def make_leaky(part: nn.Module) -> None:
    """Replace every ReLU of a network's part by a leaky one of slope 0.01.

    Batch norm then has the forward function of in-place activated batch norm (CVPR 2018) for γ > 0.
    """
    for module in list(part.modules()):
        if hasattr(module, "slope"):
            module.slope = LEAKY_SLOPE  # type: ignore[assignment]
        for name, child in module.named_children():
            if isinstance(child, nn.ReLU):
                setattr(module, name, nn.LeakyReLU(LEAKY_SLOPE, inplace=child.inplace))


def batch_norms(model: nn.Module) -> Iterator[nn.Module]:
    """Yield every batch-norm layer, synchronised ones too."""
    return (module for module in model.modules() if isinstance(module, _BatchNorm))


def freeze_normalisation(model: nn.Module) -> None:
    """Fix statistics and affine parameters of every batch norm, and switch dropout off (EIR 3, frozen parts).

    A later `model.train()` would undo the evaluation mode; `SegmentationModel.freeze` survives it.
    """
    for module in batch_norms(model):
        module.eval()
        module.requires_grad_(False)
    for module in model.modules():
        if isinstance(module, nn.Dropout | nn.Dropout2d):
            module.eval()
