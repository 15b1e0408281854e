"""The feed of a run: a stream for browsers, pages for scripts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from server.db.session import Database
from server.db.states import TERMINAL_RUN_STATES
from server.dependencies import DatabaseDep, HubDep, RunId
from server.routes.answers import failures
from server.schemas.events import FeedPage, FeedQuery, Snapshot
from server.schemas.values import MAX_SAFE_INTEGER
from server.services.feed import feed
from server.services.feed.frames import HEARTBEAT_S
from server.services.feed.stream import stream

router = APIRouter(prefix="/runs/{run_id}/events", tags=["events"])

STREAM_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
_STREAM = {
    "description": "A page of events, or with `Accept: text/event-stream` a stream of them",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}
_NOTHING_LEFT = {"description": "The run has ended and the reader has every event"}


@router.get(
    "",
    operation_id="list_run_events",
    summary="Events of a run, live or in pages",
    response_model=FeedPage,
    responses={200: _STREAM, 204: _NOTHING_LEFT, **failures(404, 422)},
)
async def list_run_events(
    run_id: RunId,
    database: DatabaseDep,
    hub: HubDep,
    query: Annotated[FeedQuery, Query()],
    accept: Annotated[str, Header(max_length=1000)] = "*/*",
    last_event_id: Annotated[int | None, Header(ge=0, le=MAX_SAFE_INTEGER)] = None,
) -> FeedPage | Response:
    """Return the events behind `after`.

    As a stream: first `snapshot`, then every missed and new event once and in order, `reset` with a new snapshot where
    events are no longer kept, and `end` when the run is over. `id` is the event's number; a browser sends it back as
    `Last-Event-ID`. Without `after` a stream begins behind the snapshot, and a page with the first event.
    """
    if "text/event-stream" not in accept:
        return await run_in_threadpool(_page, database, run_id, query.after or 0, query.limit)
    start = await run_in_threadpool(_snapshot, database, run_id)
    if last_event_id == start.seq and start.run.state in TERMINAL_RUN_STATES:
        # The one answer that stops a browser from connecting again.
        return Response(status_code=204)
    cursor = last_event_id if last_event_id is not None else query.after
    return StreamingResponse(
        stream(hub, database, start, cursor, HEARTBEAT_S), media_type="text/event-stream", headers=STREAM_HEADERS
    )


def _page(database: Database, run_id: str, after: int, limit: int) -> FeedPage:
    with database.read() as session:
        return feed.page(session, run_id, after=after, limit=limit)


def _snapshot(database: Database, run_id: str) -> Snapshot:
    with database.read() as session:
        return feed.snapshot(session, run_id)
