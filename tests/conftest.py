"""Shared by all tests: a clean environment, the marker for accelerators, and fresh places in PostgreSQL and Redis."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

import psycopg
import pytest
import redis
from sqlalchemy import make_url

from server.settings import NOT_SETTINGS, PREFIX, Settings
from tests.support.requirement import require

if TYPE_CHECKING:
    from xdist.scheduler import LoadFileScheduling

POSTGRES_URL = os.environ.get("PALIMPSEST_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
REDIS_URL = os.environ.get("PALIMPSEST_TEST_REDIS_URL", "redis://127.0.0.1:6379/0")


def pytest_configure(config: pytest.Config) -> None:
    """Keep a developer's own settings, which may name a real database, away from the tests; one thread is enough."""
    # On tensors as small as those of the tests threads only wait for one another.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for name in [name for name in os.environ if name.startswith(PREFIX) and not name.startswith(NOT_SETTINGS)]:
        del os.environ[name]
    Settings.model_config["env_file"] = None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling | None:
    """Share whole files out under `--dist loadfile`, the heavy ones to one process."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.support.parallel import HeavyTogether

    config.option.loadscopereorder = False
    return HeavyTogether(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what needs an accelerator where there is none; begin with the heavy tests where processes share them out."""
    if hasattr(config, "workerinput"):
        from tests.support.parallel import heavy_first

        heavy_first(items)
    marked = [item for item in items if item.get_closest_marker("gpu")]
    if marked and not has_accelerator():
        for item in marked:
            item.add_marker(pytest.mark.skip(reason="this machine has no accelerator"))


def has_accelerator() -> bool:
    """Ask torch; imported here, because most test runs do without it."""
    import torch

    return torch.cuda.is_available()


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """Address of an empty PostgreSQL database of this test's own."""
    require(_postgres_fault())
    name = f"palimpsest_test_{uuid.uuid4().hex}"
    _administer(f"CREATE DATABASE {name}")
    yield make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False)
    _administer(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def redis_url() -> str:
    """Address of Redis; other test runs use it too, so give `queue_prefix` to whatever writes there."""
    require(_redis_fault())
    return REDIS_URL


@pytest.fixture
def queue_prefix(redis_url: str) -> Iterator[str]:
    """Beginning of the Redis keys of this test; what carries it is deleted afterwards."""
    prefix = f"palimpsest-test-{uuid.uuid4().hex}-"
    yield prefix
    with redis.Redis.from_url(redis_url) as client:
        for key in client.scan_iter(match=f"{prefix}*"):
            client.delete(key)


def _administer(statement: str) -> None:
    address = make_url(POSTGRES_URL).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True, connect_timeout=3) as connection:
        connection.execute(statement.encode())


@cache
def _postgres_fault() -> str | None:
    try:
        _administer("SELECT 1")
    except psycopg.OperationalError as error:
        return f"PostgreSQL does not answer at {make_url(POSTGRES_URL).render_as_string()}: {error}"
    return None


@cache
def _redis_fault() -> str | None:
    try:
        with redis.Redis.from_url(REDIS_URL, socket_connect_timeout=3) as client:
            client.ping()
    except redis.RedisError as error:
        return f"Redis does not answer at {REDIS_URL}: {error}"
    return None
