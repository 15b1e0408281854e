"""When a run learns its domains."""

from __future__ import annotations

from typing import Any

from server.db.session import Database
from server.services.scores.learning import learning_of
from server.services.scores.step_table import step_table
from tests.support.results import add_evaluation
from tests.support.rows import make_run

WORLD = {"world": "domains", "size_px": 32}
SEQUENCE: dict[str, Any] = {
    "kind": "domain_sequence",
    "first": "pits",
    "further": [{"name": "pills", "dataset": {**WORLD, "domain": "pills"}}],
    "extra_tests": [{"name": "natural", "dataset": {**WORLD, "domain": "natural"}}],
    "custom_order": [1, 0],
}
MATRIX = [[6, 2], [1, 7]]


def test_a_sequence_of_domains_teaches_each_in_its_turn_though_all_are_tested_from_the_first(
    database: Database,
) -> None:
    run = make_run(database, num_stages=2, stream=SEQUENCE)
    for stage in run.stages:
        for domain in ("natural", "pits", "pills"):
            add_evaluation(database, stage, MATRIX, channels=[-1, 1], domain=domain)

    with database.read() as session:
        found = learning_of(session, run.id).domains
        table = step_table(session, run.id, None, None)

    assert list(found.items()) == [("pills", 0), ("pits", 1), ("natural", None)]
    assert {column.name: column.step_learned for column in table.domains} == found
    (matrix,) = [matrix for matrix in table.matrices if matrix.by == "domain" and matrix.metric == "miou"]
    assert [column.step_learned for column in matrix.columns] == [0, 1, None]


def test_other_streams_learn_a_domain_when_it_is_first_tested(database: Database) -> None:
    run = make_run(database)
    for stage, domain in ((run.stages[0], "city"), (run.stages[1], "city"), (run.stages[1], "village")):
        add_evaluation(database, stage, MATRIX, channels=[-1, 4], domain=domain)

    with database.read() as session:
        assert learning_of(session, run.id).domains == {"city": 0, "village": 1}
