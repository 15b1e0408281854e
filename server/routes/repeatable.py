"""Requests that may be repeated under the header Idempotency-Key."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from starlette.responses import Response

from server.auth.people import present_person
from server.services.idempotency import Answer, Keyed

LOCAL = "local"
"""Principal of all requests without accounts."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[\x21-\x7e]{1,255}$",
        description="Any text that is new for each request. Sent again with the same body within a day, it gives the "
        "first answer again and changes nothing.",
    ),
]


class Repeat:
    """The key of the present request."""

    def __init__(self, request: Request, key: str | None) -> None:
        self._request, self._key = request, key

    def of(self, body: BaseModel) -> Keyed | None:
        """Return the request with its checked body; None without a key."""
        if self._key is None:
            return None
        person = present_person()
        operation = f"{self._request.method} {self._request.url.path}"
        content = f"{self._request.url.query}\n{body.model_dump_json()}"
        return Keyed(LOCAL if person is None else person.id, operation, self._key, content)


async def get_repeat(request: Request, idempotency_key: Key = None) -> Repeat:
    """Return the key of the request."""
    return Repeat(request, idempotency_key)


RepeatDep = Annotated[Repeat, Depends(get_repeat)]


def created(content: BaseModel, **headers: str) -> Answer:
    """Return the answer of a request that created something."""
    return Answer(201, content.model_dump_json(), headers)


def answered(answer: Answer) -> Response:
    """Return an answer as a response."""
    headers = dict(answer.headers) | ({"Idempotent-Replayed": "true"} if answer.is_replayed else {})
    return Response(answer.body, status_code=answer.status, headers=headers, media_type="application/json")
