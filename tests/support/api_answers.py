"""Answers of the API as a client receives them, and a transport that gives them without a service."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

RUN_ID = "01890000-0000-7000-8000-000000000001"
STAGE_IDS = ("01890000-0000-7000-8000-0000000000a0", "01890000-0000-7000-8000-0000000000a1")


def run_answer(
    state: str = "running", *, event_seq: int = 0, stages: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return a run with two stages as `GET /runs/{id}` shows it."""
    return {
        "id": RUN_ID,
        "experiment_id": "01890000-0000-7000-8000-0000000000e0",
        "experiment_name": "eir/demo",
        "method": "eir",
        "preset": "eir/demo",
        "seed": 3,
        "state": state,
        "reason": None,
        "message": None,
        "progress": {"stages": 2, "stages_done": 0, "fraction": 0.0, "current": None},
        "score": None,
        "score_step": None,
        "best_score": None,
        "score_name": "mIoU",
        "created_at": "2026-01-02T03:04:05.000Z",
        "started_at": None,
        "finished_at": None,
        "digest": "0" * 64,
        "stages": list(stages) or [stage_answer(0), stage_answer(1)],
        "event_seq": event_seq,
    }


def stage_answer(index: int, state: str = "pending") -> dict[str, Any]:
    """Return one stage without attempts."""
    return {
        "id": STAGE_IDS[index],
        "index": index,
        "name": f"step-{index}",
        "kind": "train",
        "step": index,
        "noun": "step",
        "state": state,
        "reason": None,
        "message": None,
        "total_iterations": 40,
        "attempts": [],
    }


def feed_event(seq: int, kind: str, **payload: Any) -> dict[str, Any]:
    """Return one event of a run's feed."""
    return {"seq": seq, "type": kind, "payload": payload, "at": "2026-01-02T03:04:05.000Z"}


def event_stream(*events: Mapping[str, Any]) -> httpx.Response:
    """Return a stream of such events, closed behind the last."""
    frames = [f"id: {event['seq']}\nevent: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]
    return httpx.Response(200, text="".join(frames), headers={"Content-Type": "text/event-stream"})


class ScriptedService:
    """A transport that gives prepared answers in turn, and keeps what it was asked."""

    def __init__(self, *answers: httpx.Response | httpx.TransportError) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = iter(answers)
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = next(self._answers)
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer


def step_table_answer(**changes: Any) -> dict[str, Any]:
    """Return the table of a run that was not tested yet."""
    headline = {"metric": "miou_present", "group": "all", "title": "mIoU", "meaning": "mean", "direction": "max"}
    empty: dict[str, Any] = {"classes": [], "steps": [], "domains": [], "means": [], "matrices": []}
    return (
        {"run_id": "r", "split": None, "domain": None, "headline": headline, "test_rule": "", "average_miou": None}
        | empty
        | changes
    )
