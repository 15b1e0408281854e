"""Runs and experiments side by side."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from server.dependencies import DatabaseDep
from server.routes.answers import failures
from server.schemas.comparison import Comparison, ComparisonQuery
from server.services.results.compared import find_members
from server.services.results.comparison import comparison

router = APIRouter(prefix="/compare", tags=["results"])


@router.get("", operation_id="show_comparison", summary="Compare runs and experiments", responses=failures(404, 422))
def show_comparison(query: Annotated[ComparisonQuery, Query()], database: DatabaseDep) -> Comparison:
    """Return 2 to 20 runs or experiments of one task stream side by side: settings that differ, code and environment,
    every score after every step, costs, and differences to a base line. Different streams, test sets or class lists are
    refused, and the answer names what differs."""
    with database.read() as session:
        compared = find_members(session, query, query.baseline)
        return comparison(session, compared, has_equal=query.equal)
