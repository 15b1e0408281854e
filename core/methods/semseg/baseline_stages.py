"""Mask R-CNN on the stream of SemSeg: known classes by its classifier, unknown objects by rejection with softmax."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.engine.loop import Values
from core.engine.resumable import train_resumably
from core.engine.update import descend
from core.errors import StorageError
from core.methods.semseg.baseline_config import MaskRcnnConfig
from core.methods.semseg.baseline_model import MaskRcnn, assemble_baseline, build_baseline
from core.methods.semseg.data import DetectionBatch
from core.methods.semseg.evaluation import evaluate_all, stream_of
from core.methods.semseg.plan import MODEL
from core.methods.semseg.predictions import UNKNOWN_HEAD
from core.methods.semseg.testing import FoundRegions, Tester
from core.methods.semseg.training import training_setup
from core.models.openset.truth import TaughtObjects
from core.seeding import SeedComponent, derive_seed
from core.stage.context import StageContext
from core.stage.folder import ARTIFACT_DIR
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind
from core.streams.base import MAIN
from core.tensor_files import read_tensors, write_tensors

WEIGHTS_FILE = "weights.safetensors"
ALWAYS_UNKNOWN = 10.0
"""Distance of objects found by a class-agnostic network."""


def learn(context: StageContext[MaskRcnnConfig]) -> StageResult:
    """Train Mask R-CNN on the objects of known classes."""
    config = context.config
    known = stream_of(context).split_of(context.datasets[MAIN].classes).known
    seed = derive_seed(context.spec.seed, context.spec.stage.index, SeedComponent.INIT)
    model = build_baseline(seed, config.model, config.heads, config.eval, len(known)).to(context.device)
    setup, optimizer = training_setup(context, config, model, known, _Finder(model, config.model.class_agnostic))

    def iterate(batch: DetectionBatch, _done: int) -> Values:
        model.train()
        targets = [_targets(truth, config.model.class_agnostic, context.device) for truth in batch.truths]
        _, losses, _ = model(batch.images.to(context.device), batch.sizes, targets)
        values = descend(optimizer, torch.stack(list(losses.values())).sum(), config.optim.clip_norm)
        return values | {name: loss.detach() for name, loss in losses.items()}

    train_resumably(context, setup, iterate, config.execution)
    folder = context.folder / ARTIFACT_DIR / MODEL
    folder.mkdir(parents=True, exist_ok=True)
    write_tensors(folder / WEIGHTS_FILE, model.state_dict())
    return StageResult(outputs={MODEL: f"{ARTIFACT_DIR}/{MODEL}"})


def _targets(truth: TaughtObjects, class_agnostic: bool, device: torch.device) -> dict[str, Tensor]:
    assert truth.bitmaps is not None, "the config asks for bitmaps"
    labels = torch.ones_like(truth.heads) if class_agnostic else truth.heads + 1
    return {"boxes": truth.boxes.to(device), "labels": labels.to(device), "masks": truth.bitmaps.to(device)}


def evaluate(context: StageContext[MaskRcnnConfig]) -> StageResult:
    """Find the objects of every test set; score each set, and all sets together."""
    config = context.config
    known = stream_of(context).split_of(context.datasets[MAIN].classes).known
    model = assemble_baseline(config.model, config.heads, config.eval, len(known))
    path = context.inputs[MODEL] / WEIGHTS_FILE
    try:
        model.load_state_dict(read_tensors(path))
    except RuntimeError as error:
        raise StorageError(f"{path}: the weights do not fit the config: {error}; train again") from error
    finder = _Finder(model.to(context.device), config.model.class_agnostic)
    evaluate_all(context, Tester(finder, config, known, context.device))
    return StageResult(outputs={})


class _Finder:
    """Returns each found object both as known and as unknown; the threshold decides later."""

    def __init__(self, model: MaskRcnn, class_agnostic: bool) -> None:
        self._model, self._class_agnostic = model, class_agnostic

    def __call__(self, images: Tensor, size: tuple[int, int]) -> FoundRegions:
        self._model.eval()
        (found,), _, proposals = self._model(images, [size])
        nearest = found["labels"] - 1
        unknown = torch.full_like(nearest, UNKNOWN_HEAD)
        boxes, scores, masks = found["boxes"], found["scores"], found["masks"][:, 0]
        if self._class_agnostic:
            far = torch.full_like(scores, ALWAYS_UNKNOWN)
            return FoundRegions(unknown, scores, far, torch.zeros_like(nearest), boxes, masks, len(proposals[0]))
        return FoundRegions(
            heads=torch.cat([nearest, unknown]),
            scores=scores.repeat(2),
            distance=(1 - scores).repeat(2),
            nearest=nearest.repeat(2),
            boxes=boxes.repeat(2, 1),
            masks=masks.repeat(2, 1, 1),
            proposals=len(proposals[0]),
        )


STAGES: Mapping[StageKind, StageFunction[MaskRcnnConfig]] = {StageKind.TRAIN: learn, StageKind.EVALUATE: evaluate}
