"""Heads from stage to stage, and the masks that a model gives in tests."""

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
    """Return the head from which every domain may start, on the device."""
    return step.sam.new_head(step.head_seed).to(step.context.device)


def continued_head(step: DomainStep) -> HQHead:
    """Return the head as the domain before left it; a new one for the first."""
    head = new_head(step)
    if step.previous is not None:
        load_head(head, step.previous.part(HEAD), "the model of the domain before")
    return head


def head_masks(step: DomainStep, head: HQHead, batch: PromptedBatch, further: Tensor | None = None) -> Tensor:
    """Return the masks of a head that are scored, as logits (B, 1, 4g, 4g); see `PromptedBatch.inputs`."""
    decode = decode_batch if step.config.eval.output == "hq" else decode_summed
    return decode(step.sam.decoder, head, batch, further)


def head_predictor(step: DomainStep, head: HQHead) -> Predict:
    """Return the masks of one head for all images."""
    return lambda batch, _images: Routed(head_masks(step, head, batch))


def frozen_copy(step: DomainStep, head: HQHead) -> HQHead:
    """Return a head with the same weights that does not learn."""
    copy = new_head(step)
    copy.load_state_dict({name: value.detach().clone() for name, value in head.state_dict().items()})
    return copy.requires_grad_(False).eval()


def anchors(head: HQHead) -> dict[str, Tensor]:
    """Return the weights of a head as they are now."""
    return {name: torch.clone(parameter.detach()) for name, parameter in head.named_parameters()}
