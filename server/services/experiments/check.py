"""Everything that can be said against an experiment before it is queued (EXP-2, EXP-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data.classes import ClassTable
from core.data.step_images import images_of_stream
from core.errors import ConfigError, DataError
from core.experiment import InvalidExperiment, ResolvedExperiment, load_preset, plan, resolve
from core.experiment_faults import Fault
from core.stage.spec import StageSpec
from core.streams.active_rounds import ActiveRoundsStream
from server.errors import InvalidRequestError
from server.schemas.runs import RunCreate
from server.services.datasets.roots import path_check
from server.services.datasets.training_images import TrainingImages, training_images

DOCUMENT = "/document"
"""Where the experiment document lies in a request's body."""


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
    try:
        resolved = resolve(document, path_check(data_roots))
        _require_source(resolved, presence_cache)
        images = _training_images(resolved, presence_cache)
        per_step = images_of_stream(resolved.stream, images.count, images.presence)
        return CheckedExperiment(resolved, plan(resolved, per_step), images.classes, per_step is not None)
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


def _require_source(resolved: ResolvedExperiment, presence_cache: Path) -> None:
    """Refuse a source whose list or files are missing or of another layout; raises ConfigError."""
    source = resolved.stream.source if isinstance(resolved.stream, ActiveRoundsStream) else None
    if source is None:
        return
    try:
        training_images(source, presence_cache)
    except (DataError, OSError) as error:
        raise ConfigError(str(error), "/stream/source/root") from error


def _training_images(resolved: ResolvedExperiment, presence_cache: Path) -> TrainingImages:
    """Return what is known of the dataset's training images without a scan; else the first stage scans the labels.

    Raises:
        ConfigError: for budgets beyond the pool, or images without the labels that they need.
    """
    stream = resolved.stream
    is_rounds = isinstance(stream, ActiveRoundsStream)
    images = training_images(resolved.dataset, presence_cache, needs_labels=not is_rounds)
    if isinstance(stream, ActiveRoundsStream):
        images.check_start(stream)
    return images
