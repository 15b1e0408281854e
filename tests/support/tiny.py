"""The smallest things that train: a model, batches of noise, and their optimiser."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F

from core.data.loaders import Batch
from core.engine.loop import Values
from core.methods.class_incremental.build import build_model
from core.methods.class_incremental.config import ModelConfig
from core.methods.class_incremental.growing_model import SegmentationModel

TINY = ModelConfig(name="tiny")
SIDE_PX = 16


def tiny_model(*classes_per_step: int, seed: int = 0) -> SegmentationModel:
    """Return the tiny network with a head for each step given."""
    return build_model(TINY, classes_per_step or (2,), seed)


def momentum_sgd(model: torch.nn.Module, lr: float = 0.05) -> torch.optim.SGD:
    """Return an optimiser whose buffers matter after the first update."""
    return torch.optim.SGD([{"params": list(model.parameters()), "name": "all", "base_lr": lr}], lr=lr, momentum=0.9)


def noise_batches(start: int, total: int, num_classes: int = 3) -> Iterator[Batch]:
    """Yield a batch of two images for each iteration: a function of the iteration alone."""
    for iteration in range(start, total):
        generator = torch.Generator().manual_seed(iteration)
        images = torch.randn(2, 3, SIDE_PX, SIDE_PX, generator=generator)
        labels = torch.randint(num_classes, (2, SIDE_PX, SIDE_PX), generator=generator)
        yield Batch(images, labels, np.array([2 * iteration, 2 * iteration + 1]))


class CrossEntropyStep:
    """Updates a model by plain cross-entropy."""

    def __init__(self, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self.model, self.optimizer = model, optimizer

    def __call__(self, batch: Batch, _done: int) -> Values:
        loss = F.cross_entropy(self.model(batch.images), batch.labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return {"loss": loss.detach(), "twice": 2 * loss.detach()}
