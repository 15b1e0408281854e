"""One iteration with every option: what is finite, what an option changes, and that nothing is read on the host."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from core.acquisition.catalog import QueryUnit
from core.acquisition.manifest import Answer, AnsweredQuery, join_answers
from core.acquisition.round_plan import LABELS
from core.engine.inference import resize_logits
from core.engine.loop import Values
from core.engine.resumable import TrainingSetup
from core.engine.teacher_view import TeacherView
from core.losses.local_consistency import local_consistency
from core.losses.negative_learning import negative_learning
from core.methods.stal.config import CompatOptions
from core.methods.stal.iteration import StalIteration
from core.methods.stal.label_space import channel_tables
from core.methods.stal.losses import weighted_cross_entropy
from core.methods.stal.round_data import open_training
from core.methods.stal.state import StalState
from core.methods.stal.training import RoundIteration, build_state, training_setup
from core.streams.active_rounds import TARGET
from tests.support.host_reads import HostReads
from tests.support.rounds import pictures, round_context


@dataclass(frozen=True)
class Trained:
    """A state after some iterations, and what each of them measured."""

    state: StalState
    values: list[Values]


def prepare(folder: Path, **arguments: Any) -> tuple[TrainingSetup, RoundIteration]:
    """Return what a round trains on: two of six images are labelled, and three of a source."""
    context = round_context(folder, **{"source": pictures(3, first=20), **arguments})
    data = open_training(context)
    channel_of, raw_of = channel_tables(context.datasets[TARGET].classes)
    state = build_state(context, len(raw_of), len(data.unlabelled))
    return training_setup(context, state, data, channel_of)


def train(
    folder: Path, iterations: int = 2, watch: AbstractContextManager[object] | None = None, **arguments: Any
) -> Trained:
    """Carry out the first iterations of a round; two of them are an epoch."""
    return carry_out(*prepare(folder, **arguments), iterations, watch)


def carry_out(
    setup: TrainingSetup,
    iteration: RoundIteration,
    iterations: int,
    watch: AbstractContextManager[object] | None = None,
) -> Trained:
    values = []
    for done, batch in enumerate(setup.make_batches(0, iterations)):
        torch.manual_seed(done)
        with watch or nullcontext():
            values.append(iteration(batch, done))
    return Trained(iteration.networks.state, values)


def last(trained: Trained, name: str) -> float:
    return float(trained.values[-1][name])


VARIANTS: dict[str, dict[str, Any]] = {
    "adaptive": {},
    "cutout": {"mix": {"kind": "cutout"}},
    "cutmix": {"mix": {"kind": "cutmix"}},
    "classmix": {"mix": {"kind": "classmix"}},
    "unmixed": {"mix": {"kind": "none"}},
    "smooth": {"mix": {"smooth": True}},
    "u2pl": {"self_training": {"loss": "u2pl"}},
    "plain": {"self_training": {"loss": "plain"}},
    "every pixel": {"self_training": {"sample": False}},
    "threshold": {"self_training": {"threshold": 0.9}},
    "symmetric": {"self_training": {"symmetric_labelled": True, "symmetric_unlabelled": True}},
    "ohem": {"supervised": {"loss": "ohem", "min_kept": 50}},
    "no paste": {"copy_paste": {"enabled": False}},
    "always paste": {"copy_paste": {"probability": 1.0, "frequent": ()}},
    "nothing to paste": {"copy_paste": {"probability": 1.0, "frequent": ("road", "pole", "train", "car", "sky")}},
    "no contrast": {"contrast": {"weight": 0}},
    "averaged positives": {"contrast": {"anchor_ema": True, "conf_weight": True}},
    "half memory": {"contrast": {"half_precision": True}},
    "annealed": {"contrast": {"anneal": True, "any_negative": True}},
    "labels alone": {"self_training": {"weight": 0}},
    "copied buffers": {"self_training": {"ema_buffers": "copy"}},
    "averaged buffers": {"self_training": {"ema_buffers": "ema"}},
    "batch of one": {"optim": {"batch_size": 1}},
    "domains apart": {"supervised": {"loss": "ohem", "min_kept": 50, "separate_domains": True}},
    "as RIPU": {
        "supervised": {"separate_domains": True},
        "self_training": {"weight": 0, "ema_maximum": 0}, "copy_paste": {"enabled": False}, "mix": {"kind": "none"},
        "ripu": {"consistency_weight": 0.1, "negative_weight": 1},
    },
    "as RIPU by divergence, without a source": {
        "source": None, "ripu": {"consistency_weight": 0.1, "consistency_form": "kl"},
    },
    "all compatible": {
        "compat": {
            "pad_label_zero": True, "drop_low_entropy": True, "decay_absent": True, "key_needs_label": True,
            "positional_index": True, "onehot_batch0": True, "proto_reset": True, "log19": True, "one_pair": True,
        }
    },
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_every_option_trains_with_a_finite_loss_and_reads_nothing_on_the_host(tmp_path: Path, name: str) -> None:
    reads = HostReads()

    trained = train(tmp_path, 2, watch=reads, **VARIANTS[name])

    assert len(trained.values) == 2
    for values in trained.values:
        assert all(torch.isfinite(value) for value in values.values())
        losses = [value for key, value in values.items() if key.startswith("loss_")]
        assert float(values["loss"]) == pytest.approx(float(sum(losses)), rel=1e-5)
    assert all(torch.isfinite(tensor).all() for tensor in trained.state.teacher.parameters())
    # ClassMix draws half of the classes that are there, and so must know how many there are.
    assert reads.found == (["_unique2"] * len(reads.found) if name == "classmix" else [])


@pytest.mark.parametrize(
    ("sections", "present", "absent"),
    [
        ({}, {"consistency", "labelled", "contrast"}, set()),
        ({"self_training": {"loss": "u2pl"}}, {"consistency", "contrast"}, {"labelled"}),
        ({"self_training": {"weight": 0}}, set(), {"consistency", "labelled", "contrast"}),
        ({"contrast": {"weight": 0}}, {"consistency", "labelled"}, {"contrast"}),
        ({"contrast": {"start_epoch": 1}}, {"consistency", "labelled"}, {"contrast"}),
        ({"optim": {"warmup_epochs": 1}}, set(), {"consistency", "labelled", "contrast"}),
        ({}, set(), {"local_consistency", "negative"}),
        ({"ripu": {"consistency_weight": 0.1}}, {"local_consistency"}, {"negative"}),
        ({"ripu": {"negative_weight": 1}}, {"negative"}, {"local_consistency"}),
    ],
)
def test_losses_are_those_that_are_switched_on(
    tmp_path: Path, sections: dict[str, Any], present: set[str], absent: set[str]
) -> None:
    first = train(tmp_path, 1, **sections).values[0].keys()

    assert "loss_supervised" in first
    assert {f"loss_{name}" for name in present} <= first
    assert not {f"loss_{name}" for name in absent} & first


def test_ripu_losses_are_about_source_borders_and_unlabelled_images(tmp_path: Path) -> None:
    options = {"copy_paste": {"enabled": False}, "ripu": {"consistency_weight": 0.5, "negative_weight": 2}}
    setup, iteration = prepare(tmp_path, **options)
    batch = next(iter(setup.make_batches(0, 1)))
    student = iteration.networks.state.student
    with torch.no_grad():
        torch.manual_seed(0)
        labelled = resize_logits(student(batch.labelled.images).logits, (32, 32))
        unlabelled = resize_logits(student(batch.first.images).logits, (32, 32))

    torch.manual_seed(0)
    values = iteration(batch, 0)

    is_source = batch.items >= 2
    assert batch.from_source.tolist() == is_source.tolist()
    expected = local_consistency(labelled[is_source], batch.labelled.labels[is_source])
    assert float(values["loss_local_consistency"]) == pytest.approx(0.5 * float(expected), rel=1e-4)
    assert float(values["loss_negative"]) == pytest.approx(2 * float(negative_learning(unlabelled)), rel=1e-4)


@pytest.mark.parametrize("separate", [False, True])
def test_source_and_target_can_be_averaged_apart(tmp_path: Path, separate: bool) -> None:
    supervised = {"separate_domains": separate, "auxiliary_weight": 0}
    setup, iteration = prepare(tmp_path, copy_paste={"enabled": False}, supervised=supervised)
    batch = next(batch for batch in setup.make_batches(0, 6) if len(set(batch.from_source.tolist())) == 2)
    # Of the target only one row is labelled, as where pixels were asked for.
    batch.labelled.labels[~batch.from_source, 1:] = 255
    torch.manual_seed(0)
    with torch.no_grad():
        logits = resize_logits(iteration.networks.state.student(batch.labelled.images).logits, (32, 32))
    labels = batch.labelled.labels

    torch.manual_seed(0)
    loss = float(iteration(batch, 0)["loss_supervised"])

    both = [weighted_cross_entropy(logits[rows], labels[rows]) for rows in (batch.from_source, ~batch.from_source)]
    expected = sum(both) if separate else weighted_cross_entropy(logits, labels)
    assert loss == pytest.approx(float(expected), rel=1e-4)


def test_contrast_begins_with_its_epoch(tmp_path: Path) -> None:
    # Four unlabelled images in batches of two: the second epoch begins with the third iteration.
    values = train(tmp_path, 3, contrast={"start_epoch": 1}).values

    assert ["loss_contrast" in one for one in values] == [False, False, True]
    assert float(values[2]["loss_contrast"]) > 0
    # Every class gives the 8 keys that it may give in an iteration, of 40 that are held.
    assert float(values[2]["memory_fill"]) == pytest.approx(8 / 40)


def test_teacher_is_the_student_after_the_first_iteration_and_follows_from_then_on(tmp_path: Path) -> None:
    one, two = (train(tmp_path / str(count), count).state for count in (1, 2))
    name = "decoder.classifier.8.weight"

    assert torch.equal(one.teacher.state_dict()[name], one.student.state_dict()[name])
    # d(1) = 1 - 1/2: half of what the teacher was, half of what the student is.
    halfway = (one.student.state_dict()[name] + two.student.state_dict()[name]) / 2
    assert torch.allclose(two.teacher.state_dict()[name], halfway, atol=1e-7)


def test_teacher_waits_through_the_warm_up_and_then_starts_from_the_student(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Tensor] = []
    setup, iteration = prepare(tmp_path, optim={"warmup_epochs": 1})
    state = iteration.networks.state
    drawn = state.teacher.decoder.classifier[8].weight.clone()
    inner = state.teacher.forward

    def watched(images: Tensor) -> object:
        seen.append(state.teacher.decoder.classifier[8].weight.clone())
        return inner(images)

    monkeypatch.setattr(state.teacher, "forward", watched)
    batches = iter(setup.make_batches(0, 3))
    for done in (0, 1):
        iteration(next(batches), done)
    student = state.student.decoder.classifier[8].weight.detach().clone()
    statistics = state.teacher.decoder.head[1].running_mean.clone()

    assert torch.equal(state.teacher.decoder.classifier[8].weight, drawn)
    assert not torch.equal(student, drawn)
    assert statistics.abs().sum() > 0
    seen.clear()
    iteration(next(batches), 2)
    assert all(torch.equal(weight, student) for weight in seen)


def test_confidence_is_learned_without_self_training_too(tmp_path: Path) -> None:
    trained = train(tmp_path, 1, self_training={"weight": 0})

    moved = trained.state.confidence != trained.state.confidence_at_epoch
    # Class 2 is in no picture, so it keeps its value.
    assert not moved[2]
    assert moved[[0, 1, 3, 4]].any()


def test_absent_classes_decay_where_the_reference_is_followed(tmp_path: Path) -> None:
    kept, decayed = (
        train(tmp_path / str(flag), 2, compat={"decay_absent": flag}).state.confidence[2] for flag in (False, True)
    )

    assert float(decayed) == pytest.approx(float(kept) * 0.999**2, rel=1e-5)


def test_reference_drops_other_pixels(tmp_path: Path) -> None:
    ours, theirs = (train(tmp_path / str(flag), 1, compat={"drop_low_entropy": flag}) for flag in (False, True))

    assert last(ours, "loss_supervised") == last(theirs, "loss_supervised")
    assert last(ours, "loss_consistency") != last(theirs, "loss_consistency")


def test_reference_stores_fewer_negatives(tmp_path: Path) -> None:
    ours, theirs = (
        train(tmp_path / str(flag), 1, compat={"key_needs_label": flag}, contrast={"max_push": 0}).state.memory.lengths
        for flag in (False, True)
    )

    assert (theirs <= ours).all()
    assert theirs.sum() < ours.sum()


def test_reference_sees_only_the_first_image_of_a_batch(tmp_path: Path) -> None:
    ours, theirs = (train(tmp_path / str(flag), 1, compat={"onehot_batch0": flag}) for flag in (False, True))

    assert last(ours, "loss_contrast") != last(theirs, "loss_contrast")


@pytest.mark.parametrize("flag", sorted(CompatOptions.model_fields.keys() - {"log19", "proto_reset"}))
def test_every_switch_of_the_reference_changes_the_training_by_itself(tmp_path: Path, flag: str) -> None:
    """Crops are larger than pictures, so that there is padding; the third iteration meets memories that are full."""
    ended = []
    for on in (False, True):
        setup, iteration = prepare(tmp_path / str(on), data={"crop_px": 48}, compat={flag: on})
        without_class_2(iteration)
        state = carry_out(setup, iteration, 3).state
        ended.append([*state.parameters(), *state.buffers()])

    assert not all(torch.equal(*pair) for pair in zip(*ended, strict=True))


def without_class_2(iteration: RoundIteration) -> None:
    """Let the networks never predict the class that no picture shows."""
    with torch.no_grad():
        iteration.networks.state.student.decoder.classifier[-1].bias[2] = -100


def test_reference_forgets_stored_positives_of_absent_classes(tmp_path: Path) -> None:
    kept = []
    for is_reset in (False, True):
        options = {"contrast": {"anchor_ema": True}, "compat": {"proto_reset": is_reset}}
        setup, iteration = prepare(tmp_path / str(is_reset), **options)
        without_class_2(iteration)
        iteration.networks.state.prototypes.fill_(1)
        iteration(next(iter(setup.make_batches(0, 1))), 0)
        kept.append(iteration.networks.state.prototypes[2])

    assert kept[0].eq(1).all()
    assert kept[1].eq(0).all()


def test_reference_mixes_one_pair_of_a_batch(tmp_path: Path) -> None:
    setup, _ = prepare(tmp_path, compat={"one_pair": True})

    batches = list(setup.make_batches(0, 8))

    assert {batch.first.images.shape[0] for batch in batches} == {1}
    assert {batch.labelled.images.shape[0] for batch in batches} == {2}
    # The first or the second, as a coin falls.
    assert len({int(batch.first_ids) for batch in batches}) > 2


def test_averaged_positives_are_kept_in_the_state(tmp_path: Path) -> None:
    off, on = (train(tmp_path / str(flag), 1, contrast={"anchor_ema": flag}).state.prototypes for flag in (False, True))

    assert not off.any()
    assert on.any()


def test_unlabelled_images_are_noted_by_what_they_show(tmp_path: Path) -> None:
    state = train(tmp_path, 2).state

    # Both batches of the epoch are seen, and every crop shows some class on a hundredth of its pixels.
    assert state.presence.shape == (5, 4)
    assert (state.presence.sum(dim=0) > 0).all()
    assert state.presence_at_epoch.sum() == 0


def test_images_mixed_with_one_another_bring_no_partners(tmp_path: Path) -> None:
    state = train(tmp_path, 1, mix={"kind": "cutmix"}).state

    assert state.presence.sum() == 0


def test_labels_of_people_stand_above_the_teachers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """People labelled every pixel of every image as class 3, as parts: then nothing of the teacher's is left."""
    join_answers(tmp_path / "labels", [part_of(name) for name in pictures(6).ids])
    seen: list[TeacherView] = []

    def watched(_: StalIteration, logits: Tensor, view: TeacherView) -> Tensor:
        seen.append(view)
        return logits.sum() * 0

    monkeypatch.setattr(StalIteration, "_consistency", watched)
    inputs = {LABELS: tmp_path / "labels"}
    whole = {"scale_min": 1.0, "scale_max": 1.0}
    train(tmp_path / "train", 1, stream={"initial_images": 0}, inputs=inputs, source=None, data=whole)

    mixed, labelled = seen
    assert (mixed.labels == 3).all()
    assert (mixed.confidence == 1).all()
    assert (mixed.entropy == 0).all()
    assert (labelled.confidence < 1).all()


def part_of(name: str) -> AnsweredQuery:
    answer = Answer(
        query="0" * 16, image=name, unit=QueryUnit.REGION, round=0, author="a", pixels=1, clicks=1, seconds=0
    )
    return AnsweredQuery(answer, np.full((32, 32), 3, np.uint8))
