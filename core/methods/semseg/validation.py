"""Tests between the iterations of a training, for its score curves."""

from __future__ import annotations

from typing import Any, cast

from core.data.samples import InstanceDataset
from core.engine.validation import ValidationHook
from core.methods.semseg.evaluation import stream_of
from core.methods.semseg.predictions import joined
from core.methods.semseg.testing import Tester
from core.metrics.open_set import summarise
from core.stage.context import StageContext
from core.stage.interrupt import StageInterrupted
from core.streams.base import MAIN


def validation(context: StageContext[Any], tester: Tester) -> ValidationHook | None:
    """Return the hook that tests on the experiment's own test images every `eval.every` iterations; None = never."""
    every = context.config.eval.every
    if not every:
        return None

    def measure(done: int) -> dict[str, float]:
        opened = context.datasets[MAIN]
        dataset, split = cast(InstanceDataset, opened.eval), stream_of(context).split_of(opened.classes)
        parts = []
        for index in range(len(dataset)):
            if context.stop.requested:
                raise StageInterrupted(done)
            image, truth = dataset.image(index), dataset.instances(index)
            parts.append(tester.test(index, image, truth, split.left_out).stored)
        result = joined(parts).evaluate(context.config.eval.unknown_threshold)
        known, unknown = summarise(result.known), summarise([result.unknown])
        values = {
            "ap_known": known.ap,
            "ar10_unknown": unknown.ar[0],
            "aose": float(result.open_set_errors.sum()) if result.true_unknown else None,
        }
        return {name: value for name, value in values.items() if value is not None}

    return ValidationHook(context.events, measure, every)
