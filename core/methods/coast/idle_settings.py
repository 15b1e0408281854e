"""Settings of CoaST that have no effect beside other settings. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.methods.idle_settings import Idle

if TYPE_CHECKING:
    from core.methods.coast.config import CoastConfig


def idle_of(config: CoastConfig) -> Iterator[Idle]:
    """Yield the settings without effect, given the other settings."""
    warm_up, training = config.warm_up, config.self_training
    if config.model.warmed_up is not None:
        yield Idle(("warm_up",), "model.warmed_up names a model that is warmed up, so there is no warm-up")
        yield Idle(("model.backbone_weights",), "model.warmed_up gives the encoder's weights")
    if not warm_up.freeze_bn:
        yield Idle(("warm_up.shared_pass",), "warm_up.freeze_bn is off, so every domain passes alone")
    if warm_up.adversarial_weight == 0:
        names = ("warm_up.adversarial", "warm_up.discriminator_lr")
        yield Idle(names, "warm_up.adversarial_weight is 0, so the discriminators move nothing")
    if not training.rectify:
        yield Idle(("self_training.gamma",), "self_training.rectify is off, so nothing is rectified")
    if config.flavour.rectify_mode == "reference":
        why = "flavour.rectify_mode is reference, which scales the loss by itself"
        yield Idle(("self_training.target_loss_weight",), why)
