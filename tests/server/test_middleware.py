from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server import request_bodies
from server.middleware import PAGE_POLICY, BorderMiddleware, HeadAsGet
from server.request_bodies import JSON_BYTES, LARGER_BODIES
from server.settings import Settings
from tests.support.database import open_copy
from tests.support.results import add_points
from tests.support.rows import make_run
from tests.support.serving import Service, application, problem, serve

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, database_template: Path) -> Iterator[Service]:
    """An application of this file's own."""
    settings = Settings(home=tmp_path_factory.mktemp("home"), sqlite_synchronous="NORMAL")
    database = open_copy(database_template, settings.home / "palimpsest.db")
    with serve(application(settings, database)) as running:
        yield running
    database.dispose()


@pytest.fixture
def run_id(service: Service) -> str:
    """A queued run."""
    return make_run(service.app.state.database).id


def test_request_id_is_made_where_none_is_given(service: Service) -> None:
    ids = {service.root.get("/healthz").headers["x-request-id"] for _ in range(3)}

    assert len(ids) == 3


@pytest.mark.parametrize(
    ("given", "is_kept"), [("job-7.a_B", True), ("x" * 64, True), ("x" * 65, False), ("a b", False)]
)
def test_request_id_is_echoed_where_it_is_plain(service: Service, given: str, is_kept: bool) -> None:
    answer = service.root.get("/healthz", headers={"X-Request-ID": given})

    assert (answer.headers["x-request-id"] == given) is is_kept


def test_json_is_not_cached_and_carries_the_headers_of_a_careful_service(service: Service) -> None:
    headers = service.http.get("/methods").headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "access-control-allow-origin" not in headers


def test_an_unchanged_page_keeps_the_policy_that_came_with_it() -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        status = 304 if scope["path"] == "/unchanged" else 200
        headers = {} if status == 304 else {"content-type": "text/html"}
        await Response(status_code=status, headers=headers)(scope, receive, send)

    async def headers(path: str) -> httpx.Headers:
        transport = httpx.ASGITransport(BorderMiddleware(page))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return (await client.get(path)).headers

    assert asyncio.run(headers("/page"))["content-security-policy"] == PAGE_POLICY
    # The browser lays a 304's headers over the stored ones: a policy for data would blank the page on reload.
    assert "content-security-policy" not in asyncio.run(headers("/unchanged"))


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "127.0.0.5", "[::1]:8000"])
def test_loopback_names_are_answered(service: Service, host: str) -> None:
    assert service.root.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.", "0.0.0.0", "10.0.0.1", "", "[", "a@b"]
)
def test_other_names_are_not_answered(service: Service, host: str) -> None:
    problem(service.root.get("/healthz", headers={"Host": host}), 421, "host-not-allowed")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://127.0.0.1:3000", "http://[", ""]
)
def test_page_of_another_origin_cannot_change_anything(service: Service, run_id: str, origin: str) -> None:
    answer = service.http.post(f"/runs/{run_id}/cancel", headers={"Origin": origin})

    problem(answer, 403, "forbidden")


def test_own_page_may_change_things(service: Service, run_id: str) -> None:
    answer = service.http.post(f"/runs/{run_id}/cancel", headers={"Origin": service.address})

    assert answer.status_code == 202


def test_page_of_another_name_of_this_machine_cannot_change_anything(service: Service, run_id: str) -> None:
    port = urlsplit(service.address).port

    answer = service.http.post(f"/runs/{run_id}/cancel", headers={"Origin": f"http://localhost:{port}"})

    assert problem(answer, 403, "forbidden")["detail"].endswith(f"this service is 127.0.0.1:{port}")


@pytest.mark.parametrize("verb", ["cancel", "resume"])
def test_page_that_a_browser_calls_foreign_cannot_change_anything(service: Service, run_id: str, verb: str) -> None:
    answer = service.http.post(f"/runs/{run_id}/{verb}", headers={"Sec-Fetch-Site": "same-site"})

    problem(answer, 403, "forbidden")


def test_preflight_of_another_origin_gets_no_permission(service: Service) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}

    answer = service.http.options("/runs", headers=headers)

    problem(answer, 405, "method-not-allowed")
    assert "access-control-allow-origin" not in answer.headers


MASK, IMPORT = "/queries/0123456789abcdef/annotations", "/stages/00000000-0000-0000-0000-000000000000/imports"
MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("path", "media_type", "limit"),
    [
        ("/runs", "application/json", 2 * MIB),
        ("/runs", "", 2 * MIB),
        (MASK, "image/png", 50 * MIB),
        (IMPORT, "application/zip", 512 * MIB),
        # A type that is larger elsewhere opens no other route.
        ("/runs", "image/png", 2 * MIB),
        ("/runs", "application/zip", 2 * MIB),
        (MASK, "application/zip", 2 * MIB),
        (IMPORT, "image/png", 2 * MIB),
    ],
)
def test_body_over_the_limit_is_refused_before_it_is_sent(
    service: Service, path: str, media_type: str, limit: int
) -> None:
    parts = urlsplit(service.address)
    with socket.create_connection((parts.hostname, parts.port)) as connection:
        lines = [f"POST /api/v1{path} HTTP/1.1", "Host: localhost", f"Content-Length: {limit + 1}"]
        connection.sendall("\r\n".join([*lines, f"Content-Type: {media_type}", "", ""]).encode())
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 413")
    assert b"/problems/payload-too-large" in answer
    # Nobody waits for the body: the connection ended, or this line had not been reached.
    assert b"connection: close" in answer.lower()


