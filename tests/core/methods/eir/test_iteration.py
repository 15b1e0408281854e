"""One iteration of EIR: which losses there are, what they weigh, and what changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.data.loaders import Batch
from core.losses.cross_entropy import background_negative, bce_onehot
from core.losses.lovasz import lovasz_softmax
from core.losses.sparse_target import SparseTarget
from core.memory.store import InstanceMemory
from core.methods.class_incremental.build import build_model
from core.methods.class_incremental.config import ModelConfig
from core.methods.class_incremental.optimisation import build_optimizer
from core.methods.eir.config import EirConfig
from core.methods.eir.instance_bank import InstanceBank
from core.methods.eir.iteration import EirIteration
from core.methods.eir.optional_terms import OptionalTerms
from core.methods.eir.paste_record import PasteRecord
from tests.support.instances import rectangle_entry

SIDE = 32
CPU = torch.device("cpu")
TINY = ModelConfig(name="tiny")
MIXING_SEED = 2
"""Of a generator whose first draw mixes the batch's styles."""
ENTRY = rectangle_entry(1, (4, 4, 14, 14), (SIDE, SIDE))


def config_of(**sections: Any) -> EirConfig:
    return EirConfig.model_validate({"model": {"name": "tiny"}, "data": {"crop_px": SIDE}, **sections})


def batch_of(channel: int) -> Batch:
    """Two images with a block of one channel."""
    images = torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    labels = torch.zeros(2, SIDE, SIDE, dtype=torch.int64)
    labels[:, 18:28, 18:28] = channel
    return Batch(images, labels, np.array([3, 8]))


def iteration_of(step: int, config: EirConfig, memory: InstanceMemory | None = None) -> EirIteration:
    """An iteration at the base step, with channels 0 and 1, or at the next one, with channel 2 besides."""
    model = build_model(TINY, (1,) * (step + 1), seed=1).train()
    old_model = build_model(TINY, (1,), seed=2).eval().requires_grad_(False) if step else None
    bank = InstanceBank(memory or InstanceMemory(), {1: 1, 2: 2}, config.data)
    return EirIteration(
        model=model,
        old_model=old_model,
        optimizer=build_optimizer(model, config.optim, step),
        bank=bank,
        paste_draws=lambda done, items: [np.random.default_rng([done, item]) for item in items],
        style_draws=lambda done: np.random.default_rng([done, MIXING_SEED]),
        pastes=PasteRecord(bank.entries, str, every=1),
        terms=OptionalTerms(config.loss, model, CPU),
        config=config,
        device=CPU,
        dtype=torch.float32,
    )


def values_of(step: int, memory: InstanceMemory | None = None, **sections: Any) -> dict[str, float]:
    values = iteration_of(step, config_of(**sections), memory)(batch_of(step + 1), 0)
    return {name: float(value) for name, value in values.items()}


def loss_of(batch: Batch, **sections: Any) -> float:
    return float(iteration_of(1, config_of(**sections))(batch, 0)["loss"])


def test_base_step_has_the_cross_entropy_over_all_channels_alone() -> None:
    batch = batch_of(1)
    logits = build_model(TINY, (1,), seed=1).train()(batch.images).detach()

    values = values_of(0)

    expected = float(bce_onehot(logits, SparseTarget.from_labels(batch.labels)))
    assert values.keys() == {"loss", "loss_mbce"}
    assert values["loss"] == pytest.approx(expected)


def test_auxiliary_loss_and_weights_are_added_as_configured() -> None:
    logits = build_model(TINY, (1,), seed=1).train()(batch_of(1).images).detach()
    plain = values_of(0)["loss_mbce"]

    values = values_of(0, loss={"mbce": 3, "ac": 0.5})

    assert values["loss_mbce"] == pytest.approx(3 * plain)
    assert values["loss_ac"] == pytest.approx(0.5 * float(background_negative(logits)))
    assert values["loss"] == pytest.approx(values["loss_mbce"] + values["loss_ac"])


def test_weight_of_positives_may_be_another_at_step_0() -> None:
    by_step = {"pos_weight": 1, "pos_weight_base": 4}

    assert values_of(0, loss=by_step) == values_of(0, loss={"pos_weight": 4})
    assert values_of(1, loss=by_step) == values_of(1)


def test_weight_of_positives_raises_the_loss_of_new_classes() -> None:
    assert values_of(0, loss={"pos_weight": 4})["loss"] > values_of(0)["loss"]


@pytest.mark.parametrize("term", ["fc", "lovasz"])
def test_optional_term_counts_by_its_weight_at_the_base_step(term: str) -> None:
    plain, once, twice = (values_of(0, loss={term: weight}) for weight in (0, 1, 2))

    assert plain.keys() == {"loss", "loss_mbce"}
    assert once[f"loss_{term}"] > 0
    assert twice[f"loss_{term}"] == pytest.approx(2 * once[f"loss_{term}"], rel=1e-5)
    assert twice["loss"] == pytest.approx(twice["loss_mbce"] + twice[f"loss_{term}"])


