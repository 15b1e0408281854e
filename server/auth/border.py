"""Identify the sender of a request by a token or a browser's cookie, before the body is read."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.auth.known import KnownPeople
from server.auth.limits import Buckets
from server.auth.people import Person, acting
from server.auth.secrets import csrf_token, is_token
from server.errors import DomainError, problem_response
from server.problems import PROBLEMS
from server.settings import Settings

COOKIE = "palimpsest_session"
"""What the name of the cookie begins with; see `cookie_name`."""

CSRF_HEADER = "X-CSRF-Token"
REQUESTS_PER_MINUTE = 600
UPLOADS_PER_MINUTE = 60
SIGN_IN = "sign in, or send a token in the header Authorization: Bearer plm_..."
OPEN_TO_NOBODY = ("/api/v1/sessions", "/api/v1/sessions/from-link")
"""Addresses that accept a POST without sign-in; any other such POST is refused before its body is read."""
LOOK_AGAIN_S = 3.0
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
_STREAM = "text/event-stream"


class TokenLimits:
    """Rate limits of tokens (AUTH-6)."""

    def __init__(self) -> None:
        self.requests = Buckets(REQUESTS_PER_MINUTE)
        self.uploads = Buckets(UPLOADS_PER_MINUTE)


class WhoAsks:
    """Middleware that attaches the person to each request; does nothing without accounts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        settings: Settings | None = scope["app"].state.settings if scope["type"] == "http" else None
        if settings is None or not settings.accounts:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        known: KnownPeople = scope["app"].state.known_people
        secret = presented_secret(headers, cookie_name(settings.database_url))
        person = await find(known, secret)
        refusal = _refusal(scope, headers, secret, person)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        scope.setdefault("state", {})["person"] = person
        with acting(person):
            if person is None or _STREAM not in headers.get("accept", ""):
                await self.app(scope, receive, send)
            else:
                await self._stream(scope, receive, send, known, secret)

    async def _stream(self, scope: Scope, receive: Receive, send: Send, known: KnownPeople, secret: str) -> None:
        """Serve a stream until its reader loses access."""
        has_begun = False

        async def noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        async with anyio.create_task_group() as tasks:

            async def end_when_unknown() -> None:
                while await find(known, secret) is not None:
                    await anyio.sleep(LOOK_AGAIN_S)
                tasks.cancel_scope.cancel()
                if has_begun:
                    with anyio.CancelScope(shield=True):
                        await send({"type": "http.response.body", "body": b"", "more_body": False})

            tasks.start_soon(end_when_unknown)
            await self.app(scope, receive, noted)
            tasks.cancel_scope.cancel()


async def find(known: KnownPeople, secret: str) -> Person | None:
    """Return the owner of a secret; waits for the database only if the secret was not looked up recently."""
    if not secret:
        return None
    return known.remembered(secret) or await run_in_threadpool(known.look_up, secret)


def presented_secret(headers: Headers, cookie: str) -> str:
    """Return the token of a request, or else its cookie of this name; empty if it has neither."""
    return _token(headers) if _is_by_token(headers) else cookie_secret(headers.get("cookie", ""), cookie)


def _is_by_token(headers: Headers) -> bool:
    """Ignore other schemes: they belong to a proxy, and a browser sends them together with our cookie."""
    return headers.get("authorization", "").partition(" ")[0].lower() == "bearer"


def _token(headers: Headers) -> str:
    return headers.get("authorization", "").partition(" ")[2].strip()


@lru_cache(maxsize=8)
def cookie_name(database_url: str) -> str:
    """Return the name of the cookie of one installation.

    A browser sends the cookies of a host to each of its ports. The name tells apart the services of one machine, so
    that nobody who signs in at one is signed out of the other. Processes that share a database share the name.
    """
    place = database_url.rpartition("@")[2]
    return f"{COOKIE}_{sha256(place.encode()).hexdigest()[:8]}"


def cookie_secret(header: str, name: str) -> str:
    """Return the secret in a Cookie header; empty if there is none."""
    if name not in header:
        return ""
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return "" if found is None else found.value


def _refusal(scope: Scope, headers: Headers, secret: str, person: Person | None) -> Response | None:
    # A person who signs in as somebody else may still be signed in; the origin check protects sign-in.
    is_change = scope["method"] not in _SAFE_METHODS and scope["path"] not in OPEN_TO_NOBODY
    if person is None and _is_by_token(headers):
        fault = "is not valid any more" if is_token(secret) else "has not the form plm_..., or is mistyped"
        return _problem(scope, "unauthenticated", f"the token of the Authorization header {fault}")
    if person is None and is_change:
        return _problem(
            scope, "unauthenticated", "sign in, or send a token in the header Authorization: Bearer plm_..."
        )
    if person is not None and person.token_id is not None:
        return _over_limit(scope, headers, person.token_id)
    if person is not None and is_change and (fault := _forged(headers, secret)):
        return _problem(scope, "forbidden", fault)
    return None


def _over_limit(scope: Scope, headers: Headers, token_id: str) -> Response | None:
    limits: TokenLimits = scope["app"].state.token_limits
    verdict = limits.requests.take(token_id)
    if verdict.is_allowed and headers.get("content-type", "").startswith("application/zip"):
        verdict = limits.uploads.take(token_id)
    if verdict.is_allowed:
        return None
    words = f"this token has asked {verdict.limit} times in a minute; try again in {verdict.retry_after_s} s"
    return _problem(scope, "rate-limited", words, verdict.headers())


def _forged(headers: Headers, secret: str) -> str:
    """Return why a change by cookie may come from another site; empty if it cannot."""
    if "origin" not in headers:
        return "a change by a cookie needs the header Origin, which browsers send; scripts send a token"
    if headers.get(CSRF_HEADER.lower()) != csrf_token(secret):
        return f"the header {CSRF_HEADER} does not belong to this session; load the page again"
    return ""


def _problem(scope: Scope, slug: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    given = {"WWW-Authenticate": "Bearer"} if slug == "unauthenticated" else headers
    return problem_response(scope, PROBLEMS[slug], DomainError(detail, headers=given))
