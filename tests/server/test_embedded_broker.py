from __future__ import annotations

import inspect
import json
import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Queue
from kombu.transport import filesystem, virtual

from server import embedded_broker
from server.embedded_broker import EmbeddedChannel, prune, waiting_messages
from server.queue import make_celery
from server.settings import Settings


@pytest.fixture
def channel(settings: Settings) -> Iterator[EmbeddedChannel]:
    with make_celery(settings).connection() as connection:
        yield connection.default_channel


def _message(number: int) -> dict[str, Any]:
    return {
        "body": str(number),
        "headers": {},
        "properties": {"delivery_tag": str(number), "delivery_info": {"exchange": "", "routing_key": "cpu"}},
    }


def _take_all(channel: EmbeddedChannel, queue: str) -> list[str]:
    bodies = []
    while channel._size(queue):
        bodies.append(channel._get(queue)["body"])
    return bodies


def test_methods_that_are_replaced_have_the_signatures_that_kombu_calls() -> None:
    names = ("_put", "_get", "_size", "_purge", "_queue_bind")
    stock = {name: list(inspect.signature(getattr(filesystem.Channel, name)).parameters) for name in names}

    assert stock == {
        "_put": ["self", "queue", "payload", "kwargs"],
        "_get": ["self", "queue"],
        "_size": ["self", "queue"],
        "_purge": ["self", "queue"],
        "_queue_bind": ["self", "exchange", "routing_key", "pattern", "queue"],
    }
    assert list(inspect.signature(virtual.Channel._lookup).parameters) == ["self", "exchange", "routing_key", "default"]
    options = {"data_folder_in", "data_folder_out", "processed_folder", "store_processed"}
    assert [name for name in options if not hasattr(filesystem.Channel, name)] == []


def test_messages_come_back_in_the_order_they_were_put_and_only_from_their_queue(channel: EmbeddedChannel) -> None:
    for number in range(20):
        channel._put("cpu", _message(number))
    channel._put("gpu", _message(99))

    assert (channel._size("cpu"), channel._size("gpu"), channel._size("default")) == (20, 1, 0)
    assert _take_all(channel, "cpu") == [str(number) for number in range(20)]
    assert _take_all(channel, "gpu") == ["99"]


def test_a_queue_whose_name_has_a_dot_is_a_queue_of_its_own(channel: EmbeddedChannel) -> None:
    channel._put("gpu.large", _message(1))
    channel._put("gpu", _message(2))

    assert _take_all(channel, "gpu") == ["2"]
    assert _take_all(channel, "gpu.large") == ["1"]


def test_an_empty_queue_says_so(channel: EmbeddedChannel) -> None:
    with pytest.raises(Empty):
        channel._get("cpu")


def test_a_half_written_message_is_not_seen(channel: EmbeddedChannel, settings: Settings) -> None:
    (settings.broker_folder / "q" / "00000000000000000001_x.cpu.msg.tmp").write_bytes(b'{"body": "1')

    assert channel._size("cpu") == 0


