"""Elastic weight consolidation: a penalty on changes of important weights (EWC, PNAS 2017; CoSAM 5.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import torch
from torch import Tensor

Weights = Mapping[str, Tensor]
"""Name of a parameter -> values."""
FisherRule = Literal["last", "sum", "online"]
"""Whose importance counts: that of the last step, the sum over all steps, or a sum in which earlier steps fade."""


def elastic_penalty(weights: Weights, anchors: Weights, fisher: Weights) -> Tensor:
    """Return Σ F·(θ − θ*)² over all parameters of `fisher`, without the factor 1/2; a scalar.

    Args:
        weights: θ, with gradient.
        anchors: θ*, values of the same names.
        fisher: F, importance of each value.

    Raises:
        ValueError: if `fisher` is empty.
    """
    if not fisher:
        raise ValueError("no parameter has an importance, so there is nothing to stay near")
    return torch.stack(
        [(importance * (weights[name] - anchors[name]).square()).sum() for name, importance in fisher.items()]
    ).sum()


def mean_squared_gradients(losses: Iterable[Tensor], parameters: Mapping[str, torch.nn.Parameter]) -> dict[str, Tensor]:
    """Return the mean over batches of the squared gradient of each batch's loss: the Fisher of the published code.

    Args:
        losses: scalar loss of each batch; the next is requested only after the previous one's gradient is computed.
        parameters: parameters by name.

    Raises:
        ValueError: without any batch.
    """
    sums = {name: torch.zeros_like(parameter) for name, parameter in parameters.items()}
    batches = 0
    for loss in losses:
        gradients = torch.autograd.grad(loss, list(parameters.values()), allow_unused=True)
        for total, gradient in zip(sums.values(), gradients, strict=True):
            if gradient is not None:
                total.add_(gradient.detach().square())
        batches += 1
    if not batches:
        raise ValueError("the Fisher needs at least one batch")
    return {name: total / batches for name, total in sums.items()}


def combined_importance(before: Weights, own: Weights, rule: FisherRule, decay: float) -> Weights:
    """Return the importance to use for the next step.

    Args:
        before: of the steps so far; empty at the first one. Its names are among those of `own`.
        own: of this step.
        rule: how the two are combined.
        decay: what stays of `before`; used by "online" only.
    """
    if rule == "last" or not before:
        return own
    kept = decay if rule == "online" else 1.0
    return {name: value + kept * before[name] if name in before else value for name, value in own.items()}
