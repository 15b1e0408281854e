"""CoaST through server, scheduler and worker: scores of every domain, and pseudo-labels read out of their packs."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image as Pictures
from typer.testing import CliRunner

from palimpsest.client import models
from palimpsest.service.cli import app
from tests.support.domains import SEED, TARGETS, domains_document, street
from tests.support.installation import STAGE_S, Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("coast") / "home") as installation:
        installation.start_server()
        installation.start("scheduler")
        installation.start("worker")
        yield installation


@pytest.fixture(scope="module")
def run(installation: Installation) -> models.Run:
    """A run that has ended."""
    submitted = installation.client.submit(domains_document(stream={"test_source": True}), seed=SEED)
    return installation.client.wait(submitted.id, 2 * STAGE_S)


def test_the_headline_is_the_mean_over_the_targets(installation: Installation, run: models.Run) -> None:
    table = installation.client.step_table(run.id)
    (domains,) = (matrix for matrix in table.matrices if matrix.metric == "miou_nonempty")
    last = [value for value in domains.rows[-1].values if value is not None]

    assert run.state == "succeeded"
    assert [stage.name for stage in run.stages] == ["warmup", "selftrain"]
    assert [domain.name for domain in table.domains] == list(TARGETS)
    assert run.score == pytest.approx(np.mean(last))
    assert len(table.steps) == len(last) == len(TARGETS)


def test_one_soft_label_is_read_out_of_a_round(installation: Installation, run: models.Run) -> None:
    packs = {file.name: file for file in installation.client.artifacts(run.id) if file.kind == "pseudo_labels"}
    assert sorted(packs) == [f"pseudo_labels/round-{index}-{target}.zip" for index in (0, 1) for target in TARGETS]

    pack = packs["pseudo_labels/round-1-city-a.zip"]
    listed = installation.client.request("GET", f"/artifacts/{pack.id}/files").json()["items"]
    data = installation.client.request("GET", f"/artifacts/{pack.id}/files/{listed[0]['name']}").content

    assert len(listed) == 3
    with Pictures.open(io.BytesIO(data)) as picture:
        # Seven classes of a network with 4 x 6 outputs for pictures of 32 x 48.
        assert picture.size == (6, 7 * 4)


def test_its_model_is_evaluated_on_another_city_from_the_command_line(
    installation: Installation, run: models.Run
) -> None:
    other = f"city-c={json.dumps(street('city-c'))}"
    arguments = ("evaluate", run.id, "--on", other, "--set", "config.eval.resolution=native", "--wait")

    ended = CliRunner().invoke(app, ["run", *arguments, "--url", installation.client.base_url])

    assert ended.exit_code == 0, ended.output
    tested = installation.client.run(ended.stdout.split()[0])
    assert [(stage.name, stage.kind) for stage in tested.stages] == [("test", "evaluate")]
    table = installation.client.step_table(tested.id)
    assert [domain.name for domain in table.domains] == ["city-c"]
    assert tested.score is not None
    listed = installation.client.request("GET", f"/runs/{run.id}/model-tests").json()
    assert [one["run_id"] for one in listed["items"]] == [tested.id]


def test_its_model_comes_to_the_same_scores_on_its_own_test_sets(installation: Installation, run: models.Run) -> None:
    draft = installation.client.model_test(run.stages[-1].id)

    tested = installation.client.wait(installation.client.submit(draft.document).id, STAGE_S)

    ours, theirs = (last_row(installation.client.step_table(one.id)) for one in (tested, run))
    assert {name: ours[name] for name in TARGETS} == theirs
    assert set(ours) == {"source", *TARGETS}


def last_row(table: models.StepTable) -> dict[str, float | None]:
    """Return domain -> mIoU after the last step."""
    (domains,) = (matrix for matrix in table.matrices if matrix.metric == "miou_nonempty")
    return dict(zip((column.key for column in domains.columns), domains.rows[-1].values, strict=True))
