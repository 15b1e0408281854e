"""CoaST through server, scheduler and worker: scores of every domain, and pseudo-labels read out of their packs."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image as Pictures

from palimpsest.client import models
from tests.support.domains import SEED, TARGETS, domains_document
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
