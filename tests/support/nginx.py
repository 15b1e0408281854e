"""nginx before a service, as `docs/operating.md` tells to set it up."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.requirement import require
from tests.support.waiting import wait_until

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "operating.md"
_LOCATION = re.compile(r"```nginx\n(.*?)```", re.DOTALL)
_PROXIED = "http://127.0.0.1:8000"

_SETTINGS = """
user root;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
{location}
    }}
}}
"""


def guided_location() -> str:
    """Return the block that the guide shows."""
    found = _LOCATION.search(GUIDE.read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


@contextmanager
def nginx(folder: Path, port: int, service: str, *, takes_path_away: bool) -> Iterator[None]:
    """Run nginx on a port of loopback, before a service at the address `service`."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    require(None if program else "there is no nginx; install it (on Debian: apt-get install nginx-light)")
    location = guided_location().replace(f"{_PROXIED};", f"{service}{'/' if takes_path_away else ''};")
    assert service in location
    file = folder / "nginx.conf"
    file.write_text(_SETTINGS.format(folder=folder, port=port, location=location))
    process = subprocess.Popen([str(program), "-c", str(file), "-p", str(folder)], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(port) or process.poll() is not None, 20, "nginx")
        assert process.poll() is None, (folder / "error.log").read_text()
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
