"""Settings of STAL that have no effect beside other settings. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.acquisition.catalog import ACQUISITIONS, Evidence, QueryUnit
from core.data.classes import ClassTable
from core.methods.idle_settings import Idle
from core.methods.stal.label_space import learned_ids
from core.methods.stal.scores import class_groups
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.base import TaskStream

if TYPE_CHECKING:
    from core.methods.stal.config import StalConfig

OF_CONTRAST = tuple(
    f"compat.{name}" for name in ("key_needs_label", "positional_index", "onehot_batch0", "proto_reset")
)
SPARING = ("mix.kind", "contrast.weight")


def idle_of(config: StalConfig, stream: TaskStream, classes: ClassTable) -> Iterator[Idle]:
    """Yield the settings without effect, given the other settings, the stream and the target's classes."""
    yield from _of_start(config, stream)
    yield from _of_data(config, stream)
    yield from _of_length(config)
    yield from _of_labels(config)
    yield from _of_teacher(config)
    yield from _of_contrast(config)
    yield from _of_questions(config, stream)
    yield from _of_tests(config, classes)


def _of_start(config: StalConfig, stream: TaskStream) -> Iterator[Idle]:
    model = config.model
    if model.checkpoint is None:
        yield Idle(("model.checkpoint_state", "model.checkpoint_partial"), "model.checkpoint names no file")
    elif not model.checkpoint_partial:
        yield Idle(("model.backbone_weights",), "model.checkpoint replaces all of the network")
    if model.init == "previous_round" and stream.num_steps == 1:
        yield Idle(("model.init",), "the stream has one round, so there is none before")


def _of_data(config: StalConfig, stream: TaskStream) -> Iterator[Idle]:
    data = config.data
    if isinstance(stream, ActiveRoundsStream) and stream.source is None:
        yield Idle(
            ("data.source_size", "data.source_resize", "supervised.separate_domains", "ripu.consistency_weight"),
            "it is about the source, and stream.source names no dataset",
        )
    if data.source_size is None:
        yield Idle(("data.source_resize",), "data.source_size is not given, so the source is not resized")
    if data.target_size is None:
        yield Idle(("data.target_resize",), "data.target_size is not given, so the target is not resized")


def _of_length(config: StalConfig) -> Iterator[Idle]:
    optim = config.optim
    if optim.iterations is not None:
        yield Idle(("optim.epochs",), "optim.iterations replaces the epochs")
    if optim.name == "adam":
        yield Idle(("optim.momentum",), "optim.name is adam, which has no momentum")
    other = "optim.cosine_floor" if optim.schedule == "poly" else "optim.poly_power"
    yield Idle((other,), f"the schedule {optim.schedule} does not use it")


def _of_labels(config: StalConfig) -> Iterator[Idle]:
    supervised, paste, ripu = config.supervised, config.copy_paste, config.ripu
    if supervised.loss == "ce":
        yield Idle(("supervised.thresh", "supervised.min_kept"), "supervised.loss is ce, which counts every pixel")
    elif supervised.min_kept == 0:
        yield Idle(("supervised.thresh",), "supervised.min_kept is 0, which counts every pixel")
    if not paste.enabled:
        yield Idle(("copy_paste",), "copy_paste.enabled is off, so nothing is pasted", ("copy_paste.enabled",))
    elif paste.probability == 0:
        yield Idle(("copy_paste",), "copy_paste.probability is 0, so nothing is pasted", ("copy_paste.probability",))
    if ripu.consistency_weight == 0:
        yield Idle(("ripu.consistency_form",), "ripu.consistency_weight is 0, so there is no consistency loss")
    if ripu.negative_weight == 0:
        yield Idle(("ripu.negative_threshold",), "ripu.negative_weight is 0, so there is no negative loss")
    if not _knows_classes(config):
        yield Idle(
            ("bank_momentum", "compat.decay_absent"), "no pasting, mixing or sampling asks how well a class is known"
        )


