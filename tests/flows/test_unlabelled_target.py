"""Rounds on a target of which the first images alone have labels, as people find it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.acquisition.manifest import Answer, AnsweredQuery, join_answers
from core.acquisition.queries import Query, read_queries
from core.errors import ConfigError
from core.experiment import resolve
from core.runner.local import LocalRun, plan_with_images, prepare_attempt
from core.stage.events import Scores
from core.stage.folder import ARTIFACT_DIR, RESULT_FILE, StageOutcome
from core.stage.interrupt import StopFlag
from core.stage.spec import StageSpec
from tests.support.local_runs import attempt_of, confusion_of, events_of, failure_of, in_this_process
from tests.support.rounds import CONFIG, SEED
from tests.support.unlabelled import ROUNDS, UnlabelledTarget, write_unlabelled_target


@pytest.fixture
def target(tmp_path: Path) -> UnlabelledTarget:
    return write_unlabelled_target(tmp_path)


def run_on(target: UnlabelledTarget, folder: Path) -> LocalRun:
    document = {"method": "stal", "dataset": target.spec.model_dump(), "stream": dict(ROUNDS), "config": dict(CONFIG)}
    run = LocalRun(resolve(document), SEED, folder / "run", folder / "home", device="cpu")
    run.folder.mkdir()
    run.data_home.mkdir()
    return run


def carry_out(run: LocalRun, stages: list[StageSpec], index: int) -> Path:
    folder = prepare_attempt(run, stages, stages[index])
    assert in_this_process(folder, StopFlag()) == 0, failure_of(folder)
    return folder


def answer(query: Query, target: UnlabelledTarget) -> AnsweredQuery:
    labels = target.truth.label(target.truth.ids.index(query.image))
    answer = Answer(
        query=query.id, image=query.image, unit=query.unit, round=0, author="ann", pixels=1536, clicks=1, seconds=9
    )
    return AnsweredQuery(answer, labels)


def let_people_answer(run: LocalRun, stages: list[StageSpec], target: UnlabelledTarget) -> list[str]:
    """Leave what a service writes when its round is closed; return the images."""
    queries = read_queries(attempt_of(run, 1) / ARTIFACT_DIR / "queries").queries
    folder = prepare_attempt(run, stages, stages[2])
    join_answers(folder / ARTIFACT_DIR / "labels", [answer(query, target) for query in queries])
    outcome = StageOutcome(outputs={"labels": f"{ARTIFACT_DIR}/labels"}, files=[], last_seq=0, seconds=0)
    (folder / RESULT_FILE).write_text(outcome.model_dump_json())
    return [query.image for query in queries]


def test_a_round_is_trained_asked_answered_and_trained_on_without_a_label_file(
    target: UnlabelledTarget, tmp_path: Path
) -> None:
    run = run_on(target, tmp_path)
    stages = plan_with_images(run.experiment, run.data_home)

    carry_out(run, stages, 0)
    carry_out(run, stages, 1)
    asked = let_people_answer(run, stages, target)
    last = carry_out(run, stages, 3)

    assert [stage.by_people for stage in stages] == [False, False, True, False]
    assert len(asked) == 2
    assert not {*asked} & {*target.labelled}
    teacher = events_of(last, Scores)[0]
    assert np.array(confusion_of(last, teacher).matrix).sum() > 0


def test_first_images_without_labels_end_a_plan_and_a_stage(target: UnlabelledTarget, tmp_path: Path) -> None:
    run = run_on(target, tmp_path)
    stages = plan_with_images(run.experiment, run.data_home)
    target.remove_label(target.labelled[0])

    folder = prepare_attempt(run, stages, stages[0])
    assert in_this_process(folder, StopFlag()) == 1

    assert failure_of(folder).error.startswith("1 of the 2 images that are labelled at the start have no label file")
    with pytest.raises(ConfigError, match="no label file"):
        plan_with_images(run.experiment, run.data_home)
