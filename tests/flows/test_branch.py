"""A run that shares the first step of another one comes to the same, without training that step again."""

from __future__ import annotations

import pytest

from tests.support.flow_run import DOCUMENT, SEED, learned
from tests.support.installation import STAGE_S, Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_a_branch_with_equal_settings_ends_with_the_scores_of_its_parent(installation: Installation) -> None:
    installation.start_server()
    installation.start("scheduler")
    installation.start("worker")
    client = installation.client
    parent = client.wait(client.submit(DOCUMENT, seed=SEED).id, STAGE_S)
    assert parent.state == "succeeded"

    branch = client.wait(client.branch(parent.id, after_step=0).id, STAGE_S)

    assert (branch.state, [stage.state for stage in branch.stages]) == (
        "succeeded",
        ["skipped", "succeeded", "succeeded"],
    )
    assert installation.attempt_states(branch.id) == [[], ["succeeded"], ["succeeded"]]
    theirs, own = learned(installation.database, parent.id), learned(installation.database, branch.id)
    assert own.outputs == [{}, *theirs.outputs[1:]]
    # The rows of the shared stage are not copied, and all others are equal bit for bit.
    assert own.series == {place: value for place, value in theirs.series.items() if place[1] > 0}
    assert own.scores == {place: value for place, value in theirs.scores.items() if place[0] > 0}
    assert own.memory == {place: item for place, item in theirs.memory.items() if place[0] > 0}
    tables = [client.step_table(run_id) for run_id in (parent.id, branch.id)]
    assert [row.iou for row in tables[0].steps] == [row.iou for row in tables[1].steps]
    assert (branch.score, branch.best_score) == (parent.score, parent.best_score)

    changed = {**DOCUMENT, "config": {**DOCUMENT["config"], "kd": {"weight": 0}}}
    other = client.wait(client.branch(parent.id, after_step=0, document=changed).id, STAGE_S)
    assert other.state == "succeeded"
    assert client.step_table(other.id).steps[0].iou == client.step_table(parent.id).steps[0].iou
    assert learned(installation.database, other.id).outputs[1]["model"] != theirs.outputs[1]["model"]
