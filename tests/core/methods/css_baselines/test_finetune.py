"""Two steps of fine-tuning end to end, at 32 px."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.pairing import Pair
from core.data.specs import FolderDatasetSpec
from core.errors import ReasonCode
from core.methods.class_incremental.model_store import load_model
from core.runner.local import LocalRun
from core.runner.report import score
from core.stage.events import BACKGROUND_ID, MemorySnapshot, Metric, Scores, Started
from core.stage.folder import ARTIFACT_DIR, EXIT_INTERRUPTED, RESULT_FILE, StageOutcome
from core.stage.interrupt import StopFlag
from tests.support.datasets import (
    cut_short,
    make_label_a_colour_image,
    make_label_smaller,
    pairs_of,
    put_id_into_label,
)
from tests.support.local_runs import (
    ITERATIONS,
    SEED,
    attempt_of,
    begin_stage,
    change_spec,
    confusion_of,
    copy_of,
    cut_pixels,
    events_of,
    failure_of,
    finish,
    in_this_process,
    learned,
    small_run,
    stopping_after,
    warnings_of,
)


def scores_of(run: LocalRun, index: int) -> Scores:
    (scores,) = events_of(attempt_of(run, index), Scores)
    return scores


def test_model_is_the_only_output(finetune_run: LocalRun) -> None:
    outcome = StageOutcome.model_validate_json((attempt_of(finetune_run, 1) / RESULT_FILE).read_bytes())

    assert outcome.outputs == {"model": "artifacts/model"}
    assert {file.path for file in outcome.files} == {
        f"artifacts/model/{name}" for name in ("model.safetensors", "model.json", "card.json")
    }
    assert events_of(attempt_of(finetune_run, 1), MemorySnapshot) == []


def test_decision_is_the_best_of_all_channels(finetune_run: LocalRun) -> None:
    record = load_model(attempt_of(finetune_run, 1) / ARTIFACT_DIR / "model").record

    assert (record.method, record.rule, record.seed) == ("finetune", "argmax_all", SEED)
    assert (record.learning_order, record.classes_per_step) == ((1, 2, 3, 4), (2, 2))


def test_pixel_accuracy_and_iou_are_those_of_the_stored_confusion_matrix(finetune_run: LocalRun) -> None:
    scores = scores_of(finetune_run, 1)
    matrix = np.array(confusion_of(attempt_of(finetune_run, 1), scores).matrix, dtype=np.float64)
    hits = matrix.diagonal()

    accuracy = hits.sum() / matrix.sum()
    recalls = hits / matrix.sum(1)
    iou = hits / (matrix.sum(0) + matrix.sum(1) - hits - 1e-6)

    assert score(scores, "pixel_accuracy", group="all") == pytest.approx(accuracy)
    assert score(scores, "class_accuracy", group="new") == pytest.approx(recalls[3:].mean())
    assert score(scores, "iou", class_id=BACKGROUND_ID) == pytest.approx(iou[0])
    assert score(scores, "miou", group="step-0") == pytest.approx(iou[1:3].mean())


def test_batch_norm_learns_at_every_step(finetune_run: LocalRun) -> None:
    first, second = (load_model(attempt_of(finetune_run, index) / ARTIFACT_DIR / "model").weights for index in (0, 1))

    name = "backbone.stages.0.1.running_mean"

    assert not torch.equal(first[name], second[name])


def test_series_have_one_loss(finetune_run: LocalRun) -> None:
    points = events_of(attempt_of(finetune_run, 1), Metric)

    assert [set(point.values) for point in points] == [{"loss", "grad_norm", "lr"}] * 3


def test_norm_of_the_gradient_is_measured_only_where_it_is_clipped(tmp_path: Path) -> None:
    run = small_run(tmp_path, "finetune", steps=((1, 2),), optim={"clip_norm": None, "iterations": 1})

    finish(run)

    (point,) = events_of(attempt_of(run, 0), Metric)
    assert set(point.values) == {"loss", "lr"}


def test_old_classes_are_forgotten_once_they_are_background(tmp_path: Path) -> None:
    """Enough updates to learn: what the second step labels background is no longer found, and the new classes are."""
    optim = {"lr_base": 0.1, "lr_step": 0.1, "head_lr_factor": 10, "iterations": 60, "batch_size": 6}
    run = small_run(tmp_path, "finetune", optim=optim, execution={"checkpoint_every": 100})

    finish(run)

    first, second = scores_of(run, 0), scores_of(run, 1)
    learnt = score(first, "miou", group="step-0")
    left, new = score(second, "miou", group="step-0"), score(second, "miou", group="step-1")
    assert learnt is not None
    assert left is not None
    assert new is not None
    assert learnt > 0.3
    assert left < 0.1
    assert new > 0.3


def test_first_step_is_the_same_whatever_follows(finetune_run: LocalRun, tmp_path: Path) -> None:
    run = small_run(tmp_path, "finetune", steps=((1, 2),))

    finish(run)

    weights = "artifacts/model/model.safetensors"
    reference = learned([attempt_of(finetune_run, 0)])
    assert learned([attempt_of(run, 0)]).files[weights] == reference.files[weights]


def test_batch_larger_than_the_images_is_lowered_with_a_warning(tmp_path: Path) -> None:
    run = small_run(tmp_path, "finetune", steps=((1, 2),), optim={"batch_size": 24, "iterations": 1})

    finish(run)

    assert warnings_of(attempt_of(run, 0)) == [
        "the batch of 24 is larger than the 6 training images; it is lowered to 6"
    ]


def first_stage(folder: Path) -> tuple[Path, FolderDatasetSpec]:
    """Return the prepared folder of a first stage, and its dataset."""
    run = small_run(folder, "finetune")
    dataset = run.experiment.dataset
    assert isinstance(dataset, FolderDatasetSpec)
    return begin_stage(run), dataset


def cut_label(pair: Pair) -> None:
    cut_short(pair.label)


def cut_image(pair: Pair) -> None:
    cut_pixels(pair.image)


def put_foreign_id(pair: Pair) -> None:
    put_id_into_label(pair, 77, pixels=3)


@pytest.mark.parametrize(
    ("damage", "split", "named", "complaint"),
    [
        (cut_image, "train_aug", "image", "cannot be decoded, it is damaged or cut short"),
        (cut_image, "val", "image", "cannot be decoded, it is damaged or cut short"),
        (cut_label, "train_aug", "label", "cannot be decoded, it is damaged or cut short"),
        (put_foreign_id, "train_aug", "label", "label id 77 (3 pixels) is not in the class list (1 to 20"),
        (put_foreign_id, "val", "label", "label id 77 (3 pixels) is not in the class list (1 to 20"),
        (make_label_a_colour_image, "train_aug", "label", "8-bit index image"),
        (make_label_smaller, "train_aug", "label", "is 32x31 but its image"),
    ],
)
def test_file_that_cannot_be_used_is_a_data_error_that_names_it(
    tmp_path: Path, damage: Callable[[Pair], None], split: str, named: str, complaint: str
) -> None:
    folder, dataset = first_stage(tmp_path)
    pair = pairs_of(dataset, split)[0]
    damage(pair)

    assert in_this_process(folder, StopFlag()) == 1

    failure = failure_of(folder)
    assert failure.reason is ReasonCode.DATA_ERROR
    assert failure.error.startswith(f"{getattr(pair, named)}: ")
    assert complaint in failure.error
    assert not (folder / RESULT_FILE).exists()


def test_stage_that_failed_goes_on_once_its_data_is_mended(finetune_run: LocalRun, tmp_path: Path) -> None:
    folder, dataset = first_stage(tmp_path)
    image = pairs_of(dataset, "val")[0].image
    whole = image.read_bytes()
    cut_pixels(image)

    codes = [in_this_process(folder, StopFlag())]
    image.write_bytes(whole)
    codes.append(in_this_process(folder, StopFlag()))

    assert codes == [1, 0]
    assert events_of(folder, Started)[-1].resumed_iteration == ITERATIONS
    assert learned([folder]) == learned([attempt_of(finetune_run, 0)])


def test_step_without_images_is_a_config_error_of_the_stage_too(tmp_path: Path) -> None:
    folder, _ = first_stage(tmp_path)
    change_spec(folder, stream={"kind": "class_incremental", "steps": [[1, 2], [7]]})

    assert in_this_process(folder, StopFlag()) == 1
    assert failure_of(folder).reason is ReasonCode.CONFIG_ERROR
    assert "step 1 has no training image" in failure_of(folder).error
    assert "7 car (in 0 images)" in failure_of(folder).error


def test_loss_that_is_not_finite_names_iteration_and_images(tmp_path: Path) -> None:
    optim = {"lr_base": 10, "head_lr_factor": 1000, "weight_decay": 1, "clip_norm": None, "iterations": 30}
    run = small_run(tmp_path, "finetune", optim=optim)
    folder = begin_stage(run)

    assert in_this_process(folder, StopFlag()) == 1

    failure = failure_of(folder)
    found = re.match(r"the loss of iteration (\d+) is not finite; its batch was ([^;]+); lower optim", failure.error)
    assert failure.reason is ReasonCode.NON_FINITE_LOSS
    assert found is not None
    named = set(found[2].split(", "))
    assert 1 < int(found[1]) <= 30
    assert len(named) == 4
    assert named < {pair.id for pair in pairs_of(run.experiment.dataset)}


def test_stage_stopped_again_and_again_learns_the_same(finetune_run: LocalRun, tmp_path: Path) -> None:
    copied = copy_of(finetune_run, tmp_path, num_stages=0)
    attempts, codes = [], []

    for _ in range(4):
        attempts.append(begin_stage(copied))
        with stopping_after(2) as flag:
            codes.append(in_this_process(attempts[-1], flag))

    assert codes == [EXIT_INTERRUPTED, EXIT_INTERRUPTED, EXIT_INTERRUPTED, 0]
    assert [events_of(attempt, Started)[-1].resumed_iteration for attempt in attempts] == [None, 2, 4, 6]
    assert learned(attempts) == learned([attempt_of(finetune_run, 0)])


def test_stage_whose_checkpoints_are_all_damaged_starts_anew(finetune_run: LocalRun, tmp_path: Path) -> None:
    copied = copy_of(finetune_run, tmp_path, num_stages=1)
    first = begin_stage(copied, 1)
    with stopping_after(5) as flag:
        in_this_process(first, flag)
    cut_short(first / "checkpoint/5/optimizer.safetensors")
    (first / "checkpoint/4/checkpoint.json").unlink()

    second = begin_stage(copied, 1)

    assert in_this_process(second, StopFlag()) == 0
    assert events_of(second, Started)[-1].resumed_iteration is None
    assert [text.split(":")[0] for text in warnings_of(second)] == ["checkpoint passed over, it is damaged"] * 2
    assert learned([first, second]) == learned([attempt_of(finetune_run, 1)])


def test_checkpoint_of_another_stage_is_not_resumed_from(finetune_run: LocalRun, tmp_path: Path) -> None:
    folder = begin_stage(copy_of(finetune_run, tmp_path, num_stages=0))
    shutil.copytree(attempt_of(finetune_run, 1) / "checkpoint", folder / "checkpoint")

    assert in_this_process(folder, StopFlag()) == 0
    assert events_of(folder, Started)[-1].resumed_iteration is None
    assert "is of another stage or configuration" in warnings_of(folder)[0]
    assert learned([folder]) == learned([attempt_of(finetune_run, 0)])
