"""State of the service itself."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from server.dependencies import DatabaseDep, SettingsDep
from server.errors import NotReadyError
from server.exposition import CONTENT_TYPE, exposition
from server.routes.answers import failures
from server.schemas.health import Health, Readiness, Version
from server.services import health, metrics

router = APIRouter(tags=["service"])


@router.get("/healthz", operation_id="show_health", summary="Whether the process lives", responses=failures())
async def show_health() -> Health:
    """Answer without touching anything."""
    return Health()


@router.get("/readyz", operation_id="show_readiness", summary="Whether requests can be served", responses=failures())
def show_readiness(request: Request, database: DatabaseDep, settings: SettingsDep) -> Readiness:
    """Try database, schema, broker and storage; a failure is a problem that lists every check."""
    readiness = health.readiness(settings, database, request.app.state.celery)
    if not readiness.ready:
        raise NotReadyError(readiness)
    return readiness


@router.get("/version", operation_id="show_version", summary="What is running", responses=failures())
def show_version() -> Version:
    """Return the versions of service, API and document form."""
    return health.version()


@router.get(
    "/metrics",
    operation_id="show_metrics",
    summary="State of the service in numbers",
    response_class=PlainTextResponse,
    responses=failures(),
)
def show_metrics(request: Request, database: DatabaseDep, settings: SettingsDep) -> PlainTextResponse:
    """Return what a Prometheus server scrapes; docs/operating.md lists the names."""
    state = request.app.state
    with database.read() as session:
        stored = metrics.families(session, offline_after_s=settings.worker_offline_s)
    own = metrics.process_families(readers=state.hub.readers, connections=database.connections_in_use)
    return PlainTextResponse(exposition([*stored, *own, *state.counts.families()]), media_type=CONTENT_TYPE)
