from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from server.db.annotations import (
    AnsweredByAnother,
    DraftSave,
    LeaseLost,
    NewAnswer,
    RoundClosed,
    StaleDraft,
    UnknownQuery,
    close_round,
    hand_to_oracle,
    lease_next,
    read_tiles,
    record_oracle_answers,
    save_draft,
    skip,
    submit,
)
from server.db.clock import database_now
from server.db.lifecycle import request_cancel
from server.db.models import Annotation, Assignment
from tests.server.db.annotations.conftest import CAUSE, Waiting
from tests.support.label_rounds import filled
from tests.support.rows import USER


def versions(waiting: Waiting, query_id: str) -> list[tuple[int, str, str, bool]]:
    with waiting.database.read() as session:
        rows = session.scalars(
            select(Annotation).where(Annotation.query_id == query_id).order_by(Annotation.version)
        ).all()
    return [(row.version, row.author, row.source, row.is_late) for row in rows]


def lease(waiting: Waiting, author: str) -> None:
    with waiting.database.write() as session:
        lease_next(session, waiting.stage.id, author, lease_s=900, cause=CAUSE)


def test_an_answer_is_accepted_at_once_as_the_first_version(waiting: Waiting) -> None:
    lease(waiting, "ann")

    submitted = waiting.answer(waiting.ids[0])

    query = waiting.query(waiting.ids[0])
    assert (query.state, query.author, query.version, query.lease_until) == ("accepted", "ann", 1, None)
    answer = submitted.annotation
    assert (answer.pixels, answer.class_pixels, answer.clicks, answer.seconds) == (48, {"7": 48}, 3, 2.5)
    # The teacher proposed class 3 everywhere.
    assert answer.agreeing_pixels == 0
    assert (submitted.counts["accepted"], submitted.counts["open"], submitted.closes_round) == (1, 2, False)


def test_the_last_answer_completes_the_round(waiting: Waiting) -> None:
    assert [waiting.answer(query_id).closes_round for query_id in waiting.ids] == [False, False, True]


def test_a_round_whose_rest_was_skipped_is_complete_but_not_one_that_was_skipped_altogether(waiting: Waiting) -> None:
    for author in ("ann", "bob"):
        lease(waiting, author)
    with waiting.database.write() as session:
        skip(session, waiting.ids[0], "ann", "dark", cause=CAUSE)
        skip(session, waiting.ids[1], "bob", "dark", cause=CAUSE)

    assert waiting.answer(waiting.ids[2]).closes_round


def test_the_same_answer_sent_twice_is_stored_once(waiting: Waiting) -> None:
    first, second = waiting.answer(waiting.ids[0]), waiting.answer(waiting.ids[0])

    assert first.annotation.id == second.annotation.id
    assert versions(waiting, waiting.ids[0]) == [(1, "ann", "person", False)]


def test_another_answer_is_another_version_and_none_is_lost(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])
    waiting.answer(waiting.ids[0], "bob", value=3, replaces=1)

    assert versions(waiting, waiting.ids[0]) == [(1, "ann", "person", False), (2, "bob", "person", False)]
    assert waiting.query(waiting.ids[0]).version == 2


def test_anothers_accepted_answer_is_replaced_only_by_name(waiting: Waiting) -> None:
    key = waiting.ids[0]
    waiting.answer(key)
    for replaces in (None, 2):
        with pytest.raises(AnsweredByAnother, match="answered by 'ann', version 1") as caught:
            waiting.answer(key, "bob", value=3, replaces=replaces)
    assert (caught.value.author, caught.value.version) == ("ann", 1)
    waiting.answer(key, "bob", value=3, replaces=1)

    # What ann sends once more, not knowing of bob, replaces nothing.
    with pytest.raises(AnsweredByAnother, match="answered by 'bob', version 2"):
        waiting.answer(key)
    waiting.answer(key, "bob", value=7)

    assert [author for _, author, _, _ in versions(waiting, key)] == ["ann", "bob", "bob"]


def test_a_late_answer_replaces_nothing_and_so_needs_no_leave(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])
    close_round(waiting.database, waiting.storage, waiting.stage.id, cause=CAUSE)

    assert waiting.answer(waiting.ids[0], "bob", value=3).annotation.is_late


