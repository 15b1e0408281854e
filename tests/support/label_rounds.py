"""Rounds of labelling without a stage process: a run whose label stage waits, with real masks and pictures."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image as PILImage

from core.acquisition.catalog import AcquisitionName, QueryUnit, SuperpixelSize
from core.acquisition.queries import QUERY_FILE, Query, QueryBatch, picture_jpeg, query_id, write_queries
from core.acquisition.superpixels import superpixel_png
from core.files import index_png
from core.stage.events import Queries
from core.streams.budgets import BudgetUnit
from server.db import lifecycle
from server.db.models import Run, Stage
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.rows import USER, load_run, make_claim, make_experiment
from worker.queries import store_queries
from worker.queries import write_queries as write_rows

WIDTH, HEIGHT = 8, 6
CLASSES = {3: "road", 7: "sky"}
IGNORE = 255
PROPOSAL = 3
"""What the teacher sees everywhere."""

LabelMap = npt.NDArray[np.uint8]
BoolMap = npt.NDArray[np.bool_]


def filled(value: int = 7) -> LabelMap:
    """Return labels of one class everywhere."""
    return np.full((HEIGHT, WIDTH), value, np.uint8)


def squares(side_px: int) -> npt.NDArray[np.uint16]:
    """Return superpixels that are squares of one side."""
    rows, columns = np.arange(HEIGHT) // side_px, np.arange(WIDTH) // side_px
    return (rows[:, None] * WIDTH + columns).astype(np.uint16)


def png(labels: npt.NDArray[Any], mode: str | None = None) -> bytes:
    """Return an array as PNG."""
    file = io.BytesIO()
    PILImage.fromarray(labels, mode).save(file, format="PNG")
    return file.getvalue()


def make_rounds_run(
    database: Database,
    *,
    rounds: int = 1,
    by_people: bool = True,
    completion: Mapping[str, Any] | None = None,
    hand_out: Mapping[str, Any] | None = None,
) -> Run:
    """Commit a queued run: train, then select, label and train again for every round."""
    plan = [_stage(0, "train-0", "train")]
    for number in range(rounds):
        first = 3 * number + 1
        labels = {"labels": f"{first - 2}/labels"} if number else {}
        plan += [
            _stage(first, f"select-{number}", "select", {"model": f"{first - 1}/model"}),
            _stage(first + 1, f"label-{number}", "label", {"queries": f"{first}/queries", **labels}, by_people),
            _stage(first + 2, f"train-{number + 1}", "train", {"labels": f"{first + 1}/labels"}),
        ]
    with database.write() as session:
        experiment = make_experiment(session, method="stal")
        experiment.plan = plan
        experiment.resolved = {
            "schema_version": 1,
            "method": "stal",
            "dataset": {"world": "streets", "height_px": 48, "width_px": 96, "train_images": 8, "eval_images": 2},
            "stream": {
                "kind": "active_rounds",
                "initial_images": 2,
                "budgets": [2.0] * rounds,
                "completion": {"grace_s": 0.0, **(completion or {})},
                "hand_out": dict(hand_out or {}),
            },
            "config": {},
        }
        rows = [{"id": key, "name": name, "colour": f"#0000{key:02x}"} for key, name in CLASSES.items()]
        experiment.class_table = {"labels": rows, "has_background": False}
        run = lifecycle.create_run(session, experiment, 0, cause=USER)
    return load_run(database, run.id)


def _stage(
    index: int, name: str, kind: str, inputs: dict[str, str] | None = None, by_people: bool = False
) -> dict[str, Any]:
    # A round is a training, what values the pool, and what people answer.
    place = {"index": index, "step": index // 3, "noun": "round"}
    return {**place, "name": name, "kind": kind, "inputs": inputs or {}, "by_people": by_people}


def write_batch(
    folder: Path, run_id: str, images: Sequence[str], *, round_index: int = 0, region: BoolMap | None = None
) -> QueryBatch:
    """Write a batch of queries, whole images or one region of each, with all that it names."""
    for name in ("pictures", "masks", "proposals", "uncertainty", "superpixels"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    queries = []
    for rank, image in enumerate(images):
        key = query_id(run_id, round_index, image)
        (folder / f"pictures/{key}.jpg").write_bytes(
            picture_jpeg(np.full((HEIGHT, WIDTH, 3), 90 + rank % 100, np.uint8))
        )
        (folder / f"proposals/{key}.png").write_bytes(index_png(filled(PROPOSAL)))
        (folder / f"uncertainty/{key}.png").write_bytes(index_png(filled(40 + rank % 100)))
        for side, grain in enumerate(SuperpixelSize, start=1):
            (folder / f"superpixels/{key}-{grain}.png").write_bytes(superpixel_png(squares(side)))
        if region is not None:
            (folder / f"masks/{key}.png").write_bytes(index_png(region.astype(np.uint8) * 255))
        queries.append(
            Query(
                id=key,
                image=image,
                unit=QueryUnit.IMAGE if region is None else QueryUnit.REGION,
                rank=rank,
                value=1.0 - rank / 100,
                group=image.split("_")[0],
                width=WIDTH,
                height=HEIGHT,
                pixels=WIDTH * HEIGHT if region is None else int(region.sum()),
                clicks=1,
                main_class=list(CLASSES)[rank % len(CLASSES)],
                picture=f"pictures/{key}.jpg",
                mask=None if region is None else f"masks/{key}.png",
                proposal=f"proposals/{key}.png",
                uncertainty=f"uncertainty/{key}.png",
                superpixels={grain: f"superpixels/{key}-{grain}.png" for grain in SuperpixelSize},
            )
        )
    batch = QueryBatch(
        round=round_index,
        acquisition=AcquisitionName.STAL if region is None else AcquisitionName.RIPU_RA,
        parameters={"stratify": True},
        unit=BudgetUnit.IMAGES if region is None else BudgetUnit.PERCENT_PIXELS_PER_IMAGE,
        budget=float(len(images)),
        seed=0,
        model_sha256="1" * 64,
        class_ids=list(CLASSES),
        ignore_id=IGNORE,
        pool_digest="2" * 64,
        pool_size=6,
        total_images=8,
        histogram=[4, 2],
        histogram_range=(0.0, 1.0),
        pool_pixels={3: 75, 7: 25},
        queried_pixels={3: 10, 7: 30},
        queries=queries,
    )
    write_queries(folder, batch)
    return batch


def publish(database: Database, storage: LocalStorage, select: Stage, folder: Path) -> None:
    """Store a written batch as its select stage's ingestion does."""
    stored = store_queries(storage, folder.parent, Queries(path=f"{folder.name}/{QUERY_FILE}", count=0))
    with database.write() as session:
        write_rows(session, session.get_one(Stage, select.id), stored)


