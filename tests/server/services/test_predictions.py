from __future__ import annotations

import pytest

from core.data.samples import SampleKind
from server.db.base import utc_now
from server.db.models import Experiment, Run
from server.db.session import Database
from server.errors import NotFoundError
from server.schemas.predictions import PredictionPage
from server.services import predictions
from tests.support.results import add_predictions
from tests.support.rows import make_run


def pages(database: Database, run: Run, limit: int, domain: str | None = None) -> list[PredictionPage]:
    """Return all pages of a run's panels of a domain."""
    found: list[PredictionPage] = []
    with database.read() as session:
        while not found or found[-1].next_cursor:
            cursor = found[-1].next_cursor if found else None
            found.append(predictions.list_page(session, run.id, domain=domain, cursor=cursor, limit=limit))
    return found


def test_an_image_has_an_entry_for_each_step_that_is_done(database: Database) -> None:
    run = make_run(database)
    later = add_predictions(database, run.stages[1], ["a", "b"])
    first = add_predictions(database, run.stages[0], ["a", "b"])

    (page,) = pages(database, run, limit=50)

    assert [image.source for image in page.items] == ["a", "b"]
    assert (page.domain, page.domains) == (None, [])
    image = page.items[1]
    assert (image.kind, image.rank, image.width, image.height, image.classes) == ("dense", 1, 4, 2, [2])
    assert (image.background_id, image.ignore_id) == (0, 255)
    assert image.picture == f"/api/v1/predictions/{first[1]}/image"
    assert image.labels == f"/api/v1/predictions/{first[1]}/labels"
    assert [(step.step, step.stage_id, step.prediction) for step in image.steps] == [
        (0, run.stages[0].id, f"/api/v1/predictions/{first[1]}/prediction"),
        (1, run.stages[1].id, f"/api/v1/predictions/{later[1]}/prediction"),
    ]
    assert (image.steps[0].pixel_accuracy, image.steps[0].iou) == (0.5, {2: 0.25})


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_are_of_whole_images(database: Database, limit: int) -> None:
    run = make_run(database)
    for stage in run.stages[:2]:
        add_predictions(database, stage, ["a", "b", "c"])

    found = pages(database, run, limit)

    assert [image.source for page in found for image in page.items] == ["a", "b", "c"]
    assert all(len(image.steps) == 2 for page in found for image in page.items)
    assert len(found) == -(-3 // limit)


def test_panels_are_those_of_one_domain_and_all_are_named_in_the_order_of_their_first(database: Database) -> None:
    run = make_run(database)
    add_predictions(database, run.stages[1], ["c"], domain="alley")
    for stage in run.stages[:2]:
        add_predictions(database, stage, ["a", "b"], domain="village", kind=SampleKind.BINARY)
        add_predictions(database, stage, ["a"], domain="city")

    (default,) = pages(database, run, 50)
    (city,) = pages(database, run, 50, "city")
    (unknown,) = pages(database, run, 50, "nowhere")

    assert default.domains == city.domains == unknown.domains == ["village", "city", "alley"]
    assert (default.domain, [(image.rank, image.source) for image in default.items]) == (
        "village",
        [(0, "a"), (1, "b")],
    )
    assert {image.kind for image in default.items} == {"binary"}
    assert [len(image.steps) for image in default.items] == [2, 2]
    assert (city.domain, [len(image.steps) for image in city.items]) == ("city", [2])
    assert (unknown.domain, unknown.items) == ("nowhere", [])


def test_panels_without_a_domain_are_shown_where_none_is_chosen(database: Database) -> None:
    run = make_run(database)
    add_predictions(database, run.stages[0], ["a"], domain="city")
    add_predictions(database, run.stages[0], ["b"])

    (page,) = pages(database, run, 50)

    assert (page.domain, page.domains, [image.source for image in page.items]) == (None, ["city"], ["b"])


def test_classes_come_in_the_order_of_learning_and_then_those_that_no_step_teaches(database: Database) -> None:
    run = make_run(database)
    labels = [{"id": number, "name": f"name {number}", "colour": f"#00000{number}"} for number in (1, 2, 3)]
    with database.write() as session:
        experiment = session.get_one(Experiment, run.experiment_id)
        experiment.resolved = {**experiment.resolved, "stream": {"steps": [[3], [1]]}}
        experiment.class_table = {"labels": labels, "has_background": True}

    (page,) = pages(database, run, limit=50)

    assert [(entry.id, entry.name, entry.step_learned) for entry in page.classes] == [
        (3, "name 3", 0),
        (1, "name 1", 1),
        (2, "name 2", None),
    ]


def test_every_class_of_a_run_of_rounds_is_learned_from_the_start(database: Database) -> None:
    run = make_run(database)
    labels = [{"id": number, "name": f"name {number}", "colour": f"#00000{number}"} for number in (0, 1)]
    with database.write() as session:
        experiment = session.get_one(Experiment, run.experiment_id)
        experiment.resolved = {**experiment.resolved, "stream": {"kind": "active_rounds", "budgets": [3]}}
        experiment.class_table = {"labels": labels, "has_background": False}

    (page,) = pages(database, run, limit=50)

    assert [(entry.id, entry.step_learned) for entry in page.classes] == [(0, 0), (1, 0)]


def test_panels_of_another_run_are_not_shown(database: Database) -> None:
    run, other = make_run(database), make_run(database)
    add_predictions(database, other.stages[0], ["a"])

    assert [page.items for page in pages(database, run, limit=50)] == [[]]


def test_predictions_of_a_deleted_run_are_not_found(database: Database) -> None:
    run = make_run(database)
    (prediction_id,) = add_predictions(database, run.stages[0], ["a"])
    with database.write() as session:
        session.get_one(Run, run.id).deleted_at = utc_now()

    with database.read() as session, pytest.raises(NotFoundError):
        predictions.find(session, prediction_id)


def test_unknown_run_and_unknown_prediction_are_not_found(database: Database) -> None:
    with database.read() as session:
        with pytest.raises(NotFoundError):
            predictions.list_page(session, "none", domain=None, cursor=None, limit=50)
        with pytest.raises(NotFoundError):
            predictions.find(session, 1)
