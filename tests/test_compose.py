"""docker-compose.yml and the Dockerfiles, against the published schema and against the tree that they are about."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.settings import PREFIX, Settings
from server.shipped import PAGES
from tests.support.dockerfile import BuildStage, is_ignored, read_dockerfile

ROOT = Path(__file__).resolve().parents[1]
COMPOSE = ROOT / "docker-compose.yml"
BIN = Path(sys.executable).parent
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
OURS = [name for name, service in SERVICES.items() if "build" in service]
DOCKERFILES = sorted((ROOT / "docker").glob("*.Dockerfile"))
IGNORE = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()

KEPT_OUT = (
    ".env",
    ".git/config",
    "frontend/node_modules/vite/package.json",
    "frontend/dist/index.html",
    "tests/conftest.py",
    "var/palimpsest.db",
    "core/__pycache__/x.pyc",
)
COMMANDS = ("migrate", "server", "scheduler", "worker")

every_service_of_ours = pytest.mark.parametrize("name", OURS)
every_dockerfile = pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)


def last_stage(service: str) -> BuildStage:
    return read_dockerfile(ROOT / SERVICES[service]["build"]["dockerfile"])[-1]


def commands_of(service: str) -> list[list[str]]:
    """Return what a service runs, and what its image runs when nothing is said."""
    default = last_stage(service).words("CMD")
    return [SERVICES[service].get("command", default), default]


def with_defaults(value: object) -> str:
    """Put the defaults in place of `${NAME:-default}`."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", str(value))


def test_it_follows_the_compose_specification() -> None:
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout


def test_it_has_every_process_once_and_the_gpu_s_by_profile() -> None:
    assert set(SERVICES) == {"db", "broker", "migrate", "api", "scheduler", "worker-cpu", "worker-gpu"}
    assert {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service} == {
        "worker-gpu": ["gpu"]
    }


def test_what_others_wait_for_has_a_health_check_and_everything_lasting_is_restarted() -> None:
    awaited = {
        (needed, how["condition"])
        for service in SERVICES.values()
        for needed, how in service.get("depends_on", {}).items()
    }
    assert awaited == {
        ("db", "service_healthy"),
        ("broker", "service_healthy"),
        ("migrate", "service_completed_successfully"),
    }
    assert {name for name, service in SERVICES.items() if "healthcheck" in service} == {"db", "broker", "api"}
    restarts = {name: service["restart"] for name, service in SERVICES.items()}
    assert restarts == dict.fromkeys(SERVICES, "unless-stopped") | {"migrate": "no"}


def test_images_are_of_named_versions() -> None:
    images = {service["image"] for service in SERVICES.values()}
    images |= {stage.image for path in DOCKERFILES for stage in read_dockerfile(path)}
    unpinned = {image for image in images if not re.search(r":\d+(\.\d+)*", image)}
    assert unpinned == set()


def test_state_lies_in_named_volumes() -> None:
    document = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    assert set(document["volumes"]) == {"database", "state"}
    assert SERVICES["db"]["volumes"] == ["database:/var/lib/postgresql/data"]
    for name in OURS:
        home = last_stage(name).environment()["PALIMPSEST_HOME"]
        assert f"state:{home}" in SERVICES[name]["volumes"]


@every_service_of_ours
def test_the_settings_of_a_service_exist_and_are_valid(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = last_stage(name).environment() | SERVICES[name]["environment"]
    ours = {variable: with_defaults(value) for variable, value in given.items() if variable.startswith(PREFIX)}
    assert {variable.removeprefix(PREFIX).lower() for variable in ours} <= set(Settings.model_fields)
    for variable, value in ours.items():
        monkeypatch.setenv(variable, value)
    assert Settings().database_url == "postgresql+psycopg://palimpsest:palimpsest@db:5432/palimpsest"


@every_service_of_ours
def test_a_service_starts_the_installed_program(name: str) -> None:
    assert last_stage(name).words("ENTRYPOINT") == ["palimpsest"]
    assert [command for command in commands_of(name) if len(command) != 1 or command[0] not in COMMANDS] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_a_service_names_is_one_that_works(command: str) -> None:
    ended = subprocess.run([BIN / "palimpsest", command, "--help"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert f"palimpsest {command} " in re.sub(r"\x1b\[[0-9;]*m", "", ended.stdout)


@every_dockerfile
def test_what_an_image_copies_is_in_the_tree_and_not_ignored(path: Path) -> None:
    sources = [source for stage in read_dockerfile(path) for source, _ in stage.copied()]
    assert len(sources) >= 10
    assert [source for source in sources if not (ROOT / source).exists() or is_ignored(source, IGNORE)] == []


@every_dockerfile
def test_an_image_holds_every_package_and_the_migrations(path: Path) -> None:
    copied = dict(read_dockerfile(path)[-1].copied())
    assert {name: copied.get(name) for name in ("core", "server", "worker", "palimpsest", "migrations")} == {
        name: name for name in ("core", "server", "worker", "palimpsest", "migrations")
    }


@pytest.mark.parametrize("path", KEPT_OUT)
def test_what_is_secret_or_made_here_stays_out_of_the_build(path: str) -> None:
    assert is_ignored(path, IGNORE)


def test_the_pages_are_built_in_a_stage_of_their_own() -> None:
    pages, server = read_dockerfile(ROOT / "docker" / "server.Dockerfile")
    # Even numbers are maintained for three years; 20 is no longer.
    assert re.match(r"node:(22|24)-", pages.image)
    assert [text.split(" --")[0] for text in pages.texts("RUN")] == ["npm ci", "npm run build"]
    # Only the built files come over, to where the server looks for them.
    assert server.copied(origin=pages.name) == [("/pages/dist", str(PAGES.relative_to(ROOT)))]


def test_the_server_s_image_holds_no_torch() -> None:
    installed = {path.name: " ".join(read_dockerfile(path)[-1].texts("RUN")) for path in DOCKERFILES}
    assert '".[server]"' in installed["server.Dockerfile"]
    assert '".[server,train]"' in installed["worker.Dockerfile"]
