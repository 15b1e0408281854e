"""Pages to be read: the documents of the project and the description of the API, without a script."""

from __future__ import annotations

from html import escape
from pathlib import PurePosixPath

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, Response

from server.reading_page import reading_page
from server.services.api_reference import reference_html
from server.services.documents import PICTURES, document_html, find_picture, list_documents

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def show_documents() -> HTMLResponse:
    """List the documents."""
    items = "".join(
        f'<li><a href="/docs/{escape(name)}">{escape(title)}</a></li>' for name, title in list_documents().items()
    )
    api = (
        '<h2>For scripts</h2><p><a href="/reference">Description of the API</a>, also as '
        '<a href="/api/v1/openapi.json">OpenAPI document</a>; <a href="/problems">kinds of problem</a>.</p>'
    )
    return reading_page("Documentation", f"<h1>Documentation</h1><ul>{items}</ul>{api}")


@router.get("/docs/{name:path}")
def show_document(name: str) -> Response:
    """Show one document, or a picture of one."""
    suffix = PurePosixPath(name).suffix
    if suffix in PICTURES:
        return FileResponse(find_picture(name), media_type=PICTURES[suffix])
    return reading_page(list_documents().get(name, name), document_html(name))


@router.get("/api/v1/openapi.json")
def show_openapi(request: Request) -> JSONResponse:
    """Return the description of the API for programs."""
    return JSONResponse(request.app.openapi())


@router.get("/reference")
def show_reference(request: Request) -> HTMLResponse:
    """Describe every operation of the API."""
    return reading_page("API", reference_html(request.app.openapi()))
