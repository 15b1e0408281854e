"""Two steps of EIR end to end, at 32 px: what is announced, handed on, remembered and repeated."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image as PillowImage

from core.memory.pastes import PasteIndex
from core.memory.store import load_memory
from core.methods.class_incremental.model_store import load_model
from core.methods.eir import pasting
from core.methods.eir.paste_plan import Paste, plan_pastes
from core.runner.local import LocalRun
from core.runner.report import score
from core.stage.events import BACKGROUND_ID, MemoryPastes, MemorySnapshot, Metric, Scores, Started
from core.stage.folder import ARTIFACT_DIR
from core.stage.interrupt import StopFlag
from tests.support.datasets import pairs_of
from tests.support.local_runs import (
    ITERATIONS,
    SEED,
    attempt_of,
    begin_stage,
    change_spec,
    confusion_of,
    copy_of,
    events_of,
    failure_of,
    finish,
    in_this_process,
    killed_after,
    learned,
    small_run,
    stopping_after,
    warnings_of,
)

EVAL_PIXELS = 32 * 32


def scores_of(run: LocalRun, index: int) -> Scores:
    (scores,) = events_of(attempt_of(run, index), Scores)
    return scores


def matrix_of(run: LocalRun, index: int) -> list[list[int]]:
    return confusion_of(attempt_of(run, index), scores_of(run, index)).matrix


def iou_by_hand(confusion: list[list[int]]) -> npt.NDArray[np.float64]:
    """IoU of every channel; 1e-6 is what the published evaluation takes off each union."""
    matrix = np.array(confusion, dtype=np.float64)
    hits = matrix.diagonal()
    union = matrix.sum(0) + matrix.sum(1) - hits
    return np.where(union > 0, hits / np.where(union > 0, union - 1e-6, 1), 0)


def test_every_test_image_of_the_classes_seen_is_counted_once(eir_run: LocalRun) -> None:
    first, second = (np.array(matrix_of(eir_run, index)) for index in (0, 1))

    # One test picture a class; each has one block of 100 pixels, and the rest is background.
    assert first.shape == (3, 3)
    assert second.shape == (5, 5)
    assert first.sum(axis=1).tolist() == [2 * (EVAL_PIXELS - 100), 100, 100]
    assert second.sum(axis=1).tolist() == [4 * (EVAL_PIXELS - 100), 100, 100, 100, 100]


@pytest.mark.parametrize("index", [0, 1])
def test_class_scores_are_those_of_the_stored_confusion_matrix(eir_run: LocalRun, index: int) -> None:
    scores = scores_of(eir_run, index)

    confusion = confusion_of(attempt_of(eir_run, index), scores)

    found = [score(scores, "iou", class_id=class_id) for class_id in confusion.channels]
    assert confusion.channels == [BACKGROUND_ID, 1, 2, 3, 4][: len(confusion.matrix)]
    assert found == pytest.approx(iou_by_hand(confusion.matrix).tolist())


def test_groups_are_old_new_and_all_from_the_second_step_on(eir_run: LocalRun) -> None:
    first, second = scores_of(eir_run, 0), scores_of(eir_run, 1)
    iou = iou_by_hand(matrix_of(eir_run, 1))

    old, new = float(iou[:3].mean()), float(iou[3:].mean())

    assert score(first, "miou", group="all") == pytest.approx(float(iou_by_hand(matrix_of(eir_run, 0)).mean()))
    assert score(first, "miou", group="old") is None
    assert score(second, "miou", group="all") == pytest.approx(float(iou.mean()))
    assert score(second, "miou", group="old") == pytest.approx(old)
    assert score(second, "miou", group="new") == pytest.approx(new)
    assert score(second, "miou", group="old_foreground") == pytest.approx(float(iou[1:3].mean()))


def test_model_knows_its_classes(eir_run: LocalRun) -> None:
    record = load_model(attempt_of(eir_run, 1) / ARTIFACT_DIR / "model").record

    assert (record.method, record.step, record.seed, record.rule) == ("eir", 1, SEED, "threshold")
    assert (record.learning_order, record.classes_per_step) == ((1, 2, 3, 4), (2, 2))


def test_number_of_parameters_is_announced_and_recorded(eir_run: LocalRun) -> None:
    record = load_model(attempt_of(eir_run, 1) / ARTIFACT_DIR / "model").record

    (started,) = (event for event in events_of(attempt_of(eir_run, 1), Started) if event.parameters)

    # Convolutions without bias, batch norm's two vectors each, and heads of 1, 2 and 2 channels on 96 features.
    convolutions = sum(9 * (c_in * c_out + c_out**2) for c_in, c_out in ((3, 16), (16, 32), (32, 64), (64, 96)))
    norms = 2 * 2 * (16 + 32 + 64 + 96)
    assert started.parameters == record.parameters == convolutions + norms + 5 * (96 + 1)


def test_batch_norm_stays_as_the_first_step_left_it(eir_run: LocalRun) -> None:
    first, second = (load_model(attempt_of(eir_run, index) / ARTIFACT_DIR / "model").weights for index in (0, 1))

    statistics = [name for name in first if "running" in name]

    assert len(statistics) == 16
    assert all(torch.equal(first[name], second[name]) for name in statistics)
    assert not torch.equal(first["backbone.stages.0.0.weight"], second["backbone.stages.0.0.weight"])


def test_memory_holds_instances_of_the_classes_learnt_so_far_in_balance(eir_run: LocalRun) -> None:
    first, second = (load_memory(attempt_of(eir_run, index) / ARTIFACT_DIR / "memory") for index in (0, 1))

    assert Counter(entry.drawn_class for entry in first.entries) == {1: 2, 2: 2}
    assert Counter(entry.drawn_class for entry in second.entries) == {1: 1, 2: 1, 3: 1, 4: 1}
    assert {entry.step_added for entry in second.entries if entry.drawn_class in (3, 4)} == {1}
    assert {entry.id for entry in second.entries if entry.step_added == 0} < {entry.id for entry in first.entries}


def test_index_of_the_memory_is_announced(eir_run: LocalRun) -> None:
    attempt = attempt_of(eir_run, 0)

    (snapshot,) = events_of(attempt, MemorySnapshot)

    index = json.loads((attempt / snapshot.path).read_text())
    assert snapshot.path == "artifacts/memory/index.json"
    assert (
        (snapshot.items, snapshot.bytes)
        == (4, index["bytes"])
        == (len(index["items"]), sum(item["bytes"] for item in index["items"]))
    )
    assert {item["source"] for item in index["items"]} <= {pair.id for pair in pairs_of(eir_run.experiment.dataset)}


def test_series_have_the_losses_of_the_step(eir_run: LocalRun) -> None:
    first, second = (events_of(attempt_of(eir_run, index), Metric) for index in (0, 1))

    assert [event.iteration for event in first] == [3, 6, ITERATIONS]
    assert set(first[0].values) == {"loss", "loss_mbce", "grad_norm", "lr"}
    assert set(second[0].values) == {"loss", "loss_mbce", "loss_kd", "grad_norm", "lr"}
    for event in second:
        assert event.values["loss"] == pytest.approx(event.values["loss_mbce"] + event.values["loss_kd"], rel=1e-5)
    # (1 - i/7)^0.9 with i = 2 finished iterations before the third update.
    assert first[0].values["lr"] == pytest.approx(0.02 * (1 - 2 / 7) ** 0.9)


def test_same_seed_gives_the_same_bits_and_another_seed_others(eir_run: LocalRun, tmp_path: Path) -> None:
    again, other = begin_stage(small_run(tmp_path / "again")), begin_stage(small_run(tmp_path / "other"))
    change_spec(other, seed=SEED + 1)

    codes = [in_this_process(folder, StopFlag()) for folder in (again, other)]

    reference = learned([attempt_of(eir_run, 0)])
    weights = "artifacts/model/model.safetensors"
    assert codes == [0, 0]
    assert learned([again]) == reference
    assert learned([other]).files[weights] != reference.files[weights]


def test_memory_of_size_zero_replays_and_pastes_nothing(tmp_path: Path) -> None:
    run = small_run(tmp_path, memory={"size": 0})

    finish(run)

    attempts = [attempt_of(run, index) for index in (0, 1)]
    assert [load_memory(attempt / ARTIFACT_DIR / "memory").entries for attempt in attempts] == [(), ()]
    assert [event.items for attempt in attempts for event in events_of(attempt, MemorySnapshot)] == [0, 0]
    assert [warnings_of(attempt) for attempt in attempts] == [[], []]
    assert scores_of(run, 1).step == 1


def test_memory_larger_than_the_candidates_keeps_them_all_and_warns(tmp_path: Path) -> None:
    run = small_run(tmp_path, memory={"size": 100})

    finish(run)

    # Six pictures show class 1 or 2, six show 3 or 4; each block is one component, so all are candidates.
    first, second = (attempt_of(run, index) for index in (0, 1))
    assert len(load_memory(first / ARTIFACT_DIR / "memory").entries) == 6
    assert len(load_memory(second / ARTIFACT_DIR / "memory").entries) == 12
    assert warnings_of(first)[0].startswith("memory holds 6 of the 100 instances asked for")
    assert warnings_of(second)[0].startswith("memory holds 12 of the 100 instances asked for")


def test_batch_larger_than_images_and_memory_is_lowered_with_a_warning(tmp_path: Path) -> None:
    run = small_run(tmp_path, optim={"batch_size": 32, "iterations": 2})

    finish(run)

    found = [warnings_of(attempt_of(run, index))[0] for index in (0, 1)]
    assert found == [
        f"the batch of 32 is larger than the {count} training images; it is lowered to {count}" for count in (6, 6 + 4)
    ]


def test_epochs_count_images_and_memory(tmp_path: Path) -> None:
    run = small_run(tmp_path, optim={"iterations": None, "epochs": 2, "batch_size": 4})

    finish(run)

    # Step 0: 2 epochs of 6 // 4 batches; step 1: 2 epochs of (6 + 4) // 4.
    last = [events_of(attempt_of(run, index), Metric)[-1].iteration for index in (0, 1)]
    assert last == [2 * 1, 2 * 2]


def damage_memory(folder: Path) -> None:
    (folder / "inputs/memory/index.json").write_text("{}")


def damage_model(folder: Path) -> None:
    (folder / "inputs/model/model.safetensors").write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "named"), [(damage_memory, "memory/index.json"), (damage_model, "model/model.safetensors")]
)
def test_damaged_input_fails_the_stage_and_is_named(tmp_path: Path, damage: Callable[[Path], None], named: str) -> None:
    run = small_run(tmp_path, optim={"iterations": 1})
    assert in_this_process(begin_stage(run), StopFlag()) == 0
    folder = begin_stage(run, 1)
    (folder / "inputs" / named).unlink()  # a hard link to the output of the stage before
    damage(folder)

    assert in_this_process(folder, StopFlag()) == 1
    assert failure_of(folder).reason == "storage_error"
    assert named in failure_of(folder).error


def test_old_classes_are_kept_beside_the_new(tmp_path: Path) -> None:
    """Enough updates to learn; fine-tuning ends with 0.0 for the first step's classes under the same conditions."""
    optim = {"lr_base": 0.02, "lr_step": 0.02, "head_lr_factor": 10, "iterations": 200, "batch_size": 6}
    run = small_run(tmp_path, optim=optim, memory={"size": 12}, init_new="random", execution={"checkpoint_every": 100})

    finish(run)

    second = scores_of(run, 1)
    old, new = score(second, "miou", group="step-0"), score(second, "miou", group="step-1")
    assert old is not None
    assert new is not None
    assert old > 0.3
    assert new > 0.1


