"""Read and check the archive of a run before anything of it is stored (IO-6)."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from core.data.exchange.faults import ArchiveFault, ExchangeFault
from core.data.exchange.zip_reading import MAX_DOCUMENT_BYTES, Archive
from core.experiment import canonical_digest
from core.methods.catalog import METHODS
from server.db.states import LIVE_ATTEMPT_STATES, RunState
from server.schemas.artifacts import ArtifactDetail
from server.schemas.experiments import ExperimentDetail
from server.schemas.run_archive import ArchiveManifest
from server.schemas.runs import RunDetail
from server.schemas.scores import Evaluation
from server.services.results.sheet_text import safe_cell
from server.services.runs.run_archive import SERIES_COLUMNS

MAX_ARTIFACT_BYTES = 512 * 2**20
MOST_STAGES = 10_000
MOST_ATTEMPTS = 100_000

T = TypeVar("T", bound=BaseModel)
Point = tuple[str, int, int, int, float]
"""Key, stage index, iteration, attempt, value."""


@dataclass(frozen=True)
class ReadRun:
    """The checked content of an archive, but for the bytes of its artifacts.

    Attributes:
        run, experiment, evaluations, artifacts: as the other service answered.
        points: of all curves, each place once.
        digests: path in the archive -> SHA-256 and size of its manifest.
    """

    run: RunDetail
    experiment: ExperimentDetail
    evaluations: list[Evaluation]
    artifacts: list[ArtifactDetail]
    points: list[Point]
    digests: dict[str, tuple[str, int]]

    def stage_indexes(self) -> dict[str, int]:
        """Return id of a stage there -> its index; the owner of a shared stage has that of the stage."""
        found = {stage.id: stage.index for stage in self.run.stages}
        return found | {stage.shared.stage_id: stage.index for stage in self.run.stages if stage.shared is not None}


def read_archive(archive: Archive) -> ReadRun:
    """Return the content of an archive; raises ArchiveFault that names the file and what is wrong with it."""
    if "manifest.json" not in archive.names:
        raise ArchiveFault("the archive has no manifest.json: it is not the archive of a run")
    manifest = _model(ArchiveManifest, archive.read("manifest.json", MAX_DOCUMENT_BYTES), "manifest.json")
    digests = {file.path: (file.sha256, file.bytes) for file in manifest.files}
    read = ReadRun(
        run=_model(RunDetail, _document(archive, digests, "run.json"), "run.json"),
        experiment=_model(ExperimentDetail, _document(archive, digests, "experiment.json"), "experiment.json"),
        evaluations=_models(Evaluation, _document(archive, digests, "evaluations.json"), "evaluations.json"),
        artifacts=_models(ArtifactDetail, _document(archive, digests, "artifacts.json"), "artifacts.json"),
        points=list(_points(_document(archive, digests, "series.csv"))),
        digests=digests,
    )
    _check_run(read)
    _check_evaluations(read)
    _check_once("artifacts.json", [(artifact.stage_id, artifact.name) for artifact in read.artifacts])
    indexes = read.stage_indexes()
    if any(artifact.stage_id not in indexes for artifact in read.artifacts):
        _refuse("artifacts.json", "names a stage that the run does not have")
    return read


def checked_parts(
    archive: Archive, digests: dict[str, tuple[str, int]], path: str, limit: int = MAX_DOCUMENT_BYTES
) -> Iterator[bytes]:
    """Yield the bytes of a file; raises ArchiveFault, at its end where its digest is not that of the manifest."""
    if path not in digests or path not in archive.names:
        _refuse(path, "is missing; export the run again")
    size, digest = 0, hashlib.sha256()
    try:
        for part in archive.parts(path, limit):
            size += len(part)
            digest.update(part)
            yield part
    except ExchangeFault as error:
        raise ArchiveFault(str(error)) from error
    if (digest.hexdigest(), size) != digests[path]:
        _refuse(path, "differs from the manifest: it was changed or damaged; export the run again")


def _document(archive: Archive, digests: dict[str, tuple[str, int]], path: str) -> bytes:
    return b"".join(checked_parts(archive, digests, path))


def _check_run(read: ReadRun) -> None:
    run, experiment = read.run, read.experiment
    if run.state is not RunState.SUCCEEDED:
        _refuse("run.json", f"the run is {run.state}; only a run that has succeeded can be imported")
    if run.method not in METHODS or experiment.method != run.method:
        _refuse("run.json", f"this service has no method {run.method!r}; install it, and import the run again")
    if not run.stages or len(run.stages) > MOST_STAGES:
        _refuse("run.json", f"has {len(run.stages)} stages; 1 to {MOST_STAGES} can be imported")
    if [stage.index for stage in run.stages] != list(range(len(run.stages))):
        _refuse("run.json", "its stages are not numbered 0, 1, …")
    if [stage.index for stage in experiment.plan] != [stage.index for stage in run.stages]:
        _refuse("experiment.json", "its plan has other stages than the run")
    for stage in run.stages:
        _check_once("run.json", [attempt.number for attempt in stage.attempts])
        if any(not 0 < attempt.number <= MOST_ATTEMPTS for attempt in stage.attempts):
            _refuse("run.json", f"an attempt of stage {stage.index} has a number outside 1 to {MOST_ATTEMPTS}")
        if any(attempt.state in LIVE_ATTEMPT_STATES for attempt in stage.attempts):
            _refuse("run.json", f"an attempt of stage {stage.index} is not over")
    resolved = experiment.resolved
    if not all(isinstance(resolved.get(part), dict) for part in ("dataset", "stream", "config")):
        _refuse("experiment.json", "its resolved document lacks dataset, stream or config")
    if canonical_digest(resolved) != experiment.digest or run.digest != experiment.digest:
        _refuse("experiment.json", "its resolved document has another digest than the run")


def _check_evaluations(read: ReadRun) -> None:
    path, indexes = "evaluations.json", read.stage_indexes()
    steps = {stage.step for stage in read.run.stages}
    _check_once(path, [(one.stage_id, one.step, one.domain, one.split) for one in read.evaluations])
    for one in read.evaluations:
        if one.stage_id not in indexes or one.step not in steps:
            _refuse(path, "names a stage or step that the run does not have")
        if not 0 <= one.attempt <= MOST_ATTEMPTS:
            _refuse(path, f"an evaluation has attempt {one.attempt}")
        _check_once(path, [(score.metric, score.class_id, score.group) for score in one.scores])
        if any(score.class_id is not None and score.group is not None for score in one.scores):
            _refuse(path, "a score is of a class and of a group")
        size = len(one.channels)
        if one.confusion is not None and [len(row) for row in one.confusion] != [size] * size:
            _refuse(path, f"a confusion matrix is not {size} × {size}, as its classes are")
    if any(not 0 <= point[1] < len(read.run.stages) for point in read.points):
        _refuse("series.csv", "names a stage that the run does not have")
    _check_once("series.csv", [point[:4] for point in read.points])


def _points(content: bytes) -> Iterable[Point]:
    rows = csv.reader(io.StringIO(content.decode("utf-8", "replace")))
    if next(rows, None) != list(SERIES_COLUMNS):
        _refuse("series.csv", f"its first line is not {','.join(SERIES_COLUMNS)}")
    for number, row in enumerate(rows, start=2):
        try:
            key, stage, iteration, attempt, value = row
            point = (_unmarked(key), int(stage), int(iteration), int(attempt), float(value))
        except ValueError:
            _refuse("series.csv", f"line {number} is not a key, three whole numbers and a value")
        if not (0 <= point[2] < 2**53 and 0 <= point[3] <= MOST_ATTEMPTS and "\0" not in key):
            _refuse("series.csv", f"line {number} has a number out of range")
        yield point


def _unmarked(key: str) -> str:
    """Return a key without the apostrophe that the export put before it."""
    return key[1:] if key.startswith("'") and safe_cell(key[1:]) == key else key


def _model(kind: type[T], content: bytes, path: str) -> T:
    _check_text(content, path)
    try:
        return kind.model_validate_json(content)
    except ValidationError as error:
        _refuse(path, _first(error))


def _models(kind: type[T], content: bytes, path: str) -> list[T]:
    _check_text(content, path)
    try:
        return TypeAdapter(list[kind]).validate_json(content)  # type: ignore[valid-type] # a list of the given model
    except ValidationError as error:
        _refuse(path, _first(error))


def _check_text(content: bytes, path: str) -> None:
    if b"\\u0000" in content or b"\0" in content:
        _refuse(path, "holds a NUL character")


def _first(error: ValidationError) -> str:
    fault = error.errors()[0]
    return f"/{'/'.join(map(str, fault['loc']))}: {fault['msg']}"


def _check_once(path: str, keys: list[Any]) -> None:
    seen = set()
    for key in keys:
        if key in seen:
            _refuse(path, f"{key} is there twice")
        seen.add(key)


def _refuse(path: str, message: str) -> NoReturn:
    raise ArchiveFault(f"{path}: {message}")
