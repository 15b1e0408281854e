"""Latency of labelling over loopback, with durable settings: `python -m benchmarks.labelling` (PERF-16 to PERF-18).

The service runs in a process of its own, on a SQLite database with a round of 1,000 queries about pictures of
2048 x 1024 pixels and 19 classes; the figures include the client. Ends with status 1 when a limit is missed.
"""

from __future__ import annotations

import base64
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
import numpy as np

from benchmarks.api import Figure, print_figures, timed
from benchmarks.service import serve
from core.acquisition.catalog import AcquisitionName, QueryUnit
from core.acquisition.queries import Query, QueryBatch, picture_jpeg, query_id
from core.data.samples import LabelMap
from core.files import index_png
from core.streams.budgets import BudgetUnit
from server.db import lifecycle
from server.db.annotations import publish_queries
from server.db.migrate import upgrade
from server.db.models import Experiment, Stage
from server.db.session import Database
from server.schemas.runs import RunCreate
from server.services.experiments import experiments
from server.services.experiments.check import check_run
from server.storage import LocalStorage

QUERIES = 1000
WIDTH, HEIGHT, CLASSES, TILE_PX = 2048, 1024, 19, 256
AUTHOR = "benchmark"


def main() -> int:
    """Fill a database, measure, print the table; returns the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/palimpsest.db")
        upgrade(database.url)
        stage_id = _fill(database, LocalStorage(Path(folder) / "storage"))
        with serve(Path(folder)) as address:
            figures = list(_requests(address, stage_id))
        database.dispose()
    print_figures(figures)
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 2)}
    print(json.dumps({**machine, "at": datetime.now(UTC).isoformat(), "figures": [vars(figure) for figure in figures]}))
    return 0 if all(figure.is_met for figure in figures) else 1


def street(seed: int) -> LabelMap:
    """Return labels of patches with wavy borders, which compress about as well as a street's."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    wave = rows // 90 + columns // 150 + (8 * np.sin(columns / 40 + seed) + rows % 7 > 9)
    labels: LabelMap = (wave % CLASSES).astype(np.uint8)
    return labels


def _fill(database: Database, storage: LocalStorage) -> str:
    """Store a run whose first label stage waits for people; returns that stage's id."""
    stream = {"kind": "active_rounds", "source": None, "initial_images": 30, "budgets": [QUERIES], "oracle": "none"}
    dataset = {"world": "streets", "train_images": 2975, "eval_images": 1}
    document = {"method": "stal", "dataset": dataset, "stream": stream}
    body = RunCreate(document=document, seed=0)
    checked = check_run(body, data_roots=[], presence_cache=Path(os.devnull))
    with database.write() as session:
        experiment = session.get_one(Experiment, experiments.create(session, checked, body).id)
        run = lifecycle.create_run(session, experiment, 0, cause=lifecycle.Cause("user:benchmark"))
        train, select, label = run.stages[:3]
    _finish(database, train)
    picture = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    contents = {"picture": picture_jpeg(picture), "proposal": index_png(street(0)), "uncertainty": index_png(street(1))}
    blobs = {name: storage.put_bytes(data) for name, data in contents.items()}
    with database.write() as session:
        publish_queries(session, session.get_one(Stage, select.id), _batch(run.id), blobs.__getitem__)
    _finish(database, select)
    return label.id


def _finish(database: Database, stage: Stage) -> None:
    with database.write() as session:
        number = session.get_one(Stage, stage.id).dispatch_no
        claim = lifecycle.claim(session, stage.id, number, worker_id="benchmark", lease_ttl_s=3600)
        assert claim is not None
        lifecycle.settle_succeeded(session, claim.lease, {})


def _batch(run_id: str) -> QueryBatch:
    queries = [
        Query(
            id=query_id(run_id, 0, f"ulm_{rank:06}"),
            image=f"ulm_{rank:06}",
            unit=QueryUnit.IMAGE,
            rank=rank,
            value=1 - rank / QUERIES,
            width=WIDTH,
            height=HEIGHT,
            pixels=WIDTH * HEIGHT,
            clicks=1,
            main_class=rank % CLASSES,
            picture="picture",
            proposal="proposal",
            uncertainty="uncertainty",
        )
        for rank in range(QUERIES)
    ]
    return QueryBatch(
        round=0,
        acquisition=AcquisitionName.STAL,
        parameters={},
        unit=BudgetUnit.IMAGES,
        budget=QUERIES,
        seed=0,
        model_sha256="0" * 64,
        class_ids=list(range(CLASSES)),
        pool_digest="0" * 64,
        pool_size=2945,
        total_images=2975,
        histogram=[QUERIES],
        histogram_range=(0.0, 1.0),
        pool_pixels={0: 1},
        queried_pixels={0: 1},
        queries=queries,
    )


def _requests(address: str, stage_id: str) -> Iterator[Figure]:
    with httpx.Client(base_url=f"{address}/api/v1", trust_env=False) as client:
        yield timed("next of 1,000 queries (PERF-16)", 8, _next_query(client, stage_id))
        yield timed("draft save, 4 changed tiles (PERF-17)", 10, _draft_save(client, stage_id))
        yield timed("submit 2048 x 1024 (PERF-18)", 40, _submission(client, stage_id))
        yield timed("list 50 of 1,000 queries", 30, lambda: client.get(f"/stages/{stage_id}/queries"))


def _next_query(client: httpx.Client, stage_id: str) -> Callable[[], httpx.Response]:
    # An annotator who already has a query would get the same one again.
    people = (f"{AUTHOR} {number}" for number in count())
    return lambda: client.post(f"/stages/{stage_id}/queries/next", json={"author": next(people)})


def _draft_save(client: httpx.Client, stage_id: str) -> Callable[[], httpx.Response]:
    key = client.post(f"/stages/{stage_id}/queries/next", json={"author": AUTHOR}).json()["query"]["id"]
    revisions = count()
    drawn = [[_tile(street(seed), 1, column) for column in range(8)] for seed in range(4)]

    def save() -> httpx.Response:
        revision = next(revisions)
        tiles = [
            {"row": 1, "column": column, "png": drawn[revision % 4][column]}
            for column in range(revision % 5, revision % 5 + 4)
        ]
        body = {"author": AUTHOR, "tiles": tiles, "seconds": revision, "clicks": revision}
        return client.put(f"/queries/{key}/draft", json=body, headers={"If-Match": str(revision)})

    return save


def _tile(labels: LabelMap, row: int, column: int) -> str:
    top, left = row * TILE_PX, column * TILE_PX
    return base64.b64encode(index_png(labels[top : top + TILE_PX, left : left + TILE_PX])).decode()


def _submission(client: httpx.Client, stage_id: str) -> Callable[[], httpx.Response]:
    masks = [index_png(street(seed)) for seed in range(8)]
    params: dict[str, str | int] = {"state": "open", "limit": 200}
    page = client.get(f"/stages/{stage_id}/queries", params=params).json()
    keys = iter([query["id"] for query in page["items"]])
    turn = count()

    def submit() -> httpx.Response:
        return client.post(
            f"/queries/{next(keys)}/annotations",
            content=masks[next(turn) % len(masks)],
            headers={"Content-Type": "image/png"},
            params={"author": AUTHOR, "seconds": 60},
        )

    return submit


if __name__ == "__main__":
    sys.exit(main())
