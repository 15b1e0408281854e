"""Imports and exports that cost too much end without harm to the service."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import psutil
import pytest
from sqlalchemy import select

from server.db.lifecycle import Cause
from server.db.models import Query, Stage
from server.db.session import Database
from server.errors import TooCostlyError
from server.schemas.exchange import ImportTerms
from server.services.rounds import exchange_process
from server.services.rounds.exchange_process import Bench, Delivery, RelayedError, import_apart
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.exported import zip_of
from tests.support.label_rounds import filled, make_waiting_round, png
from tests.support.waiting import wait_until

ANN = Cause("user:ann")
TERMS = ImportTerms.model_validate({"author": "ann", "format": "index_png", "allow_unsure": True})
COCO = ImportTerms.model_validate({"author": "ann", "format": "coco"})


def on_disk(content: bytes | Mapping[str, bytes]) -> IO[bytes]:
    """Return a file, or an archive of files by name, as an upload is one."""
    file = TemporaryFile()  # noqa: SIM115 - closed with the last reference
    file.write(content if isinstance(content, bytes) else zip_of(content).getvalue())
    return file


@pytest.fixture
def stage(database: Database, storage: LocalStorage, tmp_path: Path) -> Stage:
    return make_waiting_round(database, storage, tmp_path / "asked", ("ulm_1", "bonn_2"))


@pytest.fixture
def storage(settings: Settings) -> LocalStorage:
    return LocalStorage(settings.storage_folder)


def test_an_import_says_what_it_says_in_the_service_itself(
    settings: Settings, database: Database, stage: Stage
) -> None:
    archive = on_disk({"ulm_1.png": png(filled(7)), "paris_1.png": png(filled(7))})

    report = import_apart(Bench(settings, database.url), stage.id, Delivery(archive, TERMS, ANN))

    assert {file.file: file.status for file in report.files} == {"ulm_1.png": "accepted", "paris_1.png": "unknown"}


def test_a_problem_of_an_import_is_told_as_in_the_service_itself(
    settings: Settings, database: Database, stage: Stage
) -> None:
    with pytest.raises(RelayedError) as found:
        import_apart(Bench(settings, database.url), stage.id, Delivery(on_disk(b"text"), TERMS, ANN))

    assert (found.value.slug, found.value.errors[0].code) == ("validation-failed", "bad_archive")


def test_an_archive_that_needs_too_much_memory_is_refused_and_leaves_nothing(
    settings: Settings, database: Database, stage: Stage
) -> None:
    scarce = settings.model_copy(update={"exchange_memory_mib": 64})
    # 12 MB of text, of which 4 million lists are made.
    document = b'{"images": [' + b",".join([b"[]"] * 4_000_000) + b'], "annotations": [], "categories": []}'
    archive = on_disk({"instances.json": document})

    with pytest.raises(TooCostlyError, match="the import needs more than 64 MiB of memory; do it in parts"):
        import_apart(Bench(scarce, database.url), stage.id, Delivery(archive, COCO, ANN))

    with database.read() as session:
        assert session.scalars(select(Query.state).where(Query.stage_id == stage.id)).all() == ["open", "open"]


def test_an_import_that_takes_too_long_is_ended(
    settings: Settings, database: Database, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange_process, "LIMIT_S", 0.0)

    with pytest.raises(TooCostlyError, match=r"the import took longer than 0 s; do it in parts"):
        import_apart(
            Bench(settings, database.url), stage.id, Delivery(on_disk({"ulm_1.png": png(filled(7))}), TERMS, ANN)
        )


def test_imports_go_on_when_the_process_that_they_are_forks_of_is_killed(
    settings: Settings, database: Database, stage: Stage
) -> None:
    bench, files = Bench(settings, database.url), {"ulm_1.png": png(filled(7))}
    import_apart(bench, stage.id, Delivery(on_disk(files), TERMS, ANN))
    [forked_of] = [child for child in psutil.Process().children() if "forkserver" in " ".join(child.cmdline())]

    forked_of.kill()
    wait_until(lambda: forked_of.status() == psutil.STATUS_ZOMBIE)
    report = import_apart(bench, stage.id, Delivery(on_disk(files), TERMS, ANN))

    assert [(file.file, file.status) for file in report.files] == [("ulm_1.png", "accepted")]


def test_memory_beyond_the_limit_is_an_error_of_the_process_that_asks() -> None:
    code = (
        "from server.services.rounds.exchange_process import limit_memory\n"
        "limit_memory(64 << 20)\n"
        "kept = bytearray(32 << 20)\n"
        "try:\n    bytearray(256 << 20)\nexcept MemoryError:\n    print('refused')\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "refused\n"
