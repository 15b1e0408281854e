"""Count requests and time responses by the route's template, so that ids do not become labels (API-10)."""

from __future__ import annotations

import threading
import time
from bisect import bisect_left
from collections import Counter
from itertools import accumulate

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.exposition import Family

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
OTHER = "other"
"""Label for a method or address without a route: strangers' requests must not create labels."""


class RequestCounts:
    """Counts of one API process's responses since its start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._times: dict[tuple[str, str], list[int]] = {}
        self._seconds: dict[tuple[str, str], float] = {}

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one response; `seconds` is the time until its headers, so that an open stream is not slow."""
        with self._lock:
            self._answers[method, route, status] += 1
            buckets = self._times.setdefault((method, route), [0] * (len(BOUNDS_S) + 1))
            buckets[bisect_left(BOUNDS_S, seconds)] += 1
            self._seconds[method, route] = self._seconds.get((method, route), 0.0) + seconds

    def families(self) -> list[Family]:
        """Return the counts as metrics."""
        answers = Family("http_requests_total", "counter", "Requests answered, by route.")
        times = Family("http_request_seconds", "histogram", "Seconds until the headers of an answer, by route.")
        with self._lock:
            for (method, route, status), count in sorted(self._answers.items()):
                answers.add(count, {"method": method, "route": route, "status": str(status)})
            for (method, route), buckets in sorted(self._times.items()):
                labels = {"method": method, "route": route}
                bounds = [*(f"{bound:g}" for bound in BOUNDS_S), "+Inf"]
                for bound, count in zip(bounds, accumulate(buckets), strict=True):
                    times.add(count, {**labels, "le": bound}, "_bucket")
                times.add(self._seconds[method, route], labels, "_sum")
                times.add(sum(buckets), labels, "_count")
        return [answers, times]


class CountRequests:
    """Counts requests; it is the innermost middleware, because the router stores the route in the same scope."""

    def __init__(self, app: ASGIApp, counts: RequestCounts) -> None:
        self.app = app
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                method = scope["method"] if scope["method"] in _METHODS else OTHER
                route = getattr(scope.get("route"), "path", OTHER)
                self._counts.add(method, route, message["status"], time.perf_counter() - begun)
            await send(message)

        await self.app(scope, receive, noted)
