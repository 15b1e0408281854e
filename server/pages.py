"""The built pages: files of a folder, and the one HTML page for every address of the web interface."""

from __future__ import annotations

import hashlib
from html import escape
from pathlib import Path

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from server.settings import Settings

INDEX = "index.html"
ENTRY = "."
"""Starlette's path for `/`."""
HASHED = "assets/"
"""Folder of built files whose names change with their content."""
NOT_PAGES = ("/api/", "/problems/")


class Pages(StaticFiles):
    """Answers requests without a route: with a file, the HTML page if a browser asks, or 404."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder)
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(NOT_PAGES):
            raise HTTPException(404)
        # Pages are short and sent whole; Starlette would not answer an invalid range with a problem.
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Return the file, or the HTML page: for `/`, and for any other address that a browser asks for."""
        if path in {ENTRY, INDEX}:
            return self._index(scope)
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or "text/html" not in Headers(scope=scope).get("accept", ""):
                raise HTTPException(404) from error
            return self._index(scope)
        lasting = "public, max-age=31536000, immutable" if path.startswith(HASHED) else "no-cache"
        response.headers["Cache-Control"] = lasting
        return response

    def _index(self, scope: Scope) -> Response:
        """Return the HTML page with the service's path and whether there are accounts."""
        page = told(self._folder.joinpath(INDEX).read_text(encoding="utf-8"), scope["app"].state.settings).encode()
        tag = f'"{hashlib.sha256(page).hexdigest()[:32]}"'
        headers = {"Cache-Control": "no-cache", "ETag": tag}
        if tag in Headers(scope=scope).get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(page, headers=headers, media_type="text/html")


def told(page: str, settings: Settings) -> str:
    """Return the built page with the addresses of its parts, and the settings that its scripts read from its head."""
    said = {"base": settings.base_path, "accounts": "on" if settings.accounts else ""}
    head = "".join(
        f'<meta name="palimpsest-{name}" content="{escape(value)}">' for name, value in said.items() if value
    )
    return page.replace('"./', f'"{settings.base_path}/').replace("<head>", f"<head>{head}", 1)
