from __future__ import annotations

import re
import shutil

from sqlalchemy import text

from server.db.session import Database
from server.queue import make_celery
from server.settings import Settings
from tests.support.outage import UnreliableDatabase
from tests.support.rows import make_run
from tests.support.serving import Service, problem


def test_health_answers_while_the_database_is_away(service: Service, database: Database) -> None:
    away = UnreliableDatabase(database.url)
    away.away.set()
    service.app.state.database = away

    assert service.root.get("/healthz").json() == {"status": "ok"}
    assert away.refused == 0


def test_ready_service_times_each_part(service: Service) -> None:
    content = service.root.get("/readyz").json()

    assert content["ready"] is True
    assert [check["name"] for check in content["checks"]] == ["database", "schema", "broker", "storage"]
    assert all(check["milliseconds"] >= 0 for check in content["checks"])


def test_database_that_is_away_makes_the_service_not_ready(service: Service, database: Database) -> None:
    away = UnreliableDatabase(database.url)
    away.away.set()
    service.app.state.database = away

    content = problem(service.root.get("/readyz"), 503, "dependency-unavailable")

    failed = [check["name"] for check in content["checks"] if not check["ok"]]
    assert failed == ["database"]
    problem(service.http.get("/runs"), 503, "dependency-unavailable")


def test_database_of_another_schema_makes_the_service_not_ready(service: Service, database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'older'"))

    content = problem(service.root.get("/readyz"), 503, "dependency-unavailable")

    assert "palimpsest migrate" in content["detail"]


def test_broker_that_is_away_makes_the_service_not_ready(service: Service, settings: Settings) -> None:
    unreachable = settings.model_copy(update={"broker_url": "redis://user:secret@127.0.0.1:1/0"})
    service.app.state.celery = make_celery(unreachable)

    answer = service.root.get("/readyz")

    content = problem(answer, 503, "dependency-unavailable")
    assert [check["name"] for check in content["checks"] if not check["ok"]] == ["broker"]
    assert "secret" not in answer.text


def test_storage_that_cannot_be_written_makes_the_service_not_ready(service: Service, settings: Settings) -> None:
    shutil.rmtree(settings.storage_folder)
    settings.storage_folder.write_text("a file where a folder should be")

    content = problem(service.root.get("/readyz"), 503, "dependency-unavailable")

    assert [check["name"] for check in content["checks"] if not check["ok"]] == ["storage"]


def test_version_names_service_api_and_document_form(service: Service) -> None:
    content = service.root.get("/version").json()

    assert content["api"] == "v1"
    assert content["schema_version"] == 1
    assert content["version"].count(".") == 2


def _answers(text: str) -> dict[str, int]:
    """Return labels -> how many requests were answered so."""
    found = re.findall(r"^palimpsest_http_requests_total\{(.*)\} (\d+)$", text, re.MULTILINE)
    return {labels: int(count) for labels, count in found}


def test_metrics_are_prometheus_text_with_routes_and_without_ids(service: Service, database: Database) -> None:
    run = make_run(database)
    # Several tests share the service, which counts from its start.
    before = _answers(service.root.get("/metrics").text)
    service.http.get(f"/runs/{run.id}")
    service.root.get("/no/such/address")

    answer = service.root.get("/metrics")

    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    assert 'palimpsest_runs{state="queued"} 1' in lines
    after = _answers(answer.text)
    for labels in ('method="GET",route="/runs/{run_id}",status="200"', 'method="GET",route="other",status="404"'):
        assert after[labels] == before.get(labels, 0) + 1
    assert "palimpsest_event_streams 0" in lines
    assert any(line.startswith("palimpsest_database_connections ") for line in lines)
    assert run.id not in answer.text
    assert len(lines) < 5000


def test_metrics_need_the_database(service: Service, database: Database) -> None:
    away = UnreliableDatabase(database.url)
    away.away.set()
    service.app.state.database = away

    problem(service.root.get("/metrics"), 503, "dependency-unavailable")
