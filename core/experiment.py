"""The experiment document: read, checked, completed with preset and defaults, and planned. Free of torch.

One document fixes method, dataset, task stream and config; a run adds a seed. The command line, the API and the launch
form all come through `resolve`, and the model that checks a document is the one whose JSON schema the form shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from core.data.catalog import ADAPTERS
from core.data.dataset_spec import DatasetSpec
from core.data.truths import VIEWS
from core.errors import ConfigError, CoreError, DataError, Fault, nearest
from core.experiment_faults import booleans_for_numbers, faults_of
from core.methods.base import MethodConfig
from core.methods.catalog import METHODS, config_class, method_entry, plan_function, preset_files
from core.server_path import PlacedPath, paths_in, paths_in_data
from core.stage.spec import StageSpec
from core.streams.base import DatasetUse, TaskStream, main_name
from core.streams.catalog import stream_class
from core.streams.known import class_tables

SCHEMA_VERSION = 1

PathCheck = Callable[[PlacedPath], Fault | None]
"""Returns what is wrong with a path of this machine, or None."""


def any_path(_placed: PlacedPath) -> None:
    """Accept every path: whoever types a command may name what he may read."""


class InvalidExperiment(CoreError):
    """The document cannot be run; `faults` lists everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.message}" for fault in faults))
        self.faults = tuple(faults)


class ExperimentDocument(BaseModel):
    """Base of the documents of all methods; each has a `config` of its own, and `stream` of its own kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = Field(1, description="Version of this document's form.")
    method: str = Field(description="The method, as listed under /methods.")
    preset: str | None = Field(None, description="Preset that the document starts from, such as eir/demo.")
    dataset: DatasetSpec = Field(description="A folder with its adapter, or a built-in world.")
    stream: TaskStream = Field(description="What changes over time.")


class Preset(BaseModel):
    """A named, complete setting: a file under `presets/`.

    A file with `extends: NAME`, or METHOD/NAME, says only what it changes of another preset; a list is one value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    description: str
    version: int = Field(1, ge=1)
    dataset: dict[str, Any]
    stream: dict[str, Any]
    config: dict[str, Any] = Field(default_factory=dict)
    is_published: bool = False
    """Whether the config is the publication's, where that has other values than the field defaults."""


@dataclass(frozen=True)
class Deviation:
    """One setting that differs from the publication's value."""

    pointer: str
    published: Any
    value: Any


@dataclass(frozen=True)
class ResolvedExperiment:
    """A checked document with every default filled in.

    Attributes:
        document: as submitted.
        preset, preset_version: what it started from.
        config: the method's complete config.
    """

    document: Mapping[str, Any]
    method: str
    preset: str | None
    preset_version: int | None
    dataset: DatasetSpec
    stream: TaskStream
    config: MethodConfig

    def canonical(self) -> dict[str, Any]:
        """Return what defines the experiment, as plain JSON data with every default filled in."""
        return {
            "schema_version": SCHEMA_VERSION,
            "method": self.method,
            "dataset": self.dataset.model_dump(mode="json"),
            "stream": self.stream.model_dump(mode="json"),
            "config": self.config.model_dump(mode="json"),
        }

    def digest(self) -> str:
        """Return the SHA-256 of `canonical` in canonical JSON (EXP-4)."""
        return canonical_digest(self.canonical())

    def deviations(self) -> list[Deviation]:
        """List where the config leaves the published values: the field defaults, or those of a published preset."""
        if not self.config.has_published_values:
            return []
        preset = load_preset(self.preset) if self.preset is not None else None
        values = preset.config if preset is not None and preset.is_published else {}
        # How a stage runs is no value of a publication.
        values = {section: one for section, one in values.items() if section != "execution"}
        published = type(self.config).model_validate(values).model_dump(mode="json")
        return list(_differences(published, self.config.model_dump(mode="json"), ""))


def canonical_digest(resolved: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a resolved document in canonical JSON (EXP-4)."""
    text = json.dumps(resolved, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_document(path: Path) -> dict[str, Any]:
    """Read a YAML or JSON document; raises ConfigError naming the file."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: cannot be read as YAML or JSON: {error}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{path}: holds a {type(document).__name__}, expected a mapping with method, dataset, stream")
    return document


