"""Workers."""

from __future__ import annotations

from fastapi import APIRouter

from server.dependencies import Cursor, DatabaseDep, Limit, SettingsDep
from server.routes.answers import failures
from server.schemas.workers import WorkerPage
from server.services import workers

router = APIRouter(prefix="/workers", tags=["workers"])


@router.get("", operation_id="list_workers", summary="List workers", responses=failures(422))
def list_workers(database: DatabaseDep, settings: SettingsDep, cursor: Cursor = None, limit: Limit = 50) -> WorkerPage:
    """Return the workers of the last 24 hours, as their heartbeats show them."""
    with database.read() as session:
        return workers.list_page(session, offline_after_s=settings.worker_offline_s, cursor=cursor, limit=limit)
