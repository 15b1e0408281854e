"""A real API on a free port, without scheduler and worker: what is submitted stays queued."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from palimpsest.service.api_server import ApiServer, listen
from server.app import create_app
from server.db.migrate import upgrade
from server.db.session import Database
from server.settings import Settings
from server.storage import LocalStorage


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings whose state lies below the test's folder."""
    return Settings(home=tmp_path / "home", sqlite_synchronous="NORMAL", port=0)


@pytest.fixture
def api(settings: Settings) -> Iterator[ApiServer]:
    """An API that answers."""
    upgrade(settings.database_url)
    database = Database(settings.database_url, sqlite_synchronous="NORMAL")
    app = create_app(settings, database=database, storage=LocalStorage(settings.storage_folder))
    server = ApiServer(app, listen(settings.host, settings.port))
    server.start()
    yield server
    server.stop()
    database.dispose()


@pytest.fixture
def tiny_experiment(tmp_path: Path) -> Path:
    """An experiment file of two steps that trains in a second."""
    path = tmp_path / "tiny.yaml"
    path.write_text(
        """
        method: eir
        dataset: {world: objects, classes: 3, size_px: 32, train_images: 24, eval_images: 8}
        stream: {kind: class_incremental, setting: overlap, steps: [[1, 2], [3]]}
        config:
          model: {name: tiny}
          data: {crop_px: 32}
          optim: {lr_base: 0.01, lr_step: 0.01, batch_size: 4, iterations: 6}
          memory: {size: 4}
          init_new: random
        """,
        encoding="utf-8",
    )
    return path
