"""Events of an attempt: the classes, the writer, and the reader that never sees half a line. Free of torch.

A line of `events.jsonl` is one event. `seq` rises by one from 1; together with the attempt it identifies the event, so
that reading a line twice changes nothing. NaN and infinities travel as the strings "NaN", "Infinity" and "-Infinity".
"""

from __future__ import annotations

import errno
import json
import math
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, TypeAdapter

from core.errors import ReasonCode

BACKGROUND_ID = -1
"""Id under which scores name the background, whatever a dataset's raw value for it is."""
_SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def _to_json(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


Number = Annotated[
    float,
    BeforeValidator(lambda value: _SPECIAL.get(value, value) if isinstance(value, str) else value),
    PlainSerializer(_to_json, return_type=float | str),
]
"""A float that survives JSON even when it is not finite."""


MaybeNumber = Annotated[
    Annotated[float, Field(allow_inf_nan=False)] | None,
    BeforeValidator(lambda value: None if isinstance(value, float) and math.isnan(value) else value),
]
"""A finite float, or None where it is undefined; NaN is taken for undefined."""


class Event(BaseModel):
    """The fields of every line; the writer fills in `seq` and `time`."""

    model_config = ConfigDict(frozen=True)

    seq: int = 0
    time: datetime = Field(default_factory=lambda: datetime.now(UTC))


class Started(Event):
    """The process lives; written before torch is imported, and again with `parameters` once the model is built."""

    type: Literal["started"] = "started"
    device: str
    code_version: str
    resumed_iteration: int | None = None
    """Iteration of the checkpoint it goes on from; points of older attempts after it are hidden (MET-2)."""
    parameters: int | None = None
    deviations: list[str] = Field(default_factory=list)
    """What differs from the publication at run time, such as random initial weights."""


class Progress(Event):
    """How far the stage is."""

    type: Literal["progress"] = "progress"
    phase: str
    iteration: int
    total: int
    epoch: int = 0
    images_per_second: float | None = None
    seconds_left: float | None = None


class Metric(Event):
    """Means since the last metric event."""

    type: Literal["metric"] = "metric"
    iteration: int
    values: dict[str, Number]


class Score(BaseModel):
    """One number of an evaluation."""

    model_config = ConfigDict(frozen=True)

    metric: str
    value: MaybeNumber
    """None where it is undefined: nothing in the test data could be measured, such as the IoU of an absent class."""
    class_id: int | None = None
    """Raw class id, for a score of one class; BACKGROUND_ID for the background."""
    group: str | None = None
    """Class group of the stream (`old`, `new`, `all`, `step-0` …), for a score of several."""


class EvaluationRecord(BaseModel):
    """A file of an evaluation besides its scores; the file at its path never changes."""

    model_config = ConfigDict(frozen=True)

    kind: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,49}$")
    """What it holds (`confusion`, `per_image`, `detections`, `curve` …); an evaluation has at most one of a kind."""
    path: str
    """Relative to the stage folder."""
    bytes: int
    sha256: str
    channels: list[int] | None = None
    """Of a confusion matrix: raw class id of each row and column; BACKGROUND_ID for the background."""


class Scores(Event):
    """One evaluation: the model after a step on one domain of one split. What it measured, and files that say more."""

    type: Literal["scores"] = "scores"
    split: str
    domain: str | None = Field(None, min_length=1, max_length=200)
    """Name of the domain that was tested; None where the split is one domain, or the scores are of all together."""
    step: int
    """Step of the stream after which the model was tested."""
    iteration: int
    scores: list[Score]
    records: list[EvaluationRecord] = Field(default_factory=list)

    def text(self) -> str:
        """Return the mIoU of every group in a line; of scores that have none, the overall ones."""
        where = self.split if self.domain is None else f"{self.split} of {self.domain}"
        means = [f"{one.group} {_shown(one)}" for one in self.scores if one.metric == "miou" and one.group]
        overall = [f"{one.metric} {_shown(one)}" for one in self.scores if one.class_id is None and one.group is None]
        shown = f"mIoU {', '.join(means)}" if means else ", ".join(overall)
        return f"tested on {where} after iteration {self.iteration}: {shown}"


def _shown(score: Score) -> str:
    return "undefined" if score.value is None else f"{score.value:.3f}"


PredictionKind = Literal["dense", "binary", "instances"]
"""Kind of the samples that are predicted; the values of `core.data.samples.SampleKind`."""


class Prediction(BaseModel):
    """The prediction of a model for one test image; paths are relative to the stage folder."""

    model_config = ConfigDict(frozen=True)

    source: str
    """Id of the image in its dataset."""
    image: str
    """Path of the picture as it was evaluated, a PNG."""
    labels: str
    """Path of the ground truth: an 8-bit index PNG of raw ids, or of instances a list of objects as JSON."""
    prediction: str
    """Path of the prediction, likewise."""
    width: int
    height: int
    classes: list[int]
    """Raw ids of the classes that the ground truth shows."""
    pixel_accuracy: float | None
    """Share of the counted pixels that are right; what is not learned yet counts as background. None of instances."""
    iou: dict[int, float]
    """Raw id -> IoU in this image, for the classes that it shows and the model has learned; none of instances."""


