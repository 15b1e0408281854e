"""Following a process to its end."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import func, select

from server.db import lifecycle
from server.db.models import LogLine, Run, SeriesPoint
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.outage import UnreliableDatabase
from tests.support.processes import is_alive
from tests.support.rows import USER, make_claim
from tests.support.stand_in import stand_in
from tests.support.waiting import wait_until
from worker.ingest import Ingestor
from worker.lease import LeaseKeeper
from worker.process import StageProcess
from worker.supervise import Ending, Pace, StopRequest, supervise, wanted_stop


@dataclass
class Followed:
    """A process that is supervised in a thread, which starts it too, as a worker's does."""

    database: Database
    storage: LocalStorage
    claim: lifecycle.Claim
    folder: Path
    shutdown: threading.Event = field(default_factory=threading.Event)
    endings: list[Ending | BaseException] = field(default_factory=list)
    pids: list[int] = field(default_factory=list)
    grace_s: float = 20

    def start(self, *steps: str) -> threading.Thread:
        self.folder.mkdir()
        thread = threading.Thread(target=self._follow, args=steps)
        thread.start()
        wait_until(lambda: (self.folder / "events.jsonl").exists() or not thread.is_alive())
        return thread

    def ending(self, *steps: str) -> Ending:
        self.start(*steps).join(30)
        [ending] = self.endings
        assert isinstance(ending, Ending), ending
        return ending

    def _follow(self, *steps: str) -> None:
        lease = self.claim.lease
        try:
            with LeaseKeeper(self.database, lease, heartbeat_s=0.1, lease_ttl_s=5) as keeper:
                process = StageProcess(self.folder, threads=1, command=stand_in(*steps))
                self.pids.append(process.pid)
                ingestor = Ingestor(self.database, self.storage, lease, self.folder)
                pace = Pace(poll_s=0.25, grace_s=self.grace_s)
                self.endings.append(supervise(process, ingestor, keeper, pace=pace, shutdown=self.shutdown))
        except BaseException as error:
            self.endings.append(error)


@pytest.fixture
def follow(storage: LocalStorage, run: Run, tmp_path: Path) -> Callable[[Database], Followed]:
    def make(database: Database) -> Followed:
        return Followed(database, storage, make_claim(database, run.stages[0]), tmp_path / "attempt-1")

    return make


def count(database: Database, table: type[SeriesPoint | LogLine]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def cancel(database: Database, run: Run) -> None:
    with database.write() as session:
        lifecycle.request_cancel(session, run.id, cause=USER)


def test_what_was_reported_right_before_the_end_is_read(
    database: Database, follow: Callable[[Database], Followed]
) -> None:
    ending = follow(database).ending("started", "metric:1:0.5", "metric:2:0.4", "print:bye", "leave:0")
    assert ending == Ending(returncode=0, stop=None, failure=None, oom_evidence=None)
    assert (count(database, SeriesPoint), count(database, LogLine)) == (2, 1)


def test_the_reason_of_a_failure_comes_with_the_ending(
    database: Database, follow: Callable[[Database], Followed]
) -> None:
    ending = follow(database).ending("started", "fail:data_error:no such file")
    assert ending.returncode == 1
    assert ending.failure is not None
    assert (ending.failure.reason, ending.failure.error) == ("data_error", "no such file")


def test_a_cancelled_stage_saves_and_leaves(
    database: Database, run: Run, follow: Callable[[Database], Followed]
) -> None:
    followed = follow(database)
    thread = followed.start("started", "obey")
    cancel(database, run)
    thread.join(30)
    assert followed.endings == [Ending(returncode=75, stop=StopRequest.CANCEL, failure=None, oom_evidence=None)]


def test_a_cancelled_stage_that_does_not_leave_is_killed_after_the_grace(
    database: Database, run: Run, follow: Callable[[Database], Followed]
) -> None:
    followed = follow(database)
    followed.grace_s = 0.3
    thread = followed.start("started", "grandchild", "ignore")
    grandchild = int(wait_until(lambda: _content(followed.folder / "grandchild.pid")))
    cancel(database, run)
    thread.join(30)
    assert followed.endings == [Ending(returncode=-9, stop=StopRequest.CANCEL, failure=None, oom_evidence=None)]
    wait_until(lambda: not is_alive(grandchild), 10)


def test_a_worker_that_leaves_asks_for_a_checkpoint(database: Database, follow: Callable[[Database], Followed]) -> None:
    followed = follow(database)
    thread = followed.start("started", "obey")
    followed.shutdown.set()
    thread.join(30)
    assert followed.endings == [Ending(returncode=75, stop=StopRequest.YIELD, failure=None, oom_evidence=None)]


def test_a_stage_whose_lease_is_lost_is_killed(database: Database, follow: Callable[[Database], Followed]) -> None:
    followed = follow(database)
    thread = followed.start("started", "ignore")
    with database.write() as session:
        lifecycle.settle_lost(session, followed.claim.lease)
    thread.join(30)
    assert [type(ending) for ending in followed.endings] == [lifecycle.StaleLease]
    wait_until(lambda: not is_alive(followed.pids[0]), 10)


def test_an_error_of_ours_leaves_no_process_behind(database: Database, follow: Callable[[Database], Followed]) -> None:
    followed = follow(database)
    thread = followed.start("started", "ignore")
    # An event of a kind that nobody knows: reading it fails.
    with (followed.folder / "events.jsonl").open("a") as file:
        file.write('{"seq": 99, "type": "unheard of"}\n')
    thread.join(30)
    assert [type(ending).__name__ for ending in followed.endings] == ["ValidationError"]
    wait_until(lambda: not is_alive(followed.pids[0]), 10)


def test_a_stage_lives_on_through_an_outage_and_nothing_of_it_is_missing(
    database: Database, follow: Callable[[Database], Followed]
) -> None:
    unreliable = UnreliableDatabase(database.url)
    followed = follow(unreliable)
    thread = followed.start("started", "metric:1:0.5", "obey")
    wait_until(lambda: count(unreliable, SeriesPoint) == 1)
    unreliable.away.set()
    followed.shutdown.set()
    wait_until(lambda: not is_alive(followed.pids[0]))
    wait_until(lambda: unreliable.refused > 5)
    assert followed.endings == []
    unreliable.away.clear()
    thread.join(30)
    assert followed.endings == [Ending(returncode=75, stop=StopRequest.YIELD, failure=None, oom_evidence=None)]
    # The line that an interruption leaves was written while the database was away.
    assert count(database, LogLine) == 1
    unreliable.dispose()


def test_a_cancellation_outranks_the_wish_to_leave(database: Database, run: Run) -> None:
    claim = make_claim(database, run.stages[0])
    keeper = LeaseKeeper(database, claim.lease, heartbeat_s=10, lease_ttl_s=60)
    shutdown = threading.Event()
    assert wanted_stop(keeper, shutdown) is None
    keeper.wants_pause = True
    assert wanted_stop(keeper, shutdown) is StopRequest.YIELD
    keeper.wants_pause = False
    shutdown.set()
    assert wanted_stop(keeper, shutdown) is StopRequest.YIELD
    keeper.wants_cancel = True
    assert wanted_stop(keeper, shutdown) is StopRequest.CANCEL


def _content(path: Path) -> str:
    return path.read_text() if path.exists() else ""