def _knows_classes(config: StalConfig) -> bool:
    """Return whether any active part reads the bank of class confidences."""
    paste, taught = config.copy_paste, config.self_training
    pastes = paste.enabled and paste.probability > 0
    samples = taught.loss == "consistency" and taught.sample
    return pastes or (taught.weight > 0 and (config.mix.kind == "adaptive" or samples))


def _of_teacher(config: StalConfig) -> Iterator[Idle]:
    taught, mix = config.self_training, config.mix
    if taught.weight == 0:
        yield Idle(
            ("self_training", "mix", "contrast", "compat.drop_low_entropy", *OF_CONTRAST),
            "self_training.weight is 0, so nothing is learned from the teacher, only from labels",
            # The last two leave out what would be read and held for nothing.
            ("self_training.weight", "self_training.ema_maximum", "self_training.ema_buffers", *SPARING),
        )
    if taught.loss != "consistency":
        yield Idle(
            ("self_training.gamma", "self_training.sample", "self_training.sample_gamma"),
            f"self_training.loss is {taught.loss}, and only the loss consistency uses it",
        )
    if not taught.sample:
        yield Idle(("self_training.sample_gamma",), "self_training.sample is off, so nothing is sampled")
    if taught.loss == "u2pl":
        yield Idle(
            ("self_training.threshold", "self_training.symmetric_labelled"),
            "self_training.loss is u2pl, whose teacher teaches nothing on labelled images",
        )
    else:
        yield Idle(
            ("self_training.drop_percent",), f"self_training.loss is {taught.loss}, and only the loss u2pl uses it"
        )
    if mix.kind != "adaptive":
        yield Idle(
            ("mix.area_share", "mix.presence_share", "mix.smooth"),
            f"mix.kind is {mix.kind}, and only the mix adaptive uses it",
        )


def _of_contrast(config: StalConfig) -> Iterator[Idle]:
    contrast = config.contrast
    if contrast.weight == 0:
        yield Idle(
            ("contrast", *OF_CONTRAST), "contrast.weight is 0, so there is no contrastive loss", ("contrast.weight",)
        )
    if contrast.anneal:
        yield Idle(
            ("contrast.low_percent", "contrast.high_percent"),
            "contrast.anneal takes the percentiles from self_training.unreliable_percent",
        )
    if contrast.any_negative:
        yield Idle(("contrast.high_percent",), "contrast.any_negative takes negatives from every pixel")
    if not contrast.anchor_ema:
        yield Idle(("compat.proto_reset",), "contrast.anchor_ema is off, so no positives are stored")


def _of_questions(config: StalConfig, stream: TaskStream) -> Iterator[Idle]:
    options = config.acquisition
    if stream.num_steps == 1:
        yield Idle(("acquisition", "compat.log19"), "the stream has no budgets, so nobody is asked for labels")
        return
    used = options.in_use()
    idle = tuple(f"acquisition.{name}" for name in type(options).model_fields if name not in {*used, "unit"})
    yield Idle(
        idle, f"the acquisition function {options.name}, asking for {options.query_unit.value}s, does not use it"
    )
    entry = ACQUISITIONS[options.name]
    divides = entry.evidence is Evidence.IMAGE_LOGITS or entry.unit is QueryUnit.REGION
    if not divides:
        yield Idle(("compat.log19",), f"{options.name} divides no entropies")


def _of_tests(config: StalConfig, classes: ClassTable) -> Iterator[Idle]:
    test = config.eval
    if test.mode == "whole":
        yield Idle(
            ("eval.base_size", "eval.scales", "eval.flip"),
            "it is used with sliding windows only, and whole images are tested; set eval.mode: sliding",
        )
    if test.every_epochs == 0:
        yield Idle(("eval.between",), "eval.every_epochs is 0, so nothing is tested between epochs")
    if not class_groups(learned_ids(classes, config.data.label_space)):
        yield Idle(("eval.restrict",), "it names subsets of Cityscapes' classes, and the dataset has other classes")
