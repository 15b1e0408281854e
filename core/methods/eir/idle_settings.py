"""Settings of EIR that have no effect beside other settings. Free of torch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.methods.class_incremental.idle_settings import ONE_STEP, idle_beside_others
from core.methods.idle_settings import Idle
from core.streams.base import TaskStream

if TYPE_CHECKING:
    from core.methods.eir.config import EirConfig


def idle_of(config: EirConfig, stream: TaskStream) -> Iterator[Idle]:
    """Yield the settings without effect, given the other settings and the task stream."""
    yield from idle_beside_others(config, stream)
    if stream.num_steps == 1:
        yield Idle(("memory", "paste", "pseudo_labels", "kd", "loss.intra_class"), ONE_STEP)
    yield from _of_memory(config)
    yield from _of_distillation(config)
    yield from _of_losses(config)


def _of_memory(config: EirConfig) -> Iterator[Idle]:
    memory, paste = config.memory, config.paste
    if memory.size == 0:
        yield Idle(("memory", "paste"), "memory.size is 0, so nothing is kept, replayed or pasted", ("memory.size",))
    if 0 < memory.min_area <= memory.speck_px:
        yield Idle(("memory.min_area",), f"what is kept has memory.speck_px = {memory.speck_px} pixels anyway")
    if not paste.enabled:
        yield Idle(("paste",), "paste.enabled is off, so nothing is pasted", ("paste.enabled",))
    if paste.filler == "none":
        yield Idle(("paste.placement",), "it says where fillers go, and paste.filler is none")


def _of_distillation(config: EirConfig) -> Iterator[Idle]:
    kd = config.kd
    if kd.weight == 0:
        yield Idle(("kd",), "kd.weight is 0, so nothing is distilled", ("kd.weight",))
    if kd.mode == "none":
        yield Idle(("kd",), "kd.mode is none, so nothing is distilled", ("kd.mode",))
    if kd.mode != "rskd":
        yield Idle(("kd.rest",), "only kd.mode: rskd tells regions apart")
    if kd.mode == "sigmoid":
        yield Idle(("kd.alpha",), "it sharpens a softmax, and kd.mode: sigmoid has none")


def _of_losses(config: EirConfig) -> Iterator[Idle]:
    loss = config.loss
    if loss.fs == 0:
        yield Idle(("loss.fs_margin",), "loss.fs is 0, so classes are not pushed apart")
    if loss.lovasz == 0:
        yield Idle(
            ("loss.lovasz_form", "loss.lovasz_classes", "loss.lovasz_per_image"),
            "loss.lovasz is 0, so there is no Lovász loss",
        )
    if loss.lovasz_form == "hinge":
        yield Idle(("loss.lovasz_classes",), "the hinge counts every channel")
