"""A round of queries of any size, with as many classes as wanted, that nothing was trained for."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.acquisition.catalog import AcquisitionName, QueryUnit
from core.acquisition.queries import Query, QueryBatch, picture_jpeg, query_id, write_queries
from core.files import index_png
from core.streams.budgets import BudgetUnit
from server.db.models import Run
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.label_rounds import finish_stage, make_rounds_run, publish
from tests.support.rows import load_run

IGNORE = 255
BLOCK_PX = 64
"""Side of the blocks of one class in the proposal."""


@dataclass(frozen=True)
class RoundSize:
    """What its queries are like: in `regions` squares of 64 px, or whole with none."""

    width: int
    height: int
    classes: int = 30
    regions: int = 0
    queries: int = 1


def waiting_stage(
    database: Database,
    storage: LocalStorage,
    folder: Path,
    size: RoundSize,
    assistant: Mapping[str, str] | None = None,
) -> str:
    """Publish queries as a select stage does, and return the id of the label stage that waits for their answers."""
    run = make_rounds_run(database, hand_out={"assistant": assistant} if assistant else {})
    _name_classes(database, run, size.classes)
    finish_stage(database, run.stages[0])
    select = next(stage for stage in load_run(database, run.id).stages if stage.kind == "select")
    _write(folder / "queries", run.id, size)
    publish(database, storage, select, folder / "queries")
    finish_stage(database, select)
    return next(stage.id for stage in load_run(database, run.id).stages if stage.kind == "label")


def _name_classes(database: Database, run: Run, count: int) -> None:
    colours = (colorsys.hsv_to_rgb(number / count, 0.8, 0.9) for number in range(count))
    labels = [
        {
            "id": number,
            "name": f"class {number}",
            "colour": "#" + "".join(f"{round(255 * part):02x}" for part in colour),
        }
        for number, colour in enumerate(colours)
    ]
    with database.write() as session:
        session.get_one(Run, run.id).experiment.class_table = {"labels": labels, "has_background": False}


def _write(folder: Path, run_id: str, size: RoundSize) -> None:
    for name in ("pictures", "masks", "proposals", "uncertainty"):
        (folder / name).mkdir(parents=True)
    generator = np.random.default_rng(0)
    blocks = generator.integers(0, size.classes, (size.height // BLOCK_PX, size.width // BLOCK_PX), np.uint8)
    proposal = blocks.repeat(BLOCK_PX, 0).repeat(BLOCK_PX, 1)
    picture = np.stack([proposal * 8, 255 - proposal * 8, proposal * 4], -1)
    region = _region(size, generator)
    queries = [_query(folder, run_id, rank, (picture, proposal, region), size) for rank in range(size.queries)]
    every = dict.fromkeys(range(size.classes), 1)
    write_queries(
        folder,
        QueryBatch(
            round=0,
            acquisition=AcquisitionName.STAL if region is None else AcquisitionName.RIPU_RA,
            parameters={},
            unit=BudgetUnit.IMAGES if region is None else BudgetUnit.REGIONS,
            budget=float(max(size.queries, size.regions)),
            seed=0,
            model_sha256="1" * 64,
            class_ids=list(range(size.classes)),
            ignore_id=IGNORE,
            pool_digest="2" * 64,
            pool_size=6,
            total_images=8,
            histogram=[1],
            histogram_range=(0.0, 1.0),
            pool_pixels=every,
            queried_pixels=every,
            queries=queries,
        ),
    )


def _region(size: RoundSize, generator: np.random.Generator) -> npt.NDArray[np.bool_] | None:
    """Return so many blocks that do not touch, as a chessboard has them."""
    if size.regions == 0:
        return None
    rows, columns = np.indices((size.height // BLOCK_PX, size.width // BLOCK_PX))
    dark = np.flatnonzero((rows + columns) % 2 == 0)
    chosen = np.zeros(rows.size, np.bool_)
    chosen[generator.choice(dark, size.regions, replace=False)] = True
    return chosen.reshape(rows.shape).repeat(BLOCK_PX, 0).repeat(BLOCK_PX, 1)


def _query(folder: Path, run_id: str, rank: int, arrays: tuple[Any, Any, Any], size: RoundSize) -> Query:
    picture, proposal, region = arrays
    key = query_id(run_id, 0, f"image_{rank}")
    (folder / f"pictures/{key}.jpg").write_bytes(picture_jpeg(picture))
    (folder / f"proposals/{key}.png").write_bytes(index_png(proposal))
    (folder / f"uncertainty/{key}.png").write_bytes(index_png(proposal))
    if region is not None:
        (folder / f"masks/{key}.png").write_bytes(index_png(region.astype(np.uint8) * 255))
    return Query(
        id=key,
        image=f"image_{rank}",
        unit=QueryUnit.IMAGE if region is None else QueryUnit.REGION,
        rank=rank,
        value=1.0,
        group="",
        width=size.width,
        height=size.height,
        pixels=size.width * size.height if region is None else int(region.sum()),
        clicks=max(1, size.regions),
        main_class=0,
        picture=f"pictures/{key}.jpg",
        mask=None if region is None else f"masks/{key}.png",
        proposal=f"proposals/{key}.png",
        uncertainty=f"uncertainty/{key}.png",
    )