def load_preset(name: str) -> Preset:
    """Return a preset by its full name (`eir/demo`). It is shared, so do not change its parts.

    Raises:
        ConfigError: naming the nearest known preset.
    """
    method = name.partition("/")[0]
    files = preset_files(method) if method in METHODS else {}
    if name not in files:
        known = [preset for method in METHODS for preset in preset_files(method)]
        raise ConfigError(f"preset {name!r} does not exist{nearest(name, known)}", "/preset")
    chain = [files[name]]
    while (base := _preset_document(chain[-1], _changed_at(chain[-1])).get("extends")) is not None:
        extended = _preset_file(str(base), method)
        if extended is None or extended in chain:
            raise ConfigError(f"{chain[-1]}: extends {base!r}, which is no other preset", "/preset")
        chain.append(extended)
        method = str(base).rpartition("/")[0] or method
    return _read_preset(tuple((file, _changed_at(file)) for file in chain))


def _preset_file(name: str, method: str) -> Path | None:
    """Return the file of a preset, by its full name or by its name within a method; None where there is none."""
    full = name if "/" in name else f"{method}/{name}"
    of = full.partition("/")[0]
    return preset_files(of).get(full) if of in METHODS else None


def _changed_at(file: Path) -> int:
    return file.stat().st_mtime_ns


@lru_cache(maxsize=256)
def _preset_document(file: Path, _changed_at: int) -> dict[str, Any]:
    """Read a preset's file once, and again when it has changed."""
    return read_document(file)


@lru_cache(maxsize=256)
def _read_preset(chain: tuple[tuple[Path, int], ...]) -> Preset:
    """Return what a preset's file says, laid over the presets that it extends, the nearest first."""
    merged: Any = {}
    for file, changed_at in reversed(chain):
        own = _preset_document(file, changed_at)
        merged = _merge(merged, {key: value for key, value in own.items() if key != "extends"})
    return Preset.model_validate(merged)


@cache
def document_model(method: str) -> type[ExperimentDocument]:
    """Return the model of a method's documents; its JSON schema is what `/methods/{method}/schema` publishes."""
    config = config_class(method)
    fields: dict[str, Any] = {
        "method": (Literal[method], Field(description=method_entry(method).title)),
        "stream": (stream_class(method_entry(method).stream), Field(description="What changes over time.")),
        "config": (config, Field(default_factory=config, description="Settings; a default is the published value.")),
    }
    name = "".join(part.capitalize() for part in method.split("_"))
    return cast(type[ExperimentDocument], create_model(f"{name}Experiment", __base__=ExperimentDocument, **fields))


def resolve(document: Mapping[str, Any], check_path: PathCheck = any_path) -> ResolvedExperiment:
    """Check a document and fill in preset and defaults.

    Args:
        document: as submitted.
        check_path: returns what is wrong with a path of this machine, or None. Nothing is read from the paths of the
            document before all of them have passed.

    Raises:
        InvalidExperiment: with every fault found.
    """
    model, preset, fault = _model_and_preset(document)
    complete = _with_preset(document, preset)
    faults = _refused(paths_in_data(complete, model), check_path)
    if fault is not None:
        # Without its method or preset, the rest of the document cannot be judged.
        raise InvalidExperiment([*faults, fault])
    try:
        checked = model.model_validate(complete)
    except ValidationError as error:
        raise InvalidExperiment([*faults, *faults_of(error, model)]) from error
    faults += booleans_for_numbers(complete, checked.model_dump(by_alias=True))
    faults = faults or _refused(paths_in(checked), check_path)
    if faults:
        raise InvalidExperiment(faults)
    config = cast(MethodConfig, getattr(checked, "config"))  # noqa: B009 - the field is made by document_model
    _check_against_datasets(checked, config)
    return ResolvedExperiment(
        document=dict(document),
        method=checked.method,
        preset=checked.preset,
        preset_version=preset.version if preset else None,
        dataset=checked.dataset,
        stream=checked.stream,
        config=config,
    )


def _model_and_preset(document: Mapping[str, Any]) -> tuple[type[ExperimentDocument], Preset | None, Fault | None]:
    """Return the model and the preset that a document names, or what is wrong with the names."""
    method, name = document.get("method"), document.get("preset")
    try:
        if not isinstance(method, str):
            raise ConfigError(f"method is {method!r}, expected one of {', '.join(METHODS)}", "/method")
        model = document_model(method)
    except ConfigError as error:
        return ExperimentDocument, None, Fault(error.pointer, error.message, "config_error")
    try:
        preset = load_preset(str(name)) if name is not None else None
        _check_preset_fits(method, name)
    except ConfigError as error:
        return model, None, Fault(error.pointer, error.message, "config_error")
    return model, preset, None


def _refused(paths: Iterable[PlacedPath], check_path: PathCheck) -> list[Fault]:
    return [fault for placed in paths if (fault := check_path(placed)) is not None]


