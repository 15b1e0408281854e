"""The port, and the server in its thread."""

from __future__ import annotations

import threading

import httpx
import pytest

from palimpsest import Client
from palimpsest.client.errors import PalimpsestError
from palimpsest.service.api_server import ApiServer, listen


def test_a_busy_port_is_one_sentence_with_the_way_out() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PalimpsestError, match=rf"^Port {port} of 127\.0\.0\.1 is busy: .* PALIMPSEST_PORT\.$"):
            listen("127.0.0.1", port)


def test_a_port_is_free_again_at_once() -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]

    with listen("127.0.0.1", port) as again:
        assert again.getsockname()[1] == port


def test_it_answers_from_start_to_stop(api: ApiServer) -> None:
    answered = httpx.get(f"{api.address}/healthz", trust_env=False)
    api.stop()

    assert answered.json() == {"status": "ok"}
    assert not api.is_alive
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{api.address}/healthz", trust_env=False)


def test_an_idle_connection_is_closed_by_the_client_before_the_server(api: ApiServer) -> None:
    with httpx.Client(base_url=api.address, trust_env=False) as client:
        answer = client.get("/healthz")

    assert answer.is_success
    idle_s = httpx.Limits().keepalive_expiry
    assert idle_s is not None
    assert api._server.config.timeout_keep_alive > idle_s


def test_stopping_ends_open_event_streams(api: ApiServer) -> None:
    with Client(api.address, patience_s=0.0) as client:
        run = client.submit(preset="eir/demo")
        events = client.events(run.id)
        first = next(events)
        stopper = threading.Thread(target=api.stop)
        stopper.start()
        with pytest.raises(PalimpsestError, match="does not answer any more"):
            list(events)
        stopper.join(10)

    assert first.type == "snapshot"
    assert not stopper.is_alive()
