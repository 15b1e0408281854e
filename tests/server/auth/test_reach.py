from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from server.auth.permissions import Reach
from server.auth.reach import reaches
from server.auth.roles import Role
from server.db.models import QueryBatch, Stage
from server.db.session import Database
from server.storage import LocalStorage
from tests.support.accounts import NAMES, AccountService
from tests.support.label_rounds import filled, make_waiting_round, png, query_ids

IMAGES = ("ulm_1", "bonn_2", "ulm_3")
ANN = NAMES[Role.ANNOTATOR]


@pytest.fixture
def stage(accounts: AccountService, tmp_path: Path) -> Stage:
    """A round that waits for people, on the service's database."""
    storage = LocalStorage(accounts.service.app.state.settings.storage_folder)
    return make_waiting_round(accounts.database, storage, tmp_path / "asked", IMAGES)


def _reaches(database: Database, reach: Reach, **parts: str) -> bool:
    with database.read() as session:
        return reaches(session, ANN, reach, parts)


def _end(database: Database, stage: Stage) -> None:
    with database.write() as session:
        session.execute(update(Stage).where(Stage.id == stage.id).values(state="succeeded"))


def test_an_annotator_reaches_a_round_while_it_waits_for_people(accounts: AccountService, stage: Stage) -> None:
    database, query = accounts.database, query_ids(stage.run_id, IMAGES)[0]
    at = {"stage_id": stage.id, "query_id": query}
    waiting = [_reaches(database, reach, **at) for reach in (Reach.ROUND, Reach.QUERY, Reach.ANY)]
    with database.write() as session:
        session.execute(update(QueryBatch).where(QueryBatch.stage_id == stage.id).values(by_people=False))
    of_oracle = _reaches(database, Reach.ROUND, **at)
    with database.write() as session:
        session.execute(update(QueryBatch).where(QueryBatch.stage_id == stage.id).values(by_people=True))
    _end(database, stage)

    assert (waiting, of_oracle) == ([True] * 3, False)
    assert [_reaches(database, reach, **at) for reach in (Reach.ROUND, Reach.QUERY)] == [False, False]


def test_own_answers_stay_and_those_of_others_are_nobodys_business(accounts: AccountService, stage: Stage) -> None:
    mine, other, _ = query_ids(stage.run_id, IMAGES)
    header = {"Content-Type": "image/png"}
    with accounts.browser(ANN) as ann, accounts.browser(NAMES[Role.RESEARCHER]) as rita:
        given = ann.post(f"/api/v1/queries/{mine}/annotations", content=png(filled()), headers=header).json()[
            "annotation"
        ]
        foreign = rita.post(f"/api/v1/queries/{other}/annotations", content=png(filled()), headers=header).json()[
            "annotation"
        ]
        seen = ann.get(f"/api/v1/queries/{other}").json()
        listed = {query["id"]: query for query in ann.get(f"/api/v1/stages/{stage.id}/queries").json()["items"]}
        masks = [
            client.get(f"/api/v1/annotations/{answer['id']}/mask").status_code
            for client in (ann, rita)
            for answer in (given, foreign)
        ]
        versions = [ann.get(f"/api/v1/queries/{query}/answer?version=1").status_code for query in (mine, other)]
        taken_up = [ann.post(f"/api/v1/queries/{query}/revise", json={}).status_code for query in (other, mine)]

    assert (given["author"], foreign["author"]) == (ANN, NAMES[Role.RESEARCHER])
    assert (seen["annotations"], seen["answer_url"], listed[other]["answer_url"]) == ([], None, None)
    assert listed[mine]["answer_url"] is not None
    assert masks == [200, 404, 200, 200]
    assert versions == [200, 404]
    assert taken_up == [404, 200]


def test_a_round_that_was_closed_meanwhile_is_there_for_whoever_worked_in_it(
    accounts: AccountService, stage: Stage
) -> None:
    query = query_ids(stage.run_id, IMAGES)[0]
    with accounts.browser(ANN) as ann:
        ann.post(f"/api/v1/queries/{query}/lease", json={})
        kept = ann.put(f"/api/v1/queries/{query}/draft", json={"tiles": []}, headers={"If-Match": '"0"'})
        _end(accounts.database, stage)
        there = [ann.get(f"/api/v1/queries/{query}/draft?author={ANN}"), ann.get(f"/api/v1/stages/{stage.id}")]

    assert kept.status_code == 200, kept.text
    assert [answer.status_code for answer in there] == [200, 200]
