"""The evaluation of a model on a test set: objects, scores, records and panels (SemSeg 6)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from core.data.exchange.masks import decode_segmentation
from core.data.samples import InstanceDataset, Instances
from core.engine.instance_panels import Detections, InstancePanel, save_instance_panel
from core.engine.panel_files import panel_folder
from core.engine.panels import panel_images
from core.methods.semseg.predictions import UNKNOWN_HEAD, StoredPredictions, joined
from core.methods.semseg.score_rows import rows_of, threshold_curve, together
from core.methods.semseg.testing import TestedImage, Tester
from core.metrics.open_set import UNKNOWN
from core.metrics.records import write_record
from core.stage.context import StageContext
from core.stage.events import EvaluationRecord, Predictions, Progress, Score, Scores
from core.stage.interrupt import StageInterrupted
from core.streams.open_set import ClassSplit, OpenSetStream

PHASE, TESTED = "test", "eval"


@dataclass(frozen=True)
class Tested:
    """A test set as it was evaluated."""

    scores: list[Score]
    records: list[EvaluationRecord]
    regions_per_image: float
    threshold: float


def evaluate_all(context: StageContext[Any], tester: Tester) -> None:
    """Test every set of the stream; emit the scores of each set, and of all together if there are several."""
    names = [name for name, opened in context.datasets.items() if TESTED in opened.splits]
    rows: list[list[Score]] = []
    for name in names:
        domain = name if len(names) > 1 else None
        split = stream_of(context).split_of(context.datasets[name].classes)
        tested = evaluate_dataset(context, tester, name, split, domain)
        _tell(context, domain, tested.scores, tested.records)
        rows.append(tested.scores)
        context.events.log("info", f"{name}: {tested.regions_per_image:.0f} regions an image went through the heads")
    if len(names) > 1:
        _tell(context, None, together(rows), [])


def _tell(context: StageContext[Any], domain: str | None, rows: list[Score], records: list[EvaluationRecord]) -> None:
    context.events.tell_scores(
        Scores(
            split="val",
            domain=domain,
            step=context.spec.stage.step,
            iteration=context.config.iterations,
            scores=rows,
            records=records,
        )
    )


def stream_of(context: StageContext[Any]) -> OpenSetStream:
    """Return the stream of the stage."""
    assert isinstance(context.stream, OpenSetStream)
    return context.stream


def evaluate_dataset(
    context: StageContext[Any], tester: Tester, name: str, split: ClassSplit, domain: str | None
) -> Tested:
    """Test a model on all images of a dataset; write its predictions and a few panels.

    Args:
        context: context of the stage.
        tester: tester of the model.
        name: name of the dataset.
        split: known and unknown classes of the dataset.
        domain: domain of the panels.

    Raises:
        StageInterrupted: if the stage was asked to stop. A later attempt repeats the evaluation.
    """
    opened, threshold = context.datasets[name].eval, context.config.eval.unknown_threshold
    dataset = cast(InstanceDataset, opened)
    shown = panel_images(context, opened, (*split.known, *split.unknown), context.config.eval.panel_images)
    parts: list[StoredPredictions] = []
    results: list[dict[str, Any]] = []
    panels: dict[int, tuple[Instances, Detections]] = {}
    regions = 0
    for index in range(len(dataset)):
        if context.stop.requested:
            raise StageInterrupted(0)
        truth = dataset.instances(index)
        tested = tester.test(index, dataset.image(index), truth, split.left_out)
        chosen = tested.stored.chosen(threshold)
        parts.append(tested.stored)
        results += result_rows(tested, chosen, dataset.ids[index], split.known)
        regions += tested.proposals
        if index in shown:
            panels[index] = (truth, detections_of(tested, chosen, split.known, truth.size))
        _tell_progress(context, index + 1, len(dataset))
    stored = joined(parts)
    records = [
        write_record(context.folder, "detections", json.dumps(results).encode(), ".json"),
        write_record(context.folder, "candidates", stored.to_bytes(), ".npz"),
        write_record(context.folder, "curve", threshold_curve(stored, threshold), ".json"),
    ]
    scores = [
        *rows_of(stored.evaluate(threshold), split.known),
        *rows_of(stored.evaluate(threshold, by_boxes=True), split.known, "box_"),
    ]
    _show(context, name, domain, split, [(index, panels[index]) for index in shown])
    return Tested(scores, records, regions / len(dataset), threshold)


def _show(
    context: StageContext[Any],
    name: str,
    domain: str | None,
    split: ClassSplit,
    panels: Sequence[tuple[int, tuple[Instances, Detections]]],
) -> None:
    """Write and emit panels, given each image's number with its true and found objects."""
    opened = context.datasets[name]
    items = [
        save_instance_panel(
            context.folder,
            panel_folder(domain),
            rank,
            InstancePanel(opened.eval.ids[index], opened.eval.image(index), *shown),
            split.known,
        )
        for rank, (index, shown) in enumerate(panels)
    ]
    if not items:
        return
    context.events.emit(
        Predictions(
            step=context.spec.stage.step,
            domain=domain,
            kind="instances",
            iteration=context.config.iterations,
            background_id=None,
            ignore_id=opened.classes.ignore_id,
            items=items,
        )
    )


def result_rows(tested: TestedImage, chosen: np.ndarray, image_id: str, known: Sequence[int]) -> list[dict[str, Any]]:
    """Return the objects of an image as COCO results, with the values that separated known from unknown."""
    stored = tested.stored
    rows = []
    for row in chosen.tolist():
        x0, y0, x1, y1 = stored.box[row].tolist()
        head = int(stored.head[row])
        rows.append(
            {
                "image_id": image_id,
                "category_id": UNKNOWN if head == UNKNOWN_HEAD else int(known[head]),
                "bbox": [x0, y0, x1 - x0, y1 - y0],
                "score": float(stored.score[row]),
                "segmentation": tested.masks[row],
                "distance": float(stored.distance[row]),
                "nearest": int(known[int(stored.nearest[row])]),
            }
        )
    return rows


def detections_of(tested: TestedImage, chosen: np.ndarray, known: Sequence[int], size: tuple[int, int]) -> Detections:
    """Return the objects of an image of (width, height) for its panel."""
    stored, (width, height) = tested.stored, size
    masks = [decode_segmentation(tested.masks[row], size).mask for row in chosen.tolist()]
    return Detections(
        boxes=stored.box[chosen],
        masks=np.array(masks, np.bool_).reshape(-1, height, width),
        classes=np.append(np.asarray(known, np.int64), UNKNOWN)[stored.head[chosen]],
        scores=stored.score[chosen].clip(0, 1),
        is_unknown=stored.head[chosen] == UNKNOWN_HEAD,
    )


def _tell_progress(context: StageContext[Any], done: int, total: int) -> None:
    if done % context.config.execution.log_every == 0 or done == total:
        context.events.emit(Progress(phase=PHASE, iteration=done, total=total))
