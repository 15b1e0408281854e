"""From one REST call to a trained three-step run, with real processes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from core.data.opening import on_disk
from core.data.worlds.objects_world import ObjectsDatasetSpec
from core.stage.events import Failed, read_events
from palimpsest.client.models import SNAPSHOT_TYPES
from server.schemas.event_payloads import AnyEvent
from tests.support.flow_run import DOCUMENT, ITERATIONS, SEED, Undisturbed
from tests.support.installation import STAGE_S, Installation

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def payloads(undisturbed: Undisturbed, kind: str) -> list[dict[str, Any]]:
    return [event.payload for event in undisturbed.events if event.type == kind]


def test_every_stage_succeeds_with_one_attempt(undisturbed: Undisturbed) -> None:
    assert undisturbed.run.state == "succeeded"
    assert [[attempt.state for attempt in stage.attempts] for stage in undisturbed.run.stages] == [["succeeded"]] * 3


def test_the_feed_starts_with_a_snapshot_has_no_gap_and_ends_with_the_run(undisturbed: Undisturbed) -> None:
    first, *events = undisturbed.events
    assert first.type == "snapshot"
    assert [event.seq for event in events] == list(range(first.seq + 1, first.seq + 1 + len(events)))
    assert (events[-1].type, events[-1].payload) == ("end", {"state": "succeeded"})
    assert undisturbed.run.event_seq == events[-1].seq


def test_every_event_is_as_the_api_describes_its_type(undisturbed: Undisturbed) -> None:
    described: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)
    sent = [event for event in undisturbed.events if event.type not in SNAPSHOT_TYPES]
    # A stream's message has no time of its own; the page of events adds it.
    at = datetime.now(UTC)
    read = [
        described.validate_python({**event.model_dump(), "at": at}).model_dump(mode="json", exclude_unset=True)
        for event in sent
    ]

    assert [event["payload"] for event in read] == [event.payload for event in sent]
    assert {"state", "stage", "progress", "metric", "score", "artifact", "memory", "checkpoint", "end"} <= {
        event.type for event in sent
    }


def test_the_feed_tells_each_evaluation_once_and_in_order(undisturbed: Undisturbed) -> None:
    assert [(score["index"], score["step"]) for score in payloads(undisturbed, "score")] == [(0, 0), (1, 1), (2, 2)]
    assert [memory["items"] for memory in payloads(undisturbed, "memory")] == [6, 6, 6]


def test_all_points_of_the_curves_came_over_the_feed(undisturbed: Undisturbed) -> None:
    sent = {
        (point["key"], message["index"], point["iteration"]): point["value"]
        for message in payloads(undisturbed, "metric")
        for point in message["points"]
    }
    assert sent == undisturbed.learned.series
    # One point for each three iterations, and one for what is left at the end.
    assert sorted({iteration for _, index, iteration in sent if index == 0}) == [3, 6, 9, ITERATIONS]


def test_the_table_has_a_row_a_step_and_every_class_once_it_is_known(undisturbed: Undisturbed) -> None:
    table = undisturbed.table
    assert [column.id for column in table.classes] == [-1, 1, 2, 3]
    assert [row.step for row in table.steps] == [0, 1, 2]
    known = [[value is not None for value in row.iou] for row in table.steps]
    assert known == [[True, True, False, False], [True, True, True, False], [True, True, True, True]]
    stored = undisturbed.learned.scores
    assert table.steps[2].iou[1] == stored[2, "test", 2, "iou", 1, None]


def test_downloaded_weights_have_the_digest_of_the_last_stage(undisturbed: Undisturbed) -> None:
    stored = undisturbed.learned.outputs[2]["model"]["model.safetensors"]
    assert hashlib.sha256(undisturbed.weights).hexdigest() == stored


def test_a_failed_stage_s_folder_replays_elsewhere_with_the_same_failure(
    installation: Installation, tmp_path: Path
) -> None:
    root = _dataset_with_a_truncated_image(installation.settings.data_roots[0])
    installation.start_server()
    installation.start("scheduler")
    installation.start("worker")
    dataset = {"adapter": "voc", "root": str(root)}
    run = installation.client.submit(DOCUMENT | {"dataset": dataset}, seed=SEED)
    ended = installation.client.wait(run.id, STAGE_S)
    assert (ended.state, ended.reason) == ("failed", "data_error")

    [stage, *_] = installation.stages(run.id)
    folder = installation.settings.runs_folder / run.id / f"0-{stage.name}" / "attempt-1"
    copy = shutil.copytree(folder, tmp_path / "elsewhere")
    (copy / "events.jsonl").unlink()
    shutil.rmtree(installation.settings.runs_folder)
    replay = subprocess.run([sys.executable, "-m", "core", "stage", str(copy)], timeout=STAGE_S, check=False)
    assert replay.returncode == 1
    [failure] = [event for event, _ in read_events(copy / "events.jsonl") if isinstance(event, Failed)]
    assert (failure.reason, failure.error) == ("data_error", stage.attempts[0].message)


def _dataset_with_a_truncated_image(folder: Path) -> Path:
    spec = ObjectsDatasetSpec.model_validate(DOCUMENT["dataset"] | {"train_images": 12})
    root = Path(on_disk(spec, folder).root)
    image = sorted((root / "VOC2012" / "JPEGImages").glob("train_*"))[3]
    image.write_bytes(image.read_bytes()[:100])
    return root
