"""The scans of registered datasets: asked for, claimed under a lease, settled once.

```
scanning -> ready     nothing is wrong
         -> faulty    it was read, and a run would fail on it
         -> failed    it could not be scanned at all
any      -> scanning  a person asks again
```

A message says "look at this dataset" and may be lost or repeated: the scheduler publishes a scan that nobody holds
again, and a claim that is not renewed runs out. `claims` is the fencing token: only the last claimant may settle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, or_, select, update
from sqlalchemy.orm import Session

from server.db.clock import DatabaseTime, database_now
from server.db.models import Dataset


class DatasetState(StrEnum):
    """States of a registered dataset."""

    SCANNING = "scanning"
    READY = "ready"
    FAULTY = "faulty"
    FAILED = "failed"


@dataclass(frozen=True)
class WaitingScan:
    """A scan that nobody holds, and when its message was last sent; None = not yet."""

    dataset_id: str
    scan_no: int
    sent_at: datetime | None


@dataclass(frozen=True)
class ScanClaim:
    """A scan that now belongs to a worker.

    Attributes:
        dataset_id, scan_no: what is scanned.
        number: which claim of the scan it is, from 1.
        spec: of the dataset, as an experiment document names it.
        index_sha256: of the scan before, None without one.
    """

    dataset_id: str
    scan_no: int
    number: int
    spec: dict[str, Any]
    index_sha256: str | None


@dataclass(frozen=True)
class ScanResult:
    """What a finished scan leaves: state and message for people, report and index."""

    state: DatasetState
    message: str | None
    report: dict[str, Any]
    index_sha256: str
    digest: str | None


def request_scan(session: Session, dataset: Dataset) -> bool:
    """Ask for a scan; False when one is under way already. What the last scan found stays until this one ends."""
    if dataset.state == DatasetState.SCANNING:
        return False
    dataset.state = DatasetState.SCANNING.value
    dataset.scan_no += 1
    dataset.claims = 0
    dataset.message = dataset.worker_id = dataset.lease_until = dataset.sent_at = None
    session.flush()
    return True


def waiting_scans(session: Session) -> Sequence[WaitingScan]:
    """Return the scans that nobody holds: only their messages have an effect."""
    statement = select(Dataset.id, Dataset.scan_no, Dataset.sent_at).where(
        Dataset.state == DatasetState.SCANNING, _is_free(database_now(session))
    )
    rows = session.execute(statement.order_by(Dataset.id))
    return [WaitingScan(dataset_id, scan_no, sent_at) for dataset_id, scan_no, sent_at in rows]


def mark_sent(session: Session, sent: Sequence[tuple[str, int]]) -> None:
    """Note that messages were published."""
    for dataset_id, scan_no in sent:
        statement = update(Dataset).where(Dataset.id == dataset_id, Dataset.scan_no == scan_no)
        session.execute(statement.values(sent_at=DatabaseTime()).execution_options(synchronize_session=False))


def claim_scan(
    session: Session, dataset_id: str, scan_no: int, *, worker_id: str, lease_ttl_s: float, max_claims: int
) -> ScanClaim | None:
    """Take a scan; None when the message is void: repeated, overtaken, or of a dataset that is gone.

    A scan whose workers died `max_claims` times ends as `failed` instead: it would kill the next one too.
    """
    now = database_now(session)
    statement = select(Dataset).where(
        Dataset.id == dataset_id,
        Dataset.scan_no == scan_no,
        Dataset.state == DatasetState.SCANNING,
        _is_free(now),
    )
    dataset = session.scalars(statement.with_for_update()).one_or_none()
    if dataset is None:
        return None
    if dataset.claims >= max_claims:
        dataset.state = DatasetState.FAILED.value
        dataset.message = (
            f"{dataset.claims} workers ended in the middle of the scan; look into their log, "
            "and at the memory of the machine, then scan again"
        )
        return None
    dataset.claims += 1
    dataset.worker_id = worker_id
    dataset.lease_until = now + timedelta(seconds=lease_ttl_s)
    return ScanClaim(dataset.id, dataset.scan_no, dataset.claims, dataset.spec, dataset.index_sha256)


def renew_scan(session: Session, claim: ScanClaim, *, lease_ttl_s: float) -> bool:
    """Prolong a claim; False when it was lost, or the dataset was deleted."""
    until = database_now(session) + timedelta(seconds=lease_ttl_s)
    return _change(session, claim, lease_until=until)


def release_scan(session: Session, claim: ScanClaim) -> bool:
    """Give a scan back, so that another worker takes it at once; it does not count as a failure."""
    return _change(session, claim, worker_id=None, lease_until=None, sent_at=None, claims=claim.number - 1)


def settle_scan(session: Session, claim: ScanClaim, result: ScanResult) -> bool:
    """Write what a scan found; False when the claim was lost. Repeating it changes nothing."""
    return _change(
        session,
        claim,
        state=result.state.value,
        message=result.message,
        report=result.report,
        index_sha256=result.index_sha256,
        digest=result.digest,
        scanned_at=DatabaseTime(),
        lease_until=None,
    )


def fail_scan(session: Session, claim: ScanClaim, message: str) -> bool:
    """End a scan that failed; the findings of the last scan stay."""
    return _change(session, claim, state=DatasetState.FAILED.value, message=message, lease_until=None)


def is_index_used(session: Session, sha256: str) -> bool:
    """Return whether a dataset has this index; two that name the same files share one."""
    return session.scalar(select(Dataset.id).where(Dataset.index_sha256 == sha256).limit(1)) is not None


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(Dataset.lease_until.is_(None), Dataset.lease_until < now)


def _change(session: Session, claim: ScanClaim, **values: Any) -> bool:
    is_ours = and_(
        Dataset.id == claim.dataset_id,
        Dataset.scan_no == claim.scan_no,
        Dataset.claims == claim.number,
        Dataset.state == DatasetState.SCANNING,
    )
    statement = update(Dataset).where(is_ours).values(**values).execution_options(synchronize_session=False)
    return cast(CursorResult[Any], session.execute(statement)).rowcount == 1
