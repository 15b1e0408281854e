"""Evaluation of a stage's network: scores and prediction panels of every domain (CoaST 6)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from core.data.classes import IGNORE_INDEX
from core.data.label_ids import IdTable
from core.data.resized import ResizedDataset
from core.data.samples import DenseDataset
from core.data.transforms.weak_view import to_unit
from core.engine.panel_files import panel_folder
from core.engine.panels import Panel, PanelKey, panel_images, save_panel, to_channel_map
from core.engine.precision import autocast
from core.methods.coast.domains import Domains, tests_source
from core.methods.coast.testing import Tester, decided, mean_iou, mean_over
from core.metrics.records import write_confusion
from core.metrics.score_rows import domain_rows
from core.models.deeplabv2 import DeepLabV2
from core.stage.events import Predictions, Scores
from core.streams.multi_target import SOURCE

TESTED, TESTED_SOURCE, OTHER = "val", "val-source", "val-other"
"""Names of score splits: kept model on the targets; kept model on the source; other model (best or last) on targets."""


def tell_targets(tester: Tester, network: DeepLabV2, split: str, done: int) -> float:
    """Test a network after `done` iterations on every target; emit the scores and return the mean of the mIoUs.

    Raises:
        StageInterrupted: if the stage was asked to stop.
    """
    mious = {target: tell_domain(tester, network, target, split, done) for target in tester.targets}
    mean = mean_over(list(mious.values()))
    each = ", ".join(f"{target} {miou:.3f}" for target, miou in mious.items())
    tester.context.events.log("info", f"{split} after iteration {done}: mean mIoU {mean:.3f} of {each}")
    return mean


def tell_source(tester: Tester, network: DeepLabV2, done: int) -> None:
    """Test a network on the source, if the stage tests it. It has its own split: the mean is over targets only."""
    if tests_source(tester.context):
        tell_domain(tester, network, SOURCE, TESTED_SOURCE, done)


def tell_domain(tester: Tester, network: DeepLabV2, domain: str, split: str, done: int) -> float:
    """Test a network on one domain, emit the scores and return the mIoU; errors as in `tell_targets`."""
    context, raw_ids = tester.context, tester.domains.raw_ids
    matrix = tester.confusion(network, domain, done)
    context.events.tell_scores(
        Scores(
            split=split,
            domain=domain,
            step=context.spec.stage.step,
            iteration=done,
            scores=list(domain_rows(matrix, raw_ids, range(len(raw_ids)))),
            records=[write_confusion(context.folder, raw_ids, matrix)],
        )
    )
    return mean_iou(matrix)


def show_targets(tester: Tester, network: DeepLabV2, done: int) -> None:
    """Write and emit the network's prediction panels: a few test images of every target."""
    if tester.protocol.options.panel_images == 0:
        return
    context, key = tester.context, panel_key(tester.domains)
    was_training = network.training
    network.eval()
    for target in tester.targets:
        panels = enumerate(_panels(tester, network, target))
        items = [save_panel(context.folder, panel_folder(target), rank, panel, key) for rank, panel in panels]
        context.events.emit(
            Predictions(
                step=context.spec.stage.step,
                domain=target,
                iteration=done,
                background_id=None,
                ignore_id=tester.domains.classes.ignore_id,
                items=items,
            )
        )
    network.train(was_training)


def panel_key(domains: Domains) -> PanelKey:
    """Return the meaning of panel ids: for every target the source's raw ids; channels start at 1."""
    channel_of = np.full(256, IGNORE_INDEX, np.uint8)
    channel_of[list(domains.raw_ids)] = np.arange(1, 1 + domains.num_classes)
    back = np.full(256, domains.classes.ignore_id, np.uint8)
    back[1 : 1 + domains.num_classes] = domains.raw_ids
    return PanelKey(channel_of, back, domains.raw_ids, domains.classes)


def _as_source_ids(channel_of: IdTable, domains: Domains) -> IdTable:
    """Return (256,) raw id of a target -> the source's raw id of the same class, or the source's ignore id."""
    back = np.full(256, domains.classes.ignore_id, np.uint8)
    back[: domains.num_classes] = domains.raw_ids
    shared: IdTable = back[channel_of]
    return shared


@torch.no_grad()
def _panels(tester: Tester, network: DeepLabV2, target: str) -> Iterator[Panel]:
    context, protocol, domains = tester.context, tester.protocol, tester.domains
    dataset, channel_of = context.datasets[target].eval, domains.channel_of[target]
    seen = ResizedDataset(dataset, protocol.data.image_size)
    shown: DenseDataset = seen if protocol.options.resolution == "resized" else dataset
    same_class = _as_source_ids(channel_of, domains)
    learned = np.flatnonzero(channel_of != IGNORE_INDEX).tolist()
    for number in panel_images(context, dataset, learned, protocol.options.panel_images):
        label = shown.label(number)
        images = to_unit(seen.image(number))[None].to(context.device)
        with autocast(context.device, protocol.dtype):
            answers = protocol.answers(network, images, domains.targets.index(target))
        prediction = to_channel_map(1 + decided(answers, label.shape)[0])
        yield Panel(dataset.ids[number], shown.image(number), same_class[label], prediction)
