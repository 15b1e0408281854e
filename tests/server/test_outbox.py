from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from celery import Celery
from redis import Redis
from sqlalchemy import update

from core.data.specs import FolderDatasetSpec
from server.db.base import utc_now
from server.db.lifecycle import request_cancel
from server.db.models import Dispatch, Stage
from server.db.session import Database
from server.outbox import send_stages
from server.queue import dispatch_after_commit, make_celery
from server.settings import Settings
from tests.support.rows import USER, make_claim, make_run, make_stage

SPEC = FolderDatasetSpec(adapter="folder", root="/data/six")


@pytest.fixture
def celery(settings: Settings) -> Celery:
    return make_celery(settings)


def _in_queue(celery: Celery, queue: str = "default") -> int:
    size: int = celery.connection().default_channel._size(queue)
    return size


def _age(database: Database, stage: Stage, *, sent_s_ago: float, times_sent: int) -> None:
    """Let the message of a stage have been sent some time ago."""
    with database.write() as session:
        values = {"sent_at": utc_now() - timedelta(seconds=sent_s_ago), "times_sent": times_sent}
        session.execute(update(Dispatch).where(Dispatch.stage_id == stage.id).values(**values))


def test_a_stage_that_was_not_sent_is_sent_once(any_database: Database, celery: Celery, settings: Settings) -> None:
    make_run(any_database)

    sent = [send_stages(any_database, celery, settings) for _ in range(2)]

    assert sent == [1, 0]
    assert _in_queue(celery) == 1


@pytest.mark.parametrize(
    ("sent_s_ago", "times_sent", "expected"),
    [(50, 1, 0), (70, 1, 1), (70, 2, 0), (290, 2, 0), (310, 2, 1), (310, 9, 1)],
)
def test_an_unclaimed_stage_is_sent_again_after_a_minute_and_then_every_five(
    any_database: Database, celery: Celery, settings: Settings, sent_s_ago: float, times_sent: int, expected: int
) -> None:
    stage = make_stage(any_database)
    _age(any_database, stage, sent_s_ago=sent_s_ago, times_sent=times_sent)

    assert send_stages(any_database, celery, settings) == expected
    assert _in_queue(celery) == expected


def test_a_claimed_or_cancelled_stage_is_not_sent_again(database: Database, celery: Celery, settings: Settings) -> None:
    claimed, cancelled = make_stage(database), make_stage(database)
    for stage in (claimed, cancelled):
        _age(database, stage, sent_s_ago=10_000, times_sent=1)
    make_claim(database, claimed)
    with database.write() as session:
        request_cancel(session, cancelled.run_id, cause=USER)

    assert send_stages(database, celery, settings) == 0


def test_the_void_message_of_a_stage_that_was_queued_again_is_not_sent(
    database: Database, celery: Celery, settings: Settings
) -> None:
    stage = make_stage(database)
    with database.write() as session:
        session.execute(update(Stage).where(Stage.id == stage.id).values(dispatch_no=2))

    assert send_stages(database, celery, settings) == 0


@pytest.mark.parametrize("folder", ["q", ""])
def test_runs_survive_the_loss_of_all_messages(
    database: Database, celery: Celery, settings: Settings, folder: str
) -> None:
    dispatch_after_commit(database, celery)
    stages = [make_stage(database) for _ in range(5)]
    shutil.rmtree(settings.broker_folder / folder)
    for stage in stages:
        _age(database, stage, sent_s_ago=61, times_sent=1)

    sent = send_stages(database, celery, settings)

    assert sent == 5
    assert _in_queue(celery) == 5


@pytest.mark.services
def test_runs_survive_a_flush_of_redis(
    any_database: Database, settings: Settings, redis_url: str, queue_prefix: str
) -> None:
    celery = make_celery(settings.model_copy(update={"broker_url": redis_url, "queue_prefix": queue_prefix}))
    dispatch_after_commit(any_database, celery)
    stages = [make_stage(any_database) for _ in range(3)]
    for stage in stages:
        _age(any_database, stage, sent_s_ago=61, times_sent=1)
    with Redis.from_url(redis_url) as client:
        waiting = f"{queue_prefix}default"
        before = client.llen(waiting)
        client.delete(*client.keys(f"{queue_prefix}*"))

        sent = send_stages(any_database, celery, settings)

        assert (before, sent, client.llen(waiting)) == (3, 3, 3)


def test_a_broker_that_is_away_gets_the_messages_when_it_is_back(
    database: Database, celery: Celery, settings: Settings
) -> None:
    away = make_celery(settings.model_copy(update={"broker_url": "redis://127.0.0.1:1/0"}))
    make_run(database)

    sent = [send_stages(database, broker, settings) for broker in (away, celery)]

    assert sent == [0, 1]


def test_an_overdue_stage_whose_message_still_waits_is_not_sent_again(
    any_database: Database, celery: Celery, settings: Settings
) -> None:
    dispatch_after_commit(any_database, celery)
    stages = [make_stage(any_database) for _ in range(3)]
    for stage in stages:
        _age(any_database, stage, sent_s_ago=10_000, times_sent=7)

    waiting = send_stages(any_database, celery, settings)
    celery.connection().default_channel._get("default")
    one_taken = send_stages(any_database, celery, settings)

    assert (waiting, one_taken) == (0, 3)


@pytest.mark.services
def test_messages_that_wait_in_redis_are_not_sent_again(
    any_database: Database, settings: Settings, redis_url: str, queue_prefix: str
) -> None:
    celery = make_celery(settings.model_copy(update={"broker_url": redis_url, "queue_prefix": queue_prefix}))
    dispatch_after_commit(any_database, celery)
    stages = [make_stage(any_database) for _ in range(3)]
    for stage in stages:
        _age(any_database, stage, sent_s_ago=10_000, times_sent=7)

    assert send_stages(any_database, celery, settings) == 0


def test_a_queue_that_lost_messages_does_not_send_those_of_another_again(
    database: Database, celery: Celery, settings: Settings
) -> None:
    dispatch_after_commit(database, celery)
    kept, lost = make_stage(database), make_stage(database)
    for stage in (kept, lost):
        _age(database, stage, sent_s_ago=10_000, times_sent=7)
    with database.write() as session:
        session.execute(update(Dispatch).where(Dispatch.stage_id == lost.id).values(queue="gpu"))

    assert send_stages(database, celery, settings) == 1
    assert (_in_queue(celery), _in_queue(celery, "gpu")) == (2, 1)


def test_a_stage_whose_messages_were_all_deleted_by_mistake_is_sent_again(
    database: Database, celery: Celery, settings: Settings
) -> None:
    dispatch_after_commit(database, celery)
    stage = make_stage(database)
    _age(database, stage, sent_s_ago=61, times_sent=1)
    for file in (settings.broker_folder / "q").iterdir():
        file.unlink()

    assert [send_stages(database, celery, settings) for _ in range(2)] == [1, 0]
