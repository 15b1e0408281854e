from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from server.db.annotations import (
    LeaseLost,
    RoundClosed,
    UnknownQuery,
    UnknownRound,
    expire_leases,
    lease_next,
    lease_query,
    reject_answer,
    release,
    renew_lease,
    reopen_query,
    revise_answer,
    skip,
    tally,
)
from server.db.clock import database_now
from server.db.lifecycle import Cause, IllegalTransition, request_cancel
from server.db.models import Assignment, Transition
from server.db.session import Database
from server.storage import LocalStorage
from tests.server.db.annotations.conftest import CAUSE, Waiting
from tests.support.label_rounds import make_waiting_round
from tests.support.rows import USER

NOBODY = "01890000-0000-7000-8000-000000000000"


def lease(waiting: Waiting, author: str = "ann", lease_s: float = 900) -> str | None:
    with waiting.database.write() as session:
        leased = lease_next(session, waiting.stage.id, author, lease_s=lease_s, cause=Cause(f"user:{author}"))
        assert leased.counts == tally(session, waiting.stage.id)
        return leased.query.id if leased.query is not None else None


def let_leases_run_out(waiting: Waiting) -> None:
    with waiting.database.write() as session:
        past = database_now(session) - timedelta(seconds=1)
        session.execute(update(Assignment).where(Assignment.state == "leased").values(lease_until=past))


def test_the_best_free_query_is_leased_until_none_is_left(waiting: Waiting) -> None:
    assert [lease(waiting, author) for author in ("ann", "bob", "cy", "dan")] == [*waiting.ids, None]

    first = waiting.query(waiting.ids[0])
    with waiting.database.read() as session:
        left = first.lease_until - database_now(session) if first.lease_until else timedelta()
    assert (first.state, first.author) == ("leased", "ann")
    assert timedelta(seconds=880) < left <= timedelta(seconds=900)


def test_fifty_people_who_ask_at_once_get_two_hundred_queries_and_none_twice(
    any_database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    stage = make_waiting_round(any_database, storage, tmp_path, [f"ulm_{number:03}" for number in range(200)])
    got: list[str] = []

    def work(author: str) -> None:
        for _ in range(4):
            with any_database.write() as session:
                query = lease_next(session, stage.id, author, lease_s=900, cause=Cause(f"user:{author}")).query
                assert query is not None
                got.append(query.id)
                # Who keeps a query is given that one again.
                skip(session, query.id, author, "unclear", cause=Cause(f"user:{author}"))

    people = [threading.Thread(target=work, args=(f"person-{number}",)) for number in range(50)]
    for person in people:
        person.start()
    for person in people:
        person.join()

    assert len(got) == len(set(got)) == 200


def test_who_has_a_query_gets_that_one_first(waiting: Waiting) -> None:
    with waiting.database.write() as session:
        lease_query(session, waiting.ids[1], "ann", lease_s=5, cause=CAUSE)

    with waiting.database.write() as session:
        again = lease_next(session, waiting.stage.id, "ann", lease_s=900, cause=CAUSE)
        left = again.query.lease_until - database_now(session) if again.query is not None else timedelta()

    assert (again.query is not None and again.query.id, again.was_held) == (waiting.ids[1], True)
    assert left > timedelta(seconds=800)
    assert waiting.states() == ["open", "leased", "open"]


def test_when_others_have_all_it_is_said_when_the_first_lease_runs_out(waiting: Waiting) -> None:
    for author, lease_s in (("ann", 900), ("bob", 100), ("cy", 500)):
        lease(waiting, author, lease_s)

    with waiting.database.write() as session:
        leased = lease_next(session, waiting.stage.id, "dan", lease_s=900, cause=CAUSE)

    assert (leased.query, leased.was_held) == (None, False)
    assert leased.free_at == waiting.query(waiting.ids[1]).lease_until


def test_an_answer_is_taken_up_again_by_whoever_revises_it(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0], "ann")

    with waiting.database.write() as session:
        revise_answer(session, waiting.ids[0], "bob", lease_s=900, cause=Cause("user:bob"))

    query = waiting.query(waiting.ids[0])
    assert (query.state, query.author, query.version) == ("leased", "bob", 1)
    with pytest.raises(IllegalTransition), waiting.database.write() as session:
        revise_answer(session, waiting.ids[1], "bob", lease_s=900, cause=Cause("user:bob"))


def test_a_lease_that_ran_out_goes_to_whoever_asks_next(waiting: Waiting) -> None:
    lease(waiting, "ann")
    let_leases_run_out(waiting)

    assert lease(waiting, "bob") == waiting.ids[0]
    assert waiting.query(waiting.ids[0]).author == "bob"


