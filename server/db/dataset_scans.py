"""The scans of registered datasets: requested, claimed under a lease, settled once.

```
scanning -> ready     nothing is wrong
         -> faulty    it was read, and a run would fail on it
         -> failed    it could not be scanned at all
any      -> scanning  a person asks again
```

Workers look for waiting scans in the database. A claim that is not renewed expires. `claims` is the fencing token: only
the last claimant may settle.
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
class ScanClaim:
    """A scan that now belongs to a worker.

    Attributes:
        dataset_id, scan_no: the dataset and the number of its scan.
        number: number of the claim on this scan, from 1.
        spec: spec of the dataset, in the form of an experiment document.
        index_sha256: index of the previous scan, or None.
    """

    dataset_id: str
    scan_no: int
    number: int
    spec: dict[str, Any]
    index_sha256: str | None


@dataclass(frozen=True)
class ScanResult:
    """Results of a finished scan: state, message for people, report and index."""

    state: DatasetState
    message: str | None
    report: dict[str, Any]
    index_sha256: str
    digest: str | None


def request_scan(session: Session, dataset: Dataset) -> bool:
    """Request a scan; False when one is in progress. The last scan's results stay until this one ends."""
    if dataset.state == DatasetState.SCANNING:
        return False
    dataset.state = DatasetState.SCANNING.value
    dataset.scan_no += 1
    dataset.claims = 0
    dataset.message = dataset.worker_id = dataset.lease_until = None
    session.flush()
    return True


def waiting_scans(session: Session) -> Sequence[tuple[str, int]]:
    """Return the (dataset id, scan number) pairs of the unclaimed scans, the oldest dataset first."""
    is_waiting = and_(Dataset.state == DatasetState.SCANNING, _is_free(database_now(session)))
    rows = session.execute(
        select(Dataset.id, Dataset.scan_no).where(is_waiting).order_by(Dataset.created_at, Dataset.id)
    )
    return [(dataset_id, scan_no) for dataset_id, scan_no in rows]


def claim_scan(
    session: Session, dataset_id: str, scan_no: int, *, worker_id: str, lease_ttl_s: float, max_claims: int
) -> ScanClaim | None:
    """Claim a scan; None when it is held, over, asked for again, or of a deleted dataset.

    A scan whose workers died `max_claims` times ends as `failed`, because it would kill the next worker too.
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
    """Renew a claim; False when it was lost, or the dataset was deleted."""
    until = database_now(session) + timedelta(seconds=lease_ttl_s)
    return _change(session, claim, lease_until=until)


def release_scan(session: Session, claim: ScanClaim) -> bool:
    """Release a scan, so that another worker can take it at once; this does not count as a failure."""
    return _change(session, claim, worker_id=None, lease_until=None, claims=claim.number - 1)


def settle_scan(session: Session, claim: ScanClaim, result: ScanResult) -> bool:
    """Store the results of a scan; False when the claim was lost. Repeating it changes nothing."""
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
    """End a failed scan; the results of the last scan stay."""
    return _change(session, claim, state=DatasetState.FAILED.value, message=message, lease_until=None)


def is_index_used(session: Session, sha256: str) -> bool:
    """Return whether any dataset uses this index; datasets with the same files share one."""
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
