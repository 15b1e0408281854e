"""Runs and experiments side by side."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from server.dependencies import DatabaseDep
from server.routes.answers import failures
from server.routes.exported import TABLES, csv_response, sheet_response
from server.schemas.comparison import Comparison, ComparisonQuery
from server.services.results.compared import find_members
from server.services.results.comparison import comparison
from server.services.results.sheets import (
    FACTS,
    SETTINGS,
    SUMMARY,
    comparison_sheet,
    fact_cells,
    setting_cells,
)

router = APIRouter(prefix="/compare", tags=["results"])


@router.get(
    "",
    operation_id="show_comparison",
    summary="Compare runs and experiments",
    responses={200: TABLES, **failures(404, 422)},
    response_model=Comparison,
)
def show_comparison(query: Annotated[ComparisonQuery, Query()], database: DatabaseDep) -> Comparison | Response:
    """Return 2 to 20 runs or experiments of one task stream side by side: settings that differ, code and environment,
    every score after every step, costs, and differences to a base line. Different streams, test sets or class lists are
    refused, and the answer names what differs. With `format` or `table` one table of it comes by itself."""
    with database.read() as session:
        compared = find_members(session, query, query.baseline)
        found = comparison(session, compared, has_equal=query.equal)
    if query.format == "json" and query.table is None:
        return found
    if query.format == "csv" and query.table in {SETTINGS, FACTS}:
        rows = setting_cells(found) if query.table == SETTINGS else fact_cells(found)
        return csv_response(rows, f"comparison-{query.table}")
    return sheet_response(comparison_sheet(found, query), query, f"comparison-{query.table or SUMMARY}")
