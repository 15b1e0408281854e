"""The panels of a round: the same test images each time, through the teacher of each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.data.decoding import read_image, read_label
from core.methods.stal.label_space import channel_tables
from core.methods.stal.round_panels import show_round
from core.methods.stal.training import build_state
from core.models.deeplabv3plus import DeepLabV3Plus
from core.runner.local import LocalRun
from core.stage.events import Predictions
from core.stage.folder import EVENTS_FILE
from core.streams.active_rounds import TARGET
from tests.support.local_runs import attempt_of, events_of
from tests.support.rounds import round_context


def always(network: DeepLabV3Plus, channel: int) -> DeepLabV3Plus:
    """Let a network answer every pixel with one channel."""
    with torch.no_grad():
        last = network.decoder.classifier[-1]
        assert isinstance(last, torch.nn.Conv2d)
        last.weight.zero_()
        assert last.bias is not None
        last.bias.zero_()
        last.bias[channel] = 1
    return network


def shown(folder: Path, channel: int = 3, **options: object) -> Predictions:
    context = round_context(folder, eval=options)
    _, raw_of = channel_tables(context.datasets[TARGET].classes)
    teacher = always(build_state(context, 5, 4).teacher, channel).train()
    show_round(context, teacher, raw_of, torch.float32, 40, 2)
    assert teacher.training
    [event] = events_of(folder, Predictions)
    return event


@pytest.mark.parametrize("mode", [{}, {"mode": "sliding", "base_size": 48}])
def test_pictures_and_scores_are_those_of_the_teacher(tmp_path: Path, mode: dict[str, object]) -> None:
    event = shown(tmp_path, **mode)

    assert (event.step, event.iteration, event.background_id, event.ignore_id) == (2, 40, None, 255)
    # Pictures of four stripes, of the classes 4, 3, 1 and 0 from above; 2 is in none.
    assert [item.source for item in event.items] == ["a_50", "b_51"]
    for item in event.items:
        assert np.unique(read_label(tmp_path / item.prediction)).tolist() == [3]
        assert item.classes == [0, 1, 3, 4]
        assert item.pixel_accuracy == pytest.approx(1 / 4)
        assert item.iou == {0: 0, 1: 0, 3: pytest.approx(1 / 4), 4: 0}
        assert read_image(tmp_path / item.image).shape == (32, 32, 3)
        assert np.array_equal(np.unique(read_label(tmp_path / item.labels)), [0, 1, 3, 4])


def test_the_number_of_images_is_a_setting_and_none_turns_the_panels_off(tmp_path: Path) -> None:
    assert len(shown(tmp_path / "one", panel_images=1).items) == 1

    off = round_context(tmp_path / "off", eval={"panel_images": 0})
    _, raw_of = channel_tables(off.datasets[TARGET].classes)
    show_round(off, build_state(off, 5, 4).teacher, raw_of, torch.float32, 40, 0)
    assert not (tmp_path / "off" / "artifacts").exists()
    assert "predictions" not in (tmp_path / "off" / EVENTS_FILE).read_text()


def test_every_round_of_a_run_shows_the_same_images(stal_run: LocalRun) -> None:
    attempts = [attempt_of(stal_run, index) for index in (0, 3, 6)]
    events = [event for attempt in attempts for event in events_of(attempt, Predictions)]

    assert [event.step for event in events] == [0, 1, 2]
    assert len({tuple(item.source for item in event.items) for event in events}) == 1
    labels = {
        (attempt / item.labels).read_bytes()
        for attempt, event in zip(attempts, events, strict=True)
        for item in event.items[:1]
    }
    assert len(labels) == 1
