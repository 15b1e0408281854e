"""The HTTP server: its own socket, and uvicorn in a thread, so that the caller controls the shutdown order."""

from __future__ import annotations

import errno
import logging
import socket
import threading
import time

import uvicorn
from fastapi import FastAPI

from palimpsest.client.errors import PalimpsestError
from server.slow_clients import ImpatientProtocol

GRACE_S = 30
"""Seconds for running requests to end after the server stops accepting (OPS-6)."""
KEEP_ALIVE_S = 30
"""Seconds that a connection may be idle. Clients close theirs sooner (httpx after 5 s). If the server closed first, a
request could arrive on a closing connection."""
_START_LIMIT_S = 30.0

logger = logging.getLogger(__name__)


def listen(host: str, port: int) -> socket.socket:
    """Bind a port; raises PalimpsestError in one sentence when it is not available. Port 0 takes a free port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # If the protocol is named, asyncio sets TCP_NODELAY; otherwise a response can wait 40 ms for an acknowledgement.
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # Recently ended connections of the service must not keep the port busy.
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(128)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            message = (
                f"Port {port} of {host} is busy: end the program that uses it, or choose another with PALIMPSEST_PORT."
            )
        else:
            message = f"Port {port} of {host} cannot be used: {error.strerror}; choose another with PALIMPSEST_PORT."
        raise PalimpsestError(message) from error
    return taken


class ApiServer:
    """Serves an application on a socket, in a thread."""

    def __init__(self, app: FastAPI, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            http=ImpatientProtocol,
            log_config=None,
            access_log=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
        self._server = uvicorn.Server(config)
        self._app = app
        self._listener = listener
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="api")
        host, port = listener.getsockname()[:2]
        self.address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def is_alive(self) -> bool:
        """Whether the server is running."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the server; returns once it answers requests, and raises PalimpsestError when that fails."""
        self._thread.start()
        deadline = time.monotonic() + _START_LIMIT_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                self._listener.close()
                raise PalimpsestError("The API did not start; the log above says why.")
            time.sleep(0.02)
        logger.info("the API is at %s", self.address)

    def watch(self) -> None:
        """Wait, and never return; raises PalimpsestError when the server ends by itself."""
        self._thread.join()
        raise PalimpsestError("The API ended unexpectedly; the log says why.")

    def stop(self) -> None:
        """Stop accepting, let running requests end, and return when all is done."""
        self._server.should_exit = True
        # Event streams never end by themselves, and the server waits for them.
        self._app.state.hub.close()
        if self._thread.ident is not None:
            self._thread.join()
        self._listener.close()

    def stop_at_once(self) -> None:
        """Stop without waiting for running requests."""
        self._server.force_exit = self._server.should_exit = True
