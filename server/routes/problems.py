"""What the kinds of problem mean."""

from __future__ import annotations

from html import escape
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path
from fastapi.responses import HTMLResponse

from server.errors import NotFoundError
from server.problems import PROBLEMS, ProblemKind
from server.reading_page import reading_page
from server.routes.answers import failures
from server.schemas.page import Page
from server.schemas.problem import ProblemPage
from server.services.documents import markdown_html

router = APIRouter(prefix="/problems", tags=["service"])

_HTML: dict[str, Any] = {"content": {"text/html": {"schema": {"type": "string"}}}}
Accepted = Annotated[str, Header(max_length=1000)]


@router.get(
    "",
    operation_id="list_problems",
    summary="List the kinds of problem",
    response_model=Page[ProblemPage],
    responses={200: _HTML, **failures(422)},
)
def list_problems(accept: Accepted = "*/*") -> Page[ProblemPage] | HTMLResponse:
    """Return every kind of problem that this API answers with, as JSON or, for browsers, as a page."""
    if "text/html" in accept:
        return _list_page()
    return Page(items=[ProblemPage.model_validate(kind) for kind in PROBLEMS.values()])


@router.get(
    "/{slug}",
    operation_id="show_problem",
    summary="Explain a kind of problem",
    response_model=ProblemPage,
    responses={200: _HTML, **failures(404, 422)},
)
def show_problem(slug: Annotated[str, Path(max_length=100)], accept: Accepted = "*/*") -> ProblemPage | HTMLResponse:
    """Return cause and remedy, as JSON or, for browsers, as a page."""
    if slug not in PROBLEMS:
        raise NotFoundError("kind of problem", slug)
    kind = PROBLEMS[slug]
    return _page(kind) if "text/html" in accept else ProblemPage.model_validate(kind)


def _list_page() -> HTMLResponse:
    rows = "".join(
        f'<li><a href="{kind.type}">{escape(kind.title)}</a> (status {kind.status})</li>' for kind in PROBLEMS.values()
    )
    return reading_page("Kinds of problem", f"<h1>Kinds of problem</h1><ul>{rows}</ul>")


def _page(kind: ProblemKind) -> HTMLResponse:
    title, cause, remedy = escape(kind.title), markdown_html(kind.cause), markdown_html(kind.remedy)
    return reading_page(
        kind.title,
        f"<h1>{title}</h1><p>Status {kind.status}, <code>{escape(kind.slug)}</code></p>"
        f"<h2>Cause</h2>{cause}<h2>Remedy</h2>{remedy}",
    )
