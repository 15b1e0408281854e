"""The objectives of the baselines: the loss of masks plus their own terms (CoSAM 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from core.losses.elastic import Weights, elastic_penalty
from core.methods.promptable.objectives import LearningBatch, Objective, shown
from core.models.sam.decoding import decode_batch
from core.models.sam.hq_head import HQHead
from core.models.sam.prompt_pool import PromptPool, Query, query_of


def lwf_objective(decoder: Any, head: HQHead, teacher: HQHead, weight: float) -> Objective:
    """Return the loss of the masks plus `weight` times the loss towards the teacher's masks (LwF)."""

    def objective(batch: LearningBatch) -> dict[str, Tensor]:
        logits = decode_batch(decoder, head, batch.prompted)
        with torch.no_grad():
            old_logits = decode_batch(decoder, teacher, batch.prompted)
        values = shown(batch.loss_of(logits))
        old = batch.loss_towards(logits, old_logits)
        old_parts = {"old_bce_loss": old.bce.detach(), "old_dice_loss": old.dice.detach()}
        return values | old_parts | {"loss": values["loss"] + weight * old.total}

    return objective


def ewc_objective(decoder: Any, head: HQHead, anchors: Weights, fisher: Weights, weight: float) -> Objective:
    """Return the loss of the masks plus `weight` times the penalty for changes of important weights (EWC)."""
    weights: Mapping[str, Tensor] = dict(head.named_parameters())

    def objective(batch: LearningBatch) -> dict[str, Tensor]:
        values = shown(batch.loss_of(decode_batch(decoder, head, batch.prompted)))
        penalty = weight * elastic_penalty(weights, anchors, fisher)
        return values | {"ewc_loss": penalty.detach(), "loss": values["loss"] + penalty}

    return objective


@dataclass(frozen=True)
class PromptChoice:
    """How L2P chooses prompts.

    Attributes:
        top_k: number of prompts per image.
        query: how an embedding becomes a query.
        batchwise: whether all images of a batch use the same prompts.
        key_match_weight: weight of the similarity of queries and chosen keys.
    """

    top_k: int = 5
    query: Query = "mean"
    batchwise: bool = True
    key_match_weight: float = 1.0


def l2p_objective(
    decoder: Any, head: HQHead, pool: PromptPool, choice: PromptChoice, forced: Tensor | None = None
) -> Objective:
    """Return the loss of masks with chosen prompts minus the weighted similarity of their keys (L2P).

    Args:
        decoder, head: frozen decoder and head.
        pool: pool of prompts to learn.
        choice: how prompts are chosen.
        forced: (k,) ids of prompts for every image; None = choose.
    """

    def objective(batch: LearningBatch) -> dict[str, Tensor]:
        queries = query_of(batch.prompted.embeddings, choice.query)
        ids = None if forced is None else forced.expand(len(queries), -1)
        chosen = pool.choose(queries, choice.top_k, batchwise=choice.batchwise, forced=ids)
        values = shown(batch.loss_of(decode_batch(decoder, head, batch.prompted, chosen.tokens)))
        similarity = {"key_similarity": chosen.key_similarity.detach()}
        return values | similarity | {"loss": values["loss"] - choice.key_match_weight * chosen.key_similarity}

    return objective
