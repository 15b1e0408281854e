from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from celery.signals import setup_logging
from redis import Redis
from sqlalchemy import select

from server.db.lifecycle import request_cancel
from server.db.models import Dispatch
from server.db.session import Database
from server.queue import (
    PUBLISH_ERRORS,
    QUEUES,
    TASK_NAME,
    VISIBILITY_TIMEOUT_S,
    dispatch_after_commit,
    drop_void,
    make_celery,
    ping,
    publish,
    send_queued,
)
from server.settings import Settings
from tests.support.rows import USER, make_claim, make_run, make_stage

UNREACHABLE = "redis://127.0.0.1:1/0"


@pytest.fixture
def redis_settings(settings: Settings, redis_url: str, queue_prefix: str) -> Settings:
    return settings.model_copy(update={"broker_url": redis_url, "queue_prefix": queue_prefix})


class Inbox:
    """What the task of a worker was called with."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self._arrived = threading.Condition()

    def add(self, call: dict[str, Any]) -> None:
        with self._arrived:
            self.calls.append(call)
            self._arrived.notify_all()

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        with self._arrived:
            self._arrived.wait_for(lambda: len(self.calls) >= count, timeout=30)
            return sorted(self.calls, key=lambda call: str(call["stage_id"]))


@contextmanager
def _worker(celery: Celery) -> Iterator[Inbox]:
    inbox = Inbox()

    def run_stage(stage_id: str, dispatch_no: int) -> None:
        inbox.add({"stage_id": stage_id, "dispatch_no": dispatch_no})

    celery.task(run_stage, name=TASK_NAME, shared=False)

    def keep_logging(**_: Any) -> None:
        """Celery sets up the root logger unless somebody else says to do it; other tests need it as it is."""

    setup_logging.connect(keep_logging)
    try:
        with start_worker(celery, pool="threads", concurrency=1, queues=list(QUEUES), perform_ping_check=False):
            yield inbox
    finally:
        setup_logging.disconnect(keep_logging)


def test_settings_of_celery_are_those_of_the_specification(settings: Settings) -> None:
    conf = make_celery(settings).conf

    assert conf.task_acks_late is True
    assert conf.task_reject_on_worker_lost is False
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_ignore_result is True
    assert conf.worker_enable_remote_control is False
    assert conf.accept_content == ["json"]
    assert conf.task_serializer == "json"
    assert sorted(conf.task_queues) == ["cpu", "default", "gpu"]


def test_queues_of_the_worker_are_declared_with_the_common_ones(settings: Settings) -> None:
    conf = make_celery(settings.model_copy(update={"worker_queues": ["gpu.large", "cpu"]})).conf

    assert sorted(conf.task_queues) == ["cpu", "default", "gpu", "gpu.large"]


def test_redis_never_gives_a_message_to_a_second_worker_by_itself(settings: Settings) -> None:
    options = make_celery(settings.model_copy(update={"broker_url": "redis://host/0", "queue_prefix": "p-"})).conf
    chosen = options.broker_transport_options

    assert chosen["visibility_timeout"] == VISIBILITY_TIMEOUT_S == 604_800
    assert chosen["global_keyprefix"] == "p-"


@pytest.mark.slow
def test_a_message_through_the_embedded_broker_holds_stage_and_number_only(settings: Settings) -> None:
    celery = make_celery(settings)
    sent = [publish(celery, "a", 3, "default"), publish(celery, "b", 1, "gpu")]

    with _worker(celery) as inbox:
        received = inbox.wait_for(2)

    assert sent == [True, True]
    assert received == [{"stage_id": "a", "dispatch_no": 3}, {"stage_id": "b", "dispatch_no": 1}]


@pytest.mark.slow
def test_a_worker_outlives_unreadable_files_and_a_wiped_folder(settings: Settings) -> None:
    celery = make_celery(settings)

    with _worker(celery) as inbox:
        (settings.broker_folder / "q" / "00000000000000000001_x.default.msg").write_bytes(b"")
        publish(celery, "a", 1, "default")
        inbox.wait_for(1)
        # Moved, because the worker may make a file in it while it is being deleted.
        settings.broker_folder.rename(settings.home / "wiped")
        publish(celery, "b", 2, "default")
        received = inbox.wait_for(2)

    assert [call["stage_id"] for call in received] == ["a", "b"]


@pytest.mark.slow
@pytest.mark.services
def test_a_message_through_redis_arrives_and_all_keys_carry_the_prefix(
    redis_settings: Settings, redis_url: str, queue_prefix: str
) -> None:
    with Redis.from_url(redis_url) as client:
        before = set(client.keys("*"))
        celery = make_celery(redis_settings)
        publish(celery, "a", 3, "cpu")
        made = set(client.keys("*")) - before
        with _worker(celery) as inbox:
            received = inbox.wait_for(1)

    ours = {key for key in made if key.decode().startswith(queue_prefix)}
    assert received == [{"stage_id": "a", "dispatch_no": 3}]
    assert f"{queue_prefix}cpu".encode() in ours
    assert f"{queue_prefix}_kombu.binding.default".encode() in ours


def test_publishing_without_a_broker_returns_quickly_and_does_not_raise(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    celery = make_celery(settings.model_copy(update={"broker_url": UNREACHABLE}))
    began = time.monotonic()

    sent = publish(celery, "a", 1, "default")

    assert not sent
    assert time.monotonic() - began < 3
    assert "could not be sent and will be later" in caplog.text


def test_a_broker_folder_that_cannot_be_written_does_not_raise(settings: Settings) -> None:
    celery = make_celery(settings)
    shutil.rmtree(settings.broker_folder)
    settings.broker_folder.write_text("a file in the way")

    assert not publish(celery, "a", 1, "default")


def test_ping_tells_whether_the_broker_answers(settings: Settings) -> None:
    ping(make_celery(settings))

    with pytest.raises(PUBLISH_ERRORS):
        ping(make_celery(settings.model_copy(update={"broker_url": UNREACHABLE})))


@pytest.mark.services
def test_ping_reaches_redis(redis_settings: Settings) -> None:
    ping(make_celery(redis_settings))


def _dispatches(database: Database) -> list[tuple[int, bool]]:
    with database.read() as session:
        rows = session.scalars(select(Dispatch).order_by(Dispatch.created_at)).all()
    return [(row.times_sent, row.sent_at is not None) for row in rows]


def test_a_commit_that_queues_a_stage_sends_its_message_and_marks_it(
    any_database: Database, settings: Settings
) -> None:
    celery = make_celery(settings)
    dispatch_after_commit(any_database, celery)

    run = make_run(any_database)

    assert _dispatches(any_database) == [(1, True)]
    assert celery.connection().default_channel._size("default") == 1
    assert run.state == "queued"


def test_a_commit_without_a_broker_succeeds_and_leaves_the_message_unsent(
    database: Database, settings: Settings
) -> None:
    dispatch_after_commit(database, make_celery(settings.model_copy(update={"broker_url": UNREACHABLE})))

    run = make_run(database)

    assert run.state == "queued"
    assert _dispatches(database) == [(0, False)]


def test_sending_stops_at_the_first_message_that_the_broker_does_not_take(
    database: Database, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    celery = make_celery(settings.model_copy(update={"broker_url": UNREACHABLE}))
    queued = [(make_stage(database).id, 1, "default") for _ in range(5)]

    sent = send_queued(database, celery, queued)

    assert sent == 0
    assert caplog.text.count("could not be sent") == 1


def test_sending_again_counts(any_database: Database, settings: Settings) -> None:
    celery, stage = make_celery(settings), make_stage(any_database)
    counts = [send_queued(any_database, celery, [(stage.id, 1, "default")]) for _ in range(2)]

    assert counts == [1, 1]
    assert _dispatches(any_database) == [(2, True)]


def test_void_messages_are_deleted_and_one_stays_for_each_open_stage(
    any_database: Database, settings: Settings
) -> None:
    celery = make_celery(settings)
    dispatch_after_commit(any_database, celery)
    open_stage, cancelled, claimed = (make_stage(any_database) for _ in range(3))
    publish(celery, open_stage.id, 1, "default")
    with any_database.write() as session:
        request_cancel(session, cancelled.run_id, cause=USER)
    make_claim(any_database, claimed)
    publish(celery, "of-nothing", 1, "default")
    (settings.broker_folder / "q" / "00000000000000000001_by-others.cpu.msg").write_bytes(b"")

    dropped = [drop_void(any_database, settings) for _ in range(2)]

    assert dropped == [4, 0]
    channel = celery.connection().default_channel
    assert (channel._size("default"), channel._size("cpu")) == (1, 1)
