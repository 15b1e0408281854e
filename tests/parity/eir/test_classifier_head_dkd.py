"""Growing heads, the detached background head, reasoning maps, DKD's terms and the novel heads' start."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from core.losses.cross_entropy import background_negative, sum_of_class_means
from core.losses.distillation import sigmoid_distillation
from core.methods.class_incremental.growing_model import GrowingClassifier, SegmentationModel, reasoning_maps
from core.methods.class_incremental.initial_weights import initialise_new_head
from core.models.tiny import TinyEncoder
from tests.support.parity import assert_close, load_case

TOLERANCE = 2e-5


def test_logits_of_all_heads_equal_the_recording() -> None:
    case = load_case("eir", "classifier_head_dkd")

    with torch.no_grad():
        logits = new_classifier(case)(torch.from_numpy(case["features"]))
        logits_old = old_classifier(case)(torch.from_numpy(case["features_old"]))

    assert_close(logits, case["logits"], TOLERANCE)
    assert_close(logits_old, case["logits_old"], TOLERANCE)


def test_reasoning_maps_equal_the_recording() -> None:
    case = load_case("eir", "classifier_head_dkd")

    with torch.no_grad():
        positive, negative = reasoning_maps(new_classifier(case), torch.from_numpy(case["features"]))
        positive_old, negative_old = reasoning_maps(old_classifier(case), torch.from_numpy(case["features_old"]))

    assert_close(positive, case["pos"], TOLERANCE)
    assert_close(negative, case["neg"], TOLERANCE)
    assert_close(positive_old, case["pos_old"], TOLERANCE)
    assert_close(negative_old, case["neg_old"], TOLERANCE)


def test_distillation_terms_equal_the_recording() -> None:
    case = load_case("eir", "classifier_head_dkd")
    num_old = case["logits_old"].shape[1]
    tensors = {
        name: torch.from_numpy(case[name]) for name in ("logits", "logits_old", "pos", "pos_old", "neg", "neg_old")
    }

    kd_map = sigmoid_distillation(tensors["logits"][:, 1:num_old], tensors["logits_old"][:, 1:])
    positive = sigmoid_distillation(tensors["pos"][:, : num_old - 1], tensors["pos_old"])
    negative = sigmoid_distillation(tensors["neg"][:, : num_old - 1], tensors["neg_old"])

    assert_close(kd_map, case["kd_map"], TOLERANCE)
    assert_close(kd_map.mean(dim=(0, 2, 3)), case["kd_per_class"], TOLERANCE)
    assert_close(sum_of_class_means(kd_map), case["kd_sum"], TOLERANCE)
    assert_close(sum_of_class_means(positive), case["dkd_pos_sum"], TOLERANCE)
    assert_close(sum_of_class_means(negative), case["dkd_neg_sum"], TOLERANCE)
    assert_close(background_negative(tensors["logits"]), case["ac"], TOLERANCE)


def test_background_head_sends_no_gradient_into_the_features() -> None:
    case = load_case("eir", "classifier_head_dkd")
    features = torch.from_numpy(case["features"]).requires_grad_()

    new_classifier(case)(features).square().sum().backward()

    assert_close(features.grad, case["grad_sq_logits_wrt_features"], TOLERANCE)


def test_new_head_starts_as_a_copy_of_the_background_head() -> None:
    case = load_case("eir", "classifier_head_dkd")
    model = SegmentationModel(TinyEncoder(), torch.nn.Identity(), new_classifier(case))

    initialise_new_head(model, "background", torch.Generator())

    heads = model.cls.heads
    weight = torch.cat([head.weight for head in heads]).flatten(1).detach()
    assert_close(weight, case["weight_after_novel_init"], TOLERANCE)
    assert_close(torch.cat([head.bias for head in heads]).detach(), case["bias_after_novel_init"], TOLERANCE)


def new_classifier(case: dict[str, np.ndarray]) -> GrowingClassifier:
    return recorded_classifier(case["classes"].tolist(), case["weight"], case["bias"])


def old_classifier(case: dict[str, np.ndarray]) -> GrowingClassifier:
    return recorded_classifier(case["classes"][:-1].tolist(), case["weight_old"], case["bias_old"])


def recorded_classifier(classes: Sequence[int], weight: np.ndarray, bias: np.ndarray) -> GrowingClassifier:
    classifier = GrowingClassifier(weight.shape[1], classes)
    bounds = np.cumsum([1, *classes])[:-1]
    parts = zip(classifier.heads, np.split(weight, bounds), np.split(bias, bounds), strict=True)
    for head, head_weight, head_bias in parts:
        head.load_state_dict(
            {"weight": torch.from_numpy(head_weight)[..., None, None], "bias": torch.from_numpy(head_bias)}
        )
    return classifier
