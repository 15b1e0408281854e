"""Twenty kills at random moments, of label rounds, select stages, scans and migrations: nothing is lost."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from core.acquisition.manifest import LabelManifest
from palimpsest.client.errors import PalimpsestError
from server.db.migrate import upgrade
from server.db.models import Annotation
from server.settings import Settings
from tests.support.datasets import write_folder_dataset
from tests.support.installation import STAGE_S, START_S, Installation, environment
from tests.support.labelled_run import SEED, Person, with_rounds
from tests.support.random_kills import RandomKills
from tests.support.upgrade.fixture import FOLDER, SUFFIX, read
from tests.support.upgrade.restored import restore
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ROUNDS = 2
ANSWERS = 2 * ROUNDS
WORKERS = 2
"""One would run stages and scans in turn: a kill would wait for its victim."""
VICTIMS = ("stage",) * 4 + ("worker",) * 2 + ("scan",) * 2 + ("server",) * 3 + ("scheduler",) * 3
MIGRATIONS = 6
ENDED = {"succeeded", "failed", "cancelled"}


def manifests(installation: Installation, run_id: str) -> list[LabelManifest]:
    files = [stage.outputs["labels"] for stage in installation.stages(run_id) if stage.kind == "label"]  # type: ignore[index]
    return [
        LabelManifest.model_validate_json(installation.storage.path(one["manifest.json"]["sha256"]).read_bytes())
        for one in files
    ]


class Scans:
    """A registered folder that is scanned again and again."""

    def __init__(self, installation: Installation, root: Path) -> None:
        self._address = f"{installation.client.base_url}/api/v1/datasets"
        body = {"name": "six", "adapter": "folder", "root": str(root)}
        self._id = str(httpx.post(self._address, json=body, trust_env=False).raise_for_status().json()["id"])

    def ask(self) -> None:
        """Ask for another scan; while one is under way, that changes nothing."""

        def is_asked() -> bool:
            try:
                return httpx.post(f"{self._address}/{self._id}/scan", trust_env=False).is_success
            except httpx.TransportError:
                return False

        wait_until(is_asked, START_S, "an answer to the request for a scan")

    def settled(self) -> dict[str, object]:
        """Return the dataset when its scan is over, else nothing."""
        found: dict[str, object] = httpx.get(f"{self._address}/{self._id}", trust_env=False).json()
        return {} if found["state"] == "scanning" else found


def answer_next(installation: Installation, run_id: str, person: Person) -> str | None:
    """Answer one query of the round of a run that waits; return the annotation that the service says it has."""
    try:
        for waiting in installation.client.labelling.waiting():
            if waiting.run_id == run_id and (submitted := person.answer_one(waiting.stage_id)) is not None:
                return submitted.annotation.id
    except PalimpsestError:
        pass  # the server is dead or about to be: the person tries again
    return None


def test_rounds_selections_and_scans_survive_kills_at_random_moments(tmp_path: Path) -> None:
    root = tmp_path / "six"
    write_folder_dataset(root)
    with Installation(tmp_path / "home", data_roots=[tmp_path], max_attempts=30) as installation:
        installation.start_server()
        installation.start("scheduler")
        for _ in range(WORKERS):
            installation.start("worker")
        scans, client = Scans(installation, root), installation.client
        by_oracle = client.submit(with_rounds(ROUNDS, "ground_truth"), seed=SEED).id
        by_people = client.submit(with_rounds(ROUNDS), seed=SEED).id
        person, acknowledged = Person(installation, "ann"), list[str]()

        def ask_for_scan(victim: str) -> None:
            if victim == "scan":
                scans.ask()

        with RandomKills(installation, VICTIMS, SEED, ask_for_scan) as kills:

            def is_over() -> bool:
                # Answers are spread over the kills, so that every part of the run meets some of them.
                if len(acknowledged) * len(VICTIMS) <= kills.done * ANSWERS:
                    annotation = answer_next(installation, by_people, person)
                    acknowledged.extend([annotation] if annotation else [])
                return kills.is_over and _state(installation, by_people) in ENDED

            wait_until(is_over, 4 * STAGE_S, "the end of the run that people answer")
        assert kills.done == len(VICTIMS)
        ended = [client.wait(run_id, STAGE_S) for run_id in (by_oracle, by_people)]

        assert [run.state for run in ended] == ["succeeded"] * 2, (kills.told, [run.message for run in ended])
        assert _stage_states(ended[1].stages) == ["succeeded"] * (3 * ROUNDS + 1)
        theirs, ours = manifests(installation, by_oracle), manifests(installation, by_people)
        assert [manifest.digest() for manifest in ours] == [manifest.digest() for manifest in theirs]
        # Every answer that the service has confirmed is kept, and what was answered is in the labels once.
        with installation.database.read() as session:
            kept = set(session.scalars(select(Annotation.id).where(Annotation.run_id == by_people)))
        assert set(acknowledged) <= kept
        asked = [answer.query for answer in ours[-1].answers]
        assert len(asked) == len(set(asked)) == ANSWERS
        found = wait_until(scans.settled, STAGE_S, "the end of the scan")
        assert (found["state"], found["message"]) == ("ready", None)


def _state(installation: Installation, run_id: str) -> str:
    try:
        return installation.client.run(run_id).state
    except PalimpsestError:
        return ""


def _stage_states(stages: Sequence[object]) -> list[str]:
    return [stage.state for stage in stages]  # type: ignore[attr-defined]


def dump(path: Path) -> list[str]:
    """Return all that a database holds; a table that is made anew lists its constraints in any order."""
    with closing(sqlite3.connect(path)) as connection:
        return ["\n".join(sorted(line.strip(" ,\t") for line in text.splitlines())) for text in connection.iterdump()]


def migrating(settings: Settings) -> subprocess.Popen[bytes]:
    """Start a migration and return once it has begun."""
    command = [sys.executable, "-m", "palimpsest.service.cli", "migrate"]
    process = subprocess.Popen(command, env={**os.environ, **environment(settings)}, stdout=subprocess.DEVNULL)
    lock = settings.home / "palimpsest.db.migrate.lock"
    wait_until(lambda: lock.exists() or process.poll() is not None, START_S, "the beginning of the migration")
    return process


def test_a_database_survives_migrations_killed_at_random_moments(tmp_path: Path) -> None:
    filled, draws = read(FOLDER / f"0002{SUFFIX}"), random.Random(SEED)
    before = Settings(home=tmp_path / "before", sqlite_synchronous="NORMAL")
    restore(filled, before, [filled.revision])
    older = dump(before.home / "palimpsest.db")

    def copied(name: str) -> Settings:
        shutil.copytree(before.home, tmp_path / name)
        return Settings(home=tmp_path / name, sqlite_synchronous="NORMAL")

    undisturbed = copied("undisturbed")
    process, began = migrating(undisturbed), time.monotonic()
    assert process.wait(START_S) == 0
    lasted_s, newer = time.monotonic() - began, dump(undisturbed.home / "palimpsest.db")

    for number in range(MIGRATIONS):
        settings = copied(f"killed-{number}")
        process = migrating(settings)
        try:
            process.wait(draws.uniform(0, lasted_s))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait(START_S)
        upgrade(settings.database_url)

        # SQLite makes the indexes of a rebuilt table in any order.
        assert sorted(dump(settings.home / "palimpsest.db")) == sorted(newer), f"killed at moment {number}"
        copies = [dump(copy) for copy in settings.home.glob("palimpsest.db.before-*")]
        assert older in copies, f"no copy of the older database after moment {number}"
