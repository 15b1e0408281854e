"""All checks of an experiment before it is queued (EXP-2, EXP-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data.classes import ClassTable
from core.errors import ConfigError, DataError, Fault
from core.experiment import InvalidExperiment, ResolvedExperiment, load_preset, plan, resolve
from core.stage.spec import StageSpec
from core.streams.base import DatasetUse, KnownDataset, main_name
from core.streams.image_doubts import require_other_test_images
from core.streams.known import class_tables, known_datasets
from server.errors import InvalidRequestError
from server.schemas.runs import RunCreate
from server.services.datasets.roots import path_check

DOCUMENT = "/document"
"""Pointer to the experiment document in a request's body."""


@dataclass(frozen=True)
class CheckedExperiment:
    """A document that can be run.

    Attributes:
        resolved: the experiment with preset and defaults filled in.
        plan: its stages.
        uses: its datasets, by the names that its stream gives them.
        known: known facts about the images of each dataset.
        tables: class table of each dataset.
        classes: classes of the experiment's own dataset.
        is_scanned: whether the images of each step are known.
    """

    resolved: ResolvedExperiment
    plan: list[StageSpec]
    uses: Mapping[str, DatasetUse]
    known: Mapping[str, KnownDataset]
    tables: Mapping[str, ClassTable]
    classes: ClassTable
    is_scanned: bool


def check_document(
    document: Mapping[str, Any], *, data_roots: Sequence[Path], presence_cache: Path
) -> CheckedExperiment:
    """Check a document and plan its stages.

    Reads the datasets' class tables and lists, but no image. A step's images are counted only if the cache holds a
    scan.

    Raises:
        InvalidRequestError: with every fault found.
    """
    try:
        return _planned(resolve(document, path_check(data_roots)), presence_cache)
    except InvalidExperiment as error:
        raise InvalidRequestError.of_faults(error.faults, DOCUMENT) from error
    except ConfigError as error:
        raise InvalidRequestError.of_faults(error.faults, DOCUMENT) from error
    except (DataError, OSError) as error:
        raise InvalidRequestError.of_faults([Fault("/dataset/root", str(error), "data_error")], DOCUMENT) from error


def check_run(body: RunCreate, *, data_roots: Sequence[Path], presence_cache: Path) -> CheckedExperiment:
    """Check the experiment document or preset of a run that is submitted together with its experiment.

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


def _planned(resolved: ResolvedExperiment, presence_cache: Path) -> CheckedExperiment:
    """Plan an experiment with the known facts about its images. Without them, the first stage scans the labels.

    Raises:
        ConfigError: when the images do not fit the stream, or one of the other datasets cannot be read.
        DataError, OSError: when the experiment's own dataset cannot be read.
    """
    stream = resolved.stream
    uses = stream.datasets(resolved.dataset)
    tables, known = class_tables(uses), known_datasets(uses, presence_cache.parent, presence_cache)
    stream.check_images(known)
    require_other_test_images(uses, known)
    images = stream.images_per_step(known)
    return CheckedExperiment(
        resolved,
        plan(resolved, images),
        uses,
        known,
        tables,
        classes=tables[main_name(uses)],
        is_scanned=images is not None,
    )
