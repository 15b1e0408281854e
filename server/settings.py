"""Settings of server, scheduler and worker: `PALIMPSEST_*` environment variables, checked at start.

This is the only module that reads the environment; other code takes values as arguments.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, DotEnvSettingsSource, NoDecode, SettingsConfigDict

from core.errors import nearest
from core.folder_access import WORKING_FOLDER_GONE
from core.validation_words import rule_of

PREFIX = "PALIMPSEST_"
NOT_SETTINGS = ("PALIMPSEST_REQUIRE_SERVICES", "PALIMPSEST_TEST_")
"""Prefixes of variables for the test suite, which are not settings."""

OF_CLIENTS = ("PALIMPSEST_TOKEN", "PALIMPSEST_TOKEN_FILE")
"""Variables that `palimpsest.client.token` reads; they are not settings of the service."""

EMBEDDED_BROKER = "embedded://"
_SUB_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*/?")

logger = logging.getLogger(__name__)


class SettingsError(Exception):
    """The environment has invalid values; the message names each variable."""


def _below_home(path: str) -> Callable[[dict[str, Any]], Any]:
    return lambda data: data["home"] / path


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Settings(BaseSettings):
    """All settings; field `name` is the environment variable `PALIMPSEST_NAME`. Paths are absolute after validation."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_file=".env", extra="ignore", frozen=True)

    home: Path = Field(Path("var"), description="Folder that holds all state.", validate_default=True)
    database_url: str = Field(
        default_factory=lambda data: f"sqlite:///{data['home']}/palimpsest.db",
        description="sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME.",
    )
    sqlite_synchronous: Literal["FULL", "NORMAL"] = Field(
        "FULL", description="FULL: an acknowledged write survives a power cut. NORMAL is for tests."
    )
    broker_url: str = Field(
        EMBEDDED_BROKER, description="embedded:// keeps messages in files below the home folder; redis://HOST:PORT/N."
    )
    queue_prefix: str = Field(
        "",
        pattern=r"^[A-Za-z0-9:_.-]*$",
        description="Prefix of all keys in Redis, so that installations can share one.",
    )
    storage_url: str = Field(
        default_factory=lambda data: f"file://{data['home']}/storage", description="Where files are kept: file:///PATH."
    )
    data_roots: Annotated[list[Path], NoDecode] = Field(
        default_factory=lambda data: [data["home"] / "data"],
        description="Folders, separated by commas, below which datasets may lie.",
    )
    in_container: bool = Field(False, description="Set by the container image: the network name space is its own.")
    accounts: bool = Field(False, description="Whether people sign in; else only this machine reaches the API.")
    public_url: str = Field(
        "",
        description="Address that people use where it is another: https://HOST, with the sub-path behind a proxy. "
        "Empty: that of the API itself.",
    )
    host: str = Field("127.0.0.1", description="Interface of the API; without accounts only loopback.")
    port: int = Field(8000, ge=0, le=65535, description="Port of the API; 0 takes a free one.")

    lease_ttl_s: float = Field(60, gt=0, description="Seconds after which a silent worker has lost its stage.")
    heartbeat_s: float = Field(10, gt=0, description="Seconds between two heartbeats of a worker.")
    reaper_s: float = Field(15, gt=0, description="Seconds between two searches for expired leases.")
    dispatch_s: float = Field(1, gt=0, description="Seconds between two searches for stages to publish or retry.")
    sweep_s: float = Field(600, gt=0, description="Seconds between two rounds of housekeeping.")
    max_attempts: int = Field(3, ge=1, description="Attempts at a stage before its run fails.")
    retry_waits_s: Annotated[list[float], NoDecode] = Field(
        [10, 60], min_length=1, description="Seconds, separated by commas, before the second, third, ... attempt."
    )
    requeue_after_s: float = Field(60, gt=0, description="Seconds after which an unclaimed stage is published again.")
    requeue_every_s: float = Field(300, gt=0, description="Seconds between further publications of an unclaimed stage.")
    cancel_grace_s: float = Field(
        60, gt=0, description="Seconds that a stage has to save and end once it is cancelled."
    )
    item_lease_s: float = Field(900, gt=0, description="Seconds for which a query is leased to a person.")
    cancel_limit_s: float = Field(130, gt=0, description="Seconds after which a cancelled run ends without its worker.")
    scan_limit_s: float = Field(14_400, gt=0, description="Seconds after which the scan of a dataset is given up.")
    exchange_memory_mib: int = Field(
        2048, ge=64, description="Memory, in MiB, that one import or export of labels may take; two run at a time."
    )
    min_free_bytes: int = Field(2**30, ge=0, description="Free disk below which a stage that filled the disk waits on.")

    event_poll_s: float = Field(0.5, gt=0, description="Seconds between two looks of an event stream at the database.")
    event_retention_days: float = Field(7, gt=0, description="Days that a run's events are kept after its end.")
    ingest_s: float = Field(0.5, gt=0, description="Seconds between two reads of a stage's events by its worker.")
    broker_poll_s: float = Field(
        0.25, gt=0, description="Seconds between two looks of a worker at the embedded broker."
    )

    worker_slots: int = Field(1, ge=1, description="Stages that a worker runs at a time.")
    worker_queues: Annotated[list[str], NoDecode] = Field(
        ["default", "cpu", "gpu"], min_length=1, description="Queues, separated by commas, that a worker serves."
    )
    worker_device: str = Field("auto", description="Device of the stages: auto, cpu, cuda or cuda:N.")
    worker_offline_s: float = Field(60, gt=0, description="Seconds of silence after which a worker counts as offline.")
    threads: int = Field(
        default_factory=lambda data: max(1, _usable_cores() // data["worker_slots"]),
        ge=1,
        description="CPU threads of a stage; the same number gives the same bits.",
    )

    keep_folders: bool = Field(
        False, description="Keep the folder of an attempt in runs/ when it has ended, to look into it."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")
    log_format: Literal["text", "json"] = Field("text", description="text for people, json for one object a line.")

    @field_validator("data_roots", "retry_waits_s", "worker_queues", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("home", mode="before")
    @classmethod
    def _not_empty(cls, value: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            raise ValueError("expected a folder; leave the variable out for ./var")
        return value

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return _absolute(value)

    @field_validator("data_roots")
    @classmethod
    def _absolute_roots(cls, value: list[Path]) -> list[Path]:
        return [_absolute(path) for path in value]

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value.startswith("sqlite:///") and value != "sqlite:///" and ":memory:" not in value:
            return f"sqlite:///{_absolute(Path(value.removeprefix('sqlite:///')))}"
        if value.startswith("postgresql+psycopg://"):
            return value
        raise ValueError("expected sqlite:///PATH or postgresql+psycopg://USER:PASSWORD@HOST/NAME")

    @field_validator("broker_url")
    @classmethod
    def _known_broker(cls, value: str) -> str:
        if value == EMBEDDED_BROKER or value.startswith(("redis://", "rediss://")):
            return value
        raise ValueError(f"expected {EMBEDDED_BROKER} or redis://HOST:PORT/N")

    @field_validator("storage_url")
    @classmethod
    def _known_storage(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "file" or parts.netloc or not parts.path:
            raise ValueError("expected file:///PATH")
        return f"file://{_absolute(Path(unquote(parts.path)))}"

    @field_validator("host")
    @classmethod
    def _only_loopback(cls, value: str, info: ValidationInfo) -> str:
        is_closed = is_loopback(value) or (value == "0.0.0.0" and info.data.get("in_container"))
        if is_closed or info.data.get("accounts"):
            return value
        raise ValueError(
            "expected 127.0.0.1, ::1 or localhost: nobody else may reach the service without accounts; set "
            "PALIMPSEST_ACCOUNTS=true to turn them on"
        )

    @field_validator("public_url")
    @classmethod
    def _known_public_url(cls, value: str, info: ValidationInfo) -> str:
        parts = urlsplit(value)
        has_form = parts.scheme in {"http", "https"} and parts.hostname and not (parts.query or parts.fragment)
        if value and (not has_form or parts.username is not None or not _SUB_PATH.fullmatch(parts.path)):
            raise ValueError("expected https://HOST or https://HOST/SUB/PATH")
        if value and not is_loopback(parts.hostname or ""):
            if not info.data.get("accounts"):
                raise ValueError(
                    "without accounts nobody else may reach the service; set PALIMPSEST_ACCOUNTS=true to turn them on"
                )
            if parts.scheme != "https":
                raise ValueError("expected https://: over http:// everybody on the way reads passwords and tokens")
        return value.rstrip("/")

    @property
    def base_path(self) -> str:
        """Public path of the pages and the API, such as `/palimpsest`; empty for the root."""
        return urlsplit(self.public_url).path

    @property
    def public_host(self) -> str:
        """Host and any explicit port of `public_url`, in lower case; empty if `public_url` is not set."""
        return urlsplit(self.public_url).netloc.lower()

    @property
    def storage_folder(self) -> Path:
        """Folder of `storage_url`."""
        return Path(unquote(urlsplit(self.storage_url).path))

    @property
    def broker_folder(self) -> Path:
        """Folder of the embedded broker."""
        return self.home / "broker"

    @property
    def cache_folder(self) -> Path:
        """Folder of drawn worlds, presence indexes and small pictures; it can be deleted at any time."""
        return self.home / "cache"

    @property
    def runs_folder(self) -> Path:
        """Folder of the stage folders."""
        return self.home / "runs"


def _absolute(path: Path) -> Path:
    """Return an absolute path without links; raises ValueError if it cannot be resolved."""
    try:
        return path.expanduser().resolve()
    except FileNotFoundError as error:
        raise ValueError(f"{WORKING_FOLDER_GONE}, or give an absolute path") from error
    except (OSError, RuntimeError) as error:
        # An unknown user after ~, or circular links.
        raise ValueError(f"this path cannot be followed: {error}") from error


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is reachable from this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_address(host: str) -> bool:
    """Return whether a host is a bare address, not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def load_settings() -> Settings:
    """Read the environment and `.env`; raises SettingsError that names each wrong variable."""
    try:
        settings = Settings()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the file .env of this folder cannot be read: {error}; correct or remove it") from error
    except ValidationError as error:
        raise SettingsError("; ".join(_fault(entry) for entry in error.errors() if _is_cause(entry))) from error
    for name in unknown_names([*os.environ, *_names_in_env_file()]):
        known = [PREFIX + field.upper() for field in Settings.model_fields]
        logger.warning("%s is not a setting%s", name, nearest(name, known))
    return settings


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """Return the settings of this process, read once."""
    return load_settings()


def unknown_names(names: Iterable[str]) -> list[str]:
    """Return the names with our prefix that are not settings, sorted."""
    known = {PREFIX + field.upper() for field in Settings.model_fields} | {*OF_CLIENTS}
    ours = {name.upper() for name in names if name.upper().startswith(PREFIX)}
    return sorted(name for name in ours - known if not name.startswith(NOT_SETTINGS))


def _names_in_env_file() -> list[str]:
    source = DotEnvSettingsSource(Settings, env_prefix="")
    return [name for name in source.env_vars if name.upper().startswith(PREFIX)]


def _is_cause(entry: Any) -> bool:
    """Return False for a default that could not be computed because another field was wrong."""
    return bool(entry["type"] != "default_factory_not_called")


def _fault(entry: Any) -> str:
    name = PREFIX + "_".join(str(part) for part in entry["loc"][:1]).upper()
    value = re.sub(r"//[^@/]*@", "//***@", str(entry["input"]))  # hide passwords
    return f"{name} is {value!r}: {rule_of(entry)}"
