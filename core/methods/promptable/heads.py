"""Heads handed from stage to stage, and their masks in tests."""

from __future__ import annotations

import torch
from torch import Tensor

from core.methods.promptable.evaluation import Predict, Routed
from core.methods.promptable.step import DomainStep
from core.models.sam.checkpoint import load_head
from core.models.sam.decoding import PromptedBatch, decode_batch, decode_summed
from core.models.sam.hq_head import HQHead

HEAD = "head"


def new_head(step: DomainStep) -> HQHead:
    """Return a head with the run's initial weights, on the device."""
    return step.sam.new_head(step.head_seed).to(step.context.device)


def continued_head(step: DomainStep) -> HQHead:
    """Return the previous domain's head; a new head for the first domain."""
    head = new_head(step)
    if step.previous is not None:
        load_head(head, step.previous.part(HEAD), "the model of the domain before")
    return head


def head_masks(step: DomainStep, head: HQHead, batch: PromptedBatch, further: Tensor | None = None) -> Tensor:
    """Return a head's masks to score, as logits (B, 1, 4g, 4g); see `PromptedBatch.inputs`."""
    decode = decode_batch if step.config.eval.output == "hq" else decode_summed
    return decode(step.sam.decoder, head, batch, further)


def head_predictor(step: DomainStep, head: HQHead) -> Predict:
    """Return the predictor that uses one head for all images."""
    return lambda batch, _images: Routed(head_masks(step, head, batch))


def frozen_copy(step: DomainStep, head: HQHead) -> HQHead:
    """Return a frozen copy of a head."""
    copy = new_head(step)
    copy.load_state_dict({name: value.detach().clone() for name, value in head.state_dict().items()})
    return copy.requires_grad_(False).eval()


def anchors(head: HQHead) -> dict[str, Tensor]:
    """Return a copy of a head's current weights."""
    return {name: torch.clone(parameter.detach()) for name, parameter in head.named_parameters()}
