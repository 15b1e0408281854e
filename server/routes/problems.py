"""What the kinds of problem mean."""

from __future__ import annotations

from html import escape
from typing import Annotated

from fastapi import APIRouter, Header, Path
from fastapi.responses import HTMLResponse

from server.errors import NotFoundError
from server.problems import PROBLEMS, ProblemKind
from server.routes.answers import failures
from server.schemas.page import Page
from server.schemas.problem import ProblemPage

router = APIRouter(prefix="/problems", tags=["service"])

_PAGE = {"content": {"text/html": {"schema": {"type": "string"}}}}


@router.get("", operation_id="list_problems", summary="List the kinds of problem", responses=failures())
def list_problems() -> Page[ProblemPage]:
    """Return every kind of problem that this API answers with."""
    return Page(items=[ProblemPage.model_validate(kind) for kind in PROBLEMS.values()])


@router.get(
    "/{slug}",
    operation_id="show_problem",
    summary="Explain a kind of problem",
    response_model=ProblemPage,
    responses={200: _PAGE, **failures(404, 422)},
)
def show_problem(
    slug: Annotated[str, Path(max_length=100)], accept: Annotated[str, Header(max_length=1000)] = "*/*"
) -> ProblemPage | HTMLResponse:
    """Return cause and remedy, as JSON or, for browsers, as a page."""
    if slug not in PROBLEMS:
        raise NotFoundError("kind of problem", slug)
    kind = PROBLEMS[slug]
    return HTMLResponse(_html(kind)) if "text/html" in accept else ProblemPage.model_validate(kind)


def _html(kind: ProblemKind) -> str:
    title, cause, remedy = escape(kind.title), escape(kind.cause), escape(kind.remedy)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<h1>{title}</h1><p>Status {kind.status}, <code>{escape(kind.slug)}</code></p>"
        f"<h2>Cause</h2><p>{cause}</p><h2>Remedy</h2><p>{remedy}</p></html>"
    )
