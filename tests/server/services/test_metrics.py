from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from server.db.base import utc_now
from server.db.models import Artifact, Stage, Worker
from server.db.session import Database
from server.services.metrics import families
from tests.support.rows import make_run


def values(database: Database) -> dict[str, float]:
    with database.read() as session:
        found = families(session, offline_after_s=60)
    return {
        f"{family.name} {' '.join(labels.values())}".strip(): value
        for family in found
        for _, labels, value in family.samples
    }


def test_an_empty_service_has_every_metric_at_0(database: Database) -> None:
    found = values(database)

    assert set(found.values()) == {0}
    assert {"runs queued", "stages running", "attempts lost", "queries open", "workers idle", "stored_bytes"} <= set(
        found
    )


def test_what_waits_is_counted_with_its_age(database: Database) -> None:
    make_run(database)
    with database.write() as session:
        session.execute(
            update(Stage).where(Stage.queued_at.is_not(None)).values(queued_at=utc_now() - timedelta(seconds=90))
        )

    found = values(database)

    assert (found["runs queued"], found["stages queued"], found["stages pending"]) == (1, 1, 2)
    assert 90 <= found["oldest_queued_seconds"] < 150


def test_workers_are_counted_with_their_devices_while_they_are_heard(database: Database) -> None:
    now = utc_now()
    with database.write() as session:
        for name, silent_s in (("a", 0), ("b", 600), ("c", 90_000)):
            seen = now - timedelta(seconds=silent_s)
            session.add(
                Worker(
                    id=name,
                    host="h",
                    state="idle",
                    queues=[],
                    devices=[{"name": "GPU"}],
                    versions={},
                    last_seen_at=seen,
                )
            )

    found = values(database)

    assert (found["workers idle"], found["workers offline"], found["worker_devices h GPU"]) == (1, 1, 1)


def test_a_content_that_two_stages_left_is_counted_once(database: Database) -> None:
    run = make_run(database)
    with database.write() as session:
        for stage, name, sha256, size in ((0, "model", "a", 5), (1, "model", "a", 5), (1, "memory", "b", 7)):
            place = {"run_id": run.id, "stage_id": run.stages[stage].id, "attempt_number": 1}
            about = {"name": name, "kind": "custom", "media_type": "text/plain", "sha256": sha256, "bytes": size}
            session.add(Artifact(**place, **about))

    assert values(database)["stored_bytes"] == 12
