"""Write what `tests/test_upgrade.py` reads: a database filled by the code at hand, and what its API answers.

    python -m scripts.upgrade_fixture

It starts a service in a scratch folder and runs what `tests/support/upgrade/runs.py` describes, which takes some
minutes. It takes the rows without paths and names of the machine, puts them into a new database of the same revision,
and records every answer that the API gives there. Run it with the code of a release, before the next migration is
written. The file is `tests/fixtures/upgrade/<revision>.json.xz`, and the test takes every file in that folder.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from server.db.migrate import current_revision, migration_engine
from server.settings import Settings
from tests.support.installation import Installation
from tests.support.upgrade import fixture
from tests.support.upgrade.answers import HOME, record
from tests.support.upgrade.restored import answering, restore
from tests.support.upgrade.rows import Rows, dump
from tests.support.upgrade.runs import fill

CODE = "/opt/palimpsest"
"""Placeholder for the folder of the code."""

ROOT = Path(__file__).resolve().parents[1]
MOST_BYTES = 600_000
OTHER_PATHS = re.compile(r"(?<![\w.<])/(?:bin|etc|home|mnt|root|run|tmp|usr|var|work)/[^\s\"]*")


def main() -> None:
    """Fill a service's database, and write its rows and the API's answers."""
    parser = argparse.ArgumentParser(prog="python -m scripts.upgrade_fixture", description=__doc__)
    parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        filled = filled_database(Path(scratch) / "filled")
        settings = Settings(home=Path(scratch) / "restored", sqlite_synchronous="NORMAL")
        restore(filled, settings, ())
        with answering(settings) as http:
            answers = record(http, settings.home)
    path = fixture.write(fixture.FilledDatabase(filled.revision, filled.rows, filled.files, answers))
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{path} has {size} bytes, at most {MOST_BYTES} are meant to be kept")
    print(f"{path}: {size // 1000} kB, {sum(map(len, filled.rows.values()))} rows, {len(answers)} answers")


def filled_database(home: Path) -> fixture.FilledDatabase:
    """Run everything in a service below `home`; return the database's rows to keep, without answers."""
    with Installation(home) as installation:
        fill(installation)
        for process in ("worker", "scheduler", "server"):
            installation.kill(installation.process(process))
        url = installation.settings.database_url
        engine = migration_engine(url)
        rows = dump(engine)
        engine.dispose()
        files = [installation.storage.path(row["index_sha256"]).read_bytes() for row in rows["dataset"]]
        revision = current_revision(url)
    assert revision is not None
    return fixture.FilledDatabase(revision, without_machine(rows, home), files, {})


def without_machine(rows: Rows, home: Path) -> Rows:
    """Return the rows with placeholders in place of this machine's folders and name.

    Raises:
        SystemExit: if another path of the machine is left.
    """
    written = json.dumps(rows)
    for folder, placeholder in ((home, HOME), (ROOT, CODE)):
        written = written.replace(str(folder), placeholder)
    written = re.sub(rf"(?<![\w-]){re.escape(platform.node())}(?![\w-])", "host", written)
    left = sorted(set(OTHER_PATHS.findall(written)))
    if left:
        raise SystemExit(f"rows hold paths of this machine: {_some(left)}")
    found: dict[str, list[dict[str, Any]]] = json.loads(written)
    return found


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:10])


if __name__ == "__main__":
    main()