def test_lovasz_term_is_that_of_the_labels() -> None:
    batch = batch_of(1)
    logits = build_model(TINY, (1,), seed=1).train()(batch.images).detach()

    values = values_of(0, loss={"lovasz": 1, "lovasz_classes": "all", "lovasz_per_image": True})

    expected = float(lovasz_softmax(logits.softmax(dim=1), batch.labels, "all", per_image=True))
    assert values["loss_lovasz"] == pytest.approx(expected)


@pytest.mark.parametrize(
    "changed",
    [{"lovasz_form": "hinge"}, {"lovasz_classes": "all"}, {"lovasz_per_image": False}, {"fs_margin": 3}, {"fs": 2}],
)
def test_option_of_a_term_changes_it(changed: dict[str, Any]) -> None:
    weights = {"lovasz": 1, "lovasz_per_image": True, "fs": 1}

    # The first image shows an old and a new class, the second the old class alone.
    batch = batch_of(2)
    batch.labels[:, :8, :8] = 1
    batch.labels[1, 18:28] = 0

    assert loss_of(batch, loss=weights | changed) != loss_of(batch, loss=weights)


def test_features_of_old_classes_are_compared_with_the_old_models_at_later_steps_alone() -> None:
    weights = {"intra_class": 2}

    assert "loss_intra_class" not in values_of(0, loss=weights)
    assert values_of(1, loss=weights)["loss_intra_class"] > 0


def test_prototypes_follow_the_batches() -> None:
    iteration = iteration_of(0, config_of(loss={"fc": 1}))

    iteration(batch_of(1), 0)

    # A block of 10 x 10 pixels has its corner pixels at 20 and 24 of a map of stride 8: one of 4 x 4 in each image.
    assert iteration.terms.prototypes.counts.tolist() == [0, 2]


def test_pasted_instance_in_the_style_of_its_host_changes_the_losses() -> None:
    memory = InstanceMemory((ENTRY,), budget=1)

    own, matched = (values_of(1, memory, paste={"style": style}) for style in ("none", "match_host"))

    assert own["loss_mbce"] != matched["loss_mbce"]


@pytest.mark.parametrize("partners", ["random", "crossdomain"])
def test_mixed_styles_change_the_losses_where_something_is_pasted(partners: str) -> None:
    memory, mixing = InstanceMemory((ENTRY,), budget=1), {"paste": {"mixstyle": partners}}

    assert values_of(1, memory, **mixing)["loss_mbce"] != values_of(1, memory)["loss_mbce"]
    assert values_of(1, **mixing) == values_of(1)


def test_distillation_counts_by_its_weight() -> None:
    once, five = (values_of(1, kd={"weight": weight}) for weight in (1, 5))

    assert five["loss_kd"] == pytest.approx(5 * once["loss_kd"], rel=1e-5)
    assert five["loss_mbce"] == once["loss_mbce"]
    assert five["loss"] == pytest.approx(five["loss_mbce"] + five["loss_kd"])


@pytest.mark.parametrize("kd", [{"weight": 0}, {"mode": "none"}])
def test_distillation_can_be_left_out(kd: dict[str, Any]) -> None:
    assert values_of(1, kd=kd).keys() == {"loss", "loss_mbce"}


def test_pasted_instances_change_both_losses() -> None:
    without = values_of(1)

    pasted = values_of(1, InstanceMemory((ENTRY,), budget=1))

    assert pasted["loss_mbce"] != without["loss_mbce"]
    assert pasted["loss_kd"] != without["loss_kd"]


def test_nothing_is_pasted_where_that_is_switched_off() -> None:
    assert values_of(1, InstanceMemory((ENTRY,), budget=1), paste={"enabled": False}) == values_of(1)


def test_update_moves_the_model_and_leaves_the_old_one() -> None:
    iteration = iteration_of(1, config_of(), InstanceMemory((ENTRY,), budget=1))
    assert iteration.old_model is not None
    before = {name: tensor.clone() for name, tensor in iteration.old_model.state_dict().items()}
    heads = [head.weight.detach().clone() for head in iteration.model.cls.heads]

    iteration(batch_of(2), 0)

    after = iteration.old_model.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert [torch.equal(head.weight, old) for head, old in zip(iteration.model.cls.heads, heads, strict=True)] == [
        False,
        False,
        False,
    ]


def test_same_iteration_of_the_same_weights_is_the_same() -> None:
    memory = InstanceMemory((ENTRY,), budget=1)

    assert values_of(1, memory) == values_of(1, memory)


def test_images_of_the_batch_stay_as_they_were() -> None:
    batch = batch_of(2)
    images, labels = batch.images.clone(), batch.labels.clone()

    iteration_of(1, config_of(), InstanceMemory((ENTRY,), budget=1))(batch, 0)

    assert torch.equal(batch.images, images)
    assert torch.equal(batch.labels, labels)
