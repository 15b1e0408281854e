"""Scan results of the datasets that an experiment names (DS-1)."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.faults import FaultKind
from core.data.report import DataReport
from core.data.specs import FolderDatasetSpec
from core.errors import Fault
from core.streams.base import DatasetUse
from server.db.dataset_scans import DatasetState
from server.db.models import Dataset
from server.schemas.experiments import NamedDataset
from server.services.datasets.datasets import report_of
from server.services.experiments.check import DOCUMENT, CheckedExperiment


def named_datasets(session: Session, checked: CheckedExperiment) -> list[NamedDataset]:
    """Return the registered datasets that an experiment names, with the results of their last scans."""
    return [
        NamedDataset(
            pointer=DOCUMENT + use.pointer,
            dataset_id=row.id,
            name=row.name,
            state=DatasetState(row.state),
            num_faults=sum(_counts_that_matter(report_of(row), use).values()),
        )
        for use, row in _found(session, checked)
        if row is not None
    ]


def scan_warnings(session: Session, checked: CheckedExperiment) -> Iterator[Fault]:
    """Yield warnings about folders that were not scanned or have faults; a launch itself reads only lists."""
    for use, row in _found(session, checked):
        report = report_of(row) if row is not None else None
        if row is None or report is None:
            yield Fault(f"{use.pointer}/root", _not_scanned(use, row), "not_scanned")
        elif counts := _counts_that_matter(report, use):
            yield Fault(f"{use.pointer}/root", _faulty(row, report, counts), "dataset_faulty")


def _found(session: Session, checked: CheckedExperiment) -> list[tuple[DatasetUse, Dataset | None]]:
    """Return each folder of an experiment with its registered dataset, or None; worlds need no scan."""
    folders = [(use, use.spec) for use in checked.uses.values() if isinstance(use.spec, FolderDatasetSpec)]
    if not folders:
        return []
    # Leave out the reports, which are long. Prefer a scanned dataset to one that waits for its scan.
    by_scan = select(Dataset.id, Dataset.spec).order_by(Dataset.scanned_at.is_(None), Dataset.name)
    registered = session.execute(by_scan).all()
    found = []
    for use, spec in folders:
        wanted = _splits(spec, use)
        same = (row.id for row in registered if _is_same_folder(row.spec, spec) and wanted <= _listed(row.spec))
        row_id = next(same, None)
        found.append((use, session.get(Dataset, row_id) if row_id is not None else None))
    return found


def _splits(spec: FolderDatasetSpec, use: DatasetUse) -> set[str]:
    names = {"train": spec.train_split, "eval": spec.eval_split}
    return {names[role] for role in use.splits}


def _listed(stored: Mapping[str, Any]) -> set[str]:
    return {str(stored.get("train_split")), str(stored.get("eval_split"))}


def _is_same_folder(stored: Mapping[str, Any], spec: FolderDatasetSpec) -> bool:
    is_of_layout = stored.get("adapter") == spec.adapter
    return is_of_layout and os.path.realpath(str(stored["root"])) == os.path.realpath(spec.root)


def _counts_that_matter(report: DataReport | None, use: DatasetUse) -> dict[FaultKind, int]:
    """Return the faults of a scan that affect a run: images whose labels are not read may lack them."""
    counts = dict(report.fault_counts) if report is not None else {}
    if set(use.labelled_splits) != set(use.splits):
        counts.pop(FaultKind.MISSING_FILE, None)
    return counts


def _not_scanned(use: DatasetUse, row: Dataset | None) -> str:
    assert isinstance(use.spec, FolderDatasetSpec)
    found_late = "damaged files and sizes that differ would be found by the run alone"
    if row is None:
        return f"not scanned: {found_late}; register {use.spec.root!r} on the page Datasets"
    reason = row.message or "its scan has not ended"
    return f"not scanned: {found_late}; the dataset {row.name!r} is registered, but {reason}"


def _faulty(row: Dataset, report: DataReport, counts: dict[FaultKind, int]) -> str:
    kinds = ", ".join(f"{count} of the kind {kind.value!r}" for kind, count in counts.items())
    first = next((fault.message for fault in report.faults if fault.kind in counts), "")
    total = sum(counts.values())
    number = "1 fault" if total == 1 else f"{total} faults"
    return f"the last scan of the dataset {row.name!r} found {number}: {kinds}; the first is {first}"
