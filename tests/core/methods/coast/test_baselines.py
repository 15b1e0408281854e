"""The bounds end to end, at 32 px."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.methods.coast.model_files import LAST_FILE
from core.runner.local import LocalRun
from core.stage.events import Scores
from core.stage.folder import ARTIFACT_DIR
from core.stage.interrupt import StopFlag
from tests.support.domains import domains_run
from tests.support.local_runs import attempt_of, begin_stage, events_of, finish, in_this_process, killed_after


def finished(folder: Path, shared: LocalRun, method: str, stream: Mapping[str, Any], **config: Any) -> LocalRun:
    run = domains_run(folder, method, stream, **config)
    run.data_home.symlink_to(shared.data_home)
    finish(run)
    return run


def scored_domains(run: LocalRun, index: int = 0) -> list[tuple[str, str | None]]:
    return [(scores.split, scores.domain) for scores in events_of(attempt_of(run, index), Scores)]


def weights(run: LocalRun, index: int = 0) -> bytes:
    return (attempt_of(run, index) / ARTIFACT_DIR / "model" / LAST_FILE).read_bytes()


def test_the_lower_bound_is_tested_on_every_target_and_on_the_source(coast_run: LocalRun, tmp_path: Path) -> None:
    run = finished(tmp_path, coast_run, "source_only", {"test_source": True})

    assert scored_domains(run) == [("val", "city-a"), ("val", "city-b"), ("val-source", "source")]


def test_the_upper_bound_has_a_model_of_all_targets_or_one_of_each(coast_run: LocalRun, tmp_path: Path) -> None:
    for name in ("union", "each"):
        (tmp_path / name).mkdir()
    union = finished(tmp_path / "union", coast_run, "target_oracle", {"target_labels": True})
    each = finished(tmp_path / "each", coast_run, "target_oracle", {"target_labels": True}, labels="each")

    assert scored_domains(union) == [("val", "city-a"), ("val", "city-b")]
    assert [scored_domains(each, index) for index in (0, 1)] == [[("val", "city-a")], [("val", "city-b")]]
    assert len({weights(union), weights(each, 0), weights(each, 1)}) == 3


@pytest.mark.parametrize("updates", [1, 3])
def test_a_killed_bound_comes_to_the_same(coast_run: LocalRun, tmp_path: Path, updates: int) -> None:
    for name in ("through", "killed"):
        (tmp_path / name).mkdir()
    through = finished(tmp_path / "through", coast_run, "source_only", {})
    run = domains_run(tmp_path / "killed", "source_only")
    run.data_home.symlink_to(coast_run.data_home)
    with killed_after(updates):
        in_this_process(begin_stage(run), StopFlag())
    assert in_this_process(begin_stage(run), StopFlag()) == 0

    assert weights(run) == weights(through)
