"""A run that several tests look at: carried out once, and only read afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from core.runner.local import LocalRun
from tests.support.local_runs import finish
from tests.support.open_set import WORLD, open_set_run


@pytest.fixture(scope="session")
def open_set(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    """Both stages, tested on two test sets."""
    further = {"name": "further", "dataset": {**WORLD, "seed": 9, "eval_images": 2}}
    run = open_set_run(tmp_path_factory.mktemp("open-set"), stream={"tests": [further]})
    finish(run)
    return run


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """At 48 px threads only wait for one another."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
