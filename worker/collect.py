"""Store a finished stage's outputs, checked by size and digest; attach them in one transaction (REC-18)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from core.errors import StorageError
from core.packs import FileSource
from core.stage.folder import RESULT_FILE, OutputFile, StageOutcome
from server.db import lifecycle
from server.db.feed import append_events
from server.storage import Storage
from server.storage.outputs import OutputEntries, pack_of, packed_names, store_output
from worker.artifacts import StoredFile, artifact_name, write_artifact
from worker.checkpoints import keep_newest

log = logging.getLogger(__name__)

RESUME_DIR = "resume"
KINDS = {"model": "checkpoint", "memory": "memory_snapshot"}
"""Output name -> kind of its artifacts (ART-5); others are `custom`."""
LISTED_DEPTH = 2
"""Files deeper in an output, such as the crops of a memory, are found through their index and are not artifacts.

If there are many, they are packed, and the pack is an artifact.
"""
KEPT_CHECKPOINTS = 1
"""Number of checkpoints kept of a finished stage: its end (REC-16)."""


@dataclass(frozen=True)
class Collected:
    """The stored outputs of a stage.

    Attributes:
        outputs: see `Stage.outputs`.
        artifacts: the files to show to people.
    """

    outputs: dict[str, OutputEntries]
    artifacts: tuple[StoredFile, ...]


def is_finished(folder: Path) -> bool:
    """Whether the stage of a folder has succeeded: its result is written last."""
    return (folder / RESULT_FILE).exists()


def collect(storage: Storage, folder: Path) -> Collected:
    """Store all outputs of a finished stage.

    Raises:
        StorageError: when a file is missing, or differs from its entry in `result.json`.
    """
    outcome = StageOutcome.model_validate_json((folder / RESULT_FILE).read_bytes())
    found = {name: dict(_files_below(outcome, path)) for name, path in outcome.outputs.items()}
    empty = [name for name, files in found.items() if not files]
    if empty:
        raise StorageError(f"{folder / RESULT_FILE}: lists no file of output {', '.join(sorted(empty))}")
    outputs = {name: _store_output(storage, folder, files) for name, files in found.items()}
    artifacts = [
        artifact for name, path in outcome.outputs.items() for artifact in _artifacts(name, path, outputs[name])
    ]
    return Collected(outputs, tuple(artifacts))


def settle_collected(session: Session, lease: lifecycle.Lease, collected: Collected) -> set[str]:
    """Settle the stage as succeeded, with all its outputs, in the caller's transaction.

    Returns:
        Digests whose row was deleted: checkpoints before the last.

    Raises:
        StaleLease: when the attempt was replaced.
    """
    attempt = lifecycle.guard(session, lease)
    messages = [("artifact", write_artifact(session, lease.run_id, attempt, file)) for file in collected.artifacts]
    append_events(session, lease.run_id, messages)
    dropped = keep_newest(session, attempt.stage_id, KEPT_CHECKPOINTS)
    lifecycle.settle_succeeded(session, lease, collected.outputs)
    return dropped


def _store_output(storage: Storage, folder: Path, files: Mapping[str, OutputFile]) -> OutputEntries:
    packed = packed_names(files)
    for below, file in files.items():
        path = folder / file.path
        _require_size(path, file)
        if below not in packed:
            # Store from the disk: a model may be larger than the memory.
            storage.put_file(path, sha256=file.sha256)
    return store_output(storage, {below: _source(folder / file.path, file) for below, file in files.items()})


def _source(path: Path, file: OutputFile) -> FileSource:
    return FileSource(file.sha256, file.bytes, lambda: path.open("rb"))


def _require_size(path: Path, file: OutputFile) -> None:
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise StorageError(f"{path}: listed in {RESULT_FILE}, but it is not there") from error
    if size != file.bytes:
        raise StorageError(f"{path}: has {size} bytes, {RESULT_FILE} says {file.bytes}")


def _artifacts(name: str, path: str, entries: OutputEntries) -> Iterator[StoredFile]:
    """Yield the files of an output to show to people: its pack, and the files directly in its folder."""
    kind, shown, pack = KINDS.get(name, "custom"), artifact_name(path), pack_of(entries)
    for below, entry in entries.items():
        if entry is pack:
            yield StoredFile(f"{shown}.zip", kind, entry["bytes"], entry["sha256"])
        else:
            file = f"{shown}/{below}" if below else shown
            if file.count("/") < LISTED_DEPTH:
                yield StoredFile(file, kind, entry["bytes"], entry["sha256"])


def _files_below(outcome: StageOutcome, path: str) -> Iterator[tuple[str, OutputFile]]:
    """Yield the files of one output with their paths below it; the path is "" if the output is one file."""
    for file in outcome.files:
        if file.path == path:
            yield "", file
        elif file.path.startswith(f"{path}/"):
            yield file.path.removeprefix(f"{path}/"), file
