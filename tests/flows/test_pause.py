"""A run is paused in the middle of a stage and resumed as if nothing had happened."""

from __future__ import annotations

import os
import signal

import pytest

from tests.support.flow_run import DOCUMENT, SEED, Undisturbed, learned
from tests.support.installation import STAGE_S, START_S, Installation
from tests.support.processes import is_alive, is_pending
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_a_run_paused_while_it_trains_is_continued_to_the_same_weights(
    installation: Installation, undisturbed: Undisturbed
) -> None:
    installation.start_server()
    installation.start("scheduler")
    worker = installation.start("worker")
    client = installation.client
    run_id = client.submit(DOCUMENT, seed=SEED).id
    pid = installation.freeze_stage(worker, run_id, 1)
    asked = client.pause(run_id)
    assert (asked.state, asked.is_pausing) == ("running", True)
    # The stage is let go once the worker has asked it: before that, it might be done with its work.
    wait_until(lambda: is_pending(pid, signal.SIGTERM), START_S, "the worker's request to stop")
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: client.run(run_id).state == "paused", STAGE_S, "the pause")
    assert not is_alive(pid)
    paused = client.run(run_id)
    assert [stage.state for stage in paused.stages] == ["succeeded", "pending", "pending"]
    assert installation.attempt_states(run_id) == [["succeeded"], ["yielded"], []]

    # The worker is free: another run goes on to its end, and the paused one is not touched.
    other = client.submit({**DOCUMENT, "stream": {"steps": [[1, 2, 3]]}}, seed=SEED).id
    assert client.wait(other, STAGE_S).state == "succeeded"
    assert installation.attempt_states(run_id) == [["succeeded"], ["yielded"], []]

    assert client.resume(run_id).state == "queued"
    ended = client.wait(run_id, STAGE_S)
    assert (ended.state, installation.attempt_states(run_id)) == (
        "succeeded",
        [["succeeded"], ["yielded", "succeeded"], ["succeeded"]],
    )
    assert installation.stages(run_id)[1].attempts[1].resumed_iteration
    assert learned(installation.database, run_id) == undisturbed.learned
