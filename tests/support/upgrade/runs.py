"""The runs of the fixture: small, and with something in every table."""

from __future__ import annotations

import base64
import os
import signal
from typing import Any

import numpy as np

from core.acquisition.manifest import index_png
from palimpsest.client import Client
from tests.support import labelled_run
from tests.support.installation import STAGE_S, Installation
from tests.support.labelled_run import Person, waiting_round
from tests.support.pages import register_world

EIR: dict[str, Any] = {
    "method": "eir",
    "dataset": {"world": "objects", "classes": 3, "size_px": 32, "train_images": 120, "eval_images": 12},
    "stream": {"steps": [[1], [2], [3]]},
    "config": {
        "model": {"name": "tiny"},
        "data": {"crop_px": 32},
        "optim": {"lr_base": 0.06, "lr_step": 0.06, "clip_norm": 5, "batch_size": 8, "iterations": 150},
        "memory": {"size": 6, "min_area": 4},
        "loss": {"pos_weight": 2},
        "init_new": "random",
        "eval": {"panel_images": 2},
        "execution": {"checkpoint_every": 20, "log_every": 15, "threads": 1},
    },
}
"""Long enough for numbers that say something: classes are learned, and forgotten."""

STAL_CONFIG: dict[str, Any] = {
    "optim": {"batch_size": 2, "iterations": 40, "lr": 0.05, "head_lr_factor": 2, "clip_norm": 5},
    "eval": {"panel_images": 2},
    "execution": {"threads": 1, "log_every": 10},
}


def fill(installation: Installation) -> None:
    """Register a dataset, and run EIR, STAL with an oracle and with people, and fine-tuning that is cancelled."""
    installation.start_server()
    installation.start("scheduler")
    installation.start("worker")
    register_world(installation.client.base_url, "Drawn objects", classes=3, size_px=32, train_images=8, eval_images=4)
    _run_eir(installation)
    _run_stal(installation.client)
    _run_with_people(installation)
    _cancel_and_archive(installation.client)


def _run_eir(installation: Installation) -> None:
    """Three steps with a memory; the process of the second is killed, so that curves have points that do not count."""
    run = installation.client.submit(EIR, seed=1, name="three steps", tags=["fixture", "owner=ann"])
    pid = installation.freeze_stage(installation.process("worker"), run.id, 1)
    os.kill(pid, signal.SIGKILL)
    _end(installation.client, run.id)
    address = f"/experiments/{run.experiment_id}"
    revision = installation.client.request("GET", address).headers["ETag"]
    body = {"notes": "Kept from an *older* version."}
    installation.client.request("PATCH", address, json=body, headers={"If-Match": revision})


def _run_stal(client: Client) -> None:
    run = client.submit(_stal(labelled_run.with_rounds(2, "ground_truth")), seed=2, name="two rounds")
    _end(client, run.id)


def _run_with_people(installation: Installation) -> None:
    """Leave a round that waits: one query is answered twice over, of the other there is a draft."""
    client = installation.client
    run = client.submit(_stal(labelled_run.with_rounds(1)), seed=3, name="people")
    stage_id = waiting_round(installation, run.id, 0).stage_id
    ann = Person(installation, "ann")
    answered = client.labelling.next_query(stage_id, "ann")
    assert answered is not None
    labels = ann.mask(answered.image)
    for seconds in (3.0, 1.5):
        client.labelling.answer(answered.id, labels, "ann", seconds=seconds, allow_unsure=True)
    drafted = client.labelling.next_query(stage_id, "bob")
    assert drafted is not None
    tile = index_png(np.zeros((drafted.height, drafted.width), np.uint8))
    tiles = [{"row": 0, "column": 0, "png": base64.b64encode(tile).decode()}]
    body = {"author": "bob", "tiles": tiles, "seconds": 2.5, "clicks": 4}
    client.request("PUT", f"/queries/{drafted.id}/draft", json=body, headers={"If-Match": '"0"'})


def _cancel_and_archive(client: Client) -> None:
    """Leave a run of another method that was cancelled and put aside."""
    config = {name: EIR["config"][name] for name in ("model", "data", "optim", "execution")}
    run = client.submit(EIR | {"method": "finetune", "config": config}, seed=4, name="put aside")
    client.cancel(run.id)
    ended = client.wait(run.id, STAGE_S)
    assert ended.state == "cancelled", ended.message
    revision = client.request("GET", f"/runs/{run.id}").headers["ETag"]
    client.request("PATCH", f"/runs/{run.id}", json={"is_archived": True}, headers={"If-Match": revision})


def _stal(document: dict[str, Any]) -> dict[str, Any]:
    return document | {"config": document["config"] | STAL_CONFIG}


def _end(client: Client, run_id: str) -> None:
    ended = client.wait(run_id, 4 * STAGE_S)
    assert ended.state == "succeeded", ended.message