def pastes_of(attempt: Path) -> PasteIndex:
    (event,) = events_of(attempt, MemoryPastes)
    return PasteIndex.model_validate_json((attempt / event.path).read_bytes())


def test_pastes_are_counted_as_the_plans_of_all_batches_say(
    eir_run: LocalRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recount: Counter[str] = Counter()

    def plan(*arguments: Any) -> list[Paste]:
        found, bank, options = plan_pastes(*arguments), arguments[2], arguments[4]
        cell_px = options.cell_px(arguments[0].shape[-1])
        recount.update(
            bank.entries[one.entry].id
            for one in found
            if bank.fit(one.entry, one.channel, one.view, cell_px, options.resize) is not None
        )
        return found

    monkeypatch.setattr(pasting, "plan_pastes", plan)
    folder = begin_stage(copy_of(eir_run, tmp_path, num_stages=1), 1)
    assert in_this_process(folder, StopFlag()) == 0

    times = pastes_of(folder).times
    assert {item: count for item, count in times.items() if count} == recount
    assert recount.total() > 0
    assert times.keys() == {entry.id for entry in load_memory(folder / "inputs/memory").entries}
    assert {entry.times_drawn for entry in load_memory(folder / "inputs/memory").entries} == {0}
    kept = load_memory(folder / ARTIFACT_DIR / "memory").entries
    assert {entry.id: entry.times_drawn for entry in kept if entry.step_added == 0} == {
        entry.id: times[entry.id] for entry in kept if entry.step_added == 0
    }


@pytest.mark.parametrize("updates", [1, 5])
def test_killed_stage_tells_of_its_pastes_as_one_that_was_not(eir_run: LocalRun, tmp_path: Path, updates: int) -> None:
    copied = copy_of(eir_run, tmp_path, num_stages=1)
    with killed_after(updates):
        in_this_process(begin_stage(copied, 1), StopFlag())

    finish(copied)

    assert attempt_of(copied, 1).name == "attempt-2"
    assert pastes_of(attempt_of(copied, 1)) == pastes_of(attempt_of(eir_run, 1))


def test_examples_of_pastes_name_images_of_the_step_or_replayed_instances(eir_run: LocalRun) -> None:
    attempt = attempt_of(eir_run, 1)
    index = pastes_of(attempt)

    images = {pair.id for pair in pairs_of(eir_run.experiment.dataset)}
    replayed = {f"memory/{entry.id}" for entry in load_memory(attempt / "inputs/memory").entries}
    assert index.examples
    for example in index.examples:
        x0, y0, x1, y1 = example.box
        picture = PillowImage.open(attempt / ARTIFACT_DIR / "pastes" / example.picture)
        assert index.times[example.item] > 0
        assert example.source in images | replayed
        assert 0 <= x0 < x1 <= 32
        assert 0 <= y0 < y1 <= 32
        assert (example.size, picture.size) == ((32, 32), (32, 32))


def test_first_step_and_a_memory_of_size_zero_tell_of_no_pastes(eir_run: LocalRun, tmp_path: Path) -> None:
    run = small_run(tmp_path, memory={"size": 0})
    finish(run)

    assert [events_of(attempt, MemoryPastes) for attempt in (attempt_of(eir_run, 0), attempt_of(run, 1))] == [[], []]


def test_memory_knows_the_classes_that_share_its_budget(eir_run: LocalRun) -> None:
    memories = [load_memory(attempt_of(eir_run, index) / ARTIFACT_DIR / "memory") for index in (0, 1)]

    assert [memory.seen_classes for memory in memories] == [(1, 2), (1, 2, 3, 4)]


def test_optional_terms_and_styles_go_on_after_a_stop_as_if_there_was_none(tmp_path: Path) -> None:
    run = small_run(
        tmp_path,
        "eir",
        loss={"fc": 0.1, "fs": 0.1, "intra_class": 0.1, "lovasz": 0.1},
        paste={"style": "match_host", "mixstyle": "random"},
    )
    finish(run)
    copied, attempts = copy_of(run, tmp_path / "copied", num_stages=1), []

    for _ in range(3):
        attempts.append(begin_stage(copied, 1))
        with stopping_after(3) as flag:
            in_this_process(attempts[-1], flag)

    assert [events_of(attempt, Started)[-1].resumed_iteration for attempt in attempts] == [None, 3, 6]
    assert learned(attempts) == learned([attempt_of(run, 1)])
    terms = {"loss_fc", "loss_fs", "loss_intra_class", "loss_lovasz"}
    assert terms < set(events_of(attempt_of(run, 1), Metric)[0].values)
