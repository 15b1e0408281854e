from __future__ import annotations

import pytest

from server.db.states import (
    LIVE_ATTEMPT_STATES,
    TERMINAL_RUN_STATES,
    AttemptState,
    RunState,
    StageState,
    allowed_targets,
)

# Section 3 of the platform's specification, row by row.
RUN_ROWS = """
draft: queued cancelled
queued: running waiting paused cancelled failed
running: queued waiting paused cancelling failed succeeded
waiting: queued succeeded paused cancelled
paused: queued waiting cancelled
cancelling: cancelled
cancelled: queued
failed: queued
succeeded:
"""
STAGE_ROWS = """
pending: queued waiting_annotation cancelled
skipped:
queued: running pending cancelled
running: succeeded retry_wait queued failed cancelled pending
retry_wait: pending queued failed cancelled
waiting_annotation: queued succeeded cancelled
succeeded: waiting_annotation
failed: queued pending
cancelled: queued pending
"""
ATTEMPT_ROWS = """
leased: running succeeded failed cancelled yielded lost
running: succeeded failed cancelled yielded lost
succeeded:
failed:
cancelled:
yielded:
lost: fenced
fenced:
"""


def _parse(rows: str) -> dict[str, set[str]]:
    lines = [line.partition(":") for line in rows.strip().splitlines()]
    return {state: set(targets.split()) for state, _, targets in lines}


@pytest.mark.parametrize(
    ("states", "rows"), [(RunState, RUN_ROWS), (StageState, STAGE_ROWS), (AttemptState, ATTEMPT_ROWS)]
)
def test_tables_are_those_of_the_specification(
    states: type[RunState] | type[StageState] | type[AttemptState], rows: str
) -> None:
    tables = {state.value: set(allowed_targets(state)) for state in states}

    assert tables == _parse(rows)


def test_a_terminal_run_is_left_by_a_resume_only_and_a_live_attempt_may_end_in_every_way() -> None:
    left_by = {state.value: set(allowed_targets(state)) for state in TERMINAL_RUN_STATES}
    endings = {"succeeded", "failed", "cancelled", "yielded", "lost"}

    assert left_by == {"cancelled": {"queued"}, "succeeded": set(), "failed": {"queued"}}
    assert [endings - allowed_targets(state) for state in LIVE_ATTEMPT_STATES] == [set(), set()]
