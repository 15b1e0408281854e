"""What a worker gives to its stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from worker.context import WorkerContext
from worker.devices import Gpu


def test_stages_get_folders_below_the_home_and_the_worker_s_share_of_threads(
    make_context: Callable[..., WorkerContext],
) -> None:
    context = make_context()
    machine = context.machine
    assert machine.runs_folder == context.settings.home / "runs"
    assert machine.data_home == context.settings.home / "cache"
    assert (machine.device, machine.threads) == ("cpu", 1)


def test_stages_run_on_a_gpu_where_there_is_one(make_context: Callable[..., WorkerContext]) -> None:
    context = make_context()
    identity = replace(context.identity, gpus=(Gpu(0, "any", 1),))
    assert replace(context, identity=identity).machine.device == "cuda"


def test_pace_and_retries_are_those_of_the_settings(make_context: Callable[..., WorkerContext]) -> None:
    context = make_context()
    assert (context.pace.poll_s, context.pace.grace_s) == (0.25, 1)
    assert (context.retry_policy.max_attempts, context.retry_policy.waits_s) == (3, (30,))
