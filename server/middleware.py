"""Middleware for every request: request id, allowed host and origin, body size, and response headers."""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlsplit

import anyio
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.db.base import new_id
from server.errors import DomainError, problem_response
from server.problems import PROBLEMS
from server.request_bodies import limit_of, limited
from server.settings import Settings, is_address, is_loopback

PAGE_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""Policy for pages: no inline scripts, no scripts from other sites, no framing (SEC-2)."""
ISOLATION = {"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp"}
"""Headers with which browsers let a page's workers share memory, so that the assistant may compute in threads."""
CLOSED_POLICY = "default-src 'none'; frame-ancestors 'none'"
"""Policy for all other responses: browsers must not show them as pages."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_UNREAD = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class BorderMiddleware:
    """Makes the checks that do not depend on the route, and adds the headers of every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = _Answer(scope, send, _request_id(headers))
        limit = limit_of(scope["path"], headers.get("content-type", ""))
        refusal = self._refusal(scope, headers, limit)
        await (refusal or self.app)(scope, limited(receive, limit), answer.send)

    def _refusal(self, scope: Scope, headers: Headers, limit: int) -> Response | None:
        # Without an application there are no settings: only this machine's names are allowed.
        settings: Settings | None = scope["app"].state.settings if "app" in scope else None
        host = _hostname(f"//{headers.get('host', '')}")
        if not _is_own_name(host, headers.get("host", ""), settings):
            public = f" and {settings.public_host}" if settings is not None and settings.public_host else ""
            detail = f"the Host header names {host!r}; this service answers to localhost, loopback addresses{public}"
            return problem_response(scope, PROBLEMS["host-not-allowed"], DomainError(detail))
        if scope["method"] not in _SAFE_METHODS and (fault := _foreign(headers, settings)):
            return problem_response(scope, PROBLEMS["forbidden"], DomainError(fault))
        length = headers.get("content-length", "0")
        if length.isdecimal() and int(length) > limit:
            detail = f"the body has {length} bytes; at most {limit} are read"
            return problem_response(scope, PROBLEMS["payload-too-large"], DomainError(detail))
        return None


class _Answer:
    """Adds the headers of every response."""

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._request_id = request_id
        self._send = send
        scope.setdefault("state", {})["request_id"] = request_id

    async def send(self, message: Message) -> None:
        """Pass one message on."""
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._request_id
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "same-origin"
            media_type = headers.get("content-type", "")
            # A 304 has no content of its own, and its headers would replace those in the browser's cache.
            if message["status"] != HTTPStatus.NOT_MODIFIED:
                # A web worker has the policy of its script, and needs what its page may do.
                is_page = media_type.startswith(("text/html", "text/javascript"))
                headers["Content-Security-Policy"] = PAGE_POLICY if is_page else CLOSED_POLICY
                if is_page:
                    headers.update(ISOLATION)
            if media_type.startswith(("application/json", "application/problem+json")):
                headers.setdefault("Cache-Control", "no-store")
            if message["status"] in _UNREAD:
                # Do not wait for the rest of the body.
                headers["Connection"] = "close"
        await self._send(message)


class Compression(GZipMiddleware):
    """gzip for responses over 1 KiB, but never for stored files: their length and ranges must stay correct."""

    def __init__(self, app: ASGIApp) -> None:
        # Level 1 makes long series eight times smaller; higher levels gain little and cost more than the SQL query.
        super().__init__(app, minimum_size=1024, compresslevel=1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        app = self.app if scope.get("path", "").endswith("/content") else super().__call__
        await app(scope, receive, send)


class HeadAsGet:
    """Answers HEAD like GET, without the body.

    The application is cancelled once the headers are known, so that a stream ends and a large file is not read.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        async with anyio.create_task_group() as tasks:

            async def send_head(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await send(message)
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                elif message["type"] == "http.response.body":
                    tasks.cancel_scope.cancel()
                    await anyio.lowlevel.checkpoint()

            await self.app({**scope, "method": "GET"}, receive, send_head)


def _is_own_name(host: str, host_and_port: str, settings: Settings | None) -> bool:
    """Return whether a Host header names this service; a browser must not reach it under another name (SEC-9).

    With accounts the service may be bound to a network interface. Then its bare address is allowed too, because no name
    server can make a foreign page belong to a bare address.
    """
    if is_loopback(host):
        return True
    if settings is None or not settings.accounts:
        return False
    is_public = bool(settings.public_host) and host_and_port.lower() == settings.public_host
    return is_public or host == settings.host or (not is_loopback(settings.host) and is_address(host))


def _foreign(headers: Headers, settings: Settings | None) -> str:
    """Return why a change comes from a foreign page; empty if it is allowed.

    A browser sends the page's origin and its relation to this service; a script sends neither. Other ports of this
    machine are other services.
    """
    origin, host = headers.get("origin"), headers.get("host", "").lower()
    # For a proxy that does not pass the Host header on, the settings name the public address.
    own = {host, (settings.public_host if settings is not None else "") or host}
    if origin is not None and origin.lower().partition("://")[2] not in own:
        return f"the origin {origin!r} is not this service; this service is {host}"
    site = headers.get("sec-fetch-site", "none")
    if site not in {"same-origin", "none"}:
        return f"the page that asks is {site} (Sec-Fetch-Site), not one of this service"
    return ""


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else new_id()


def _hostname(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
