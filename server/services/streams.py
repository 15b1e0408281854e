"""Task streams before an experiment is made of them: published schedules, and the images of each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ValidationError

from core.data.classes import ClassTable
from core.data.dataset_spec import DatasetSpec
from core.data.opening import dataset_classes
from core.data.presence import ClassPresence
from core.data.specs import FolderDatasetSpec, WorldDatasetSpec
from core.errors import ConfigError, DataError
from core.experiment_faults import Fault, faults_of
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.base import StreamKind
from core.streams.class_incremental import ClassIncrementalStream
from core.streams.schedules import ADE20K_SCHEDULES, VOC_SCHEDULES
from core.streams.selection import Split
from server.errors import InvalidRequestError
from server.schemas.classes import classes_of_table
from server.schemas.problem import FaultEntry
from server.schemas.streams import CountedClass, Schedule, StepPreview, StreamPreview, StreamPreviewRequest
from server.services.datasets.roots import path_faults
from server.services.datasets.training_images import TrainingImages, training_images


class _DatasetPart(BaseModel):
    dataset: DatasetSpec


class _StreamPart(BaseModel):
    stream: ClassIncrementalStream


class _RoundsPart(BaseModel):
    stream: ActiveRoundsStream


def list_schedules() -> list[Schedule]:
    """Return every published schedule under the name that says its dataset."""
    named = {f"voc/{name}": steps for name, steps in VOC_SCHEDULES.items()}
    named |= {f"ade20k/{name}": steps for name, steps in ADE20K_SCHEDULES.items()}
    return [Schedule(name=name, steps=[list(step) for step in steps]) for name, steps in named.items()]


def preview(request: StreamPreviewRequest, *, data_roots: Sequence[Path], presence_cache: Path) -> StreamPreview:
    """Return the classes of a dataset and, where the cache knows what its images show, the images of every step.

    No image is read. A fault of the stream is part of the answer: whoever edits it needs the classes all the same.

    Raises:
        InvalidRequestError: when the dataset cannot be opened.
    """
    spec = _dataset_spec(request.dataset, data_roots)
    is_rounds = request.stream.get("kind") == StreamKind.ACTIVE_ROUNDS.value
    try:
        table = dataset_classes(spec)
        # Which labels rounds need depends on the stream: what is missing is a fault of it.
        images = training_images(spec, presence_cache, needs_labels=not is_rounds)
    except (DataError, OSError) as error:
        raise InvalidRequestError.of_faults([Fault("/dataset/root", str(error), "data_error")]) from error
    presence = images.presence
    if is_rounds:
        stream, faults = None, _faults_of_rounds(request.stream, table, images, data_roots)
    else:
        stream, faults = _stream(request.stream, table, data_roots)
    return StreamPreview(
        classes=[
            CountedClass(**label.model_dump(), images=None if presence is None else presence.images_of(label.id))
            for label in classes_of_table(table).labels
        ],
        train_images=images.count,
        is_scanned=presence is not None,
        steps=[] if stream is None else _steps(stream, presence),
        images_unused=None if stream is None or presence is None else int((~_used(stream, presence)).sum()),
        faults=faults,
    )


def _dataset_spec(dataset: Mapping[str, Any], data_roots: Sequence[Path]) -> FolderDatasetSpec | WorldDatasetSpec:
    try:
        spec = _DatasetPart.model_validate({"dataset": dataset}).dataset
    except ValidationError as error:
        raise InvalidRequestError.of_faults(faults_of(error, _DatasetPart)) from error
    outside = path_faults(spec, "/dataset", data_roots)
    if outside:
        raise InvalidRequestError.of_faults(outside)
    return spec


def _stream(
    stream: Mapping[str, Any], table: ClassTable, data_roots: Sequence[Path]
) -> tuple[ClassIncrementalStream | None, list[FaultEntry]]:
    try:
        checked = _StreamPart.model_validate({"stream": stream}).stream
        outside = path_faults(checked, "/stream", data_roots)
        if outside:
            return None, [_entry(fault) for fault in outside]
        checked.check_against(table)
    except ValidationError as error:
        return None, [_entry(fault) for fault in faults_of(error, _StreamPart)]
    except ConfigError as error:
        return None, [_entry(Fault(error.pointer, error.message, "config_error"))]
    return checked, []


def _faults_of_rounds(
    stream: Mapping[str, Any], table: ClassTable, images: TrainingImages, data_roots: Sequence[Path]
) -> list[FaultEntry]:
    """Return what is wrong with a stream of rounds; a source outside the allowed roots is not looked at."""
    try:
        checked = _RoundsPart.model_validate({"stream": stream}).stream
        outside = path_faults(checked, "/stream", data_roots)
        if outside:
            return [_entry(fault) for fault in outside]
        checked.check_against(table)
        images.check_start(checked)
    except ValidationError as error:
        return [_entry(fault) for fault in faults_of(error, _RoundsPart)]
    except ConfigError as error:
        return [_entry(Fault(error.pointer, error.message, "config_error"))]
    return []


def _entry(fault: Fault) -> FaultEntry:
    return FaultEntry(source="body", pointer=fault.pointer, message=fault.message, code=fault.code)


def _steps(stream: ClassIncrementalStream, presence: ClassPresence | None) -> list[StepPreview]:
    if presence is None:
        return [
            StepPreview(classes=list(step), images=None, images_shared=None, images_per_class=None)
            for step in stream.steps
        ]
    earlier = np.zeros(len(presence.pixels), dtype=np.bool_)
    found = []
    for index, classes in enumerate(stream.steps):
        items = presence.step_items(stream.step(index), Split.TRAIN, stream.setting)
        shown = presence.class_sets()[np.ix_(items, np.array(classes))]
        found.append(
            StepPreview(
                classes=list(classes),
                images=len(items),
                images_shared=int(earlier[items].sum()),
                images_per_class=shown.sum(axis=0).tolist(),
            )
        )
        earlier[items] = True
    return found


def _used(stream: ClassIncrementalStream, presence: ClassPresence) -> np.ndarray[Any, np.dtype[np.bool_]]:
    used = np.zeros(len(presence.pixels), dtype=np.bool_)
    for index in range(stream.num_steps):
        used[presence.step_items(stream.step(index), Split.TRAIN, stream.setting)] = True
    return used
