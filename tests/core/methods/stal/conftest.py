"""A run of three rounds that several tests look at: trained once, and only read afterwards."""

from __future__ import annotations

import pytest

from core.runner.local import LocalRun
from tests.support.local_runs import finish
from tests.support.rounds import rounds_run


@pytest.fixture(scope="session")
def stal_run(tmp_path_factory: pytest.TempPathFactory) -> LocalRun:
    """Three rounds that ask for whole images by STAL's score."""
    run = rounds_run(tmp_path_factory.mktemp("stal"))
    finish(run)
    return run
