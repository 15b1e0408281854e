"""Answering queries against prepared answers."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from palimpsest import Client
from palimpsest.client.errors import ApiError
from tests.support.api_answers import ScriptedService

STAGE_ID = "01890000-0000-7000-8000-000000000001"
KEY = "0123456789abcdef"
QUERY: dict[str, Any] = {
    "id": KEY,
    "stage_id": STAGE_ID,
    "state": "leased",
    "rank": 0,
    "image": "ulm_1",
    "unit": "image",
    "value": 0.5,
    "main_class": 7,
    "width": 8,
    "height": 6,
    "author": "ann",
    "version": 0,
    "picture_url": f"/api/v1/queries/{KEY}/picture",
    "region_url": None,
    "proposal_url": f"/api/v1/queries/{KEY}/proposal",
    "uncertainty_url": f"/api/v1/queries/{KEY}/uncertainty",
    "answer_url": None,
}
SUBMISSION = {
    "annotation": {"id": "a", "version": 1, "author": "ann", "pixels": 48, "agreement": 0.5, "is_late": False},
    "warnings": [],
    "closes_at": None,
    "is_round_closed": True,
}


def client_of(*answers: httpx.Response) -> tuple[Client, ScriptedService]:
    service = ScriptedService(*answers)
    return Client("http://service", transport=service.transport), service


def test_the_next_query_is_leased_in_a_name() -> None:
    client, service = client_of(
        httpx.Response(200, json={"query": QUERY, "counts": {}}),
        httpx.Response(200, json={"query": None, "counts": {}}),
        httpx.Response(200, content=b"jpeg"),
    )

    query = client.labelling.next_query(STAGE_ID, "ann")

    assert query is not None and (query.id, query.image, query.size) == (KEY, "ulm_1", (8, 6))
    assert client.labelling.next_query(STAGE_ID, "ann") is None
    assert client.labelling.picture(query.picture_url) == b"jpeg"
    assert service.requests[0].url.path == f"/api/v1/stages/{STAGE_ID}/queries/next"
    assert json.loads(service.requests[0].content) == {"author": "ann"}
    assert service.requests[2].url.path == f"/api/v1/queries/{KEY}/picture"


def test_an_answer_is_taken_up_again_and_sent_back_in_a_name() -> None:
    client, service = client_of(httpx.Response(200, json=QUERY), httpx.Response(200, json=QUERY))

    assert client.labelling.revise(KEY, "ann").id == KEY
    assert client.labelling.send_back(KEY, "ann", "too coarse").id == KEY
    assert [request.url.path for request in service.requests] == [
        f"/api/v1/queries/{KEY}/revise",
        f"/api/v1/queries/{KEY}/reject",
    ]
    assert json.loads(service.requests[1].content) == {"author": "ann", "note": "too coarse"}


def test_a_mask_is_sent_as_it_is() -> None:
    client, service = client_of(httpx.Response(201, json=SUBMISSION))

    submitted = client.labelling.answer(KEY, b"png", "ann", seconds=2.5, allow_unsure=True, replaces=2)

    assert (submitted.annotation.version, submitted.is_round_closed) == (1, True)
    [request] = service.requests
    assert (request.content, request.headers["content-type"]) == (b"png", "image/png")
    assert dict(request.url.params) == {"author": "ann", "seconds": "2.5", "allow_unsure": "true", "replaces": "2"}


@pytest.mark.parametrize(
    ("drafts", "revision"),
    [([], '"0"'), ([{"author": "bob", "revision": 2}, {"author": "ann", "revision": 7}], '"7"')],
)
def test_a_proposal_is_accepted_at_the_draft_that_was_read(drafts: list[dict[str, Any]], revision: str) -> None:
    client, service = client_of(httpx.Response(200, json={"drafts": drafts}), httpx.Response(201, json=SUBMISSION))

    assert client.labelling.accept_proposal(KEY, "ann").annotation.version == 1

    read, sent = service.requests
    assert (read.url.path, sent.url.path) == (f"/api/v1/queries/{KEY}", f"/api/v1/queries/{KEY}/draft/submit")
    assert (sent.headers["if-match"], json.loads(sent.content)) == (revision, {"author": "ann", "replaces": None})


def test_queries_are_read_page_by_page() -> None:
    client, service = client_of(
        httpx.Response(200, json={"items": [QUERY], "next_cursor": "c1"}),
        httpx.Response(200, json={"items": [QUERY | {"id": "f" * 16}], "next_cursor": None}),
    )

    assert [query.id for query in client.labelling.queries(STAGE_ID, states=["open"])] == [KEY, "f" * 16]
    assert service.requests[1].url.params["cursor"] == "c1"


@pytest.mark.parametrize(
    ("verb", "path", "fields"),
    [
        (lambda labelling: labelling.close_round(STAGE_ID, "ann", allow_empty=True), "close", {"allow_empty": True}),
        (lambda labelling: labelling.hand_to_oracle(STAGE_ID, "ann"), "oracle", {}),
        (lambda labelling: labelling.extend_round(STAGE_ID, "ann", 2.5), "extend", {"deadline_hours": 2.5}),
        (lambda labelling: labelling.extend_round(STAGE_ID, "ann", None), "extend", {"deadline_hours": None}),
    ],
)
def test_a_round_is_ended_or_extended_in_a_name(verb: Any, path: str, fields: dict[str, Any]) -> None:
    state = {
        "stage_id": STAGE_ID,
        "state": "succeeded",
        "by_people": True,
        "closes_by_hand": False,
        "deadline": None,
        "counts": {"accepted": 1},
    }
    client, service = client_of(httpx.Response(200, json=state))

    assert verb(client.labelling).counts == {"accepted": 1}
    assert service.requests[0].url.path == f"/api/v1/stages/{STAGE_ID}/{path}"
    assert json.loads(service.requests[0].content) == {"author": "ann", **fields}


def test_a_refusal_names_its_kind() -> None:
    problem = {"type": "/problems/lease-lost", "title": "", "status": 409, "detail": "bob has it", "errors": []}
    client, _ = client_of(httpx.Response(200, json={"drafts": []}), httpx.Response(409, json=problem))

    with pytest.raises(ApiError, match="bob has it") as caught:
        client.labelling.accept_proposal(KEY, "ann")
    assert caught.value.slug == "lease-lost"
