"""How each ending of a process is told to the database."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from core.errors import DataError, ReasonCode, StorageError
from core.stage.events import Failed
from server.db import lifecycle
from server.db.models import Run
from server.db.session import Database
from tests.support.rows import USER, load_run, make_claim
from tests.support.stages import write_result
from worker.context import WorkerContext
from worker.settle import reason_of, settle
from worker.supervise import Ending, StopRequest

FAILURE = Failed(reason=ReasonCode.DATA_ERROR, error="a.png cannot be read", trace="Traceback ...")


def ended(
    returncode: int, stop: StopRequest | None = None, failure: Failed | None = None, oom: str | None = None
) -> Ending:
    return Ending(returncode, stop, failure, oom)


@pytest.fixture
def settled(
    database: Database, run: Run, make_context: Callable[..., WorkerContext], tmp_path: Path
) -> Callable[..., tuple[str, str, str, str | None]]:
    """Settle the first stage; return the states of attempt, stage and run, and the attempt's reason."""

    def settle_first(ending: Ending, *, is_cancelled: bool = False) -> tuple[str, str, str, str | None]:
        claim = make_claim(database, run.stages[0])
        if is_cancelled:
            with database.write() as session:
                lifecycle.request_cancel(session, run.id, cause=USER)
        settle(make_context(), claim.lease, tmp_path, ending)
        after = load_run(database, run.id)
        attempt = after.stages[0].attempts[-1]
        return attempt.state, after.stages[0].state, after.state, attempt.reason

    return settle_first


Settled = Callable[..., tuple[str, str, str, str | None]]


def test_a_result_means_success_whatever_the_status(settled: Settled, tmp_path: Path) -> None:
    write_result(tmp_path)
    assert settled(ended(-9)) == ("succeeded", "succeeded", "queued", None)


def test_a_result_that_came_before_the_cancellation_is_kept_and_the_run_ends(settled: Settled, tmp_path: Path) -> None:
    write_result(tmp_path)
    ending = ended(0, StopRequest.CANCEL)
    assert settled(ending, is_cancelled=True) == ("succeeded", "succeeded", "cancelled", None)


def test_a_cancelled_stage_is_no_failure(settled: Settled) -> None:
    ending = ended(75, StopRequest.CANCEL)
    assert settled(ending, is_cancelled=True) == ("cancelled", "cancelled", "cancelled", "cancelled_by_user")


def test_an_error_while_being_cancelled_ends_the_run_as_cancelled(settled: Settled) -> None:
    ending = ended(1, StopRequest.CANCEL, FAILURE)
    assert settled(ending, is_cancelled=True) == ("cancelled", "cancelled", "cancelled", "cancelled_by_user")


def test_a_failure_is_reported_with_its_reason(database: Database, run: Run, settled: Settled) -> None:
    assert settled(ended(1, failure=FAILURE)) == ("failed", "failed", "failed", "data_error")
    attempt = load_run(database, run.id).stages[0].attempts[0]
    assert (attempt.message, attempt.trace) == ("a.png cannot be read", "Traceback ...")


def test_a_failure_is_one_even_if_the_worker_was_about_to_leave(settled: Settled) -> None:
    assert settled(ended(1, StopRequest.YIELD, FAILURE)) == ("failed", "failed", "failed", "data_error")


@pytest.mark.parametrize("returncode", [75, -9, -15])
def test_a_stage_that_was_given_back_is_queued_again(settled: Settled, returncode: int) -> None:
    assert settled(ended(returncode, StopRequest.YIELD)) == ("yielded", "queued", "queued", None)


def test_a_stage_that_somebody_else_interrupted_is_queued_again(settled: Settled) -> None:
    assert settled(ended(75)) == ("yielded", "queued", "queued", None)


def test_a_killed_process_is_lost_and_its_stage_queued_at_once(database: Database, run: Run, settled: Settled) -> None:
    assert settled(ended(-9)) == ("lost", "queued", "queued", "worker_lost")
    message = load_run(database, run.id).stages[0].attempts[0].message
    assert message == "the stage process was killed by signal 9 (SIGKILL), reason unknown"


def test_another_signal_is_named(database: Database, run: Run, settled: Settled) -> None:
    assert settled(ended(-11)) == ("lost", "queued", "queued", "worker_lost")
    message = load_run(database, run.id).stages[0].attempts[0].message
    assert message == "the stage process was killed by signal 11 (SIGSEGV)"


def test_a_kill_for_want_of_memory_is_told_apart_by_its_evidence(
    database: Database, run: Run, settled: Settled
) -> None:
    assert settled(ended(-9, oom="the counter rose")) == ("lost", "retry_wait", "queued", "host_out_of_memory")
    message = load_run(database, run.id).stages[0].attempts[0].message
    assert message == "the stage process was killed by signal 9 (SIGKILL); the counter rose"


def test_an_end_without_a_reason_keeps_the_end_of_the_log_as_its_trace(
    database: Database, run: Run, settled: Settled, tmp_path: Path
) -> None:
    (tmp_path / "out.log").write_text("ModuleNotFoundError: No module named 'torch'\n")
    assert settled(ended(3)) == ("failed", "retry_wait", "queued", "internal")
    attempt = load_run(database, run.id).stages[0].attempts[0]
    assert attempt.trace == "ModuleNotFoundError: No module named 'torch'"
    assert "status 3" in (attempt.message or "")


def test_an_end_without_a_reason_on_a_full_disk_is_a_full_disk(
    database: Database, run: Run, settled: Settled, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type(shutil.disk_usage("/"))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(total=1 << 30, used=1 << 30, free=4096))
    assert settled(ended(1)) == ("failed", "retry_wait", "queued", "disk_full")
    message = load_run(database, run.id).stages[0].attempts[0].message
    assert message == "the stage process ended with status 1 and gave no reason; the disk is full, make room"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DataError("a.png"), "data_error"),
        (StorageError("blob"), "storage_error"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (OperationalError("INSERT", {}, Exception("database or disk is full")), "disk_full"),
        (PermissionError("x"), "storage_error"),
        (KeyError("x"), "internal"),
    ],
)
def test_an_error_of_the_worker_has_a_reason(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason
