"""Registered datasets: a name for a folder or a world, and the report of its last scan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.data.catalog import ADAPTERS
from core.data.dataset_spec import DatasetSpec
from core.data.opening import world_folder
from core.data.report import DataReport, Fault, SplitReport
from core.data.specs import FolderDatasetSpec, WorldDatasetSpec
from core.errors import CoreError
from core.errors import Fault as SpecFault
from core.first_faults import first_of_each_kind, left_out
from core.validation_words import sentence_of
from server.db.dataset_scans import DatasetState, is_index_used
from server.db.models import Dataset
from server.errors import InvalidRequestError, NameTakenError, NotFoundError
from server.schemas.classes import classes_of_table
from server.schemas.datasets import (
    DatasetCreate,
    DatasetDetail,
    DatasetFault,
    DatasetSplit,
    DatasetSummary,
    ImageSize,
    SplitDetail,
    UnknownLabel,
)
from server.schemas.page import Page
from server.services.datasets.roots import path_faults
from server.services.paging import decode_cursor, encode_cursor, split_page

Spec = FolderDatasetSpec | WorldDatasetSpec

_SPEC: TypeAdapter[Spec] = TypeAdapter(DatasetSpec)


def checked_spec(body: DatasetCreate, *, data_roots: Sequence[Path]) -> Spec:
    """Return the dataset that a request names, after checking that it can be scanned.

    Raises:
        InvalidRequestError: when it names no dataset, or the root is missing, outside the allowed roots, or has
            another layout.
    """
    folder = body.model_dump(include=set(DatasetCreate.FOLDER_FIELDS), exclude_none=True)
    if (body.world is None) == (not folder):
        message = "name either a folder by `adapter` and `root`, or a built-in one by `world`"
        raise InvalidRequestError.of_faults([SpecFault("/root", message, "folder_or_world")])
    if body.world is not None and "world" not in body.world:
        raise InvalidRequestError.of_faults([SpecFault("/world/world", "required, but missing", "missing")])
    below = "" if body.world is None else "/world"
    try:
        spec = _SPEC.validate_python(folder if body.world is None else body.world)
    except ValidationError as error:
        entries, counts = first_of_each_kind(error.errors(), lambda entry: entry["type"])
        more = [SpecFault("", f"and {count} more of this kind", code) for code, count in left_out(counts).items()]
        raise InvalidRequestError.of_faults([*map(_spec_fault, entries), *more], below) from error
    outside = path_faults(spec, below, data_roots)
    if outside:
        raise InvalidRequestError.of_faults(outside)
    if isinstance(spec, FolderDatasetSpec):
        fault = _layout_fault(spec)
        if fault is not None:
            raise InvalidRequestError.of_faults([fault])
    return spec


def register(session: Session, name: str, spec: Spec) -> Dataset:
    """Store a dataset that waits for its scan; raises NameTakenError."""
    if session.scalar(select(Dataset.id).where(Dataset.name == name)) is not None:
        raise NameTakenError(f"a dataset named {name!r} is registered already; choose another name, or forget that one")
    dataset = Dataset(name=name, spec=spec.model_dump(), state=DatasetState.SCANNING.value)
    session.add(dataset)
    session.flush()
    return dataset


def find(session: Session, dataset_id: str) -> Dataset:
    """Return one dataset; raises NotFoundError."""
    dataset = session.get(Dataset, dataset_id)
    if dataset is None:
        raise NotFoundError("dataset", dataset_id)
    return dataset


def forget(session: Session, dataset: Dataset) -> str | None:
    """Remove a registration; returns the SHA-256 of its index if no other dataset shares that index."""
    session.delete(dataset)
    session.flush()
    index = dataset.index_sha256
    return None if index is None or is_index_used(session, index) else index


def list_page(session: Session, *, cursor: str | None, limit: int) -> Page[DatasetSummary]:
    """Return one page of datasets by name."""
    after = decode_cursor("datasets", cursor, (str,))
    statement = select(Dataset).order_by(Dataset.name)
    if after is not None:
        statement = statement.where(Dataset.name > str(after[0]))
    rows, last = split_page(session.scalars(statement.limit(limit + 1)).all(), limit)
    return Page(
        items=[DatasetSummary(**_summary(row, report_of(row))) for row in rows],
        next_cursor=encode_cursor("datasets", (last.name,)) if last else None,
    )


def detail(dataset: Dataset, *, data_home: Path) -> DatasetDetail:
    """Return all about one dataset."""
    report = report_of(dataset)
    table = report.classes if report is not None else None
    facts = _summary(dataset, report) | {"splits": [_split_detail(split) for split in report.splits] if report else []}
    return DatasetDetail(
        **facts,
        root=folder_of(dataset, data_home).root,
        classes=classes_of_table(table).labels if table is not None else [],
        ignore_id=table.ignore_id if table is not None else None,
        background_id=table.background_id if table is not None else None,
        faults=[_fault(fault) for fault in report.faults] if report else [],
        fault_counts={kind.code: count for kind, count in report.fault_counts.items()} if report else {},
        notices=[_fault(notice) for notice in report.notices] if report else [],
        notice_counts={kind.code: count for kind, count in report.notice_counts.items()} if report else {},
    )


def folder_of(dataset: Dataset, data_home: Path) -> FolderDatasetSpec:
    """Return the folder that a dataset is read from; a world's folder may not be drawn yet."""
    spec = _SPEC.validate_python(dataset.spec)
    return world_folder(spec, data_home) if isinstance(spec, WorldDatasetSpec) else spec


