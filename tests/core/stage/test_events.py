"""The event file: numbering over restarts, half lines, and numbers that are not finite."""

from __future__ import annotations

import errno
import json
import math
import os
from pathlib import Path
from typing import get_args

import pytest

from core.data.samples import SampleKind
from core.stage.events import EventWriter, Log, Metric, PredictionKind, Predictions, Progress, read_events


def written(path: Path, *texts: str) -> None:
    writer = EventWriter(path)
    for text in texts:
        writer.log("info", text)
    writer.close()


def test_events_are_numbered_from_one_and_read_back(tmp_path: Path):
    path = tmp_path / "events.jsonl"
    written(path, "a", "b", "c")

    read = [(event.seq, event.text) for event, _ in read_events(path) if isinstance(event, Log)]

    assert read == [(1, "a"), (2, "b"), (3, "c")]


def test_reading_goes_on_from_the_offset_behind_an_event(tmp_path: Path):
    path = tmp_path / "events.jsonl"
    written(path, "a", "b", "c")
    offset = [after for _, after in read_events(path)][1]

    assert [event.seq for event, _ in read_events(path, offset)] == [3]


def test_what_follows_the_last_newline_is_left_for_the_next_read(tmp_path: Path):
    path = tmp_path / "events.jsonl"
    written(path, "a")
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"type": "log", "seq": 2, "level"')

    assert [(event.seq, after) for event, after in read_events(path)] == [(1, len(whole))]


def test_a_writer_goes_on_behind_the_half_line_of_a_killed_process(tmp_path: Path):
    path = tmp_path / "events.jsonl"
    written(path, "a", "b")
    with path.open("ab") as file:
        file.write(b'{"type": "log", "te')

    written(path, "c")

    assert [(event.seq, event.text) for event, _ in read_events(path) if isinstance(event, Log)] == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
    ]


def test_numbers_that_are_not_finite_travel_as_strings(tmp_path: Path):
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    writer.emit(Metric(iteration=3, values={"loss": math.nan, "up": math.inf, "down": -math.inf, "plain": 0.5}))
    writer.close()

    raw = json.loads(path.read_text())["values"]
    (event, _) = next(read_events(path))

    assert raw == {"loss": "NaN", "up": "Infinity", "down": "-Infinity", "plain": 0.5}
    assert isinstance(event, Metric)
    assert math.isnan(event.values["loss"])
    assert (event.values["up"], event.values["down"]) == (math.inf, -math.inf)


def test_a_file_that_is_not_there_has_no_events(tmp_path: Path):
    assert list(read_events(tmp_path / "events.jsonl")) == []


def test_an_event_keeps_its_own_fields_over_the_file(tmp_path: Path):
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    writer.emit(Progress(phase="train", iteration=4, total=10, epoch=1, images_per_second=12.5, seconds_left=None))
    writer.close()

    (event, _) = next(read_events(path))

    assert isinstance(event, Progress)
    assert (event.phase, event.iteration, event.total, event.images_per_second) == ("train", 4, 10, 12.5)


def test_an_event_that_the_disk_has_no_room_for_leaves_no_part_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "events.jsonl"
    writer, write = EventWriter(path), os.write
    writer.log("info", "before")
    room = [10]

    def write_what_fits(descriptor: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        size = write(descriptor, data[: room[0]])
        room[0] -= size
        return size

    with monkeypatch.context() as full:
        full.setattr(os, "write", write_what_fits)
        for _ in range(2):
            with pytest.raises(OSError, match="No space left"):
                writer.log("info", "lost")
    writer.log("info", "after")
    writer.close()

    assert [(event.seq, event.text) for event, _ in read_events(path) if isinstance(event, Log)] == [
        (1, "before"),
        (2, "after"),
    ]


def test_every_kind_of_sample_can_be_predicted():
    assert set(get_args(PredictionKind)) == set(SampleKind)


def test_predictions_of_older_versions_are_of_label_maps_and_the_only_domain():
    line = {"step": 0, "iteration": 1, "background_id": 0, "ignore_id": 255, "items": []}

    event = Predictions.model_validate(line)

    assert (event.kind, event.domain) == ("dense", None)
