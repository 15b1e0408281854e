"""The scans of registered datasets: claims, leases and ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from core.data.specs import FolderDatasetSpec
from server.db.base import utc_now
from server.db.dataset_scans import (
    DatasetState,
    ScanClaim,
    ScanResult,
    claim_scan,
    fail_scan,
    release_scan,
    renew_scan,
    request_scan,
    settle_scan,
    waiting_scans,
)
from server.db.models import Dataset
from server.db.session import Database
from tests.support.registered import make_dataset

SPEC = FolderDatasetSpec(adapter="folder", root="/data/six")
RESULT = ScanResult(DatasetState.READY, None, {"root": "/data/six"}, "ab" * 32, "cd" * 32)


def take(database: Database, dataset: Dataset, *, scan_no: int = 1, max_claims: int = 3) -> ScanClaim | None:
    with database.write() as session:
        return claim_scan(session, dataset.id, scan_no, worker_id="worker", lease_ttl_s=60, max_claims=max_claims)


def taken(database: Database, dataset: Dataset) -> ScanClaim:
    claim = take(database, dataset)
    assert claim is not None
    return claim


def load(database: Database, dataset: Dataset) -> Dataset:
    with database.read() as session:
        return session.get_one(Dataset, dataset.id)


def age(database: Database, **columns: float) -> None:
    """Put times of all datasets so many seconds into the past."""
    with database.write() as session:
        values = {name: utc_now() - timedelta(seconds=seconds) for name, seconds in columns.items()}
        session.execute(update(Dataset).values(**values))


def is_waiting(database: Database) -> bool:
    """Return whether any scan is held by nobody."""
    with database.read() as session:
        return bool(waiting_scans(session))


def test_only_one_of_two_workers_takes_a_scan(any_database: Database) -> None:
    dataset = make_dataset(any_database, SPEC)

    claims = [take(any_database, dataset) for _ in range(2)]

    assert [claim is not None for claim in claims] == [True, False]


def test_claim_that_ran_out_is_given_to_another_and_the_first_may_not_write(any_database: Database) -> None:
    dataset = make_dataset(any_database, SPEC)
    first = taken(any_database, dataset)
    age(any_database, lease_until=1)
    second = taken(any_database, dataset)

    with any_database.write() as session:
        ended = [
            renew_scan(session, first, lease_ttl_s=60),
            settle_scan(session, first, RESULT),
            fail_scan(session, first, "too late"),
            settle_scan(session, second, RESULT),
            settle_scan(session, second, RESULT),
        ]

    assert ended == [False, False, False, True, False]
    assert load(any_database, dataset).state == "ready"


def test_scan_that_ended_three_workers_is_not_given_to_a_fourth(any_database: Database) -> None:
    dataset = make_dataset(any_database, SPEC)
    for _ in range(3):
        taken(any_database, dataset)
        age(any_database, lease_until=1)

    assert take(any_database, dataset) is None

    after = load(any_database, dataset)
    assert after.state == "failed"
    assert "3 workers ended in the middle of the scan" in str(after.message)


def test_scan_that_was_given_back_waits_at_once_and_does_not_count(any_database: Database) -> None:
    dataset = make_dataset(any_database, SPEC)
    claim = taken(any_database, dataset)
    assert not is_waiting(any_database)

    with any_database.write() as session:
        assert release_scan(session, claim)

    assert is_waiting(any_database)
    assert taken(any_database, dataset).number == 1


def test_scan_waits_until_it_is_taken_and_again_when_its_worker_died(any_database: Database) -> None:
    dataset = make_dataset(any_database, SPEC)
    found = [is_waiting(any_database)]
    taken(any_database, dataset)
    found.append(is_waiting(any_database))
    age(any_database, lease_until=1)
    found.append(is_waiting(any_database))

    assert found == [True, False, True]


def test_new_scan_keeps_what_the_last_one_found_and_ends_its_claims(any_database: Database) -> None:
    dataset = make_dataset(any_database, SPEC)
    with any_database.write() as session:
        assert not request_scan(session, session.get_one(Dataset, dataset.id))
    claim = taken(any_database, dataset)
    with any_database.write() as session:
        settle_scan(session, claim, RESULT)
    with any_database.write() as session:
        assert request_scan(session, session.get_one(Dataset, dataset.id))

    after = load(any_database, dataset)
    assert (after.state, after.digest, after.scan_no) == ("scanning", "cd" * 32, 2)
    assert take(any_database, dataset, scan_no=1) is None
    assert take(any_database, dataset, scan_no=2) is not None


def test_failed_scan_keeps_what_the_one_before_found(any_database: Database) -> None:
    dataset = make_dataset(any_database, SPEC)
    claim = taken(any_database, dataset)
    with any_database.write() as session:
        settle_scan(session, claim, RESULT)
        request_scan(session, session.get_one(Dataset, dataset.id))
    again = take(any_database, dataset, scan_no=2)
    assert again is not None
    with any_database.write() as session:
        fail_scan(session, again, "the root is gone")

    after = load(any_database, dataset)
    assert (after.state, after.message, after.digest) == ("failed", "the root is gone", "cd" * 32)


def test_deleted_dataset_has_nothing_to_claim(any_database: Database) -> None:
    dataset = make_dataset(any_database, SPEC)
    claim = taken(any_database, dataset)
    with any_database.write() as session:
        session.delete(session.get_one(Dataset, dataset.id))

    with any_database.write() as session:
        assert not settle_scan(session, claim, RESULT)
    assert take(any_database, dataset) is None
