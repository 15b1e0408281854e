"""What a round of STAL trains on."""

from __future__ import annotations

from pathlib import Path

import torch

from core.methods.stal.model_files import load_teacher
from core.methods.stal.round_data import at_target_size, open_training
from core.methods.stal.stages import train_round
from tests.support.rounds import pictures, round_context


def test_the_source_is_resized_once_where_that_is_asked_for(tmp_path: Path) -> None:
    sized = round_context(tmp_path, source=pictures(2, first=20), data={"source_size": [64, 48]})
    plain = round_context(tmp_path / "plain", source=pictures(2, first=20))

    resized = open_training(sized)
    as_it_is = open_training(plain)

    assert resized.source is not None
    assert as_it_is.source is not None
    assert (resized.source.image(0).shape, resized.source.label(1).shape) == ((48, 64, 3), (48, 64))
    # What is kept in memory is the resized picture; the target keeps its size.
    assert resized.source.image(0) is resized.source.image(0)
    assert resized.target.image(0).shape == as_it_is.source.image(0).shape == (32, 32, 3)


def test_the_target_is_trained_at_its_size_and_asked_about_at_its_own(tmp_path: Path) -> None:
    context = round_context(tmp_path, data={"target_size": [48, 16]})

    data = open_training(context)
    trained = at_target_size(data.target, context.config.data)

    assert (trained.image(0).shape, trained.label(0).shape) == ((16, 48, 3), (16, 48))
    assert data.pool().read(0).image.shape == (32, 32, 3)
    # Four stripes stay four stripes: a label is one of the ids that were there.
    labelled = data.whole[0]
    assert trained.label(labelled)[:, 0].tolist() == [4] * 4 + [3] * 4 + [1] * 4 + [0] * 4


def test_a_size_of_the_target_that_is_its_own_changes_no_bit(tmp_path: Path) -> None:
    plain, sized = round_context(tmp_path / "a"), round_context(tmp_path / "b", data={"target_size": [32, 32]})

    stored = [context.folder / train_round(context).outputs["model"] for context in (plain, sized)]

    teachers = [load_teacher(folder, torch.device("cpu"))[1].teacher_sha256 for folder in stored]
    assert teachers[0] == teachers[1]
