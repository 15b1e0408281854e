from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from core.methods.class_incremental.build import build_model
from core.methods.class_incremental.config import ModelConfig
from core.methods.class_incremental.growing_model import GrowingClassifier, reasoning_maps

TINY = ModelConfig(name="tiny")


def images(batch: int = 2) -> Tensor:
    return torch.randn(batch, 3, 40, 32, generator=torch.Generator().manual_seed(0))


def test_logits_have_the_input_size_and_one_channel_a_class_and_background() -> None:
    model = build_model(TINY, [2, 3], seed=0)

    assert model(images()).shape == (2, 6, 40, 32)
    assert (model.num_channels, model.classes_per_step) == (6, (2, 3))


def test_state_names_follow_the_published_checkpoints() -> None:
    model = build_model(TINY, [2, 3], seed=0)

    prefixes = {name.split(".")[0] for name in model.state_dict()}
    heads = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items() if name.startswith("cls.")}

    assert prefixes == {"backbone", "cls"}
    assert heads == {
        "cls.0.weight": (1, 96, 1, 1),
        "cls.0.bias": (1,),
        "cls.1.weight": (2, 96, 1, 1),
        "cls.1.bias": (2,),
        "cls.2.weight": (3, 96, 1, 1),
        "cls.2.bias": (3,),
    }


def test_logits_are_the_classifiers_upsampled_bilinearly() -> None:
    model = build_model(TINY, [2], seed=0).eval()

    with torch.no_grad():
        features = model.features(images())
        logits = model(images())

    expected = F.interpolate(model.cls(features), size=(40, 32), mode="bilinear", align_corners=False)
    assert torch.equal(logits, expected)


def test_background_channel_comes_first_and_sends_no_gradient_when_detached() -> None:
    features = torch.ones(1, 4, 2, 2, requires_grad=True)

    GrowingClassifier(4, [2])(features)[:, 0].sum().backward()

    assert torch.equal(features.grad, torch.zeros_like(features))


def test_attached_background_head_sends_its_weight_as_gradient() -> None:
    features = torch.ones(1, 4, 2, 2, requires_grad=True)
    classifier = GrowingClassifier(4, [2], detach_background=False)

    classifier(features)[:, 0].sum().backward()

    assert torch.equal(features.grad[0, :, 0, 0], classifier.heads[0].weight[0, :, 0, 0])


def test_reasoning_maps_split_the_evidence_without_bias_or_background() -> None:
    classifier = GrowingClassifier(2, [1])
    with torch.no_grad():
        classifier.heads[1].weight.copy_(torch.tensor([2.0, -3.0]).reshape(1, 2, 1, 1))
        classifier.heads[1].bias.fill_(100.0)

    positive, negative = reasoning_maps(classifier, torch.tensor([5.0, 7.0]).reshape(1, 2, 1, 1))

    assert (positive.item(), negative.item()) == (10, -21)


def test_half_precision_features_give_float32_logits() -> None:
    model = build_model(TINY, [2], seed=0).eval()

    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        logits = model(images())

    assert logits.dtype == torch.float32


def test_frozen_model_stays_frozen_when_training_goes_on_after_an_evaluation() -> None:
    model = build_model(ModelConfig(name="deeplabv3_resnet18"), [1], seed=0)
    model.freeze()

    model.eval()
    model.train()

    still_training = {type(module).__name__ for module in model.modules() if module.training}
    assert model.training
    assert not still_training & {"BatchNorm2d", "Dropout"}


def test_unfrozen_model_trains_its_batch_norm() -> None:
    model = build_model(TINY, [1], seed=0).train()

    model(images())

    assert model.backbone.stages[0][1].num_batches_tracked == 1
