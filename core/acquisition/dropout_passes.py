"""Monte Carlo dropout: several passes through a decoder with dropout on, and the disagreement of the passes (STAL 6.2).

At full size only sums over the passes are kept, never T maps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.modules.dropout import _DropoutNd

from core.acquisition.entropy import log_classes
from core.acquisition.functions import exact_entropy, probs_and_entropy


@dataclass(frozen=True)
class DropoutSums:
    """Sums over T passes.

    Attributes:
        probs: (B, C, H, W), Σ_t p_t.
        entropies: (B, H, W), Σ_t H(p_t) in nats.
        passes: T, at least 1.
    """

    probs: Tensor
    entropies: Tensor
    passes: int

    def plus(self, logits: Tensor) -> DropoutSums:
        """Return the sums with one more pass, whose logits (B, C, H, W) are given."""
        more = DropoutSums.of(logits)
        return DropoutSums(self.probs + more.probs, self.entropies + more.entropies, self.passes + 1)

    @classmethod
    def of(cls, logits: Tensor) -> DropoutSums:
        """Return the sums of a first pass.

        Raises:
            ValueError: if there are fewer than 2 classes.
        """
        log_classes(logits.shape[1])
        return cls(*probs_and_entropy(logits), 1)

    @classmethod
    def of_image(cls, passes: Tensor) -> DropoutSums:
        """Return the sums of all passes (T, C, H, W) of one image; they have a batch of 1.

        Raises:
            ValueError: if there are fewer than 2 classes.
        """
        each = cls.of(passes)
        return cls(each.probs.sum(dim=0, keepdim=True), each.entropies.sum(dim=0, keepdim=True), len(passes))


def mc_entropy_map(sums: DropoutSums) -> Tensor:
    """Return the entropy of the mean prediction, −Σ_c m_c·ln m_c with m = mean_t p_t: (B, H, W) in [0, ln C], nats.

    Gal and Ghahramani, ICML 2016 (STAL 6.2).
    """
    return exact_entropy(sums.probs / sums.passes)


def bald_map(sums: DropoutSums) -> Tensor:
    """Return the mutual information of label and weights, H(mean_t p_t) − mean_t H(p_t): (B, H, W) in [0, ln C], nats.

    Clipped at 0, because rounding can make it negative. Gal, Islam and Ghahramani, ICML 2017 (STAL 6.2).
    """
    return (mc_entropy_map(sums) - sums.entropies / sums.passes).clamp(min=0)


@torch.no_grad()
def run_dropout_passes(decoder: nn.Module, decode: Callable[[], Tensor], passes: int, seed: int) -> Tensor:
    """Decode one image's features several times with dropout on and normalisation frozen.

    Dropout layers draw only from the global generators, so these are seeded for the passes and restored afterwards.
    Decode image by image, each with its own seed (run seed, stage, image), so that values do not depend on batches.

    Args:
        decoder: holds the dropout layers; its mode is restored afterwards.
        decode: () -> logits (1, C, h, w), decoded from features that the encoder computed once.
        passes: T.
        seed: seed of all draws.

    Returns:
        (T, C, h, w) at the decoder's own size. Resize them with `map_at_size`, which works in strips: T full-size maps
        would fill the memory.

    Raises:
        ValueError: if `passes` is below 1.
    """
    if passes < 1:
        raise ValueError(f"{passes} dropout passes were asked for; at least 1 is needed, and 10 are usual")
    devices = {parameter.device for parameter in decoder.parameters() if parameter.is_cuda}
    with torch.random.fork_rng(devices=list(devices)), dropout_on(decoder):
        torch.manual_seed(seed)
        return torch.cat([decode() for _ in range(passes)])


@contextmanager
def dropout_on(module: nn.Module) -> Iterator[None]:
    """Put dropout layers into training mode and all others into evaluation mode; restore all modes afterwards."""
    modes = [(layer, layer.training) for layer in module.modules()]
    try:
        for layer, _ in modes:
            layer.training = isinstance(layer, _DropoutNd)
        yield
    finally:
        for layer, was_training in modes:
            layer.training = was_training
