"""Tables of results as files: CSV, LaTeX or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import Response

from server.routes.content import disposition
from server.schemas.sheets import ExportQuery, Sheet
from server.services.results.sheet_text import csv_text, sheet_csv, sheet_latex

CSV = "text/csv; charset=utf-8"
LATEX = "text/x-tex; charset=utf-8"
TABLES: dict[str, Any] = {
    "description": "The answer as JSON; with `format` or `table` one table of it",
    "content": {
        "text/csv": {"schema": {"type": "string"}},
        "text/x-tex": {"schema": {"type": "string"}},
    },
}
"""Answer 200 of an address that exports tables."""


def sheet_response(sheet: Sheet, query: ExportQuery, name: str) -> Response:
    """Return a sheet in the wanted format, as a file to be saved."""
    if query.format == "json":
        return Response(sheet.model_dump_json(), media_type="application/json")
    if query.format == "latex":
        return _file(sheet_latex(sheet), LATEX, f"{name}.tex")
    return _file(sheet_csv(sheet), CSV, f"{name}.csv")


def csv_response(rows: Sequence[Sequence[object]], name: str) -> Response:
    """Return rows as a CSV file."""
    return _file(csv_text(rows), CSV, f"{name}.csv")


def _file(text: str, media_type: str, name: str) -> Response:
    return Response(text, media_type=media_type, headers={"Content-Disposition": disposition(name, is_inline=False)})
