"""The panels of a step: the same images after each, through the model of each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from core.data.presence import scan_presence
from core.methods.class_incremental.step_model import evaluate_step, grow_model
from core.methods.class_incremental.step_panels import show_panels
from core.stage.context import StageContext
from core.stage.events import AnyEvent, Log, Predictions, Scores, read_events
from core.stage.folder import EVENTS_FILE
from core.streams.base import MAIN
from tests.support.contexts import context_of
from tests.support.local_runs import events_of


class EverythingIs(nn.Module):
    """Answers every pixel with one channel."""

    def __init__(self, channel: int, channels: int) -> None:
        super().__init__()
        self.channel, self.num_channels = channel, channels
        self.modes: list[bool] = []

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.modes.append(self.training)
        logits = torch.full((len(images), self.num_channels, *images.shape[2:]), -1.0)
        logits[:, self.channel] = 1
        return logits


def shown(context: StageContext, model: nn.Module, step: int) -> Predictions:
    show_panels(context, context.config, model, context.stream.step(step), 40)  # type: ignore[arg-type]
    (event,) = events_of(context.folder, Predictions)
    return event


def test_every_step_shows_the_same_images_whether_their_classes_are_learnt_or_not(tmp_path: Path):
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()

    first, second = (
        shown(context_of(folder, step), EverythingIs(1, 2 + step), step) for step, folder in enumerate(folders)
    )

    # Picture 2 shows class 9, which is not in the stream; 0 shows class 2 and 1 class 5, which is learned first.
    assert [item.source for item in first.items] == [item.source for item in second.items] == ["image-0", "image-1"]
    assert (first.step, second.step, first.iteration) == (0, 1, 40)
    assert (first.background_id, first.ignore_id) == (0, 255)
    for folder in folders:
        assert (folder / first.items[0].labels).read_bytes() == (folders[0] / first.items[0].labels).read_bytes()


def test_prediction_and_scores_are_those_of_the_model(tmp_path: Path):
    event = shown(context_of(tmp_path, 1), EverythingIs(2, 3), 1)

    showing_two, showing_five = event.items
    with Image.open(tmp_path / showing_two.prediction) as image:
        assert np.unique(np.asarray(image)).tolist() == [2]
    assert (showing_two.classes, showing_five.classes) == ([2], [5])
    assert showing_two.pixel_accuracy == pytest.approx(100 / 1024)
    assert showing_two.iou == {2: pytest.approx(100 / 1024)}
    assert showing_five.iou == {5: 0}


def test_model_is_asked_in_evaluation_mode_and_left_as_it_was(tmp_path: Path):
    model = EverythingIs(0, 2).train()

    shown(context_of(tmp_path), model, 0)

    assert (model.modes, model.training) == ([False, False], True)


def test_number_of_images_is_a_setting_and_none_turns_the_panels_off(tmp_path: Path):
    off = context_of(tmp_path, eval={"panel_images": 0})
    show_panels(off, off.config, EverythingIs(0, 2), off.stream.step(0), 40)  # type: ignore[arg-type]
    assert events_of(tmp_path, Predictions) == []
    assert not (tmp_path / "artifacts").exists()

    one = context_of(tmp_path, eval={"panel_images": 1})
    assert len(shown(one, EverythingIs(0, 2), 0).items) == 1


def test_evaluation_announces_the_panels_before_the_scores(tmp_path: Path):
    context = context_of(tmp_path)

    evaluate_step(context, context.config, grow_model(context, context.config, None), 40)

    events: list[AnyEvent] = [event for event, _ in read_events(tmp_path / EVENTS_FILE)]
    assert [type(event) for event in events] == [Predictions, Scores, Log]


def test_panels_take_no_further_look_at_labels_than_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    context = context_of(tmp_path)
    presence = scan_presence(context.datasets[MAIN].eval)
    monkeypatch.setattr("core.engine.panels.scan_presence", lambda *_: presence)
    read: list[int] = []
    label = context.datasets[MAIN].eval.label
    monkeypatch.setattr(type(context.datasets[MAIN].eval), "label", lambda _, index: read.append(index) or label(index))

    shown(context, EverythingIs(0, 2), 0)

    assert read == [0, 1]
