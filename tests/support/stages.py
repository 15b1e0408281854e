"""What surrounds a stage: the definition of its run, and the files that it leaves behind."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.stage.folder import RESULT_FILE, OutputFile, StageOutcome
from server.db.models import Run
from server.db.session import Database
from tests.support.rows import make_run

DEFINITION: dict[str, Any] = {
    "schema_version": 1,
    "method": "eir",
    "dataset": {"world": "objects", "classes": 3, "size_px": 32, "train_images": 8, "eval_images": 4},
    "stream": {"steps": [[1], [2], [3]]},
    "config": {"note": "kept as it is"},
}
"""What the rows of an experiment say; a stand-in for the stage process reads none of it."""

CONTENTS = {
    "artifacts/model/model.json": "{}",
    "artifacts/memory/index.json": "[]",
    "artifacts/memory/crops/a.png": "crop",
    "artifacts/report.txt": "well done",
}
OUTPUTS = {"model": "artifacts/model", "memory": "artifacts/memory", "report": "artifacts/report.txt"}


def make_defined_run(database: Database, *, seed: int = 5) -> Run:
    """Commit a queued run of three stages whose definition makes a valid `spec.json`."""
    run = make_run(database, num_stages=3, seed=seed)
    with database.write() as session:
        session.get_one(Run, run.id).experiment.resolved = DEFINITION
    return run


def write_result(folder: Path, outputs: dict[str, str] | None = None, contents: Mapping[str, str] = CONTENTS) -> Path:
    """Write the outputs and `result.json` of a stage that succeeded; return the folder."""
    files = []
    for path, content in contents.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
        files.append(OutputFile(path=path, bytes=len(content), sha256=digest(content)))
    outcome = StageOutcome(outputs=outputs or OUTPUTS, files=files, last_seq=1, seconds=1.0)
    (folder / RESULT_FILE).write_text(outcome.model_dump_json())
    return folder


def digest(content: str) -> str:
    """Return the SHA-256 of a text."""
    return hashlib.sha256(content.encode()).hexdigest()
