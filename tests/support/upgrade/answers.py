"""Every answer that the API gives about the rows of a database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

HOME = "/srv/palimpsest"
"""Stands for the folder of the state, in rows and in answers."""

API = "/api/v1"
NOT_RECORDED = {
    "/artifacts/{artifact_id}/content": "bytes",
    "/artifacts/{artifact_id}/files": "of the bytes of a pack",
    "/dataset-kinds": "of the code",
    "/dataset-kinds/{name}": "of the code",
    "/dataset-roots": "of the settings",
    "/methods": "of the code",
    "/methods/{method}": "of the code",
    "/methods/{method}/presets": "of the code",
    "/methods/{method}/presets/{preset}": "of the code",
    "/methods/{method}/schema": "of the code",
    "/runs/changes": "of the time of asking",
    "/schedules": "of the code",
    "/stages/{stage_id}/log/text": "the log as text",
    "/workers": "of the time of asking",
}
"""Addresses below `/api/v1` that say nothing about stored runs, and why; pictures are left out by their type."""

TIME_OF_ASKING = {"as_of", "labels_per_hour"}
"""Fields that change while nothing happens; they are left out."""

PAGE_OF_EVENTS = 1000


class Recorder:
    """Asks, and keeps every answer.

    Attributes:
        answers: address -> answer; of a list, all its pages together.
        asked: the templates that were asked for.
    """

    def __init__(self, http: httpx.Client, home: Path) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: set[str] = set()
        self._http, self._home = http, home

    def get(self, template: str, query: str = "", **names: str) -> Any:
        """Ask for one address below `/api/v1`."""
        address = API + template.format(**{name: quote(value) for name, value in names.items()}) + query
        self.asked.add(template)
        self.answers[address] = read_whole(self._http, address, self._home)
        return self.answers[address]

    def items(self, template: str, query: str = "", **names: str) -> list[Any]:
        """Ask for a list, and return its items."""
        found: list[Any] = self.get(template, query, **names)["items"]
        return found


def read_whole(http: httpx.Client, address: str, home: Path) -> Any:
    """Return the answer of an address; of a list, with the items of all pages. `home` is written as `HOME`."""
    answer = _read(http, address, home)
    page = answer
    while isinstance(page, dict) and page.get("next_cursor"):
        page = _read(http, f"{address}{'&' if '?' in address else '?'}cursor={quote(page['next_cursor'])}", home)
        answer["items"] += page["items"]
    if "next_cursor" in answer:
        answer["next_cursor"] = None
    return answer


def record(http: httpx.Client, home: Path) -> dict[str, Any]:
    """Return every answer of the API about what is stored, by its address.

    Raises:
        RuntimeError: if the API has an address that is neither asked for nor named in `NOT_RECORDED`.
    """
    recorder = Recorder(http, home)
    for query in ("", "?archived=true"):
        for run in recorder.items("/runs", query):
            _record_run(recorder, run["id"])
    recorder.get("/runs/choices")
    for experiment in recorder.items("/experiments"):
        recorder.get("/experiments/{experiment_id}", experiment_id=experiment["id"])
    for dataset in recorder.items("/datasets"):
        recorder.get("/datasets/{dataset_id}", dataset_id=dataset["id"])
        recorder.get("/datasets/{dataset_id}/images", dataset_id=dataset["id"])
    recorder.get("/label-stages")
    missed = set(_templates(http)) - recorder.asked - set(NOT_RECORDED)
    if missed:
        raise RuntimeError(f"never asked for: {', '.join(sorted(missed))}; ask for them, or name them in NOT_RECORDED")
    return recorder.answers


def _record_run(recorder: Recorder, run_id: str) -> None:
    run = recorder.get("/runs/{run_id}", run_id=run_id)
    for part in ("history", "rounds", "memory", "predictions", "series-groups", "step-table"):
        recorder.get(f"/runs/{{run_id}}/{part}", run_id=run_id)
    recorder.get("/runs/{run_id}/events", f"?limit={PAGE_OF_EVENTS}", run_id=run_id)
    for file in recorder.items("/runs/{run_id}/artifacts", run_id=run_id):
        recorder.get("/artifacts/{artifact_id}", artifact_id=file["id"])
    for curve in recorder.items("/runs/{run_id}/series", run_id=run_id):
        recorder.get("/runs/{run_id}/series/{key}", run_id=run_id, key=curve["key"])
    evaluations = recorder.items("/runs/{run_id}/scores", run_id=run_id)
    for split in sorted({evaluation["split"] for evaluation in evaluations}):
        recorder.get("/runs/{run_id}/step-table", f"?split={split}", run_id=run_id)
    for evaluation in evaluations:
        recorder.get("/evaluations/{evaluation_id}", evaluation_id=evaluation["id"])
    for stage in run["stages"]:
        _record_stage(recorder, stage["id"], [attempt["number"] for attempt in stage["attempts"]])


def _record_stage(recorder: Recorder, stage_id: str, attempts: list[int]) -> None:
    recorder.get("/stages/{stage_id}", stage_id=stage_id)
    recorder.get("/stages/{stage_id}/artifacts", stage_id=stage_id)
    for number in attempts:
        recorder.get("/stages/{stage_id}/log", f"?attempt={number}", stage_id=stage_id)
    for item in recorder.items("/stages/{stage_id}/memory-items", stage_id=stage_id):
        recorder.get("/memory-items/{item_id}", item_id=str(item["id"]))
        recorder.get("/memory-items/{item_id}/pastes", item_id=str(item["id"]))
    for query in recorder.items("/stages/{stage_id}/queries", stage_id=stage_id):
        for draft in recorder.get("/queries/{query_id}", query_id=query["id"])["drafts"]:
            recorder.get("/queries/{query_id}/draft", f"?author={draft['author']}", query_id=query["id"])


def _templates(http: httpx.Client) -> Iterator[str]:
    """Yield the addresses that give JSON, without `/api/v1`."""
    paths = http.get(f"{API}/openapi.json").raise_for_status().json()["paths"]
    for path, methods in paths.items():
        content = methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if path.startswith(API) and "application/json" in content:
            yield path.removeprefix(API)


def _read(http: httpx.Client, address: str, home: Path) -> Any:
    answer = http.get(address)
    if not answer.is_success:
        raise RuntimeError(f"GET {address}: {answer.status_code} {answer.text[:1000]}")
    return json.loads(answer.text.replace(str(home), HOME), object_hook=_lasting)


def _lasting(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in TIME_OF_ASKING}
