"""The client against prepared answers."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import httpx
import pytest

from palimpsest import Client
from palimpsest.client.errors import ApiError, PalimpsestError, ServiceUnreachableError
from palimpsest.client.models import Artifact
from tests.support.api_answers import RUN_ID, ScriptedService, event_stream, feed_event, run_answer

PROBLEM = {
    "type": "/problems/validation-failed",
    "title": "The request is not valid",
    "status": 422,
    "detail": "/document/method: unknown",
    "instance": "/api/v1/runs",
    "request_id": "r-1",
    "errors": [{"source": "body", "pointer": "/document/method", "message": "unknown", "code": "config_error"}],
}


@pytest.fixture(autouse=True)
def quick_reconnects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("palimpsest.client.client._RECONNECT_S", 0.0)
    monkeypatch.setattr("palimpsest.client.client._POLL_S", 0.0)


def client_of(service: ScriptedService, patience_s: float = 60.0) -> Client:
    return Client("http://service", transport=service.transport, patience_s=patience_s)


def test_submit_sends_what_was_given_and_returns_the_run() -> None:
    service = ScriptedService(httpx.Response(201, json=run_answer("queued")))

    run = client_of(service).submit(preset="eir/demo", seed=3, name="first", tags=["a=b"])

    assert (run.id, run.state, run.is_finished) == (RUN_ID, "queued", False)
    assert service.requests[0].url.path == "/api/v1/runs"
    sent = json.loads(service.requests[0].content)
    assert sent == {"preset": "eir/demo", "seed": 3, "name": "first", "tags": ["a=b"]}


def test_lists_are_read_page_by_page() -> None:
    second = run_answer("failed") | {"id": "second"}
    service = ScriptedService(
        httpx.Response(200, json={"items": [run_answer()], "next_cursor": "c1"}),
        httpx.Response(200, json={"items": [second], "next_cursor": None}),
    )

    found = [run.id for run in client_of(service).runs(states=["running", "failed"], method="eir")]

    assert found == [RUN_ID, "second"]
    assert service.requests[0].url.query == b"state=running&state=failed&method=eir"
    assert service.requests[1].url.params["cursor"] == "c1"


def test_a_problem_becomes_an_error_with_its_faults() -> None:
    service = ScriptedService(httpx.Response(422, json=PROBLEM))

    with pytest.raises(ApiError) as caught:
        client_of(service).submit(preset="nope")

    error = caught.value
    assert (error.status, error.slug, error.request_id) == (422, "validation-failed", "r-1")
    assert [(fault.pointer, fault.message) for fault in error.faults] == [("body/document/method", "unknown")]


def test_an_answer_that_is_no_problem_is_shown_as_it_is() -> None:
    service = ScriptedService(httpx.Response(502, text="bad gateway"))

    with pytest.raises(ApiError, match="bad gateway"):
        client_of(service).run(RUN_ID)


def test_a_service_that_is_not_there_is_named_with_the_way_out() -> None:
    service = ScriptedService(httpx.ConnectError("refused"))

    with pytest.raises(ServiceUnreachableError, match=r"Nothing answers at http://service .*palimpsest up"):
        client_of(service).run(RUN_ID)


def test_a_broken_stream_is_taken_up_behind_its_last_event() -> None:
    service = ScriptedService(
        event_stream(feed_event(1, "state", state="queued"), feed_event(2, "state", state="running")),
        httpx.Response(200, json=run_answer("running", event_seq=2)),
        httpx.ConnectError("restarting"),
        event_stream(feed_event(3, "state", state="succeeded"), feed_event(4, "end", state="succeeded")),
    )

    found = [event.seq for event in client_of(service).events(RUN_ID)]

    assert found == [1, 2, 3, 4]
    streams = [request for request in service.requests if request.url.path.endswith("/events")]
    assert [request.url.params["after"] for request in streams] == ["0", "2", "2"]


def test_an_end_before_a_resume_does_not_end_the_events() -> None:
    service = ScriptedService(
        event_stream(feed_event(1, "end", state="failed"), feed_event(2, "state", state="queued")),
        httpx.Response(200, json=run_answer("queued", event_seq=2)),
        event_stream(feed_event(3, "end", state="succeeded")),
    )

    assert [event.seq for event in client_of(service).events(RUN_ID)] == [1, 2, 3]


def test_a_snapshot_carries_the_number_under_which_the_stream_goes_on() -> None:
    snapshot = json.dumps({"seq": 9, "run": run_answer()})
    service = ScriptedService(
        httpx.Response(200, text=f"id: 5\nevent: snapshot\ndata: {snapshot}\n\n"),
        httpx.Response(200, json=run_answer("succeeded", event_seq=5)),
    )

    event = next(iter(client_of(service).events(RUN_ID, after=5)))

    assert (event.seq, event.type, event.payload["run"]["id"]) == (5, "snapshot", RUN_ID)


def test_events_give_up_when_the_service_stays_away() -> None:
    service = ScriptedService(*[httpx.ConnectError("refused")] * 3)

    with pytest.raises(ServiceUnreachableError, match="does not answer any more"):
        list(client_of(service, patience_s=0.0).events(RUN_ID))


def test_wait_returns_the_run_once_it_has_ended() -> None:
    answers = [httpx.Response(200, json=run_answer(state)) for state in ("queued", "running", "succeeded")]
    service = ScriptedService(*answers)

    assert client_of(service).wait(RUN_ID).state == "succeeded"
    assert len(service.requests) == 3


def test_wait_says_how_the_run_stands_when_time_is_up() -> None:
    service = ScriptedService(httpx.Response(200, json=run_answer("running")))

    with pytest.raises(TimeoutError, match="is running after -1 s"):
        client_of(service).wait(RUN_ID, timeout_s=-1)


def artifact_of(content: bytes) -> Artifact:
    digest = hashlib.sha256(content).hexdigest()
    return Artifact(id="a", stage_id="s", name="model.bin", kind="checkpoint", sha256=digest, bytes=len(content))


def test_download_writes_the_bytes_that_the_digest_names(tmp_path: Path) -> None:
    service = ScriptedService(httpx.Response(200, content=b"weights"))

    path = client_of(service).download(artifact_of(b"weights"), tmp_path / "model.bin")

    assert path.read_bytes() == b"weights"


def test_download_refuses_other_bytes_and_leaves_nothing(tmp_path: Path) -> None:
    service = ScriptedService(httpx.Response(200, content=b"damaged"))

    with pytest.raises(PalimpsestError, match=r"model\.bin: received .*, expected"):
        client_of(service).download(artifact_of(b"weights"), tmp_path / "model.bin")

    assert list(tmp_path.iterdir()) == []


def test_a_draft_of_a_test_is_asked_for_by_stage() -> None:
    service = ScriptedService(httpx.Response(200, json={"name": "test of it", "document": {"method": "m"}}))

    draft = client_of(service).model_test("s1")

    assert (draft.name, draft.document) == ("test of it", {"method": "m"})
    assert service.requests[0].url.path == "/api/v1/stages/s1/model-test"