def finish_stage(database: Database, stage: Stage, outputs: dict[str, Any] | None = None) -> None:
    """Claim a queued stage and end it well."""
    claimed = make_claim(database, stage)
    with database.write() as session:
        lifecycle.settle_succeeded(session, claimed.lease, outputs or {})


def make_waiting_round(
    database: Database,
    storage: LocalStorage,
    folder: Path,
    images: Sequence[str] = ("ulm_1", "bonn_2"),
    *,
    rounds: int = 1,
    region: BoolMap | None = None,
    completion: Mapping[str, Any] | None = None,
    hand_out: Mapping[str, Any] | None = None,
) -> Stage:
    """Commit a run whose first label stage waits for people; return that stage."""
    run = make_rounds_run(database, rounds=rounds, completion=completion, hand_out=hand_out)
    finish_stage(database, run.stages[0])
    return ask_next(database, storage, folder, run.id, images, region=region)


def ask_next(
    database: Database,
    storage: LocalStorage,
    folder: Path,
    run_id: str,
    images: Sequence[str],
    *,
    region: BoolMap | None = None,
) -> Stage:
    """Carry out the select stage that is queued: publish its batch and end it; return the label stage behind it."""
    stages = load_run(database, run_id).stages
    select = next(stage for stage in stages if stage.kind == "select" and stage.state == "queued")
    asked = folder / f"asked-{select.index}"
    write_batch(asked, run_id, images, round_index=select.index // 3, region=region)
    publish(database, storage, select, asked)
    finish_stage(database, select)
    return load_run(database, run_id).stages[select.index + 1]


def query_ids(run_id: str, images: Sequence[str], round_index: int = 0) -> list[str]:
    """Return the ids of the queries about images."""
    return [query_id(run_id, round_index, image) for image in images]
