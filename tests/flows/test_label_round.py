"""Rounds that people answer over HTTP, with real processes and no step by hand in between (ACC-10)."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from core.acquisition.manifest import LabelManifest
from palimpsest.client import models
from palimpsest.client.errors import ApiError
from server.db.models import Annotation
from tests.support.installation import STAGE_S, Installation
from tests.support.labelled_run import DOCUMENT, SEED, Person, waiting_round, with_rounds
from tests.support.unlabelled import write_unlabelled_target
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ROUNDS = 3


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
    for _ in range(2):  # a worker for each run
        installation.start("worker")
    by_oracle = installation.client.submit(with_rounds(ROUNDS, "ground_truth"), seed=SEED)
    run = installation.client.submit(with_rounds(ROUNDS), seed=SEED)

    people = [Person(installation, name) for name in ("ann", "bob")]
    for index in range(ROUNDS):
        stage_id = waiting_round(installation, run.id, index).stage_id
        closed = [submitted.is_round_closed for person in people if (submitted := person.answer_one(stage_id))]
        assert closed == [False, True]
    ended = installation.client.wait(run.id, 2 * STAGE_S)

    assert ended.state == "succeeded", ended.message
    assert [stage.state for stage in ended.stages] == ["succeeded"] * (3 * ROUNDS + 1)
    assert installation.client.wait(by_oracle.id, 3 * STAGE_S).state == "succeeded"
    # The seeds of both runs are equal, and so are teachers, queries and, as people know the truth, labels.
    ours, theirs = manifests(installation, run.id), manifests(installation, by_oracle.id)
    assert [manifest.digest() for manifest in ours] == [manifest.digest() for manifest in theirs]
    assert {answer.author for answer in ours[-1].answers} == {"ann", "bob"}
    rounds = installation.client.labelling.rounds(run.id).rounds
    assert [one.labelled.images for one in rounds] == [0, 2, 4, 6]
    assert rounds[-1].labelled.seconds == pytest.approx(3.0 * 2 * ROUNDS)
    assert rounds[-1].score == pytest.approx(installation.client.labelling.rounds(by_oracle.id).rounds[-1].score)


def test_a_selection_killed_after_it_asked_asks_once_and_a_cancelled_round_loses_no_label(
    installation: Installation,
) -> None:
    installation.start_server()
    installation.start("scheduler")
    worker = installation.start("worker")
    client = installation.client
    run = client.submit(with_rounds(1), seed=SEED)

    # Queries are in the database before their stage has ended: here the worker dies in between.
    def published() -> list[models.Query]:
        return list(client.labelling.queries(client.run(run.id).stages[2].id))

    wait_until(published, STAGE_S, "the queries")
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


def test_people_label_a_target_that_has_no_labels_of_its_own(installation: Installation) -> None:
    data = installation.settings.home / "data"
    target = write_unlabelled_target(data)
    installation.start_server()
    installation.start("scheduler")
    installation.start("worker")
    client = installation.client
    run = client.submit(DOCUMENT | {"dataset": target.spec.model_dump()}, seed=SEED)

    stage_id = waiting_round(installation, run.id, 0).stage_id
    with pytest.raises(ApiError, match="2 of 2 unanswered queries have no label file"):
        client.labelling.hand_to_oracle(stage_id, "ann")
    person = Person(installation, "ann", target.truth)
    assert [person.answer_one(stage_id) is not None for _ in range(2)] == [True, True]
    ended = client.wait(run.id, 2 * STAGE_S)

    assert ended.state == "succeeded", ended.message
    [manifest] = manifests(installation, run.id)
    assert {answer.author for answer in manifest.answers} == {"ann"}