def report_of(dataset: Dataset) -> DataReport | None:
    """Return the report of the last scan; None before the first scan."""
    return None if dataset.report is None else DataReport.model_validate(dataset.report)


def _summary(dataset: Dataset, report: DataReport | None) -> dict[str, Any]:
    splits = report.splits if report is not None else ()
    return {
        "id": dataset.id,
        "name": dataset.name,
        "spec": dataset.spec,
        "state": DatasetState(dataset.state),
        "message": dataset.message,
        "is_waiting": dataset.state == DatasetState.SCANNING and dataset.lease_until is None,
        "num_classes": len(report.classes.names) if report is not None and report.classes is not None else 0,
        "splits": [DatasetSplit(name=split.name, images=split.listed, sound=split.sound) for split in splits],
        "num_faults": sum(report.fault_counts.values()) if report is not None else 0,
        "digest": dataset.digest,
        "created_at": dataset.created_at,
        "scanned_at": dataset.scanned_at,
    }


def _split_detail(split: SplitReport) -> SplitDetail:
    return SplitDetail(
        name=split.name,
        images=split.listed,
        sound=split.sound,
        images_per_class=split.images,
        pixels_per_class=split.pixels,
        sizes=[ImageSize(**size.model_dump()) for size in split.sizes],
        num_sizes=split.num_sizes,
        modes=split.modes,
        unknown_labels=[UnknownLabel(**unknown.model_dump()) for unknown in split.unknown],
    )


def _fault(fault: Fault) -> DatasetFault:
    return DatasetFault(code=fault.kind.code, path=fault.path, message=fault.message)


def _spec_fault(entry: Any) -> SpecFault:
    pointer = "".join(f"/{part}" for part in entry["loc"])
    return SpecFault(pointer, sentence_of(entry), entry["type"])


def _layout_fault(spec: FolderDatasetSpec) -> SpecFault | None:
    """Return why an adapter cannot read a folder at all; scans report single files."""
    adapter, root = ADAPTERS[spec.adapter].load(), Path(spec.root)
    try:
        adapter.read_classes(root)
    except (CoreError, OSError) as error:
        return SpecFault("/root", str(error), "other_layout")
    problems = []
    for split in (spec.train_split, spec.eval_split):
        try:
            adapter.list_pairs(root, split)
        except (CoreError, OSError) as error:
            problems.append(str(error))
    return SpecFault("/root", "; ".join(problems), "other_layout") if len(problems) == 2 else None
