"""A file-based broker for one machine: kombu's file-system transport with safe ways to put and take a message.

The stock transport creates a message under its final name and then writes it, so a consumer can take it while it is
empty. One invalid file ends the whole worker. Here a message is written aside and renamed, and is taken by a rename.
An unreadable message stays in the folder of taken messages, with a warning. Folders that are deleted while processes
run are created again; the database sends lost messages a second time.

A message's file name is `<time>_<task id>_<random>.<queue>.msg`, so that messages of unwanted tasks can be deleted
without opening a file.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem

from server.settings import EMBEDDED_BROKER, Settings

MESSAGE_KEYS = frozenset({"body", "headers", "properties"})
SHORTEST_WAIT_S = 0.001
"""Wait after the first poll that finds nothing; each further wait is twice as long, up to the polling interval."""

logger = logging.getLogger(__name__)


class EmbeddedChannel(filesystem.Channel):
    """Channel over two folders: waiting messages and taken ones, on one file system."""

    def _queue_bind(self, *_binding: Any) -> None:
        """Keep no table of bindings: a crash or a second process could damage its file."""

    def _lookup(self, _exchange: str, routing_key: str, _default: str | None = None) -> list[str]:
        """Send each message to the queue that its routing key names."""
        return [routing_key]

    def _put(self, queue: str, payload: dict[str, Any], **_options: Any) -> None:  # type: ignore[override]
        """Put a message so that no consumer sees a partial file."""
        # Wall-clock time keeps the order across restarts of the machine; 20 digits make text sort like numbers.
        name = f"{time.time_ns():020d}_{_task_of(payload)}_{uuid.uuid4().hex[:8]}.{queue}.msg"
        target = Path(self.data_folder_out) / name
        aside = target.with_name(f"{target.name}.tmp")
        data = json.dumps(payload).encode()
        try:
            aside.write_bytes(data)
        except FileNotFoundError:
            aside.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(data)
        aside.rename(target)

    def _get(self, queue: str, _timeout: float | None = None) -> dict[str, Any]:
        """Take the oldest message; raises Empty when there is none."""
        for name in self._waiting(queue):
            payload = self._take(name)
            if payload is not None:
                return payload
        raise Empty

    def _size(self, queue: str) -> int:
        return len(self._waiting(queue))

    def _purge(self, queue: str) -> int:
        names = self._waiting(queue)
        for name in names:
            (Path(self.data_folder_in) / name).unlink(missing_ok=True)
        return len(names)

    def _waiting(self, queue: str) -> list[str]:
        """Return the names of a queue's messages, oldest first."""
        try:
            names = [path.name for path in Path(self.data_folder_in).iterdir()]
        except FileNotFoundError:
            Path(self.data_folder_in).mkdir(parents=True, exist_ok=True)
            return []
        return sorted(name for name in names if name.partition(".")[2] == f"{queue}.msg")

    def _take(self, name: str) -> dict[str, Any] | None:
        """Move a message away from other consumers and read it; None if it is gone or invalid."""
        taken = Path(self.processed_folder) / name
        try:
            taken.parent.mkdir(parents=True, exist_ok=True)
            (Path(self.data_folder_in) / name).rename(taken)
            # A rename keeps the time of writing, but pruning counts from the time of taking.
            os.utime(taken)
            payload = json.loads(taken.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            logger.warning("%s is no readable message: %s; the stage is sent again", taken, error)
            return None
        if not _is_message(payload):
            logger.warning("%s is JSON, but no message; the stage is sent again", taken)
            return None
        message: dict[str, Any] = payload
        return message


class EmbeddedTransport(filesystem.Transport):
    """Transport of `embedded://`."""

    Channel = EmbeddedChannel
    driver_type = driver_name = "embedded"

    def drain_events(self, _connection: Any, timeout: float | None = None) -> None:  # type: ignore[override]
        """Deliver one message; raises TimeoutError when none arrives in time.

        The stock transport sleeps a whole polling interval while a worker handles a message, however quickly. Here the
        first polls follow each other closely, so that a message without work costs milliseconds.
        """
        assert self.cycle is not None  # set by the constructor
        give_up_at = time.monotonic() + timeout if timeout is not None else None
        wait_s = min(SHORTEST_WAIT_S, self.polling_interval)
        while True:
            try:
                self.cycle.get(self._deliver, timeout=timeout)  # type: ignore[no-untyped-call]
            except Empty:
                if give_up_at is not None and time.monotonic() >= give_up_at:
                    raise TimeoutError from None
                time.sleep(wait_s)
                wait_s = min(2 * wait_s, self.polling_interval)
            else:
                return


def register() -> None:
    """Make `embedded://` known to kombu."""
    TRANSPORT_ALIASES[EMBEDDED_BROKER.removesuffix("://")] = f"{__name__}:{EmbeddedTransport.__name__}"


def transport_options(settings: Settings) -> dict[str, Any]:
    """Create the broker's folders and return kombu's options for them."""
    waiting, taken = settings.broker_folder / "q", settings.broker_folder / "done"
    for folder in (waiting, taken):
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(waiting),
        "data_folder_out": str(waiting),
        "processed_folder": str(taken),
        "store_processed": True,
        "polling_interval": settings.broker_poll_s,
    }


def waiting_messages(settings: Settings) -> Mapping[str, list[Path]]:
    """Return task id -> files of the messages that nobody has taken, oldest first."""
    files: dict[str, list[Path]] = {}
    for path in sorted(settings.broker_folder.glob("q/*.msg")):
        task = path.name.partition(".")[0].split("_")[1:2]
        files.setdefault("".join(task), []).append(path)
    return files


def prune(settings: Settings, *, older_than_s: float) -> int:
    """Delete taken messages and unfinished files older than this, and return how many."""
    limit = time.time() - older_than_s
    leftovers = [*settings.broker_folder.glob("done/*"), *settings.broker_folder.glob("q/*.tmp")]
    pruned = 0
    for path in leftovers:
        try:
            if path.stat().st_mtime < limit:
                path.unlink()
                pruned += 1
        except OSError as error:
            logger.debug("%s stays: %s", path, error)
    return pruned


def _task_of(payload: Mapping[str, Any]) -> str:
    """Return the task id of a message, in the form used in file names."""
    return re.sub(r"[^A-Za-z0-9-]", "-", str(payload.get("headers", {}).get("id", "")))


def _is_message(payload: Any) -> bool:
    if not isinstance(payload, dict) or not payload.keys() >= MESSAGE_KEYS:
        return False
    properties = payload["properties"]
    return isinstance(properties, dict) and "delivery_tag" in properties and "delivery_info" in properties
