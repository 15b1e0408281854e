"""The contrastive loss with class memories (U2PL, CVPR 2022, eq. 7–13; STAL 4.7): fixed shapes, no host sync.

All maps have the size of the representation, (h, w). A batch has the labelled images first, then the unlabelled ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from core.methods.stal.memory_bank import ClassMemoryBank


@dataclass(frozen=True)
class PixelView:
    """Labels, teacher's probabilities and pixel masks at the size of the representation.

    Attributes:
        onehot: (B, C, h, w) labels; a zero vector means no label.
        probs: (B, C, h, w) probabilities of the teacher.
        low: (B, 1, h, w), 1 at pixels certain enough to be an anchor or part of a positive.
        high: (B, 1, h, w), 1 at pixels that may be a negative.
        num_labelled: number of labelled images, the first ones of the batch.
    """

    onehot: Tensor
    probs: Tensor
    low: Tensor
    high: Tensor
    num_labelled: int


@dataclass(frozen=True)
class KeyRule:
    """Which pixels become negatives of a class.

    Attributes:
        low_rank: number of top ranks that are near misses on labelled images.
        high_rank: rank from which a class is not a plausible confusion.
        max_probability: dn; a key's probability of the class is below it.
        needs_label: REFERENCE also requires that the pixel's label *is* the class, which leaves almost no key.
    """

    low_rank: int = 3
    high_rank: int = 20
    max_probability: float = 1.0
    needs_label: bool = False


@dataclass(frozen=True)
class ContrastSettings:
    """Numbers of the loss.

    Attributes:
        min_probability: dp; an anchor's probability of its class is above it.
        temperature: T.
        conf_weight: weight the mean of a positive by the teacher's confidence.
        positional_index: REFERENCE indexes the class memories by position among the present classes.
    """

    min_probability: float = 0.3
    temperature: float = 0.5
    conf_weight: bool = False
    positional_index: bool = False


@dataclass(frozen=True)
class ContrastDraws:
    """Which anchors and negatives are compared.

    Attributes:
        anchors: (C, Q) uniform in [0, 1), or int64 indices into each class's anchors.
        negatives: (C, Q, K) uniform in [0, 1), or int64 indices into each class's memory, oldest first.
    """

    anchors: Tensor
    negatives: Tensor

    @classmethod
    def uniform(cls, num_classes: int, num_queries: int, num_negatives: int, device: torch.device) -> ContrastDraws:
        """Draw uniform numbers from the device's generator, which is seeded before each iteration."""
        shape = (num_classes, num_queries, num_negatives + 1)
        draws = torch.rand(shape, device=device)
        return cls(draws[..., 0], draws[..., 1:])


def class_ranks(probs: Tensor) -> Tensor:
    """Return O(c): the rank of each class at each pixel by descending probability, 0 = top; ties by class.

    Args:
        probs: (B, C, h, w).

    Returns:
        (B, C, h, w) int64.
    """
    return probs.argsort(dim=1, descending=True, stable=True).argsort(dim=1)


def key_mask(view: PixelView, rule: KeyRule) -> Tensor:
    """Return the pixels to push into each class's memory, (C, B, h, w) bool.

    PAPER: on labelled images, valid pixels of another class where c is among the top `low_rank`. On unlabelled
    images, uncertain pixels where c ranks in [low_rank, high_rank). Both with p_c < dn.
    """
    ranks, n = class_ranks(view.probs), view.num_labelled
    is_labelled = view.onehot.sum(dim=1, keepdim=True) > 0
    labelled = is_labelled[:n] & (view.onehot[:n] == 0) & (ranks[:n] < rule.low_rank)
    unlabelled = (ranks[n:] >= rule.low_rank) & (ranks[n:] < rule.high_rank)
    mask = torch.cat([labelled, unlabelled]) & (view.high > 0) & (view.probs < rule.max_probability)
    if rule.needs_label:
        mask = mask & (view.onehot > 0)
    return mask.transpose(0, 1)


