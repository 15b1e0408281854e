from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.domain_gap import SOURCE, Sizes, Trained, document_of, gaps, table, train_and_test
from core.experiment import resolve
from core.methods.stal.config import StalConfig
from core.runner.report import score
from core.stage.events import Scores, read_events
from core.streams.active_rounds import ActiveRoundsStream

RESULTS = [
    Trained(SOURCE, {SOURCE: 0.5, "city-a": 0.2, "city-b": 0.3, "city-c": 0.1}, 1.0),
    Trained("city-a", {"city-a": 0.45}, 1.0),
    Trained("city-b", {"city-b": 0.4}, 1.0),
    Trained("city-c", {"city-c": 0.4}, 1.0),
]


def test_a_gap_is_what_training_in_the_city_would_have_brought() -> None:
    assert gaps(RESULTS) == pytest.approx({"city-a": 0.25, "city-b": 0.1, "city-c": 0.3})


def test_the_table_says_which_gap_is_too_small() -> None:
    lines = table(RESULTS).splitlines()

    assert [line.split()[0] for line in lines[1:]] == [SOURCE, "city-a", "city-b", "city-c"]
    assert [line.endswith("below 0.15") for line in lines[1:]] == [False, False, True, False]


def test_every_training_has_all_labels_of_its_domain_and_no_source() -> None:
    experiment = resolve(document_of("city-b", Sizes(7, 9, 3, 0)))

    assert isinstance(experiment.stream, ActiveRoundsStream)
    assert (experiment.stream.source, experiment.stream.initial_images, experiment.stream.budgets) == (None, 9, ())
    assert isinstance(experiment.config, StalConfig)
    assert (experiment.config.optim.iterations, experiment.config.self_training.weight) == (7, 0)


def test_the_own_domain_s_score_is_the_one_that_the_stage_reports(tmp_path: Path) -> None:
    result = train_and_test("city-a", Sizes(2, 4, 3, 0), tmp_path)

    (events,) = tmp_path.glob("stal-*/0-train-0/attempt-1/events.jsonl")
    scores = next(event for event, _ in read_events(events) if isinstance(event, Scores) and event.split == "val")
    assert result.miou == {"city-a": pytest.approx(score(scores, "miou_present", group="all"), abs=1e-12)}
    assert result.miou["city-a"] > 0