def test_consumers_that_compete_get_each_message_once_and_never_a_part(channel: EmbeddedChannel) -> None:
    taken: list[str] = []

    def put(start: int) -> None:
        for number in range(start, start + 200):
            channel._put("cpu", _message(number))

    def consume(_: int) -> list[str]:
        bodies = []
        deadline = time.monotonic() + 60
        while len(taken) < 400 and time.monotonic() < deadline:
            try:
                bodies.append(channel._get("cpu")["body"])
            except Empty:
                continue
            taken.append(bodies[-1])
        return bodies

    with ThreadPoolExecutor(4) as pool:
        consumers = [pool.submit(consume, number) for number in range(2)]
        list(pool.map(put, (0, 200)))
        received = [body for consumer in consumers for body in consumer.result()]

    assert sorted(received, key=int) == [str(number) for number in range(400)]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"[]", b"17", b"{}", b'{"body": 1, "headers": {}, "properties": []}', b"null"],
    ids=["empty", "cut off", "no text", "list", "number", "no keys", "no properties", "null"],
)
def test_a_file_that_is_no_message_is_passed_over(
    channel: EmbeddedChannel, settings: Settings, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    (settings.broker_folder / "q" / "00000000000000000001_bad.cpu.msg").write_bytes(content)
    channel._put("cpu", _message(1))

    received = channel._get("cpu")

    assert received["body"] == "1"
    assert "00000000000000000001_bad.cpu.msg" in caplog.text
    assert channel._size("cpu") == 0


def test_a_folder_among_the_messages_is_passed_over(channel: EmbeddedChannel, settings: Settings) -> None:
    (settings.broker_folder / "q" / "00000000000000000001_bad.cpu.msg").mkdir()
    channel._put("cpu", _message(1))

    assert channel._get("cpu")["body"] == "1"


@pytest.mark.parametrize("wiped", ["q", "done", ""])
def test_folders_that_were_deleted_are_made_again(channel: EmbeddedChannel, settings: Settings, wiped: str) -> None:
    shutil.rmtree(settings.broker_folder / wiped)

    before = channel._size("cpu")
    channel._put("cpu", _message(5))
    received = channel._get("cpu")

    assert (before, received["body"]) == (0, "5")


def test_purging_deletes_the_messages_of_one_queue(channel: EmbeddedChannel) -> None:
    for number in range(3):
        channel._put("cpu", _message(number))
    channel._put("gpu", _message(9))

    assert channel._purge("cpu") == 3
    assert (channel._size("cpu"), channel._size("gpu")) == (0, 1)


def test_a_taken_message_can_be_looked_at_until_it_is_pruned(channel: EmbeddedChannel, settings: Settings) -> None:
    channel._put("cpu", _message(1))
    channel._get("cpu")
    taken = list((settings.broker_folder / "done").iterdir())
    old = settings.broker_folder / "done" / "old.msg"
    unfinished = settings.broker_folder / "q" / "x.cpu.msg.tmp"
    for path in (old, unfinished):
        path.write_bytes(b"")
        os.utime(path, (1, 1))

    pruned = prune(settings, older_than_s=3600)

    assert pruned == 2
    assert list((settings.broker_folder / "done").iterdir()) == taken
    assert json.loads(taken[0].read_bytes())["body"] == "1"


def test_pruning_without_a_broker_folder_does_nothing(tmp_path: Path) -> None:
    assert prune(Settings(home=tmp_path / "nothing"), older_than_s=0) == 0


def test_no_table_of_bindings_is_kept(channel: EmbeddedChannel, settings: Settings) -> None:
    channel._queue_bind("default", "cpu", "", "cpu")

    assert channel._lookup("default", "cpu") == ["cpu"]
    assert sorted(path.name for path in settings.broker_folder.iterdir()) == ["done", "q"]
    assert embedded_broker.EmbeddedTransport.Channel is EmbeddedChannel


def test_waiting_messages_are_known_by_their_task_without_being_read(
    channel: EmbeddedChannel, settings: Settings
) -> None:
    for task in ("stage-a-1", "scan-b-2", "stage-a-1"):
        channel._put("gpu.large", _message(1) | {"headers": {"id": task}})
    channel._put("cpu", _message(1) | {"headers": {"id": "../x_y"}})
    (settings.broker_folder / "q" / "00000000000000000001_beforehand.cpu.msg").write_bytes(b"")

    waiting = waiting_messages(settings)

    assert {task: len(files) for task, files in waiting.items()} == {
        "beforehand": 1,
        "stage-a-1": 2,
        "scan-b-2": 1,
        "---x-y": 1,
    }
    assert waiting["stage-a-1"] == sorted(waiting["stage-a-1"])
    assert waiting_messages(Settings(home=settings.home / "nothing")) == {}


def test_a_message_that_needs_no_work_does_not_cost_a_polling_interval(settings: Settings) -> None:
    celery = make_celery(settings.model_copy(update={"broker_poll_s": 30}))
    received: list[Any] = []
    with celery.connection() as connection:
        channel = connection.default_channel
        for number in range(5):
            channel._put("cpu", _message(number))
        consumer = connection.Consumer(
            [Queue("cpu")], callbacks=[lambda _, message: received.append(message)], channel=channel
        )
        # Like a worker: it takes one message, and the next only when the first is done.
        consumer.qos(prefetch_count=1)
        consumer.consume()
        began = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            for number in range(5):
                connection.drain_events(timeout=60)
                pool.submit(received[number].ack)
        seconds = time.monotonic() - began

    assert [message.body for message in received] == [b"0", b"1", b"2", b"3", b"4"]
    assert seconds < 20


def test_waiting_for_a_message_ends_in_time(settings: Settings) -> None:
    with make_celery(settings).connection() as connection, pytest.raises(TimeoutError):
        connection.drain_events(timeout=0.01)
