"""Rounds that people answer over HTTP, with real processes and no step by hand in between (ACC-10)."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from core.acquisition.manifest import LabelManifest, index_png
from core.data.catalog import StreetsDatasetSpec, open_dataset
from palimpsest import models
from server.db.models import Annotation
from tests.support.installation import STAGE_S, Installation
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

SEED, ROUNDS = 5, 3
STREETS = {"world": "streets", "height_px": 32, "width_px": 48, "train_images": 10}
DOCUMENT: dict[str, Any] = {
    "method": "stal",
    "dataset": STREETS | {"domain": "city-a", "eval_images": 2},
    "stream": {
        "kind": "active_rounds",
        "source": STREETS | {"domain": "synthetic", "layout": "gta5", "eval_images": 1, "train_images": 4},
        "initial_images": 2,
        "budgets": [2] * ROUNDS,
        "oracle": "none",
    },
    "config": {
        "model": {"name": "tiny"},
        "data": {"crop_px": 32},
        "optim": {"batch_size": 2, "iterations": 2},
        "contrast": {"start_epoch": 0, "memory": 40, "memory_first": 40},
        "execution": {"threads": 1, "log_every": 2},
    },
}


class Person:
    """Somebody who knows the truth and answers one query after the other."""

    def __init__(self, installation: Installation, name: str) -> None:
        self._labelling, self._name = installation.client.labelling, name
        spec = StreetsDatasetSpec.model_validate(DOCUMENT["dataset"])
        self._truth = open_dataset(spec, installation.settings.cache_folder).train

    def answer_one(self, stage_id: str) -> models.Submission | None:
        """Lease the next query and answer it; None when there is none."""
        query = self._labelling.next_query(stage_id, self._name)
        if query is None:
            return None
        assert self._labelling.picture(query.picture_url)[:3] == b"\xff\xd8\xff"
        truth = self._truth.label(self._truth.ids.index(query.image))
        return self._labelling.answer(query.id, index_png(truth), self._name, seconds=3.0, allow_unsure=True)


def waiting_round(installation: Installation, run_id: str, index: int) -> models.WaitingRound:
    """Wait until a round of a run asks people."""

    def find() -> list[models.WaitingRound]:
        assert installation.client.run(run_id).state not in {"failed", "cancelled"}, installation.client.run(run_id)
        return [one for one in installation.client.labelling.waiting() if (one.run_id, one.round) == (run_id, index)]

    return wait_until(find, STAGE_S, f"round {index} of run {run_id}")[0]


def manifests(installation: Installation, run_id: str) -> Sequence[LabelManifest]:
    """Return what each label stage of a run froze."""
    outputs = [stage.outputs["labels"] for stage in installation.stages(run_id) if stage.kind == "label"]  # type: ignore[index]
    return [
        LabelManifest.model_validate_json(installation.storage.path(files["manifest.json"]["sha256"]).read_bytes())
        for files in outputs
    ]


def test_three_rounds_of_people_end_in_the_labels_that_an_oracle_gives(
    installation: Installation, tmp_path: Path
) -> None:
    installation.start_server()
    installation.start("scheduler")
    installation.start("worker")
    oracle = {**DOCUMENT, "stream": DOCUMENT["stream"] | {"oracle": "ground_truth"}}
    by_oracle = installation.client.submit(oracle, seed=SEED)
    assert installation.client.wait(by_oracle.id, 3 * STAGE_S).state == "succeeded"
    run = installation.client.submit(DOCUMENT, seed=SEED)

    people = [Person(installation, name) for name in ("ann", "bob")]
    for index in range(ROUNDS):
        stage_id = waiting_round(installation, run.id, index).stage_id
        closed = [submitted.is_round_closed for person in people if (submitted := person.answer_one(stage_id))]
        assert closed == [False, True]
    ended = installation.client.wait(run.id, 2 * STAGE_S)

    assert ended.state == "succeeded", ended.message
    assert [stage.state for stage in ended.stages] == ["succeeded"] * (3 * ROUNDS + 1)
    # The seeds of both runs are equal, and so are teachers, questions and, as people know the truth, labels.
    ours, theirs = manifests(installation, run.id), manifests(installation, by_oracle.id)
    assert [manifest.digest() for manifest in ours] == [manifest.digest() for manifest in theirs]
    assert {answer.author for answer in ours[-1].answers} == {"ann", "bob"}
    rounds = installation.client.labelling.rounds(run.id).rounds
    assert [one.labelled.images for one in rounds] == [0, 2, 4, 6]
    assert rounds[-1].labelled.seconds == pytest.approx(3.0 * 2 * ROUNDS)
    assert rounds[-1].miou == pytest.approx(installation.client.labelling.rounds(by_oracle.id).rounds[-1].miou)


def test_a_selection_killed_after_it_asked_asks_once_and_a_cancelled_round_loses_no_label(
    installation: Installation,
) -> None:
    installation.start_server()
    installation.start("scheduler")
    worker = installation.start("worker")
    client = installation.client
    run = client.submit({**DOCUMENT, "stream": DOCUMENT["stream"] | {"budgets": [2]}}, seed=SEED)

    # Questions are in the database before their stage has ended: here the worker dies in between.
    def published() -> list[models.Query]:
        return list(client.labelling.queries(client.run(run.id).stages[2].id))

    wait_until(published, STAGE_S, "the questions")
    installation.kill(worker, signal.SIGKILL)
    before = [query.id for query in published()]
    installation.start("worker")
    stage_id = waiting_round(installation, run.id, 0).stage_id
    assert [query.id for query in published()] == before

    person = Person(installation, "ann")
    assert person.answer_one(stage_id) is not None
    assert client.cancel(run.id).state == "cancelled"
    assert [query.state for query in published()] == ["accepted", "withdrawn"]
    assert client.resume(run.id).state == "waiting"
    assert [query.state for query in published()] == ["accepted", "open"]
    assert client.labelling.hand_to_oracle(stage_id, "ann").state == "queued"
    ended = client.wait(run.id, STAGE_S)

    assert ended.state == "succeeded", ended.message
    [manifest] = manifests(installation, run.id)
    assert sorted(answer.author for answer in manifest.answers) == ["ann", "oracle"]
    with installation.database.read() as session:
        rows = session.scalars(select(Annotation).where(Annotation.run_id == run.id)).all()
    assert sorted((row.author, row.version) for row in rows) == [("ann", 1), ("oracle", 1)]
    np.testing.assert_array_equal([item.is_whole for item in manifest.images], [True, True])
