"""Batch normalisation frozen as an earlier step left it."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


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
