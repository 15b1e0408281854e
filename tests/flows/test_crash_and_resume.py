"""Whatever dies on the way, a run ends with the weights, curves and scores of one to which nothing happened."""

from __future__ import annotations

import os
import shutil
import signal

import pytest
from sqlalchemy import select

from server.db.models import Dispatch
from tests.support.flow_run import DOCUMENT, SEED, Undisturbed, learned
from tests.support.installation import STAGE_S, START_S, Installation
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def assert_same_as(installation: Installation, run_id: str, undisturbed: Undisturbed) -> None:
    """Compare what a run came to with the undisturbed one; nothing may be there twice."""
    ended = installation.client.wait(run_id, STAGE_S)
    assert ended.state == "succeeded", ended.message
    found = learned(installation.database, run_id)
    assert found.outputs == undisturbed.learned.outputs
    assert found.series == undisturbed.learned.series
    assert found.scores == undisturbed.learned.scores
    assert found.memory == undisturbed.learned.memory


def wait_for_attempts(installation: Installation, run_id: str, index: int, *states: str) -> None:
    wait_until(lambda: installation.attempt_states(run_id)[index] == list(states), STAGE_S, f"attempts {states}")


def test_a_run_survives_the_loss_of_a_stage_process_of_a_worker_and_of_a_lease(
    any_installation: Installation, undisturbed: Undisturbed
) -> None:
    installation = any_installation
    installation.start_server()
    installation.start("scheduler")
    first = installation.start("worker")
    run_id = installation.client.submit(DOCUMENT, seed=SEED).id

    # The stage process is killed: its worker sees it, and the stage goes on from its checkpoint at once.
    pid = installation.freeze_stage(first, run_id, 0)
    kept = installation.checkpoints(installation.stages(run_id)[0].id)[0].iteration
    os.kill(pid, signal.SIGKILL)
    wait_for_attempts(installation, run_id, 0, "lost", "succeeded")
    assert installation.stages(run_id)[0].attempts[1].resumed_iteration == kept

    # The worker is killed: the stage dies with it, and another worker takes over when the lease has run out.
    pid = installation.freeze_stage(first, run_id, 1)
    installation.kill(first)
    wait_until(lambda: not is_alive(pid), START_S, "the end of the stage process")
    second = installation.start("worker")
    wait_for_attempts(installation, run_id, 1, "lost", "succeeded")

    # The worker is frozen past its lease and comes back when another has taken over: it may change nothing.
    pid = installation.freeze_stage(second, run_id, 2)
    second.send_signal(signal.SIGSTOP)
    third = installation.start("worker")
    wait_for_attempts(installation, run_id, 2, "lost", "running")
    second.send_signal(signal.SIGCONT)
    wait_for_attempts(installation, run_id, 2, "fenced", "succeeded")
    assert not is_alive(pid)
    assert_same_as(installation, run_id, undisturbed)
    assert third.poll() is None
    assert installation.kill(second, signal.SIGTERM) == 0


def test_a_run_survives_the_loss_of_its_messages_of_the_server_and_of_a_checkpoint(
    installation: Installation, undisturbed: Undisturbed
) -> None:
    server, scheduler = installation.start_server(), installation.start("scheduler")
    run_id = installation.client.submit(DOCUMENT, seed=SEED).id

    # The broker's folder is wiped: the message is sent again. Then it comes three times: one attempt is made.
    shutil.rmtree(installation.settings.broker_folder)
    wait_until(lambda: _times_sent(installation) >= 2, START_S, "a second message")
    installation.send_again(installation.stages(run_id)[0], 2)
    first = installation.start("worker")

    # Server and scheduler are killed while a stage trains, and the folder is wiped again: the run goes on.
    pid = installation.freeze_stage(first, run_id, 0)
    shutil.rmtree(installation.settings.broker_folder)
    for process in (server, scheduler):
        installation.kill(process)
    os.kill(pid, signal.SIGCONT)
    wait_for_attempts(installation, run_id, 0, "succeeded")

    # The worker is asked to leave: the stage is saved and given back, which counts as no failure.
    pid = installation.freeze_stage(first, run_id, 1)
    first.send_signal(signal.SIGTERM)
    os.kill(pid, signal.SIGCONT)
    assert first.wait(STAGE_S) == 0
    assert installation.attempt_states(run_id)[1] == ["yielded"]
    installation.start_server()
    installation.start("scheduler")
    second = installation.start("worker")
    wait_for_attempts(installation, run_id, 1, "yielded", "succeeded")

    # The newest checkpoint is damaged, and the stage process killed: it goes on from the one before.
    pid = installation.freeze_stage(second, run_id, 2, checkpoints=2)
    stage_id = installation.stages(run_id)[2].id
    newest, before = installation.checkpoints(stage_id)
    damaged = installation.storage.path(newest.files["model.safetensors"])
    damaged.write_bytes(damaged.read_bytes()[:-8])
    os.kill(pid, signal.SIGKILL)
    wait_for_attempts(installation, run_id, 2, "lost", "succeeded")
    assert installation.stages(run_id)[2].attempts[1].resumed_iteration == before.iteration
    assert any(
        f"checkpoint of iteration {newest.iteration} is damaged" in text for text in _log(installation, stage_id)
    )
    assert_same_as(installation, run_id, undisturbed)


def _times_sent(installation: Installation) -> int:
    with installation.database.read() as session:
        return session.scalars(select(Dispatch.times_sent)).one()


def _log(installation: Installation, stage_id: str) -> list[str]:
    return [line.text for line in installation.client.log_tail(stage_id)]
