"""Everything that can be said against an experiment before it is queued (EXP-2, EXP-3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.data.catalog import dataset_classes
from core.data.classes import ClassTable
from core.data.step_images import images_of_stream
from core.errors import ConfigError, DataError
from core.experiment import InvalidExperiment, ResolvedExperiment, lay_over, load_preset, plan, resolve
from core.experiment_faults import Fault
from core.stage.spec import StageSpec
from core.streams.active_rounds import ActiveRoundsStream
from server.errors import InvalidRequestError
from server.schemas.runs import RunCreate
from server.services.datasets.roots import path_fault
from server.services.datasets.training_images import training_images

DOCUMENT = "/document"
"""Where the experiment document lies in a request's body."""

NOWHERE = "/dev/null"
"""A path that exists and is never a folder: put in the place of a root that must not be looked at."""


@dataclass(frozen=True)
class CheckedExperiment:
    """A document that can be run.

    Attributes:
        resolved: with preset and defaults filled in.
        plan: its stages.
        classes: of its dataset.
        is_scanned: whether the images of each step are known.
    """

    resolved: ResolvedExperiment
    plan: list[StageSpec]
    classes: ClassTable
    is_scanned: bool


def check_document(
    document: Mapping[str, Any], *, data_roots: Sequence[Path], presence_cache: Path
) -> CheckedExperiment:
    """Check a document and plan its stages.

    Reads class table and lists of the dataset, but no image: a step's images are counted where a scan is in the cache.

    Raises:
        InvalidRequestError: with every fault found.
    """
    outside = list(_path_faults(document, data_roots))
    if outside:
        raise InvalidRequestError.of_faults([*outside, *_other_faults(document)], DOCUMENT)
    try:
        resolved = resolve(document)
        _require_source(resolved, presence_cache)
        images = _images_per_step(resolved, presence_cache)
        return CheckedExperiment(
            resolved, plan(resolved, images), dataset_classes(resolved.dataset), images is not None
        )
    except InvalidExperiment as error:
        raise InvalidRequestError.of_faults(error.faults, DOCUMENT) from error
    except ConfigError as error:
        raise InvalidRequestError.of_faults([Fault(error.pointer, error.message, "config_error")], DOCUMENT) from error
    except (DataError, OSError) as error:
        raise InvalidRequestError.of_faults([Fault("/dataset/root", str(error), "data_error")], DOCUMENT) from error


def check_run(body: RunCreate, *, data_roots: Sequence[Path], presence_cache: Path) -> CheckedExperiment:
    """Check the document of a run that is submitted with its experiment, or the preset that stands for one.

    Raises:
        InvalidRequestError: with every fault found.
    """
    document = body.document
    if document is None:
        preset = str(body.preset)
        try:
            load_preset(preset)
        except ConfigError as error:
            raise InvalidRequestError.of_faults([Fault("/preset", error.message, "config_error")]) from error
        document = {"method": preset.partition("/")[0], "preset": preset}
    return check_document(document, data_roots=data_roots, presence_cache=presence_cache)


def _path_faults(document: Mapping[str, Any], data_roots: Sequence[Path]) -> Iterator[Fault]:
    """Yield what is wrong with paths of the server in the document, before anything is read from there."""
    source = _mapping(_effective(document, "stream").get("source"))
    for pointer, dataset in (("/dataset/root", _effective(document, "dataset")), ("/stream/source/root", source)):
        root = dataset.get("root")
        if "world" not in dataset and isinstance(root, str):
            fault = path_fault(root, pointer, data_roots)
            if fault is not None:
                yield fault
    model = _mapping(_mapping(document.get("config")).get("model"))
    for name in ("backbone_weights", "checkpoint"):
        weights = model.get(name)
        if isinstance(weights, str):
            fault = path_fault(weights, f"/config/model/{name}", data_roots)
            if fault is not None:
                yield fault


def _other_faults(document: Mapping[str, Any]) -> Sequence[Fault]:
    """Return the faults that can be found without looking at a dataset."""
    stream = _effective(document, "stream")
    harmless = {**document, "dataset": _nowhere(_effective(document, "dataset"))}
    if "source" in stream:
        harmless["stream"] = {**stream, "source": _nowhere(_mapping(stream["source"]))}
    try:
        resolve(harmless)
    except InvalidExperiment as error:
        return [fault for fault in error.faults if NOWHERE not in fault.message]
    return ()


def _nowhere(dataset: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**dataset, "root": NOWHERE} if "root" in dataset else dataset


def _effective(document: Mapping[str, Any], part: Literal["dataset", "stream"]) -> Mapping[str, Any]:
    """Return a part of a document, laid over that of the preset that it starts from."""
    preset, given = document.get("preset"), document.get(part, {})
    try:
        base = getattr(load_preset(preset), part) if isinstance(preset, str) else {}
    except ConfigError:
        # `resolve` says so, with the nearest name.
        base = {}
    return _mapping(lay_over(base, given))


def _require_source(resolved: ResolvedExperiment, presence_cache: Path) -> None:
    """Refuse a source whose list or files are missing or of another layout; raises ConfigError."""
    source = resolved.stream.source if isinstance(resolved.stream, ActiveRoundsStream) else None
    if source is None:
        return
    try:
        training_images(source, presence_cache)
    except (DataError, OSError) as error:
        raise ConfigError(str(error), "/stream/source/root") from error


def _images_per_step(resolved: ResolvedExperiment, presence_cache: Path) -> tuple[int, ...] | None:
    """Return the training images of each step where that is known already; else the first stage scans the labels.

    Raises:
        ConfigError: for a step without images, budgets beyond the pool, or images without the labels that they need.
    """
    stream = resolved.stream
    is_rounds = isinstance(stream, ActiveRoundsStream)
    images = training_images(resolved.dataset, presence_cache, needs_labels=not is_rounds)
    if isinstance(stream, ActiveRoundsStream):
        images.check_start(stream)
    return images_of_stream(stream, images.count, images.presence)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
