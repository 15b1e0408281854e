"""The same test images with the prediction of every member."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from server.dependencies import DatabaseDep
from server.routes.answers import failures
from server.schemas.compared_images import ComparedImages, ComparedImagesQuery
from server.services.results.compared import find_members
from server.services.results.compared_images import compared_images

router = APIRouter(tags=["results"])


@router.get(
    "/compare/images",
    operation_id="list_compared_images",
    summary="The same test images with every prediction",
    responses=failures(404, 422),
)
def list_compared_images(query: Annotated[ComparedImagesQuery, Query()], database: DatabaseDep) -> ComparedImages:
    """Return the test images of a domain that all members have predicted, with the address of every picture."""
    with database.read() as session:
        return compared_images(session, find_members(session, query), query)
