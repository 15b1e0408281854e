"""The service below a path of another server, as behind a proxy: `PALIMPSEST_PUBLIC_URL` names it.

A proxy may keep the path or take it away; both arrive here as the same request. What the service says of its own
addresses gets the path back: headers here, pages in `server.pages` and `server.reading_page`, and what JSON names on
the pages themselves, because an address in an answer is the same for every way that leads to it.
"""

from __future__ import annotations

import re
from contextvars import ContextVar

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_BASE: ContextVar[str] = ContextVar("base_path", default="")
_OWN_ADDRESS = re.compile(r'\b(href|src)="/(?!/)')


def base_path() -> str:
    """Return the path below which the present request sees the service; empty for the root."""
    return _BASE.get()


def below_base(html: str) -> str:
    """Return HTML whose links to this service lead below that path."""
    return _OWN_ADDRESS.sub(rf'\1="{base_path()}/', html) if base_path() else html


class SubPath:
    """Takes the path of the settings away from requests, and puts it before redirects."""

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
