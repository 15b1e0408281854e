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
"""Where the experiment document lies in a request's body."""


@dataclass(frozen=True)
class CheckedExperiment:
    """A document that can be run.

    Attributes:
        resolved: with preset and defaults filled in.
        plan: its stages.
        uses: its datasets, by the names that its stream gives them.
        known: what is known of the images of each.
        tables: class table of each.
        classes: of the experiment's own dataset.
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

    Reads class tables and lists of the datasets, but no image: a step's images are counted where a scan is in the
    cache.

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


def _planned(resolved: ResolvedExperiment, presence_cache: Path) -> CheckedExperiment:
    """Plan an experiment with what is known of its images; else the first stage scans the labels.

    Raises:
        ConfigError: when the images are not what the stream wants, or a dataset beside its own cannot be read.
        DataError, OSError: when its own dataset cannot be read.
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
