"""A run and its branch leave one installation as archives, and stand in another one with their scores and lineage."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.flow_run import SEED, learned, shortened
from tests.support.installation import STAGE_S, Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def test_runs_of_one_service_are_imported_by_another(installation: Installation, tmp_path: Path) -> None:
    installation.start_server()
    installation.start("scheduler")
    installation.start("worker")
    client = installation.client
    parent = client.wait(client.submit(shortened(2), seed=SEED, name="parent").id, STAGE_S)
    branch = client.wait(client.branch(parent.id, after_step=0, name="branch").id, STAGE_S)
    archives = [client.export_run(run.id, tmp_path / f"{run.experiment_name}.zip") for run in (parent, branch)]

    with Installation(tmp_path / "other") as other:
        other.start_server()
        runs = [other.client.import_run(archive) for archive in archives]

        assert [(run.state, run.score, run.digest) for run in runs] == [
            (run.state, run.score, run.digest) for run in (parent, branch)
        ]
        assert [stage.state for stage in runs[1].stages] == ["skipped", "succeeded"]
        for here, there in zip(runs, (parent, branch), strict=True):
            table, original = other.client.step_table(here.id), client.step_table(there.id)
            assert [row.iou for row in table.steps] == [row.iou for row in original.steps]
            ours, theirs = learned(other.database, here.id), learned(installation.database, there.id)
            assert (ours.series, ours.scores) == (theirs.series, theirs.scores)
            for artifact in other.client.artifacts(here.id):
                other.client.download(artifact, tmp_path / "file")  # raises where a digest differs
        detail = other.client.request("GET", f"/runs/{runs[1].id}").json()
        assert detail["branched_from"]["run_id"] == runs[0].id
