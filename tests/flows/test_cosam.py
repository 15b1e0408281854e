"""CoSAM over REST: a sequence of domains through server and worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from palimpsest.client import models
from tests.support.domain_runs import domain_document
from tests.support.installation import STAGE_S, Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

TESTED = ["pits", "pills", "natural"]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with Installation(tmp_path_factory.mktemp("home")) as installation:
        for name in ("scheduler", "worker"):
            installation.start(name)
        installation.start_server()
        yield installation


@pytest.fixture(scope="module")
def run(installation: Installation) -> models.Run:
    """A run of CoSAM over two domains that has ended."""
    return installation.client.wait(installation.client.submit(domain_document("cosam", domains=2)).id, STAGE_S)


def get(installation: Installation, path: str, **params: Any) -> Any:
    return installation.client.request("GET", path, params=params).json()


def test_both_domains_are_learned(run: models.Run) -> None:
    assert (run.state, run.message) == ("succeeded", "all stages succeeded; attempts: learn-pits 1, learn-pills 1")


def test_the_stream_is_previewed_with_its_domains(installation: Installation) -> None:
    document = domain_document("cosam")
    body = {"dataset": document["dataset"], "stream": document["stream"]}

    steps = installation.client.request("POST", "/stream-preview", json=body).json()["steps"]

    assert [(step["domain"], step["images"]) for step in steps] == [("pits", 6), ("pills", 6), ("polyps", 6)]


def test_tables_show_step_and_domain_with_what_each_step_taught(installation: Installation, run: models.Run) -> None:
    table = get(installation, f"/runs/{run.id}/step-table")
    evaluations = get(installation, f"/runs/{run.id}/scores")["items"]

    assert table["headline"]["metric"] == "last_iou"
    assert {column["name"]: column["step_learned"] for column in table["domains"]} == {
        "pits": 0,
        "pills": 1,
        "natural": None,
    }
    by_metric = {matrix["metric"]: matrix for matrix in table["matrices"] if matrix["by"] == "domain"}
    assert list(by_metric) == ["mask_iou", "boundary_iou", "routing_accuracy"]
    scores = {(found["step"], found["domain"]): found["scores"] for found in evaluations}
    for row in by_metric["mask_iou"]["rows"]:
        assert row["values"] == [scores[row["step"], name][0]["value"] for name in TESTED]
    numbers = {score["metric"]: score["value"] for score in scores[1, None]}
    assert table["steps"][1]["score"] == numbers["last_iou"]
    means = {(mean["metric"], mean["group"]): mean["values"] for mean in table["means"]}
    assert means["ff_iou", "all"] == [None, numbers["ff_iou"]]
    assert means["natural_biou", "all"][1] == numbers["natural_biou"]
    kept = by_metric["mask_iou"]["rows"][1]
    assert kept["forgetting"] == pytest.approx(numbers["ff_iou"])


def test_predictions_of_every_domain_are_binary(installation: Installation, run: models.Run) -> None:
    found = [get(installation, f"/runs/{run.id}/predictions", domain=name) for name in TESTED]

    assert [[image["kind"] for image in page["items"]] for page in found] == [["binary"] * 3] * 3
    assert {len(image["steps"]) for page in found for image in page["items"]} == {2}


def test_kept_images_are_in_the_memory(installation: Installation, run: models.Run) -> None:
    items = get(installation, f"/stages/{run.stages[-1].id}/memory-items")["items"]

    assert sorted(item["source"].split("/")[0] for item in items) == ["pills"] * 3 + ["pits"] * 3