def test_a_query_of_somebody_else_is_refused(waiting: Waiting) -> None:
    lease(waiting, "bob")

    with pytest.raises(LeaseLost, match="'bob' has it") as caught:
        waiting.answer(waiting.ids[0])

    assert caught.value.holder == "bob"
    assert versions(waiting, waiting.ids[0]) == []


def test_an_answer_after_the_end_of_a_lease_counts_as_long_as_nobody_else_took_the_query(waiting: Waiting) -> None:
    lease(waiting, "bob")
    with waiting.database.write() as session:
        past = database_now(session) - timedelta(seconds=1)
        session.execute(update(Assignment).where(Assignment.query_id == waiting.ids[0]).values(lease_until=past))

    assert waiting.answer(waiting.ids[0], "bob").annotation.version == 1


def test_an_answer_after_closing_is_kept_and_changes_nothing(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])
    close_round(waiting.database, waiting.storage, waiting.stage.id, cause=CAUSE)
    outputs = waiting.run().stages[2].outputs

    waiting.answer(waiting.ids[0], value=3)

    assert versions(waiting, waiting.ids[0]) == [(1, "ann", "person", False), (2, "ann", "person", True)]
    assert waiting.query(waiting.ids[0]).version == 1
    assert waiting.run().stages[2].outputs == outputs


def test_what_was_not_answered_before_closing_takes_no_answer(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])
    close_round(waiting.database, waiting.storage, waiting.stage.id, cause=CAUSE)

    with pytest.raises(RoundClosed, match="its state is succeeded"):
        waiting.answer(waiting.ids[1])


def test_a_cancelled_round_takes_no_answer(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])
    with waiting.database.write() as session:
        request_cancel(session, waiting.stage.run_id, cause=USER)

    for query_id in waiting.ids:
        with pytest.raises(RoundClosed, match="its state is cancelled"):
            waiting.answer(query_id, value=3)
    assert waiting.states() == ["accepted", "withdrawn", "withdrawn"]


def test_the_oracle_takes_the_same_path_and_leaves_the_answers_of_people(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])
    with waiting.database.write() as session:
        hand_to_oracle(session, waiting.stage.id, cause=CAUSE)
    answers = [NewAnswer(query_id, "oracle", "oracle", waiting.facts(filled(3)), 1, 0.0) for query_id in waiting.ids]

    with waiting.database.write() as session:
        first = record_oracle_answers(session, waiting.stage.id, answers, cause=CAUSE)
    with waiting.database.write() as session:
        again = record_oracle_answers(session, waiting.stage.id, answers, cause=CAUSE)

    assert (first, again) == (2, 0)
    assert versions(waiting, waiting.ids[0]) == [(1, "ann", "person", False)]
    assert versions(waiting, waiting.ids[1]) == [(1, "oracle", "oracle", False)]
    assert waiting.states() == ["accepted"] * 3


def test_a_draft_that_was_saved_as_its_work_was_stored_is_not_lost(waiting: Waiting) -> None:
    key = waiting.ids[0]
    with waiting.database.write() as session:
        for revision in range(2):
            save_draft(session, DraftSave(key, "ann", revision, {(0, 0): b"work"}, 1.0, 1), lease_s=900)
    made_from_the_first = NewAnswer(key, "ann", "person", waiting.facts(filled()), 1, 0.0, draft_revision=1)

    with pytest.raises(StaleDraft) as caught, waiting.database.write() as session:
        submit(session, made_from_the_first, cause=CAUSE)

    assert (caught.value.revision, versions(waiting, key)) == (2, [])
    with waiting.database.read() as session:
        assert [tile.png for tile in read_tiles(session, key, "ann")] == [b"work"]


def test_an_unknown_query_is_named(waiting: Waiting) -> None:
    new = NewAnswer("f" * 16, "ann", "person", waiting.facts(filled()), 1, 0.0)

    with pytest.raises(UnknownQuery, match="ffffffffffffffff"), waiting.database.write() as session:
        submit(session, new, cause=CAUSE)
