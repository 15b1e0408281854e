"""The application on a real port, with a plain HTTP client: tests see what a script sees."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from palimpsest.service.api_server import KEEP_ALIVE_S
from server.app import create_app
from server.db.session import Database
from server.settings import Settings
from server.slow_clients import ImpatientProtocol
from server.storage import LocalStorage

NO_PAGES = Path("/dev/null")
START_LIMIT_S = 30.0


class Service:
    """A running application.

    Attributes:
        app: the application.
        address: where it answers.
        http: a client for the API, below `/api/v1`.
        root: a client for the paths beside it.
    """

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        # The protocol is named because asyncio sends small answers at once (TCP_NODELAY) only then.
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(128)
        config = uvicorn.Config(
            app,
            http=ImpatientProtocol,
            log_config=None,
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=5,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.root = httpx.Client(base_url=self.address, trust_env=False, timeout=30)
        self.http = httpx.Client(base_url=f"{self.address}/api/v1", trust_env=False, timeout=30)

    def start(self) -> None:
        """Serve; returns once requests are answered."""
        self._thread.start()
        deadline = time.monotonic() + START_LIMIT_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the application did not start")
            time.sleep(0.002)

    def stop(self) -> None:
        """End open streams, then the server."""
        self.app.state.hub.close()
        self._server.should_exit = True
        self._thread.join(START_LIMIT_S)
        self.root.close()
        self.http.close()
        self._listener.close()


@contextmanager
def serve(app: FastAPI) -> Iterator[Service]:
    """Serve an application for as long as the context is open."""
    service = Service(app)
    service.start()
    try:
        yield service
    finally:
        service.stop()


def application(settings: Settings, database: Database, pages: Path = NO_PAGES) -> FastAPI:
    """Return the application on a test's database, without pages."""
    return create_app(settings, database=database, storage=LocalStorage(settings.storage_folder), pages=pages)


def problem(response: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """Return the content of a failed request's answer, after checking that it is a problem of this kind."""
    content: dict[str, Any] = response.json()
    assert response.status_code == status, content
    assert response.headers["content-type"] == "application/problem+json"
    assert content["type"] == f"/problems/{slug}"
    assert content["status"] == status
    assert content["request_id"] == response.headers["x-request-id"]
    return content


def pointers(response: httpx.Response) -> list[str]:
    """Return where the faults of an invalid request are."""
    return [entry["pointer"] for entry in problem(response, 422, "validation-failed")["errors"]]
