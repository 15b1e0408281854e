"""The loss on one batch against its formula written out, and what learns at which rate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from core.data.classes import IGNORE_INDEX
from core.files import index_png
from core.methods.class_incremental.build import build_model
from core.methods.class_incremental.step_data import open_training_images
from core.methods.css_baselines import ssul
from core.methods.css_baselines.learner import Learner
from core.methods.css_baselines.ssul_config import SsulConfig
from core.stage.interrupt import StopFlag
from tests.support.baselines import TINY, batch, learner_of
from tests.support.contexts import context_of
from tests.support.local_runs import begin_stage, failure_of, in_this_process, small_run

CONFIG = SsulConfig()
NO_UNKNOWN = SsulConfig.model_validate({"ssul": {"unknown": False}})


def ssul_learner(step: int, config: SsulConfig = CONFIG) -> Learner[Any]:
    """Channels 0 and 1 are old at step 1, channel 2 is new, and channel 3 is the unknown."""
    learner = learner_of(config, step)
    model = build_model(TINY, (1,) * (step + 1), seed=1, heads=config.heads).eval()
    old_model = build_model(TINY, (1,), seed=1, heads=config.heads).eval().requires_grad_(False) if step else None
    if old_model is not None:
        # The trunk of a later step is that of the step before.
        old_model.load_state_dict({name: model.state_dict()[name] for name in old_model.state_dict()})
    return replace(learner, model=model, old_model=old_model)


def one_hot_bce(logits: Tensor, labels: Tensor) -> Tensor:
    """Sum over channels of the BCE with {label = channel}, mean over labelled pixels."""
    targets = torch.stack([labels == channel for channel in range(logits.shape[1])], dim=1).float()
    losses = F.binary_cross_entropy_with_logits(logits, targets, reduction="none").sum(dim=1)
    return losses[labels != IGNORE_INDEX].mean()


def test_base_step_has_a_channel_for_the_unknown_after_those_of_all_classes() -> None:
    learner = ssul_learner(0)
    images, labels = batch(1)
    labels[0, :6, :6] = 2

    terms = ssul.objective_of(learner)(images, labels)

    logits = learner.model.outputs(images).logits
    assert logits.shape[1] == 3
    assert terms["bce"].item() == pytest.approx(one_hot_bce(logits, labels).item(), rel=1e-5)


def test_old_model_labels_background_and_unknown_where_it_is_certain() -> None:
    learner = ssul_learner(1)
    images, labels = batch()
    labels[0, :6, :6] = 3
    old_model = learner.old_model
    assert old_model is not None
    # Class 1 is certain in the first image's left half alone.
    with torch.no_grad():
        old = old_model.outputs(images).logits
    threshold = old[:, 1].sigmoid().median().item()
    learner = replace(
        learner, context=learner_of(SsulConfig.model_validate({"ssul": {"threshold": threshold}})).context
    )

    terms = ssul.objective_of(learner)(images, labels)

    probs = old.sigmoid()
    wins = (probs[:, 1] > probs[:, 0]) & (probs[:, 1] > probs[:, 2]) & (probs[:, 1] >= threshold)
    expected = torch.where(wins & ((labels == 0) | (labels == 3)), 1, labels)
    assert 0 < wins.float().mean() < 1
    assert terms["bce"].item() == pytest.approx(
        one_hot_bce(learner.model.outputs(images).logits, expected).item(), rel=1e-5
    )


def test_loss_of_nothing_labelled_is_zero() -> None:
    images, labels = batch(1)

    terms = ssul.objective_of(ssul_learner(0))(images, torch.full_like(labels, IGNORE_INDEX))

    assert terms["bce"].item() == 0


def rates_of(learner: Learner[Any]) -> dict[str, float]:
    return {group["name"]: group["lr"] for group in ssul.optimizer_of(learner).param_groups}


def test_later_step_trains_the_new_head_the_unknown_and_hardly_the_background() -> None:
    learner = ssul_learner(1)
    model = learner.model.train()
    model.train_only([model.cls.heads[0], model.cls.heads[2], model.unknown])  # type: ignore[list-item]
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    optimizer = ssul.optimizer_of(learner)

    torch.stack(list(ssul.objective_of(learner)(*batch()).values())).sum().backward()
    optimizer.step()

    moved = {
        name.split(".")[0] + name.split(".")[1] if name.startswith("cls") else name.split(".")[0]
        for name, tensor in model.state_dict().items()
        if not torch.equal(tensor, before[name])
    }
    assert moved == {"cls0", "cls2", "unknown"}
    assert rates_of(learner) == pytest.approx({"background": 1e-6, "new_head": 1e-2, "unknown": 1e-2})


def test_base_step_trains_everything_with_the_backbone_at_a_tenth() -> None:
    assert rates_of(ssul_learner(0)) == {"backbone": 1e-3, "background": 1e-2, "new_head": 1e-2, "unknown": 1e-2}
    assert "unknown" not in rates_of(ssul_learner(0, NO_UNKNOWN))


def test_salient_background_of_a_training_image_gets_the_channel_of_the_unknown(tmp_path: Path) -> None:

    context = context_of(tmp_path, 1, "ssul", ssul={"saliency_root": str(tmp_path)})
    images = open_training_images(context, context.stream.step(1), context.config.data)
    saliency = np.zeros((32, 32), np.uint8)
    saliency[2:6] = 128
    for index in images.indices:
        (tmp_path / f"{images.dataset.ids[index]}.png").write_bytes(index_png(saliency))

    marked = ssul.with_unknown(context, images)

    labels = marked.table[marked.dataset.label(images.indices[0])]
    # Class 2 is channel 2 and has 100 pixels, 20 of them salient; salient background is channel 3.
    assert np.bincount(labels.ravel()).tolist() == [32 * 32 - 100 - 4 * 32 + 20, 0, 100, 4 * 32 - 20]


def test_run_without_a_folder_of_saliency_maps_fails_and_names_it(tmp_path: Path) -> None:
    run = small_run(tmp_path, "ssul", ssul={"unknown": True, "saliency_root": str(tmp_path / "nowhere")})

    folder = begin_stage(run)

    assert in_this_process(folder, StopFlag()) == 1
    assert failure_of(folder).error == (
        f"ssul.saliency_root: {tmp_path}/nowhere is no folder of this machine; correct it, or set ssul.unknown: false"
    )
