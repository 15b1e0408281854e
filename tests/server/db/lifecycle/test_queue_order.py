"""Which stage a message leads to: begun runs first, then the oldest, on both databases."""

from __future__ import annotations

import threading

from sqlalchemy import update

from server.db import lifecycle
from server.db.models import Dispatch, Run, Stage
from server.db.session import Database
from tests.support.rows import USER, load_run, make_claim, make_run

SETTLED = lifecycle.Cause("worker:test")


def take(database: Database, stage: Stage, dispatch_no: int = 1) -> lifecycle.Claim | None:
    """Handle the message of a stage as a worker does."""
    return lifecycle.claim_next(database, stage.id, dispatch_no, worker_id="test@host:1", lease_ttl_s=60)


def end(database: Database, claim: lifecycle.Claim) -> None:
    with database.write() as session:
        lifecycle.settle_succeeded(session, claim.lease, outputs={})


def queued(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(lifecycle.in_queue_order(Run.id)))


def test_the_next_stage_of_a_begun_run_goes_before_the_first_of_an_older_new_one(any_database: Database) -> None:
    waiting, begun = make_run(any_database), make_run(any_database)
    end(any_database, make_claim(any_database, begun.stages[0]))
    assert queued(any_database) == [begun.id, waiting.id]
    claim = take(any_database, waiting.stages[0])
    assert claim is not None
    assert claim.lease.stage_id == begun.stages[1].id


def test_a_stage_whose_message_served_another_is_published_again(any_database: Database) -> None:
    waiting, begun = make_run(any_database), make_run(any_database)
    end(any_database, make_claim(any_database, begun.stages[0]))
    published: list[tuple[str, int, str]] = []
    any_database.on_queued = published.extend
    take(any_database, waiting.stages[0])
    assert published == [(waiting.stages[0].id, 1, "default")]
    assert take(any_database, begun.stages[1]) is None
    claim = take(any_database, waiting.stages[0])
    assert claim is not None
    assert claim.lease.stage_id == waiting.stages[0].id
    assert len(published) == 1


def test_new_runs_go_in_the_order_of_their_arrival_whatever_the_messages_say(any_database: Database) -> None:
    runs = [make_run(any_database) for _ in range(3)]
    claims = [take(any_database, run.stages[0]) for run in (runs[2], runs[2], runs[2])]
    assert [claim.lease.run_id if claim else None for claim in claims] == [run.id for run in runs]


def test_a_retry_keeps_its_place(any_database: Database) -> None:
    failed, other = make_run(any_database), make_run(any_database)
    claims = [make_claim(any_database, run.stages[0]) for run in (failed, other)]
    with any_database.write() as session:
        lifecycle.settle_lost(session, claims[0].lease)
    end(any_database, claims[1])
    assert queued(any_database) == [failed.id, other.id]


def test_another_queue_is_not_looked_at(any_database: Database) -> None:
    begun, waiting = make_run(any_database), make_run(any_database)
    end(any_database, make_claim(any_database, begun.stages[0]))
    with any_database.write() as session:
        session.execute(update(Dispatch).where(Dispatch.stage_id == begun.stages[1].id).values(queue="gpu"))
    claim = take(any_database, waiting.stages[0])
    assert claim is not None
    assert claim.lease.run_id == waiting.id


def test_a_void_message_claims_nothing(any_database: Database) -> None:
    run = make_run(any_database)
    with any_database.write() as session:
        lifecycle.request_cancel(session, run.id, cause=USER)
    other = make_run(any_database)
    assert take(any_database, run.stages[0]) is None
    assert take(any_database, other.stages[0], dispatch_no=7) is None
    assert load_run(any_database, other.id).state == "queued"


def test_a_stage_of_a_run_that_has_ended_holds_up_no_other(any_database: Database) -> None:
    ended, waits = make_run(any_database), make_run(any_database)
    with any_database.write() as session:
        session.execute(update(Run).where(Run.id == ended.id).values(state="failed"))

    assert take(any_database, ended.stages[0]) is None
    claim = take(any_database, waits.stages[0])
    assert claim is not None and claim.lease.run_id == waits.id


def test_workers_that_look_at_once_take_each_stage_once(any_database: Database) -> None:
    runs = [make_run(any_database) for _ in range(6)]
    claims: list[lifecycle.Claim | None] = []
    threads = [
        threading.Thread(target=lambda run=run: claims.append(take(any_database, run.stages[0])))
        for run in reversed(runs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [claim.lease.run_id for claim in claims if claim is not None]
    assert len(set(taken)) == len(taken)
    # A message whose own stage was taken meanwhile is void; its stage's message was published again.
    left = [run for run in runs if run.id not in taken]
    taken += [claim.lease.run_id for run in left if (claim := take(any_database, run.stages[0])) is not None]
    assert sorted(taken) == sorted(run.id for run in runs)