@torch.no_grad()
def push_keys(
    bank: ClassMemoryBank,
    teacher_features: Tensor,
    mask: Tensor,
    max_push: int = 0,
) -> Tensor:
    """Store the keys of each class in the order batch, row, column.

    Args:
        bank: memory of C classes.
        teacher_features: (B, D, h, w).
        mask: (C, B, h, w) bool of `key_mask`.
        max_push: most keys per class, a subset drawn from the device's generator; 0 = all.

    Returns:
        (C,) int64 number of pushed keys.
    """
    flat = mask.flatten(1)  # (C, N)
    pixels = torch.arange(flat.shape[1], device=flat.device)
    if 0 < max_push < flat.shape[1]:
        chance = torch.where(flat, torch.rand(flat.shape, device=flat.device), -1.0)
        chosen = chance.topk(max_push, dim=1)
        order = torch.where(chosen.values >= 0, chosen.indices, flat.shape[1]).sort(dim=1).values
    else:
        order = torch.where(flat, pixels, flat.shape[1]).sort(dim=1).values
    counts = flat.sum(dim=1).clamp(max=order.shape[1])
    vectors = teacher_features.movedim(1, -1).flatten(0, 2)
    bank.push(vectors, order.clamp(max=flat.shape[1] - 1), counts)
    return counts


@dataclass(frozen=True)
class ClassPixels:
    """Anchors and positives of each class.

    Attributes:
        order: (N,) pixels sorted so that the anchors of a class are contiguous.
        first: (C,) start of each class's anchors in `order`.
        anchors: (C,) number of anchors.
        positives: (C, D) mean teacher features of the certain pixels; zero without certain pixels.
        is_valid: (C,) bool, whether the class has a certain pixel.
    """

    order: Tensor
    first: Tensor
    anchors: Tensor
    positives: Tensor
    is_valid: Tensor


@torch.no_grad()
def gather_classes(view: PixelView, teacher_features: Tensor, settings: ContrastSettings) -> ClassPixels:
    """Sort the certain pixels by class (order: batch, row, column) and average the teacher's features over them."""
    num_classes = view.onehot.shape[1]
    label = view.onehot.argmax(dim=1).flatten()
    certain = ((view.onehot.sum(dim=1) > 0) & (view.low[:, 0] > 0)).flatten()
    own = view.probs.gather(1, view.onehot.argmax(dim=1, keepdim=True)).flatten()
    anchor_class = torch.where(certain & (own > settings.min_probability), label, num_classes)
    order = anchor_class.sort(stable=True).indices
    anchors = label.new_zeros(num_classes + 1).scatter_add_(0, anchor_class, torch.ones_like(label))[:num_classes]

    weight = certain.to(teacher_features.dtype)
    if settings.conf_weight:
        weight = weight * view.probs.amax(dim=1).flatten()
    membership = (label[:, None] == torch.arange(num_classes, device=label.device)) * weight[:, None]  # (N, C)
    sums = membership.T @ teacher_features.movedim(1, -1).flatten(0, 2)  # (C, D)
    mass = membership.sum(dim=0)
    positives = sums / torch.where(mass > 0, mass, 1)[:, None]
    return ClassPixels(order, anchors.cumsum(0) - anchors, anchors, positives, mass > 0)


