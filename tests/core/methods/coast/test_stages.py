"""Both stages of CoaST end to end, at 32 px: what is told, and what a stop or a kill changes, which is nothing."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import torch
from PIL import Image as Pictures

from core.data.opening import open_dataset
from core.errors import StorageError
from core.methods.coast.model_files import BEST_FILE, LAST_FILE, load_model, read_record
from core.methods.coast.rounds import KIND, LABEL_DIR, PANEL_KIND
from core.methods.coast.stages import kept_and_other
from core.packs import PackWriter, pack_members, read_member
from core.runner.local import LocalRun
from core.runner.report import score
from core.stage.events import (
    ArtifactWritten,
    CheckpointWritten,
    Metric,
    Predictions,
    Score,
    Scores,
    Started,
    read_events,
)
from core.stage.folder import ARTIFACT_DIR, EVENTS_FILE
from core.stage.interrupt import StopFlag
from tests.support.domains import TARGETS, domains_run
from tests.support.local_runs import (
    Killed,
    attempt_of,
    begin_stage,
    confusion_of,
    copy_of,
    events_of,
    failure_of,
    finish,
    in_this_process,
    killed_after,
    stopping_after,
)

WARM_UP, SELF_TRAINING = 0, 1
PICTURES = ("confidence", "image", "labels", "truth", "weight")
PANELS = len(TARGETS) * len(PICTURES) + 1
"""Files to look at in a round: of one image a target, and what they are."""


@dataclass(frozen=True)
class Learned:
    """What a stage comes to: weights, series by iteration, and scores by split and domain."""

    weights: dict[str, bytes]
    series: dict[tuple[int, str], float]
    scores: dict[tuple[str, str | None], list[Score]]
    packs: dict[str, bytes]


def learned(attempts: Sequence[Path]) -> Learned:
    """Read what a stage comes to from its attempts in order, the last of which has succeeded."""
    series: dict[tuple[int, str], float] = {}
    packs: dict[str, bytes] = {}
    for attempt in attempts:
        for event, _ in read_events(attempt / EVENTS_FILE):
            if isinstance(event, Started) and event.parameters is not None:
                kept = event.resumed_iteration or 0
                series = {place: value for place, value in series.items() if place[0] <= kept}
            elif isinstance(event, Metric):
                series |= {(event.iteration, name): value for name, value in event.values.items()}
        packs |= {path.name: path.read_bytes() for path in (attempt / LABEL_DIR).glob("*.zip")}
    last = attempts[-1]
    scores = {(event.split, event.domain): list(event.scores) for event in events_of(last, Scores)}
    weights = {path.name: path.read_bytes() for path in (last / ARTIFACT_DIR / "model").glob("*.safetensors")}
    return Learned(weights, series, scores, packs)


def attempts_of(run: LocalRun, index: int) -> list[Path]:
    return sorted(attempt_of(run, index).parent.glob("attempt-*"))


def test_every_domain_has_scores_after_both_stages(coast_run: LocalRun) -> None:
    for index, iterations in ((WARM_UP, {5}), (SELF_TRAINING, {2, 4, 5})):
        tested = events_of(attempt_of(coast_run, index), Scores)
        assert {scores.step for scores in tested} == {index}
        assert {scores.iteration for scores in tested} <= iterations
        assert [scores.domain for scores in tested if scores.split == "val"] == list(TARGETS)
        assert [scores.domain for scores in tested if scores.split == "val-source"] == ["source"]
        for scores in tested:
            matrix = np.array(confusion_of(attempt_of(coast_run, index), scores).matrix)
            union = matrix.sum(axis=0) + matrix.sum(axis=1) - np.diag(matrix)
            iou = np.diag(matrix)[union > 0] / union[union > 0]
            assert score(scores, "miou_nonempty", group="all") == pytest.approx(iou.mean())
            assert [one.class_id for one in scores.scores if one.metric == "iou"] == list(range(7))


def test_best_and_last_model_are_both_kept_and_scored(coast_run: LocalRun) -> None:
    attempt = attempt_of(coast_run, SELF_TRAINING)
    folder = attempt / ARTIFACT_DIR / "model"
    record = read_record(folder)
    means = {
        event.iteration: event.values["miou_mean"]
        for event in events_of(attempt, Metric)
        if "miou_mean" in event.values
    }
    best = max(means, key=lambda iteration: (means[iteration], iteration))

    assert (record.kept, record.best_iteration, record.num_heads) == ("best", best, 3)
    assert (record.targets, len(record.class_names)) == (TARGETS, 7)
    for split, iteration in (("val", best), ("val-other", 5)):
        tested = [scores for scores in events_of(attempt, Scores) if scores.split == split]
        assert {scores.iteration for scores in tested} == {iteration}
    found = [score(scores, "miou_nonempty", group="all") for scores in events_of(attempt, Scores)[:2]]
    assert np.mean([one for one in found if one is not None]) == pytest.approx(means[best])
    kept, last = (load_model(folder, torch.device("cpu"), which)[0].state_dict() for which in kept_and_other("best"))
    assert any(not torch.equal(kept[name], last[name]) for name in kept)


def test_predictions_of_every_target_are_in_the_classes_of_the_source(coast_run: LocalRun) -> None:
    for index in (WARM_UP, SELF_TRAINING):
        shown = events_of(attempt_of(coast_run, index), Predictions)
        assert [event.domain for event in shown] == list(TARGETS)
        assert len({item.image for event in shown for item in event.items}) == 2
        assert all(set(item.classes) <= set(range(7)) for event in shown for item in event.items)


def test_a_round_is_one_pack_a_target_with_a_label_for_each_image(coast_run: LocalRun) -> None:
    attempt = attempt_of(coast_run, SELF_TRAINING)
    written = [event for event in events_of(attempt, ArtifactWritten) if event.kind == KIND]
    uses = coast_run.experiment.stream.datasets(coast_run.experiment.dataset)

    assert [Path(event.path).name for event in written] == [
        f"round-{index}-{target}.zip" for index in (0, 1) for target in TARGETS
    ]
    for event in written:
        target = Path(event.path).stem.split("-", 2)[2]
        names = open_dataset(uses[target].spec, coast_run.data_home).train.ids
        assert sorted(pack_members(attempt / event.path)) == sorted(f"{name}.png" for name in names)
    told = {name for event in events_of(attempt, Metric) if event.iteration == 2 for name in event.values}
    assert {f"pseudo_label_{what}_{target}" for what in ("kept", "accuracy", "miou") for target in TARGETS} <= told


def test_a_round_shows_labels_weights_and_truth_of_a_few_images(coast_run: LocalRun) -> None:
    attempt = attempt_of(coast_run, SELF_TRAINING)
    written = [event.path for event in events_of(attempt, ArtifactWritten) if event.kind == PANEL_KIND]
    pack = attempt / written[0]
    members = pack_members(pack)
    index = json.loads(read_member(pack, members["index.json"]))

    assert [Path(path).name for path in written] == ["panels-round-0.zip", "panels-round-1.zip"]
    assert [image["target"] for image in index["images"]] == list(TARGETS)
    assert len(members) == PANELS
    for image in index["images"]:
        assert sorted(image["files"]) == list(PICTURES)
        shown = {
            name: np.asarray(Pictures.open(io.BytesIO(read_member(pack, members[file]))))
            for name, file in image["files"].items()
        }
        assert {one.shape[:2] for one in shown.values()} == {(32, 48)}
        assert set(np.unique(shown["labels"])) <= set(range(7))
        # Classifiers that hardly trained agree, and at most two of seven classes are as likely.
        assert shown["weight"].min() > 128
        assert shown["confidence"].min() >= 255 // 7


@pytest.mark.parametrize(("index", "updates"), [(WARM_UP, 3), (WARM_UP, 8), (SELF_TRAINING, 1), (SELF_TRAINING, 4)])
def test_a_killed_stage_comes_to_the_same(coast_run: LocalRun, tmp_path: Path, index: int, updates: int) -> None:
    run = copy_of(coast_run, tmp_path, index)
    with killed_after(updates):
        in_this_process(begin_stage(run, index), StopFlag())
    assert in_this_process(begin_stage(run, index), StopFlag()) == 0

    assert learned(attempts_of(run, index)) == learned(attempts_of(coast_run, index))


@pytest.mark.parametrize(("index", "updates"), [(WARM_UP, 6), (SELF_TRAINING, 2), (SELF_TRAINING, 3)])
def test_a_stopped_stage_loses_no_iteration(coast_run: LocalRun, tmp_path: Path, index: int, updates: int) -> None:
    run = copy_of(coast_run, tmp_path, index)
    with stopping_after(updates) as stop:
        assert in_this_process(begin_stage(run, index), stop) == 75
    assert in_this_process(begin_stage(run, index), StopFlag()) == 0

    assert learned(attempts_of(run, index)) == learned(attempts_of(coast_run, index))
    resumed = events_of(attempts_of(run, index)[-1], Started)[-1].resumed_iteration
    assert resumed == updates // (2 if index == WARM_UP else 1)


def test_a_round_killed_half_way_goes_on_with_the_targets_that_lack_labels(coast_run: LocalRun, tmp_path: Path) -> None:
    run = copy_of(coast_run, tmp_path, 1)
    images = 3
    # The second round, in the middle of the second target.
    with _killed_at_label(2 * images + PANELS + images + 1):
        in_this_process(begin_stage(run, 1), StopFlag())
    first = sorted(run.folder.glob("1-*/attempt-1"))[0]
    assert not (first / LABEL_DIR / "round-1-city-b.zip").exists()
    with mock.patch.object(PackWriter, "add", autospec=True, side_effect=PackWriter.add) as added:
        assert in_this_process(begin_stage(run, 1), StopFlag()) == 0

    assert added.call_count == images + PANELS
    assert learned(attempts_of(run, 1)) == learned(attempts_of(coast_run, 1))


class _killed_at_label:  # noqa: N801 - used as a function
    """Raise `Killed` instead of adding one of the labels, and swallow it outside."""

    def __init__(self, number: int) -> None:
        self._left = number

    def __enter__(self) -> None:
        add = PackWriter.add

        def killing(pack: PackWriter, name: str, data: bytes) -> None:
            self._left -= 1
            if self._left == 0:
                raise Killed
            add(pack, name, data)

        self._patch = mock.patch.object(PackWriter, "add", killing)
        self._patch.start()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        self._patch.stop()
        assert kind is Killed
        return True


def test_checkpoints_of_self_training_hold_the_labels_that_they_go_on_with(coast_run: LocalRun) -> None:
    attempt = attempt_of(coast_run, SELF_TRAINING)
    files = {event.iteration: set(event.files) for event in events_of(attempt, CheckpointWritten)}

    assert {"round-1-city-a.zip", "round-1-city-b.zip", "best.safetensors"} <= files[4]
    assert not {"round-0-city-a.zip"} & files[4]
    linked = attempt / "checkpoint" / "4" / "round-1-city-a.zip"
    assert linked.stat().st_ino == (attempt / LABEL_DIR / "round-1-city-a.zip").stat().st_ino


def test_the_same_seed_gives_the_same_bits_and_another_one_does_not(coast_run: LocalRun, tmp_path: Path) -> None:
    again = copy_of(coast_run, tmp_path / "again", 0)
    finish(again)

    assert learned(attempts_of(again, 1)) == learned(attempts_of(coast_run, 1))


def test_a_damaged_model_is_named(coast_run: LocalRun, tmp_path: Path) -> None:
    run = copy_of(coast_run, tmp_path, 1)
    weights = attempt_of(run, 0) / ARTIFACT_DIR / "model" / LAST_FILE
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    folder = begin_stage(run, 1)

    assert in_this_process(folder, StopFlag()) == 1
    assert "last.safetensors: its SHA-256 is" in failure_of(folder).error
    (attempt_of(coast_run, 1) / ARTIFACT_DIR / "model" / BEST_FILE).stat()
    with pytest.raises(StorageError, match=r"model\.json: cannot be read as the record of a CoaST model"):
        read_record(tmp_path)


def test_targets_need_no_labels_to_learn_from(coast_run: LocalRun, tmp_path: Path) -> None:
    model = attempt_of(coast_run, WARM_UP) / ARTIFACT_DIR / "model"
    labelled, unlabelled = (
        domains_run(
            tmp_path / name,
            model={"warmed_up": str(model)},
            self_training={"iterations": 2},
            eval={"every": 0, "head": "mean_softmax", "resolution": "native"},
        )
        for name in ("labelled", "unlabelled")
    )
    for run in (labelled, unlabelled):
        shutil.copytree(coast_run.data_home, run.data_home)
    for labels in unlabelled.data_home.glob("worlds/*/gtFine/train/*/*"):
        labels.unlink()
    for run in (labelled, unlabelled):
        finish(run)

    attempts = [attempt_of(run, 0) for run in (labelled, unlabelled)]
    names = [{name for event in events_of(attempt, Metric) for name in event.values} for attempt in attempts]
    lost = {f"pseudo_label_{what}_{target}" for what in ("accuracy", "miou") for target in TARGETS}
    assert names[0] - names[1] == lost
    assert learned([attempts[0]]).weights == learned([attempts[1]]).weights
    panels = [pack_members(attempt / LABEL_DIR / "panels-round-0.zip") for attempt in attempts]
    assert {name.split("-")[-1] for name in panels[0].keys() - panels[1].keys()} == {"truth.png"}
