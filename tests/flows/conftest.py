"""The undisturbed run with which the others are compared, and installations to disturb."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.flow_run import DOCUMENT, SEED, Undisturbed, learned
from tests.support.installation import Installation


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """Submit the run over REST to an embedded installation, follow it to its end, and keep everything."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with Installation(folder / "home") as installation:
        installation.start_server()
        installation.start("scheduler")
        installation.start("worker")
        run = installation.client.submit(DOCUMENT, seed=SEED)
        events = list(installation.client.events(run.id))
        artifacts = list(installation.client.artifacts(run.id))
        last = next(
            file for file in artifacts if (file.stage_id, file.name) == (run.stages[2].id, "model/model.safetensors")
        )
        return Undisturbed(
            run=installation.client.run(run.id),
            events=events,
            table=installation.client.step_table(run.id),
            artifacts=artifacts,
            weights=installation.client.download(last, folder / "model.safetensors").read_bytes(),
            learned=learned(installation.database, run.id),
        )


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """An embedded installation of which nothing runs yet."""
    with Installation(tmp_path / "home") as installation:
        yield installation


@pytest.fixture(params=["embedded", pytest.param("services", marks=pytest.mark.services)])
def any_installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation on SQLite and the embedded broker, and one on PostgreSQL and Redis."""
    settings: dict[str, object] = {}
    if request.param == "services":
        settings["database_url"] = request.getfixturevalue("postgres_url")
        settings["broker_url"] = request.getfixturevalue("redis_url")
        settings["queue_prefix"] = request.getfixturevalue("queue_prefix")
    with Installation(tmp_path / "home", **settings) as installation:
        yield installation