def contrastive_loss(
    features: Tensor,
    pixels: ClassPixels,
    bank: ClassMemoryBank,
    draws: ContrastDraws,
    settings: ContrastSettings,
) -> Tensor:
    """InfoNCE of Q anchors per class, each against its class's positive and K memory vectors.

    A class without anchors or with an empty memory adds 0 but counts in the divisor. With fewer than two classes the
    loss is 0.

    Args:
        features: (B, D, h, w), the student's.
        pixels: result of `gather_classes`.
        bank: memory after this iteration's push.
        draws: drawn anchors and negatives.
        settings: numbers of the loss.

    Returns:
        Scalar: the sum over classes of the mean over anchors, divided by the number of classes with a certain pixel.
    """
    memory_class, is_used = _usable_rows(pixels, bank, settings.positional_index)
    index = pixels.first[:, None] + _to_index(draws.anchors, pixels.anchors)
    rows = pixels.order[index.clamp(max=len(pixels.order) - 1)]  # (C, Q)
    anchors = features.movedim(1, -1).flatten(0, 2)[rows]  # (C, Q, D)
    anchors = F.normalize(anchors.float(), dim=2, eps=1e-8)
    positives = F.normalize(pixels.positives.float(), dim=1, eps=1e-8)

    where = bank.rows(memory_class, _to_index(draws.negatives, bank.lengths[memory_class]))  # (C, Q, K)
    # `index_select` copies whole rows twice as fast as indexing.
    negatives = bank.vectors.index_select(0, where.flatten()).view(*where.shape, -1).to(anchors.dtype)
    cosine = torch.einsum("cqkd,cqd->cqk", negatives, anchors) * bank.inverse_norms[where]
    logits = torch.cat([torch.einsum("cqd,cd->cq", anchors, positives)[..., None], cosine], dim=2)
    logits = logits / settings.temperature
    each = (logits.logsumexp(dim=2) - logits[..., 0]).mean(dim=1)  # (C,)
    num_valid = pixels.is_valid.sum()
    total = torch.where(is_used & (num_valid > 1), each, 0).sum()
    return total / num_valid.clamp(min=1)


def _usable_rows(pixels: ClassPixels, bank: ClassMemoryBank, positional: bool) -> tuple[Tensor, Tensor]:
    """Return the class whose memory each class is compared with, (C,), and whether it adds to the loss, (C,) bool."""
    classes = torch.arange(len(pixels.anchors), device=pixels.anchors.device)
    if positional:
        memory_class = (~pixels.is_valid).to(torch.uint8).sort(stable=True).indices
        is_row = classes < pixels.is_valid.sum()
    else:
        memory_class, is_row = classes, pixels.is_valid
    return memory_class, is_row & (pixels.anchors > 0) & (bank.lengths[memory_class] > 0)


def _to_index(draws: Tensor, counts: Tensor) -> Tensor:
    """Convert uniform draws into indices below each class's count; keep indices unchanged."""
    if not draws.is_floating_point():
        return draws
    counts = counts.reshape(-1, *[1] * (draws.dim() - 1))
    return torch.minimum((draws * counts).long(), (counts - 1).clamp(min=0))


@torch.no_grad()
def smooth_positives(
    pixels: ClassPixels, stored: Tensor, iteration: int, is_used: Tensor, reset_absent: bool = False
) -> tuple[ClassPixels, Tensor]:
    """Average positives over iterations: (1 − b)·positive + b·stored, b = min(1 − 1/s, 0.999) (`anchor_ema`).

    Args:
        pixels: classes of this iteration.
        stored: (C, D) positives of the last iteration; all zero = nothing stored yet.
        iteration: s, iterations since the loss began, from 1.
        is_used: (C,) bool of `used_classes`; other classes keep their stored positive.
        reset_absent: REFERENCE forgets the classes that are not used.

    Returns:
        The pixels with averaged positives, and the new `stored`.
    """
    share = min(1 - 1 / iteration, 0.999)
    averaged = torch.where((stored == 0).all(), pixels.positives, (1 - share) * pixels.positives + share * stored)
    kept = torch.where(is_used[:, None], averaged, torch.zeros_like(stored) if reset_absent else stored)
    smoothed = ClassPixels(pixels.order, pixels.first, pixels.anchors, averaged, pixels.is_valid)
    return smoothed, kept


def used_classes(pixels: ClassPixels, bank: ClassMemoryBank, settings: ContrastSettings) -> Tensor:
    """Return which classes add to the loss, (C,) bool."""
    return _usable_rows(pixels, bank, settings.positional_index)[1]
