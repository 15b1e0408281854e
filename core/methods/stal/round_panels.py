"""The prediction panels of a round: the teacher's predictions for the run's fixed test images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from core.data.classes import IGNORE_INDEX
from core.data.label_ids import IdTable
from core.data.transforms.presets import to_normalised
from core.engine.panel_files import PANEL_DIR
from core.engine.panels import Panel, PanelKey, panel_images, save_panel, to_channel_map
from core.engine.precision import autocast
from core.methods.stal.config import StalConfig
from core.methods.stal.testing import inference_rule
from core.models.deeplabv3plus import DeepLabV3Plus
from core.stage.context import StageContext
from core.stage.events import Predictions
from core.streams.active_rounds import TARGET


def show_round(
    context: StageContext[StalConfig], teacher: DeepLabV3Plus, raw_of: IdTable, dtype: torch.dtype, done: int, step: int
) -> None:
    """Write the teacher's predictions for the run's panel images and emit an event. Do nothing if panels are off.

    Args:
        context: context of the training.
        teacher: its mode is restored afterwards.
        raw_of: (C,) channel -> raw id.
        dtype: precision of the forward passes.
        done: iterations of the training.
        step: number of the round.
    """
    if context.config.eval.panel_images == 0:
        return
    key, classes = panel_key(context, raw_of), context.datasets[TARGET].classes
    panels = enumerate(_panels(context, teacher, raw_of, dtype))
    items = [save_panel(context.folder, PANEL_DIR, rank, panel, key) for rank, panel in panels]
    context.events.emit(
        Predictions(step=step, iteration=done, background_id=None, ignore_id=classes.ignore_id, items=items)
    )


def panel_key(context: StageContext[StalConfig], raw_of: IdTable) -> PanelKey:
    """Return the meaning of raw ids and channels. Panel channels start at 1, because there is no background."""
    classes = context.datasets[TARGET].classes
    channel_of = np.full(256, IGNORE_INDEX, np.uint8)
    channel_of[raw_of] = np.arange(1, 1 + len(raw_of))
    back = np.full(256, classes.ignore_id, np.uint8)
    back[1 : 1 + len(raw_of)] = raw_of
    return PanelKey(channel_of, back, tuple(raw_of.tolist()), classes)


@torch.no_grad()
def _panels(
    context: StageContext[StalConfig], teacher: DeepLabV3Plus, raw_of: IdTable, dtype: torch.dtype
) -> Iterator[Panel]:
    dataset, config = context.datasets[TARGET].eval, context.config
    chosen = panel_images(context, dataset, raw_of.tolist(), config.eval.panel_images)
    rule = inference_rule(config)
    was_training = teacher.training
    teacher.eval()
    for index in chosen:
        image = dataset.image(index)
        with autocast(context.device, dtype):
            logits = rule.logits(teacher.logits, to_normalised(image)[None].to(context.device))
        prediction = to_channel_map(1 + logits[0].argmax(dim=0))
        yield Panel(dataset.ids[index], image, dataset.label(index), prediction)
    teacher.train(was_training)
