"""Serve below a path of another server, for example behind a proxy; `PALIMPSEST_PUBLIC_URL` names the path.

A proxy may keep or remove the path; both forms become the same request here. The service adds the path to its own
addresses: to headers here, and to pages in `server.pages` and `server.reading_page`. The pages add it to addresses from
JSON, because these are the same for every public path.
"""

from __future__ import annotations

import re
from contextvars import ContextVar

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BASE: ContextVar[str] = ContextVar("base_path", default="")
_OWN_ADDRESS = re.compile(r'\b(href|src)="/(?!/)')


def base_path() -> str:
    """Return the service's public path for the current request; empty for the root."""
    return _BASE.get()


def below_base(html: str) -> str:
    """Return HTML with the public path added to links to this service."""
    return _OWN_ADDRESS.sub(rf'\1="{base_path()}/', html) if base_path() else html


class SubPath:
    """Removes the settings' path from requests, and adds it to redirects."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        base = scope["app"].state.settings.base_path if scope["type"] == "http" else ""
        if not base:
            await self.app(scope, receive, send)
            return

        async def send_below(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                location = headers.get("location", "")
                if location.startswith("/") and not location.startswith("//"):
                    headers["location"] = base + location
            await send(message)

        present = _BASE.set(base)
        try:
            await self.app(_without(scope, base), receive, send_below)
        finally:
            _BASE.reset(present)


def _without(scope: Scope, base: str) -> Scope:
    path, raw = scope["path"], scope.get("raw_path") or b""
    if path != base and not path.startswith(f"{base}/"):
        return scope
    return {**scope, "path": path[len(base) :] or "/", "raw_path": raw[len(base) :] or b"/"}
