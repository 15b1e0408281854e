"""Methods and presets of the catalog."""

from __future__ import annotations

from typing import Any, cast

from core.errors import ConfigError, nearest
from core.experiment import Preset, ResolvedExperiment, document_model, load_preset, plan
from core.methods.base import MethodConfig
from core.methods.catalog import METHODS, preset_files
from core.methods.entry import MethodEntry
from core.methods.scoring import Scoring
from server.errors import NotFoundError
from server.schemas.experiments import Deviation, PlannedStage
from server.schemas.methods import MethodSummary, PresetDetail, PresetSummary
from server.schemas.scoring import HeadlineScore, MethodScoring, MethodTable


def list_methods() -> list[MethodSummary]:
    """Return all methods, in the catalog's order."""
    return [_summary(name, entry) for name, entry in METHODS.items()]


def show_method(name: str) -> MethodSummary:
    """Return one method; raises NotFoundError that suggests the nearest name."""
    return _summary(name, _entry(name))


def document_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a method's experiment documents; raises NotFoundError."""
    _entry(name)
    return document_model(name).model_json_schema()


def list_presets(method: str) -> list[PresetSummary]:
    """Return the presets of a method; raises NotFoundError for an unknown method."""
    _entry(method)
    return [_preset_summary(name, load_preset(name)) for name in preset_files(method)]


def show_preset(method: str, short_name: str) -> PresetDetail:
    """Return one preset with its resolved experiment, without opening the dataset. Raises NotFoundError."""
    _entry(method)
    name = f"{method}/{short_name}"
    try:
        preset = load_preset(name)
    except ConfigError as error:
        raise NotFoundError("preset", name, nearest(name, preset_files(method))) from error
    experiment = _experiment_of(method, name, preset)
    return PresetDetail(
        **_preset_summary(name, preset).model_dump(),
        document={
            "method": method,
            "preset": name,
            "dataset": preset.dataset,
            "stream": preset.stream,
            "config": preset.config,
        },
        resolved=experiment.canonical(),
        deviations=[Deviation.model_validate(deviation) for deviation in experiment.deviations()],
        plan=[PlannedStage.model_validate(stage) for stage in plan(experiment)],
    )


def _entry(name: str) -> MethodEntry:
    if name not in METHODS:
        raise NotFoundError("method", name, nearest(name, METHODS))
    return METHODS[name]


def _summary(name: str, entry: MethodEntry) -> MethodSummary:
    return MethodSummary(
        name=name,
        title=entry.title,
        summary=entry.summary,
        publication=entry.publication,
        stream=entry.stream,
        presets=list(preset_files(name)),
        scoring=_scoring(entry.scoring),
    )


def _scoring(scoring: Scoring) -> MethodScoring:
    return MethodScoring(
        headline=HeadlineScore.model_validate(scoring.headline),
        tables=[
            MethodTable(
                metric=table.metric,
                by=table.by,
                title=table.title,
                group=table.group,
                direction=scoring.direction_of(table.metric),
            )
            for table in scoring.tables
        ],
        lower_is_better=sorted(scoring.lower_is_better),
    )


def _preset_summary(name: str, preset: Preset) -> PresetSummary:
    return PresetSummary(name=name, title=preset.title, description=preset.description, version=preset.version)


def _experiment_of(method: str, name: str, preset: Preset) -> ResolvedExperiment:
    document = {
        "method": method,
        "preset": name,
        "dataset": preset.dataset,
        "stream": preset.stream,
        "config": preset.config,
    }
    checked = document_model(method).model_validate(document)
    return ResolvedExperiment(
        document=document,
        method=method,
        preset=name,
        preset_version=preset.version,
        dataset=checked.dataset,
        stream=checked.stream,
        config=cast(MethodConfig, getattr(checked, "config")),  # noqa: B009 - the field is made by document_model
    )
