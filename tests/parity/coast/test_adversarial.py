"""Self-information and both adversarial losses (CoaST 4.1)."""

from __future__ import annotations

import pytest
import torch

from core.methods.coast.adversarial import AdversarialLoss, adversarial_loss, self_information
from tests.support.parity import assert_close, load_case


def test_self_information_is_the_recorded_one() -> None:
    case = load_case("coast", "entropy_map")
    probs = torch.from_numpy(case["logits"]).softmax(dim=1)

    assert_close(probs, case["prob"], 1e-6)
    assert_close(self_information(torch.from_numpy(case["prob"])), case["out"], 1e-6)


@pytest.mark.parametrize("is_target", [False, True])
@pytest.mark.parametrize("kind", ["vanilla", "ls"])
def test_adversarial_losses_are_the_recorded_ones(kind: AdversarialLoss, is_target: bool) -> None:
    case = load_case("coast", "gan_losses")
    verdict = torch.from_numpy(case["d_out"]).requires_grad_()

    loss = adversarial_loss(verdict, kind, is_target=is_target)
    (gradient,) = torch.autograd.grad(loss, verdict)

    assert_close(loss.detach(), case[f"{kind}_{int(is_target)}"], 1e-5)
    assert_close(gradient, case[f"{kind}_{int(is_target)}_grad"], 1e-5)