def _check_against_datasets(checked: ExperimentDocument, config: MethodConfig) -> None:
    """Refuse a stream or a config that does not go with the classes of the datasets; raises InvalidExperiment."""
    uses = checked.stream.datasets(checked.dataset)
    try:
        _require_samples(uses, checked.method)
        classes = class_tables(uses)
        checked.stream.check_against(classes)
        config.check_against(classes[main_name(uses)])
    except ConfigError as error:
        raise InvalidExperiment(error.faults) from error
    except DataError as error:
        raise InvalidExperiment([Fault("/dataset/root", str(error), "data_error")]) from error


def _require_samples(uses: Mapping[str, DatasetUse], method: str) -> None:
    """Refuse a dataset whose adapter yields another kind of samples than the method reads."""
    wanted = method_entry(method).samples
    for use in uses.values():
        found = ADAPTERS[use.spec.adapter].samples
        if found is not wanted:
            fitting = ", ".join(name for name, entry in ADAPTERS.items() if entry.samples is wanted)
            raise ConfigError(
                f"adapter {use.spec.adapter!r} yields {VIEWS[found].title}, and method {method!r} learns from "
                f"{VIEWS[wanted].title}; adapters of these are {fitting or 'none yet'}",
                f"{use.pointer}/adapter",
            )


def plan(experiment: ResolvedExperiment, images_per_step: Sequence[int] | None = None) -> list[StageSpec]:
    """Return the stages of an experiment.

    Args:
        experiment: the resolved document.
        images_per_step: what the stream knows of the images (`TaskStream.images_per_step`); lets the plan know its
            iterations.
    """
    return plan_function(experiment.method)(experiment.config, experiment.stream, images_per_step)


def _check_preset_fits(method: str, preset: Any) -> None:
    if preset is not None and not str(preset).startswith(f"{method}/"):
        own = f"{method}/{str(preset).partition('/')[2]}"
        hint = f"; did you mean {own!r}?" if own in preset_files(method) else nearest(own, preset_files(method))
        raise ConfigError(f"preset {preset!r} belongs to another method than {method!r}{hint}", "/preset")


def _with_preset(document: Mapping[str, Any], preset: Preset | None) -> dict[str, Any]:
    """Lay the document over its preset, key by key."""
    merged = dict(document)
    if preset is None:
        return merged
    merged["dataset"] = laid_over_preset(document, preset, "dataset")
    merged["stream"] = laid_over_preset(document, preset, "stream")
    merged["config"] = _merge(preset.config, document.get("config", {}))
    return merged


KINDS = ("world", "adapter", "kind")
"""Keys that say which other keys a dataset or a stream has."""


def alternatives_of(document: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """Return the keys of a document's stream that exclude each other; none where its method is unknown."""
    method = str(document.get("method"))
    return stream_class(METHODS[method].stream).alternatives if method in METHODS else ()


def laid_over_preset(document: Mapping[str, Any], preset: Preset, part: Literal["dataset", "stream"]) -> Any:
    """Return the dataset or stream that a document means: its own, laid over that of its preset."""
    if part == "dataset":
        return lay_over(preset.dataset, document.get("dataset", {}))
    return lay_over(preset.stream, document.get("stream", {}), alternatives_of(document))


def lay_over(base: Any, over: Any, alternatives: Sequence[Sequence[str]] = ()) -> Any:
    """Return a preset's dataset or stream with a document's laid over it; one of another kind replaces it whole.

    Args:
        base: of the preset.
        over: of the document.
        alternatives: groups of keys that say the same in different ways: one of them leaves out the preset's others.
    """
    if not (isinstance(base, Mapping) and isinstance(over, Mapping)):
        return over
    if any(key in over and over[key] != base.get(key) for key in KINDS):
        return over
    kept = {key: value for key, value in base.items() if key not in excluded_by(over, alternatives)}
    return {**kept, **{key: lay_over(kept.get(key), value) for key, value in over.items()}}


def excluded_by(keys: Iterable[str], alternatives: Sequence[Sequence[str]]) -> set[str]:
    """Return the keys that others exclude: all of each group that has one of them."""
    given = set(keys)
    return {key for group in alternatives if given & set(group) for key in group}


def _merge(base: Any, over: Any) -> Any:
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        return {key: _merge(base.get(key), over[key]) if key in over else base[key] for key in {**base, **over}}
    return over


def _differences(published: Any, value: Any, pointer: str) -> Iterator[Deviation]:
    if isinstance(published, dict) and isinstance(value, dict):
        for key in value:
            yield from _differences(published.get(key), value[key], f"{pointer}/{key}")
    elif published != value:
        yield Deviation(pointer, published, value)