def test_the_sweep_returns_what_ran_out_and_nothing_else(waiting: Waiting) -> None:
    lease(waiting, "ann")
    let_leases_run_out(waiting)
    lease(waiting, "bob")
    with waiting.database.write() as session:
        lease_query(session, waiting.ids[1], "cy", lease_s=900, cause=CAUSE)
        session.execute(update(Assignment).where(Assignment.author == "cy").values(lease_until=None))

    with waiting.database.write() as session:
        expired = expire_leases(session, waiting.stage.id)

    # The second query has no end of its lease, as none should: it counts as run out.
    assert expired == 1
    assert waiting.states() == ["leased", "open", "open"]


def test_renewing_prolongs_ones_own_lease_alone(waiting: Waiting) -> None:
    lease(waiting, "ann", lease_s=5)
    before = waiting.query(waiting.ids[0]).lease_until

    with waiting.database.write() as session:
        renew_lease(session, waiting.ids[0], "ann", lease_s=900)

    after = waiting.query(waiting.ids[0]).lease_until
    assert before is not None and after is not None and after - before > timedelta(seconds=800)
    with pytest.raises(LeaseLost, match="'ann' has it") as caught, waiting.database.write() as session:
        renew_lease(session, waiting.ids[0], "bob", lease_s=900)
    assert caught.value.holder == "ann"


def test_what_is_given_back_is_free_again(waiting: Waiting) -> None:
    lease(waiting, "ann")

    with waiting.database.write() as session:
        release(session, waiting.ids[0], "ann", cause=CAUSE)

    assert waiting.query(waiting.ids[0]).author is None
    assert lease(waiting, "bob") == waiting.ids[0]


def test_a_skipped_query_is_not_offered_again_until_somebody_asks_for_it(waiting: Waiting) -> None:
    lease(waiting, "ann")
    with waiting.database.write() as session:
        skip(session, waiting.ids[0], "ann", "too dark", cause=CAUSE)

    skipped = waiting.query(waiting.ids[0])
    assert (skipped.state, skipped.author, skipped.message) == ("skipped", "ann", "too dark")
    assert lease(waiting, "bob") == waiting.ids[1]

    with waiting.database.write() as session:
        reopen_query(session, waiting.ids[0], cause=CAUSE)
    assert lease(waiting, "cy") == waiting.ids[0]


def test_only_a_leased_query_can_be_skipped_or_given_back(waiting: Waiting) -> None:
    for act in (
        lambda session: skip(session, waiting.ids[0], "ann", "dark", cause=CAUSE),
        lambda session: release(session, waiting.ids[0], "ann", cause=CAUSE),
    ):
        with pytest.raises(LeaseLost, match="it is open"), waiting.database.write() as session:
            act(session)


def test_a_rejected_answer_is_kept_and_asked_for_again(waiting: Waiting) -> None:
    waiting.answer(waiting.ids[0])

    with waiting.database.write() as session:
        reject_answer(session, waiting.ids[0], "the kerb is sidewalk", cause=CAUSE)

    query = waiting.query(waiting.ids[0])
    assert (query.state, query.message, query.version) == ("open", "the kerb is sidewalk", 1)
    with waiting.database.read() as session:
        moves = session.scalars(
            select(Transition.to_state).where(Transition.subject_id == query.id).order_by(Transition.id)
        ).all()
    assert moves == ["submitted", "accepted", "rejected", "open"]
    assert waiting.answer(waiting.ids[0]).annotation.version == 2


def test_what_was_never_answered_cannot_be_rejected(waiting: Waiting) -> None:
    with (
        pytest.raises(IllegalTransition, match="open query cannot become rejected"),
        waiting.database.write() as session,
    ):
        reject_answer(session, waiting.ids[0], "no", cause=CAUSE)


def test_a_cancelled_round_leases_nothing(waiting: Waiting) -> None:
    with waiting.database.write() as session:
        request_cancel(session, waiting.stage.run_id, cause=USER)

    with pytest.raises(RoundClosed, match="its state is cancelled"):
        lease(waiting)


def test_what_is_unknown_is_named(waiting: Waiting) -> None:
    with pytest.raises(UnknownRound, match=NOBODY), waiting.database.write() as session:
        lease_next(session, NOBODY, "ann", lease_s=1, cause=CAUSE)
    with pytest.raises(UnknownRound, match="has no queries"), waiting.database.write() as session:
        lease_next(session, waiting.run().stages[0].id, "ann", lease_s=1, cause=CAUSE)
    with pytest.raises(UnknownQuery, match="0000000000000000"), waiting.database.write() as session:
        renew_lease(session, "0" * 16, "ann", lease_s=1)
