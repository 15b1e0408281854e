"""All checks of an experiment before it is queued (EXP-2, EXP-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.data.classes import ClassTable
from core.errors import ConfigError, DataError, Fault
from core.experiment import InvalidExperiment, ResolvedExperiment, load_preset, plan, resolve
from core.methods.checkpoints import StoredModel
from core.stage.spec import StageSpec
from core.streams.base import DatasetUse, KnownDataset, main_name
from core.streams.image_doubts import require_other_test_images
from core.streams.known import class_tables, known_datasets
from server.errors import InvalidRequestError
from server.schemas.runs import RunCreate
from server.services.datasets.roots import path_check
from server.services.experiments.trained_models import TrainedModels

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
        model: what is known of the trained model that the config names; None if it names none.
    """

    resolved: ResolvedExperiment
    plan: list[StageSpec]
    uses: Mapping[str, DatasetUse]
    known: Mapping[str, KnownDataset]
    tables: Mapping[str, ClassTable]
    classes: ClassTable
    is_scanned: bool
    model: StoredModel | None = None


def check_document(
    document: Mapping[str, Any],
    *,
    data_roots: Sequence[Path],
    presence_cache: Path,
    models: TrainedModels | None = None,
) -> CheckedExperiment:
    """Check a document and plan its stages.

    Reads the datasets' class tables and lists, but no image. A step's images are counted only if the cache holds a
    scan.

    Args:
        document: as submitted.
        data_roots: folders that paths must lie in.
        presence_cache: folder of the scans.
        models: the trained models that documents may name; None if they may name none.

    Raises:
        InvalidRequestError: with every fault found.
    """
    try:
        check_path = path_check(data_roots)
        if models is None:
            return _planned(resolve(document, check_path), presence_cache, None)
        resolved = resolve(models.with_files(document), check_path)
        pinned = replace(resolved, document=dict(document), config=models.pinned(resolved.config))
        return _planned(pinned, presence_cache, models.read(pinned.config))
    except InvalidExperiment as error:
        raise InvalidRequestError.of_faults(error.faults, DOCUMENT) from error
    except ConfigError as error:
        raise InvalidRequestError.of_faults(error.faults, DOCUMENT) from error
    except (DataError, OSError) as error:
        raise InvalidRequestError.of_faults([Fault("/dataset/root", str(error), "data_error")], DOCUMENT) from error


def check_run(
    body: RunCreate, *, data_roots: Sequence[Path], presence_cache: Path, models: TrainedModels | None = None
) -> CheckedExperiment:
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
    return check_document(document, data_roots=data_roots, presence_cache=presence_cache, models=models)


def _planned(resolved: ResolvedExperiment, presence_cache: Path, model: StoredModel | None) -> CheckedExperiment:
    """Plan an experiment with the known facts about its images. Without them, the first stage scans the labels.

    Raises:
        ConfigError: when the images do not fit the stream, or one of the other datasets cannot be read; or when the
            model that the config names does not fit the datasets.
        DataError, OSError: when the experiment's own dataset cannot be read.
    """
    stream = resolved.stream
    uses = stream.datasets(resolved.dataset)
    tables, known = class_tables(uses), known_datasets(uses, presence_cache.parent, presence_cache)
    if model is not None:
        resolved.config.check_model(model, tables, known, presence_cache.parent)
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
        model=model,
    )
