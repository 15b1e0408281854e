"""Runs that several tests look at: trained once, and only read afterwards."""

from __future__ import annotations

import pytest

from core.runner.local import LocalRun
from tests.support.local_runs import finish, small_run


@pytest.fixture(scope="session")
def eir_run(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    """Two finished steps of EIR."""
    run = small_run(tmp_path_factory.mktemp("eir"))
    finish(run)
    return run


@pytest.fixture(scope="session")
def finetune_run(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    """Two finished steps of fine-tuning."""
    run = small_run(tmp_path_factory.mktemp("finetune"), "finetune")
    finish(run)
    return run
