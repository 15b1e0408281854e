"""Preview task streams before an experiment exists: published schedules, and the images of each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError, create_model

from core.data.dataset_spec import DatasetSpec
from core.data.opening import dataset_classes
from core.errors import ConfigError, DataError, Fault
from core.experiment_faults import faults_of
from core.streams.base import MAIN, DatasetUse, KnownDataset, TaskStream, main_name
from core.streams.catalog import class_of_stream
from core.streams.known import class_tables, known_dataset, known_datasets
from core.streams.schedules import ADE20K_SCHEDULES, VOC_SCHEDULES
from server.errors import InvalidRequestError
from server.schemas.classes import classes_of_table
from server.schemas.problem import FaultEntry
from server.schemas.streams import CountedClass, Schedule, StepPreview, StreamPreview, StreamPreviewRequest
from server.services.datasets.roots import path_faults


class _DatasetPart(BaseModel):
    dataset: DatasetSpec


class _StreamPart(BaseModel):
    stream: TaskStream


def list_schedules() -> list[Schedule]:
    """Return every published schedule, under the name that contains its dataset."""
    named = {f"voc/{name}": steps for name, steps in VOC_SCHEDULES.items()}
    named |= {f"ade20k/{name}": steps for name, steps in ADE20K_SCHEDULES.items()}
    return [Schedule(name=name, steps=[list(step) for step in steps]) for name, steps in named.items()]


def preview(request: StreamPreviewRequest, *, data_roots: Sequence[Path], presence_cache: Path) -> StreamPreview:
    """Return the classes of a dataset and, if the cache knows its images' classes, the images of every step.

    No image is read. A fault of the stream is part of the result, because its editor still needs the classes.

    Raises:
        InvalidRequestError: when the dataset cannot be opened.
    """
    spec = _dataset_spec(request.dataset, data_roots)
    stream, faults = _read(request.stream, data_roots)
    uses = {MAIN: _counted(spec)} if stream is None else stream.datasets(spec)
    main = main_name(uses)
    try:
        table = dataset_classes(uses[main].spec)
        known = {main: known_dataset(uses[main], presence_cache.parent, presence_cache)}
    except (DataError, OSError) as error:
        raise InvalidRequestError.of_faults([Fault("/dataset/root", str(error), "data_error")]) from error
    presence = known[main].presence
    found = StreamPreview(
        classes=[
            CountedClass(**label.model_dump(), images=None if presence is None else presence.images_of(label.id))
            for label in classes_of_table(table).labels
        ],
        train_images=known[main].train_images,
        is_scanned=presence is not None,
        steps=[],
        images_unused=None,
        faults=faults,
    )
    return found if stream is None else _with_steps(found, stream, uses, known, presence_cache)


def _with_steps(
    found: StreamPreview,
    stream: TaskStream,
    uses: Mapping[str, DatasetUse],
    known: dict[str, KnownDataset],
    presence_cache: Path,
) -> StreamPreview:
    """Add the images that the stream takes from its datasets, and the faults of the stream."""
    others = {name: use for name, use in uses.items() if name not in known}
    try:
        stream.check_against(class_tables(uses))
        known |= known_datasets(others, presence_cache.parent, presence_cache)
    except ConfigError as error:
        found.faults += map(_entry, error.faults)
        return found
    taken = stream.preview(known)
    found.steps = [StepPreview.model_validate(asdict(step)) for step in taken.steps]
    found.images_unused = taken.images_unused
    try:
        stream.check_images(known)
    except ConfigError as error:
        found.faults += map(_entry, error.faults)
    return found


def _counted(spec: DatasetSpec) -> DatasetUse:
    """Return the image counts of a dataset whose stream cannot be read."""
    return DatasetUse(spec, splits=("train",), labels=frozenset())


def _dataset_spec(dataset: Mapping[str, Any], data_roots: Sequence[Path]) -> DatasetSpec:
    try:
        spec = _DatasetPart.model_validate({"dataset": dataset}).dataset
    except ValidationError as error:
        raise InvalidRequestError.of_faults(faults_of(error, _DatasetPart)) from error
    outside = path_faults(spec, "/dataset", data_roots)
    if outside:
        raise InvalidRequestError.of_faults(outside)
    return spec


def _read(stream: Mapping[str, Any], data_roots: Sequence[Path]) -> tuple[TaskStream | None, list[FaultEntry]]:
    """Return a stream that can be previewed, or its faults; folders outside the data roots are not opened."""
    try:
        part = _part_of(class_of_stream(stream))
        read = part.model_validate({"stream": stream}).stream
    except ConfigError as error:
        return None, [_entry(fault) for fault in error.faults]
    except ValidationError as error:
        return None, [_entry(fault) for fault in faults_of(error, part)]
    outside = [_entry(fault) for fault in path_faults(read, "/stream", data_roots)]
    return (None, outside) if outside else (read, [])


@cache
def _part_of(kind: type[TaskStream]) -> type[_StreamPart]:
    return cast(type[_StreamPart], create_model("StreamPart", __base__=_StreamPart, stream=(kind, ...)))


def _entry(fault: Fault) -> FaultEntry:
    return FaultEntry(source="body", pointer=fault.pointer, message=fault.message, code=fault.code)
