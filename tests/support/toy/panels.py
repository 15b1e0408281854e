"""What the toy makes of a few test images of a domain, to look at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from core.data.classes import IGNORE_INDEX
from core.data.transforms.presets import to_normalised
from core.engine.panel_files import panel_folder
from core.engine.panels import Panel, PanelKey, panel_images, save_panel, to_channel_map
from core.stage.context import StageContext
from core.stage.events import Predictions
from tests.support.toy.config import ToyConfig


@torch.no_grad()
def show_domain(context: StageContext[ToyConfig], model: nn.Module, domain: str, raw_ids: Sequence[int]) -> None:
    """Write the panels of one domain, and announce them."""
    opened = context.datasets[domain]
    dataset, classes = opened.eval, opened.classes
    channel_of, raw_of = (np.full(256, IGNORE_INDEX, np.uint8) for _ in range(2))
    channel_of[list(raw_ids)] = np.arange(1, 1 + len(raw_ids))
    raw_of[1 : 1 + len(raw_ids)] = raw_ids
    key = PanelKey(channel_of, raw_of, tuple(raw_ids), classes)
    items = []
    for rank, index in enumerate(panel_images(context, dataset, raw_ids, context.config.panel_images)):
        image = dataset.image(index)
        logits = model(to_normalised(image)[None].to(context.device))
        panel = Panel(dataset.ids[index], image, dataset.label(index), to_channel_map(1 + logits[0].argmax(dim=0)))
        items.append(save_panel(context.folder, panel_folder(domain), rank, panel, key))
    context.events.emit(
        Predictions(
            step=context.spec.stage.step,
            domain=domain,
            iteration=context.config.iterations,
            background_id=None,
            ignore_id=classes.ignore_id,
            items=items,
        )
    )
