"""Registered datasets for tests: scanned by the very code of the worker, in this process."""

from __future__ import annotations

from pathlib import Path

from core.data.specs import FolderDatasetSpec
from core.data.verify import check_dataset
from server.db.dataset_scans import DatasetState, ScanResult, claim_scan, settle_scan
from server.db.models import Dataset
from server.db.session import Database
from server.services.datasets import datasets
from server.storage import LocalStorage


def make_dataset(database: Database, spec: FolderDatasetSpec, name: str = "six") -> Dataset:
    """Commit a dataset that waits for its scan."""
    with database.write() as session:
        return datasets.register(session, name, spec)


def scan(database: Database, storage: LocalStorage, dataset: Dataset, folder: Path) -> Dataset:
    """Scan a waiting dataset; `folder` is for the index on its way to storage."""
    check = check_dataset(FolderDatasetSpec.model_validate(dataset.spec))
    index = folder / "images.npz"
    check.index.write(index)
    with database.write() as session:
        claim = claim_scan(session, dataset.id, dataset.scan_no, worker_id="w", lease_ttl_s=60, max_claims=3)
        assert claim is not None
        result = ScanResult(
            state=DatasetState.READY if check.report.is_sound else DatasetState.FAULTY,
            message=None,
            report=check.report.shortened(20).model_dump(mode="json"),
            index_sha256=storage.put_file(index),
            digest=check.report.digest,
        )
        assert settle_scan(session, claim, result)
    with database.read() as session:
        return session.get_one(Dataset, dataset.id)
