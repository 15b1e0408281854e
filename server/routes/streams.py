"""Task streams: the published schedules, and what a stream takes from a dataset."""

from __future__ import annotations

from fastapi import APIRouter

from server.dependencies import SettingsDep
from server.routes.answers import failures
from server.schemas.page import Page
from server.schemas.streams import Schedule, StreamPreview, StreamPreviewRequest
from server.services import streams
from server.services.datasets.presence_cache import presence_cache_below

router = APIRouter(tags=["streams"])


@router.get("/schedules", operation_id="list_schedules", summary="List published schedules", responses=failures())
def list_schedules() -> Page[Schedule]:
    """Return the class schedules that a stream can name."""
    return Page(items=streams.list_schedules())


@router.post(
    "/stream-preview",
    operation_id="preview_stream",
    summary="Show the images of each step of a task stream",
    responses=failures(400, 415, 422),
)
def preview_stream(body: StreamPreviewRequest, settings: SettingsDep) -> StreamPreview:
    """Return classes and, where the labels have been scanned, the images of every step and class; store nothing."""
    return streams.preview(body, data_roots=settings.data_roots, presence_cache=presence_cache_below(settings.home))
