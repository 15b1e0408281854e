"""The contrastive loss of one iteration, from the maps of student and teacher (STAL 4.7)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from core.engine.inference import resize_logits
from core.methods.stal.config import StalConfig
from core.methods.stal.contrastive import (
    ContrastDraws,
    ContrastSettings,
    KeyRule,
    PixelView,
    contrastive_loss,
    gather_classes,
    key_mask,
    push_keys,
    smooth_positives,
    used_classes,
)
from core.methods.stal.pseudo_labels import labelled_masks, small_onehot, small_probs, unlabelled_masks
from core.methods.stal.schedules import Position, unreliable_percent
from core.methods.stal.state import StalState


class LabelledMaps(NamedTuple):
    """Labelled images: (B, S, S) labels, and the teacher's and student's maps."""

    labels: Tensor
    teacher_logits: Tensor
    teacher_features: Tensor
    student_features: Tensor


class UnlabelledMaps(NamedTuple):
    """Mixed images: (B, S, S) pseudo-labels and entropy, full-size teacher logits, and the features of both."""

    labels: Tensor
    entropy: Tensor
    logits: Tensor
    teacher_features: Tensor
    student_features: Tensor


def contrast_loss(
    state: StalState, config: StalConfig, labelled: LabelledMaps, unlabelled: UnlabelledMaps, position: Position
) -> Tensor:
    """Push this iteration's negatives into the memory; return the weighted loss. Draws from torch's global generators.

    Args:
        state: holds the memory and the stored positives.
        config: config of the method.
        labelled: maps of the labelled images.
        unlabelled: maps of the mixed images.
        position: gives the annealed percentiles and the averaging of positives.
    """
    options = config.contrast
    view = _pixel_view(config, labelled, unlabelled, position)
    teacher = torch.cat([labelled.teacher_features, unlabelled.teacher_features]).detach()
    student = torch.cat([labelled.student_features, unlabelled.student_features])
    classes = state.student.num_classes
    # With few classes no rank would remain, so any other class is then a near miss (STAL 8).
    rule = KeyRule(
        min(options.low_rank, classes - 1), options.high_rank, options.max_probability, config.compat.key_needs_label
    )
    push_keys(state.memory, teacher, key_mask(view, rule), options.max_push)
    settings = ContrastSettings(
        options.min_probability, options.temperature, options.conf_weight, config.compat.positional_index
    )
    pixels = gather_classes(view, teacher, settings)
    if options.anchor_ema:
        used = used_classes(pixels, state.memory, settings)
        pixels, stored = smooth_positives(
            pixels, state.prototypes, position.contrasted, used, reset_absent=config.compat.proto_reset
        )
        state.prototypes.copy_(stored)
    draws = ContrastDraws.uniform(classes, options.queries, options.negatives, student.device)
    return options.weight * contrastive_loss(student, pixels, state.memory, draws, settings)


def _pixel_view(
    config: StalConfig, labelled: LabelledMaps, unlabelled: UnlabelledMaps, position: Position
) -> PixelView:
    options, compat = config.contrast, config.compat
    size = (unlabelled.teacher_features.shape[2], unlabelled.teacher_features.shape[3])
    classes = unlabelled.logits.shape[1]
    percents = (options.low_percent, options.high_percent)
    if options.anneal:
        share = unreliable_percent(position.epoch, position.epochs, config.self_training.unreliable_percent)
        percents = (share, 100 - share)
    sure = labelled_masks(labelled.labels, size)
    mixed = unlabelled_masks(
        unlabelled.entropy, unlabelled.labels, size, percents, options.anneal, options.any_negative
    )
    full = (unlabelled.labels.shape[1], unlabelled.labels.shape[2])
    return PixelView(
        onehot=torch.cat(
            [small_onehot(part, classes, size, compat.onehot_batch0) for part in (labelled.labels, unlabelled.labels)]
        ),
        probs=torch.cat(
            [small_probs(resize_logits(labelled.teacher_logits, full), size), small_probs(unlabelled.logits, size)]
        ),
        low=torch.cat([sure.low, mixed.low]),
        high=torch.cat([sure.high, mixed.high]),
        num_labelled=len(labelled.labels),
    )