def test_only_the_routes_that_take_masks_and_imports_have_larger_limits(service: Service) -> None:
    paths = service.http.get("/openapi.json").json()["paths"]
    larger = {
        (path, media_type)
        for path, operations in paths.items()
        for operation in operations.values()
        for media_type in operation.get("requestBody", {}).get("content", {})
        if media_type != "application/json" and not media_type.endswith("+json")
    }

    matched = {
        (index, path, media_type)
        for path, media_type in larger
        for index, (place, taken, _) in enumerate(LARGER_BODIES)
        if taken == media_type and place.search(path) is not None
    }
    assert {(path, media_type) for _, path, media_type in matched} == larger
    assert {index for index, *_ in matched} == set(range(len(LARGER_BODIES)))


def test_body_that_does_not_say_its_length_is_counted(service: Service) -> None:
    def blocks() -> Iterator[bytes]:
        for _ in range(JSON_BYTES // 65536 + 2):
            yield b" " * 65536

    problem(service.http.post("/runs", content=blocks(), headers=JSON), 413, "payload-too-large")


def test_body_that_drips_is_dropped(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "GRACE_S", 0.3)
    parts = urlsplit(service.address)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        head = [
            "POST /api/v1/runs HTTP/1.1",
            "Host: localhost",
            "Content-Type: application/json",
            "Content-Length: 100",
        ]
        connection.sendall("\r\n".join([*head, "", "{"]).encode())
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 408")
    assert b"/problems/request-timeout" in answer
    assert b"stopped coming after 1 bytes" in answer


@pytest.mark.parametrize(
    "path", ["/queries/0123456789abcdef/annotations?author=ann", IMPORT + "?author=ann&format=json"]
)
def test_mask_or_import_that_drips_is_dropped(service: Service, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(request_bodies, "GRACE_S", 0.3)
    media_type = "image/png" if "annotations" in path else "application/zip"
    parts = urlsplit(service.address)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        head = [f"POST /api/v1{path} HTTP/1.1", "Host: localhost", f"Content-Type: {media_type}", "Content-Length: 100"]
        connection.sendall("\r\n".join([*head, "", "PK"]).encode())
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 408")


def test_slow_body_that_keeps_coming_is_read(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_bodies, "GRACE_S", 5.0)
    monkeypatch.setattr(request_bodies, "SLOWEST_BYTES_PER_S", 1)

    answer = service.http.post("/runs", content=iter([b" " * 100, b"{", b"}"]), headers=JSON)

    problem(answer, 422, "validation-failed")


def test_body_within_the_limit_is_read(service: Service) -> None:
    answer = service.http.post("/runs", content=b" " * (JSON_BYTES - 100) + b"{}", headers=JSON)

    problem(answer, 422, "validation-failed")


def test_long_json_is_compressed_where_the_client_can_read_it(service: Service, run_id: str) -> None:
    add_points(service.app.state.database, run_id, [float(n) for n in range(200)])
    address = f"/runs/{run_id}/series/loss"

    packed = service.http.get(address, headers={"Accept-Encoding": "gzip"})
    plain = service.http.get(address, headers={"Accept-Encoding": "identity"})
    short = service.root.get("/healthz", headers={"Accept-Encoding": "gzip"})

    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(plain.content) / 3
    assert packed.json() == plain.json()
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in short.headers


def test_long_problem_is_compressed_too(service: Service) -> None:
    body = {"document": {"method": "eir", "config": {f"unknown_{n}": 1 for n in range(50)}}}

    answer = service.http.post("/experiments", json=body, headers={"Accept-Encoding": "gzip"})

    assert answer.headers["content-encoding"] == "gzip"
    problem(answer, 422, "validation-failed")


def test_unknown_host_is_refused_on_every_method(service: Service) -> None:
    statuses = {
        httpx.request(m, f"{service.address}/api/v1/runs", headers={"Host": "x"}, trust_env=False).status_code
        for m in ("GET", "POST", "DELETE", "OPTIONS")
    }

    assert statuses == {421}


@pytest.mark.parametrize(
    "path", ["/healthz", "/version", "/problems", "/api/v1/runs", "/api/v1/openapi.json", "/api/v1/nothing"]
)
def test_head_is_answered_as_get_without_the_body(service: Service, path: str) -> None:
    got = service.root.get(path, headers={"Accept-Encoding": "identity"})

    head = service.root.head(path, headers={"Accept-Encoding": "identity"})

    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers["content-length"] == str(len(got.content))


def test_head_of_a_stream_ends_with_its_headers(service: Service, run_id: str) -> None:
    address = f"/runs/{run_id}/events"

    head = service.http.head(address, headers={"Accept": "text/event-stream"})
    again = service.http.get(address, headers={"Accept": "application/json"}, timeout=5)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
    # On the same connection: nothing of the stream is left on it.
    assert again.status_code == 200


def test_head_does_not_make_more_possible_than_get(service: Service, run_id: str) -> None:
    assert service.http.head(f"/runs/{run_id}/cancel").status_code == 405
    assert service.root.head("/healthz", headers={"Host": "evil.example"}).status_code == 421


def test_head_waits_for_what_an_answer_leaves_to_clean_up() -> None:
    ended: list[str] = []

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                await send({"type": "http.response.body", "body": b"more", "more_body": True})
        finally:
            ended.append(scope["method"])

    async def head() -> httpx.Response:
        transport = httpx.ASGITransport(HeadAsGet(endless))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.head("/")

    assert asyncio.run(head()).content == b""
    assert ended == ["GET"]
