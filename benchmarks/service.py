"""The service in a process of its own, for benchmarks over loopback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

PATIENCE_S = 60.0
ENDING_S = 10.0
"""Time to end by itself: a stream that stays open must not keep a benchmark waiting."""
_PROGRAM = """
import sys
from pathlib import Path
import uvicorn
from server.app import create_app
app = create_app(pages=Path(sys.argv[1]))
uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", timeout_graceful_shutdown=1)
"""


@contextmanager
def serve(home: Path, pages: Path = Path(os.devnull)) -> Iterator[str]:
    """Serve the database below `home`, with the built pages of a folder; yields the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PALIMPSEST_HOME": str(home)}
    with subprocess.Popen([sys.executable, "-c", _PROGRAM, str(pages), str(port)], env=environment) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            _await(address, process)
            yield address
        finally:
            _end(process)


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{address}/healthz", trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError("the service did not start")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ENDING_S)
    except subprocess.TimeoutExpired:
        process.kill()
