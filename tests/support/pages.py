"""The pages of the interface, and the data that they are opened with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from tests.support.waiting import wait_until

SCAN_S = 120.0


@dataclass(frozen=True)
class PageEntry:
    """One page.

    Attributes:
        name: short, for tests and file names.
        path: its address; `{run}`, `{experiment}` and `{dataset}` stand for ids.
        landmark: role and accessible name of what is there once its data are.
        height: of its picture, in pixels.
        is_part: whether its picture begins with the landmark, further down on its page.
    """

    name: str
    path: str
    landmark: tuple[str, str]
    height: int = 800
    is_part: bool = False


PAGES = (
    PageEntry("runs", "/runs", ("table", "runs")),
    PageEntry("launch", "/launch", ("region", "Plan")),
    PageEntry("matrix", "/launch/matrix", ("region", "Matrix")),
    PageEntry("run", "/runs/{run}", ("region", "Curves"), height=1800),
    PageEntry("experiment", "/experiments/{experiment}", ("region", "Runs"), height=1400),
    PageEntry("memory", "/runs/{run}/memory", ("region", "Instances")),
    PageEntry("labelling", "/labelling", ("heading", "Labelling")),
    PageEntry("datasets", "/datasets", ("table", "registered datasets")),
    PageEntry("dataset", "/datasets/{dataset}", ("region", "Images"), height=1200),
    PageEntry("workers", "/workers", ("table", "workers")),
)
LABELLING_PAGES = (
    PageEntry("rounds", "/runs/{asking}?round=0", ("region", "mIoU against labels"), height=1700, is_part=True),
    PageEntry("round", "/labelling/{stage}", ("list", "queries to be answered"), height=1000),
)
"""What is there only with a round that waits for labels; `{asking}` and `{stage}` stand for its ids."""


def register_world(address: str, name: str, **options: Any) -> str:
    """Register a drawn world as a dataset, wait until a worker has scanned it, and return its id."""
    body = {"name": name, "world": {"world": "objects"} | options}
    with httpx.Client(base_url=f"{address}/api/v1", trust_env=False, timeout=30) as http:
        dataset = str(http.post("/datasets", json=body).raise_for_status().json()["id"])
        wait_until(
            lambda: http.get(f"/datasets/{dataset}").json()["state"] != "scanning", SCAN_S, "the end of the scan"
        )
    return dataset


def registered_dataset(address: str) -> str | None:
    """Return the id of the first dataset of a service, None where none is registered."""
    answer = httpx.get(f"{address}/api/v1/datasets", trust_env=False).raise_for_status().json()
    return next((str(dataset["id"]) for dataset in answer["items"]), None)
