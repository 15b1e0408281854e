from __future__ import annotations

from statistics import fmean, stdev

import pytest

from server.db.session import Database
from server.schemas.run_groups import RunGroup, RunGroupBy, RunGroupsQuery
from server.services.runs.groups import grouped
from tests.support.run_list import Listed, add_run


def _groups(database: Database, by: RunGroupBy, **filters: object) -> list[RunGroup]:
    with database.read() as session:
        return grouped(session, RunGroupsQuery.model_validate({"by": by, **filters})).items


def test_a_group_has_mean_and_deviation_of_its_finished_runs(any_database: Database) -> None:
    scores = [0.61, 0.4, 0.52]
    for seed, score in enumerate(scores):
        add_run(any_database, Listed(seed=seed), state="succeeded", last_score=score)
    add_run(any_database, Listed(seed=3), state="succeeded")
    add_run(any_database, Listed(seed=4), state="running", last_score=0.99)

    (group,) = _groups(any_database, RunGroupBy.METHOD)

    assert (group.key, group.title, group.runs) == ("eir", "eir", 5)
    assert group.states == {"succeeded": 4, "running": 1}
    (score,) = group.scores
    assert (score.name, score.n, score.undefined) == ("mIoU", 3, 1)
    assert score.mean == pytest.approx(fmean(scores))
    assert score.std == pytest.approx(stdev(scores))


def test_one_finished_run_has_no_deviation_and_none_has_no_score(database: Database) -> None:
    add_run(database, Listed(dataset="voc"), state="succeeded", last_score=0.5)
    add_run(database, Listed(dataset="ade"), state="running", last_score=0.5)

    voc, ade = sorted(_groups(database, RunGroupBy.DATASET), key=lambda group: group.key, reverse=True)

    assert (voc.key, voc.scores[0].mean, voc.scores[0].std, voc.scores[0].n) == ("voc", 0.5, None, 1)
    assert (ade.key, ade.scores) == ("ade", [])


def test_equal_scores_have_no_deviation(database: Database) -> None:
    for seed in range(3):
        add_run(database, Listed(seed=seed), state="succeeded", last_score=0.1)

    assert _groups(database, RunGroupBy.METHOD)[0].scores[0].std == pytest.approx(0, abs=1e-8)


def test_methods_with_different_headlines_are_never_averaged(database: Database) -> None:
    add_run(database, Listed(method="eir"), state="succeeded", last_score=0.5)
    add_run(database, Listed(method="semseg"), state="succeeded", last_score=0.7)

    (group,) = _groups(database, RunGroupBy.DATASET)

    assert [score.n for score in group.scores] == [1, 1]
    assert len({score.name for score in group.scores}) == 2


def test_a_run_is_in_a_group_of_each_of_its_tags(any_database: Database) -> None:
    add_run(any_database, Listed(tags=("paper", "owner=ada")))
    add_run(any_database, Listed(tags=("paper",)))

    assert [(group.key, group.runs) for group in _groups(any_database, RunGroupBy.TAG)] == [
        ("paper", 2),
        ("owner=ada", 1),
    ]


def test_filters_of_the_list_narrow_the_groups(database: Database) -> None:
    add_run(database, Listed(method="eir"))
    add_run(database, Listed(method="finetune"))

    assert [group.key for group in _groups(database, RunGroupBy.METHOD, method="finetune")] == ["finetune"]
    assert [len(group.key) for group in _groups(database, RunGroupBy.EXPERIMENT, method="eir")] == [64]
