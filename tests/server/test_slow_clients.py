"""Connections on which nothing is asked are closed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from server import slow_clients
from server.settings import Settings
from tests.support.database import open_copy
from tests.support.serving import Service, application, serve


@pytest.fixture
def service(tmp_path: Path, database_template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setattr(slow_clients, "HEAD_S", 0.3)
    settings = Settings(home=tmp_path, sqlite_synchronous="NORMAL")
    database = open_copy(database_template, settings.home / "palimpsest.db")
    with serve(application(settings, database)) as running:
        yield running
    database.dispose()


def connect(service: Service) -> socket.socket:
    parts = urlsplit(service.address)
    return socket.create_connection((parts.hostname, parts.port), timeout=20)


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HTTP/1.1\r\nHost: localh"])
def test_head_that_does_not_come_is_not_waited_for(service: Service, sent: bytes) -> None:
    with connect(service) as connection:
        connection.sendall(sent)

        assert connection.makefile("rb").read() == b""


def test_rest_of_a_body_is_not_waited_for_when_its_request_is_answered(service: Service) -> None:
    with connect(service) as connection:
        connection.sendall(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nx")

        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 404")


def test_connection_that_is_used_stays_open(service: Service) -> None:
    parts = urlsplit(service.address)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=20)
    answers, sockets = [], []
    for _ in range(3):
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        answers.append((answer.status, len(answer.read()) > 0))
        sockets.append(connection.sock)
    connection.close()

    assert answers == [(200, True)] * 3
    assert sockets == [sockets[0]] * 3