class Predictions(Event):
    """Predictions for the run's panel images of one domain after a step; every other domain has an event too."""

    type: Literal["predictions"] = "predictions"
    step: int
    """Continual step after which the model was asked."""
    domain: str | None = Field(None, min_length=1, max_length=200)
    """Name of the domain that the images are of; None where they are of the only one."""
    kind: PredictionKind = "dense"
    iteration: int
    background_id: int | None
    """Raw id of the background in the index PNGs; None where every pixel has a class."""
    ignore_id: int
    """Raw id of the pixels that are not labelled; also of a predicted background where the dataset has none."""
    items: list[Prediction]


class MemorySnapshot(Event):
    """The replay memory as it stands after the stage."""

    type: Literal["memory"] = "memory"
    path: str
    """Of the memory folder's `index.json`, relative to the stage folder."""
    items: int
    bytes: int


class MemoryPastes(Event):
    """How often each item of the memory that the stage was given was pasted, with examples."""

    type: Literal["pastes"] = "pastes"
    path: str
    """Of the folder's `index.json`, relative to the stage folder."""


class Queries(Event):
    """The queries of a select stage; people or the oracle answer them in the label stage that follows."""

    type: Literal["queries"] = "queries"
    path: str
    """Of `queries.json`, relative to the stage folder."""
    count: int


class Annotations(Event):
    """The answers of the oracle."""

    type: Literal["annotations"] = "annotations"
    path: str
    """Of `answers.json`, relative to the stage folder."""
    queries: str
    """Folder of the batch that was answered, likewise."""
    earlier: str | None
    """Folder of the labels before this round, likewise; None in the first."""
    count: int


class ArtifactWritten(Event):
    """A file that people may want, besides the outputs listed in `result.json`."""

    type: Literal["artifact"] = "artifact"
    kind: str
    path: str
    bytes: int
    sha256: str


class CheckpointWritten(Event):
    """A resumable state: a folder of files."""

    type: Literal["checkpoint"] = "checkpoint"
    iteration: int
    path: str
    files: dict[str, str]
    """File name -> SHA-256."""
    bytes: int


class Log(Event):
    """A line for people."""

    type: Literal["log"] = "log"
    level: Literal["debug", "info", "warning", "error"]
    text: str


class Interrupted(Event):
    """The process ends because it was asked to; a checkpoint of this iteration exists."""

    type: Literal["interrupted"] = "interrupted"
    iteration: int


class Failed(Event):
    """The process ends because it cannot go on."""

    type: Literal["failed"] = "failed"
    reason: ReasonCode
    error: str
    trace: str = ""


AnyEvent = Annotated[
    Started
    | Progress
    | Metric
    | Scores
    | Predictions
    | MemorySnapshot
    | MemoryPastes
    | Queries
    | Annotations
    | ArtifactWritten
    | CheckpointWritten
    | Log
    | Interrupted
    | Failed,
    Field(discriminator="type"),
]
_ADAPTER: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


class EventWriter:
    """Appends events to a file, one `write` a line: a killed process leaves whole lines and at most a part of one."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        if _ends_in_part(path):
            os.write(self._file, b"\n")
        self.seq = max((event.seq for event, _ in read_events(path)), default=0)

    def emit(self, event: Event) -> None:
        """Number the event and append it.

        Raises:
            OSError: when it cannot be written, such as on a full disk; nothing of it is then left in the file.
        """
        numbered = event.model_copy(update={"seq": self.seq + 1})
        line = numbered.model_dump_json().encode() + b"\n"
        written = os.write(self._file, line)
        if written < len(line):
            # A disk without room for the whole line takes a part of it. The next event must not follow that part.
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.seq += 1

    def log(self, level: Literal["debug", "info", "warning", "error"], text: str) -> None:
        """Emit a log line."""
        self.emit(Log(level=level, text=text))

    def tell_scores(self, scores: Scores) -> None:
        """Emit an evaluation, and a log line with its means."""
        self.emit(scores)
        self.log("info", scores.text())

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _ends_in_part(path: Path) -> bool:
    data = path.read_bytes()
    return bool(data) and not data.endswith(b"\n")


def read_events(path: Path, offset: int = 0) -> Iterator[tuple[AnyEvent, int]]:
    """Yield the events after a byte offset, each with the offset behind it.

    What follows the last newline is left for the next read. A line that is no event (the part that a killed process
    left, closed by the next attempt's newline) is passed over.
    """
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            payload = _parse(line)
            if payload is not None:
                yield _ADAPTER.validate_python(payload), offset


def _parse(line: bytes) -> Any:
    try:
        payload = json.loads(line)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) and "type" in payload else None
