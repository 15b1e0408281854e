"""Training from recorded features, step by step, and the evaluation behind a router (CoSAM 5.2, 5.3 and 6)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from itertools import count
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from core.engine.schedules import StepSchedule, step_factor
from core.losses.elastic import mean_squared_gradients
from core.methods.promptable.objectives import LearningBatch, Objective, head_objective
from core.methods.sam_baselines.objectives import PromptChoice, ewc_objective, l2p_objective, lwf_objective
from core.metrics.boundary import boundary_iou, mask_iou
from core.models.sam.decoding import PromptedBatch, PromptGroup
from core.models.sam.hq_head import DecoderInputs, HQHead, hq_logits
from core.models.sam.masks import mask_at_size
from core.models.sam.prompt_pool import PromptPool
from core.models.sam.router import build_router, route_of
from tests.support.parity import assert_close, load_case
from tests.support.sam_recordings import low_discrepancy, recorded_decoder, state_of

TOLERANCE, FISHER_TOLERANCE, SCORE_TOLERANCE = 1e-7, 1e-9, 2e-3
SHOWN = {
    "loss_mask": "mask_bce_loss",
    "loss_dice": "mask_dice_loss",
    "training_loss": "loss",
    "loss_mask_old": "old_bce_loss",
    "loss_dice_old": "old_dice_loss",
    "loss_ewc_weighted": "ewc_loss",
    "key_similarity": "key_similarity",
}
Case = dict[str, Any]


def batches_of(case: Case, task: int) -> list[LearningBatch]:
    batches = []
    for index in count():
        prefix = f"task{task}.{index}."
        if f"{prefix}ie" not in case:
            return batches
        arrays = state_of(case, prefix)
        group = PromptGroup(torch.arange(len(arrays["ie"])), arrays["sp"], arrays["de"])
        prompted = PromptedBatch(arrays["ie"], arrays["it"], arrays["pe"], [group])
        batches.append(LearningBatch(prompted, arrays["lb"] / 255, lambda: low_discrepancy(torch.float64)))
    raise AssertionError


def learn(case: Case, task: int, learned: nn.Module, objective: Objective) -> dict[str, list[float]]:
    """Train as the recording did; return what was shown of every iteration."""
    batches, epochs, lr = batches_of(case, task), int(case["epochs"]), float(case["lr"])
    optimizer = torch.optim.Adam(learned.parameters(), lr=lr)
    schedule = StepSchedule(epochs * len(batches), len(batches), int(case["lr_drop"]))
    log: dict[str, list[float]] = {}
    for iteration in range(schedule.iterations):
        optimizer.param_groups[0]["lr"] = lr * schedule.factor(iteration)
        values = objective(batches[iteration % len(batches)])
        optimizer.zero_grad()
        values["loss"].backward()
        optimizer.step()
        for name, value in values.items():
            log.setdefault(name, []).append(value.item())
    return log


def assert_logged(case: Case, log: Mapping[str, list[float]]) -> None:
    names = [name for name in case if name.startswith("log.")]
    for name in names:
        assert_close(log[SHOWN[name.removeprefix("log.")]], case[name], TOLERANCE)
    assert names


def assert_weights(case: Case, prefix: str, weights: Mapping[str, Tensor], tolerance: float = TOLERANCE) -> None:
    recorded = state_of(case, prefix)
    assert recorded
    for name, value in recorded.items():
        assert_close(weights[name].detach(), value, tolerance)


def anchors_of(head: HQHead) -> dict[str, Tensor]:
    return {name: parameter.detach().clone() for name, parameter in head.named_parameters()}


def fisher_of(case: Case, task: int, decoder: Any, head: HQHead) -> dict[str, Tensor]:
    objective = head_objective(decoder, head)
    losses = (objective(batch)["loss"] for batch in batches_of(case, task))
    return mean_squared_gradients(losses, dict(head.named_parameters()))


def test_learning_rates_are_the_recorded_ones() -> None:
    case = load_case("cosam", "lr_schedule")
    for row, (lr, drop, start, end) in enumerate(case["config"].tolist()):
        rates = [lr * step_factor(epoch, int(drop), int(start)) for epoch in range(int(start), int(end))]
        assert_close(rates, case[f"lr_{row}"], 1e-12)


def test_fine_tuning_is_the_recorded_one() -> None:
    case = load_case("cosam", "train_naive")
    decoder, head = recorded_decoder(case)

    log = learn(case, 0, head, head_objective(decoder, head))

    assert_logged(case, log)
    assert_weights(case, "after0.", dict(head.named_parameters()))


def test_lwf_is_the_recorded_one() -> None:
    case = load_case("cosam", "train_lwf")
    decoder, head = recorded_decoder(case)
    learn(case, 0, head, head_objective(decoder, head))
    assert_weights(case, "mid.", dict(head.named_parameters()))
    teacher = copy.deepcopy(head).requires_grad_(False)

    log = learn(case, 1, head, lwf_objective(decoder, head, teacher, float(case["distill_weight"])))

    assert_logged(case, log)
    assert_weights(case, "after1.", dict(head.named_parameters()))


def test_ewc_is_the_recorded_one() -> None:
    case = load_case("cosam", "train_ewc")
    decoder, head = recorded_decoder(case)
    learn(case, 0, head, head_objective(decoder, head))
    assert_weights(case, "mid.", dict(head.named_parameters()))
    fisher, anchors = fisher_of(case, 0, decoder, head), anchors_of(head)
    assert_weights(case, "fisher0.", fisher, FISHER_TOLERANCE)

    log = learn(case, 1, head, ewc_objective(decoder, head, anchors, fisher, float(case["ewc_weight"])))

    assert_logged(case, log)
    assert_weights(case, "after1.", dict(head.named_parameters()))
    assert_weights(case, "fisher1.", fisher_of(case, 1, decoder, head), FISHER_TOLERANCE)


def test_l2p_is_the_recorded_one() -> None:
    case = load_case("cosam", "train_l2p")
    decoder, head = recorded_decoder(case)
    head.requires_grad_(False)
    pool = PromptPool(*case["prompt0"].shape).double()
    pool.load_state_dict({"prompt": torch.from_numpy(case["prompt0"]), "key": torch.from_numpy(case["key0"])})
    choice = PromptChoice(top_k=int(case["top_k"]), key_match_weight=float(case["key_match_weight"]))

    log = learn(case, 0, pool, l2p_objective(decoder, head, pool, choice))

    assert_logged(case, log)
    assert_close(pool.prompt.detach(), case["prompt_after"], TOLERANCE)
    assert_close(pool.key.detach(), case["key_after"], TOLERANCE)


@torch.no_grad()
def test_images_are_routed_and_scored_as_recorded() -> None:
    case = load_case("cosam", "moda_eval")
    adapters = sum(name.endswith(".iou_token.weight") for name in case)
    decoders = [recorded_decoder(case, f"a{index}.") for index in range(adapters)]
    router = build_router(case["classifier_weight"].shape[1], adapters, torch.Generator())
    load_router(router, case)
    found: dict[int, list[tuple[float | None, float | None, bool]]] = {}
    routes = []
    for index in range(int(case["num_images"])):
        route = int(route_of(router(torch.from_numpy(case[f"tok_{index}"][:, 0])))[0])
        arrays = (case[f"{name}_{index}"] for name in ("ie", "it", "sp", "de", "pe"))
        logits = hq_logits(*decoders[route], DecoderInputs(*map(torch.from_numpy, arrays)))
        truth = case[f"gt_{index}"][0, 0] > 128
        prediction = mask_at_size(logits, truth.shape)[0, 0].numpy()
        domain = int(case[f"domain_{index}"])
        scores = mask_iou(truth, prediction), boundary_iou(truth, prediction), route == domain
        found.setdefault(domain, []).append(scores)
        routes.append(route)

    np.testing.assert_array_equal(routes, case["route"])
    for domain, rows in found.items():
        for place, name in enumerate(("mean_iou", "mean_biou", "route_acc")):
            values = [row[place] for row in rows]
            mean = np.nan if None in values else np.mean(values)
            np.testing.assert_allclose(mean, case[f"{name}_d{domain}"], rtol=1e-5, atol=SCORE_TOLERANCE)


def load_router(router: nn.Linear, case: Case) -> None:
    router.load_state_dict(
        {"weight": torch.from_numpy(case["classifier_weight"]), "bias": torch.from_numpy(case["classifier_bias"])}
    )
