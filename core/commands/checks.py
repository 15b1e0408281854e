"""Checks before a run: the plan of an experiment with its images, and the faults of a dataset. Free of torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from core.commands.documents import open_document
from core.data.catalog import ADAPTERS
from core.data.dataset_spec import DatasetSpec
from core.data.opening import on_disk
from core.data.presence import PRESENCE_DIR
from core.data.specs import FolderDatasetSpec, WorldDatasetSpec
from core.data.verify import DataCheck, check_dataset
from core.errors import ConfigError
from core.experiment import laid_over_preset, load_preset, resolve
from core.runner.local import LocalPlan, plan_and_look
from core.validation_words import rule_of, sentence_of

REPORTED_OF_A_KIND = 20
"""Most faults of one kind in a written report; the report counts all of them."""


def plan_of(experiment: str, settings: Sequence[str], data_home: Path) -> LocalPlan:
    """Return the plan of an experiment. Scans the dataset; a synthetic world is first written to disk."""
    resolved = resolve(open_document(experiment, settings))
    data_home.mkdir(parents=True, exist_ok=True)
    return plan_and_look(resolved, data_home)


def check_data(target: str, root: str | None, settings: Sequence[str], data_home: Path) -> DataCheck:
    """Read every file of a dataset.

    Args:
        target: an adapter's name where `root` is given, else an experiment or preset.
        root: folder of the dataset.
        settings: settings that override the experiment's.
        data_home: folder for worlds and for label indexes, which runs reuse.

    Raises:
        ConfigError: if the target is neither.
    """
    kept = data_home / PRESENCE_DIR
    if root is not None or target in ADAPTERS:
        return check_dataset(_folder_spec(target, root), kept)
    dataset = _dataset_of(open_document(target, settings))
    data_home.mkdir(parents=True, exist_ok=True)
    return check_dataset(on_disk(dataset, data_home) if isinstance(dataset, WorldDatasetSpec) else dataset, kept)


def write_check(check: DataCheck, report: Path | None, index: Path | None) -> None:
    """Write the requested parts of a check atomically, the report last."""
    if index is not None:
        aside = index.with_name(f".{index.name}.part")
        check.index.write(aside)
        aside.replace(index)
    if report is not None:
        aside = report.with_name(f".{report.name}.part")
        aside.write_text(check.report.shortened(REPORTED_OF_A_KIND).model_dump_json(), encoding="utf-8")
        aside.replace(report)


def _dataset_of(document: Mapping[str, Any]) -> FolderDatasetSpec | WorldDatasetSpec:
    """Return the dataset of a document. The rest of the document may be invalid."""
    named = document.get("dataset")
    if document.get("preset") is not None:
        named = laid_over_preset(document, load_preset(str(document["preset"])), "dataset")
    try:
        return TypeAdapter[FolderDatasetSpec | WorldDatasetSpec](DatasetSpec).validate_python(named)
    except ValidationError as error:
        raise ConfigError(f"the dataset is not valid: {sentence_of(error.errors()[0])}", "/dataset") from error


def _folder_spec(adapter: str, root: str | None) -> FolderDatasetSpec:
    if root is None:
        raise ConfigError(f"adapter {adapter!r} needs the folder of the dataset: check-data {adapter} ROOT")
    try:
        return FolderDatasetSpec.model_validate({"adapter": adapter, "root": root})
    except ValidationError as error:
        raise ConfigError(
            f"adapter {adapter!r}: {rule_of(error.errors()[0])}; adapters are {', '.join(ADAPTERS)}"
        ) from error
