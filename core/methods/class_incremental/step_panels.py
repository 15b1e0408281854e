"""The prediction panels of a continual step: the step's predictions for the run's fixed test images."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import torch

from core.data.transforms.presets import eir_eval, to_pixels
from core.engine.panel_files import PANEL_DIR
from core.engine.panels import Panel, PanelKey, panel_images, save_panel, to_channel_map
from core.engine.precision import autocast, resolve_precision
from core.engine.sections import ExecutionConfig
from core.methods.class_incremental.config import DataConfig, EvalConfig
from core.methods.class_incremental.evaluation import at_size
from core.methods.class_incremental.growing_model import SegmentationModel
from core.methods.class_incremental.step_data import dataset_of, has_background, stream_of
from core.metrics.confusion import predict
from core.stage.context import StageContext
from core.stage.events import Predictions
from core.streams.masking import LabelUse, raw_table
from core.streams.step import Step


class PanelConfig(Protocol):
    """The settings that these functions read."""

    @property
    def data(self) -> DataConfig: ...
    @property
    def eval(self) -> EvalConfig: ...
    @property
    def execution(self) -> ExecutionConfig: ...


def show_panels(
    context: StageContext[Any], config: PanelConfig, model: SegmentationModel, step: Step, iterations: int
) -> None:
    """Write the model's predictions for the run's panel images and emit an event. Do nothing if panels are off."""
    if config.eval.panel_images == 0:
        return
    key = panel_key(context, step)
    items = [
        save_panel(context.folder, PANEL_DIR, rank, panel, key)
        for rank, panel in enumerate(predicted_panels(context, config, model))
    ]
    context.events.emit(
        Predictions(
            step=step.index,
            iteration=iterations,
            background_id=key.classes.background_id,
            ignore_id=key.classes.ignore_id,
            items=items,
        )
    )


def panel_key(context: StageContext[Any], step: Step) -> PanelKey:
    """Return the meaning of raw ids and channels after a step."""
    classes = dataset_of(context).classes
    return PanelKey(
        channel_of=stream_of(context).label_table(step, LabelUse.TEST, classes),
        raw_of=raw_table(step.seen_classes, classes),
        seen_classes=step.seen_classes,
        classes=classes,
    )


@torch.no_grad()
def predicted_panels(context: StageContext[Any], config: PanelConfig, model: SegmentationModel) -> Iterator[Panel]:
    """Yield the panel images, the same in every step, with the model's predictions; restore the model's mode."""
    dataset, device = dataset_of(context).eval, context.device
    dtype = resolve_precision(config.execution.precision, device)
    chosen = panel_images(context, dataset, stream_of(context).learning_order, config.eval.panel_images)
    rule = config.eval.decision_rule(has_background(dataset.classes))
    was_training = model.training
    model.eval()
    for index in chosen:
        image, labels = eir_eval(dataset.image(index), dataset.label(index), config.data.crop_px, config.eval.mode)
        with autocast(device, dtype):
            logits = at_size(model(image[None].to(device)), labels.shape)
        prediction = to_channel_map(predict(logits, rule)[0])
        picture = dataset.image(index) if config.eval.mode == "whole" else to_pixels(image)
        yield Panel(dataset.ids[index], picture, labels.numpy(), prediction)
    model.train(was_training)
