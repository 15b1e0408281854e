"""Runs of CoaST that several tests look at: trained once, and only read afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from core.runner.local import LocalRun
from tests.support.domains import domains_run
from tests.support.local_runs import finish


@pytest.fixture(scope="session")
def coast_run(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    """Both stages, tested on the source too; the second one makes two rounds of pseudo-labels."""
    run = domains_run(tmp_path_factory.mktemp("coast"), stream={"test_source": True})
    finish(run)
    return run


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """At 32 px threads only wait for one another."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
