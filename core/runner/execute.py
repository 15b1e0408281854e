"""Opens datasets and inputs of a stage and calls the method's stage function. Importing this loads torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import torch
from pydantic import BaseModel, ValidationError

from core.errors import ConfigError
from core.experiment_faults import faults_of
from core.methods.base import MethodConfig
from core.methods.catalog import config_class, stage_functions
from core.runner.datasets import open_datasets
from core.runner.same_data import data_digests, require_same_classes
from core.stage.card import MODEL_OUTPUT, CardClasses, card_of, write_card
from core.stage.code_version import code_version
from core.stage.context import StageContext
from core.stage.events import EventWriter
from core.stage.folder import StageFolderSpec
from core.stage.interrupt import StopFlag
from core.stage.result import StageResult
from core.stage.spec import StageKind
from core.streams.base import TaskStream
from core.streams.catalog import class_of_stream
from core.streams.known import known_of

FALLBACK_DATA_DIR = "data"
M = TypeVar("M", bound=BaseModel)


def execute(spec: StageFolderSpec, folder: Path, events: EventWriter, stop: StopFlag) -> StageResult:
    """Run the stage function of a spec in this process.

    Raises:
        ConfigError: if method, config, stream, kind or device is not usable, or the images do not fit the stream.
        DataError: if a dataset cannot be opened.
    """
    torch.set_num_threads(spec.threads)
    # Choosing kernels by timing would make two runs differ.
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    device = resolve_device(spec.device)
    data_home = usable_data_home(folder, spec.data_home)
    stream = _stream(spec)
    datasets = open_datasets(spec.datasets, data_home)
    stream.check_images({name: known_of(opened) for name, opened in datasets.items()})
    for name, dataset in spec.datasets.items():
        require_same_classes(dataset.class_names, datasets[name].classes.names)
    context = StageContext(
        spec=spec.model_copy(update={"data_home": str(data_home)}),
        folder=folder,
        config=_config(spec),
        stream=stream,
        datasets=datasets,
        events=events,
        stop=stop,
        device=device,
        inputs={name: folder / path for name, path in spec.inputs.items()},
        resume_dirs=tuple(folder / path for path in spec.resume),
        data_digests=data_digests(datasets, spec.datasets),
    )
    functions = stage_functions(spec.method)
    if spec.stage.kind not in functions:
        raise ConfigError(f"method {spec.method!r} has no stage of kind {spec.stage.kind.value!r}", "/stage/kind")
    result = functions[spec.stage.kind](context)
    _describe_model(context, result)
    return result


def _describe_model(context: StageContext[MethodConfig], result: StageResult) -> None:
    """Write the card of a trained model into its folder."""
    path = result.outputs.get(MODEL_OUTPUT)
    if path is None or context.spec.stage.kind is not StageKind.TRAIN or not (context.folder / path).is_dir():
        return
    tables = {name: opened.classes for name, opened in context.datasets.items()}
    classes = {name: CardClasses(names=one.names, background_id=one.background_id) for name, one in tables.items()}
    write_card(context.folder / path, card_of(context.spec, classes, code_version()))


def resolve_device(name: str) -> torch.device:
    """Return the device of a name: `auto` (a GPU if there is one), `cpu`, `cuda`, `cuda:1` …

    Raises:
        ConfigError: if this machine does not have the device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise ConfigError(f"device {name!r} does not exist; use cpu, cuda or cuda:0", "/device") from error
    count = torch.cuda.device_count()
    if device.type == "cuda" and (device.index or 0) >= count:
        raise ConfigError(f"device {name!r}: this machine offers {count} GPUs to torch; use device cpu", "/device")
    return device


def usable_data_home(folder: Path, data_home: str) -> Path:
    """Return the folder for worlds and indexes: the named folder if it is usable, else one in the stage folder.

    A stage folder copied from another machine may name a folder that does not exist here.
    """
    named = folder / data_home
    if named.is_dir() or named.parent.is_dir():
        named.mkdir(exist_ok=True)
        return named.resolve()
    fallback = folder / FALLBACK_DATA_DIR
    fallback.mkdir(exist_ok=True)
    return fallback.resolve()


def _config(spec: StageFolderSpec) -> MethodConfig:
    return _read(config_class(spec.method), spec.config, f"config of method {spec.method!r}", "/config")


def _stream(spec: StageFolderSpec) -> TaskStream:
    return _read(class_of_stream(spec.stream), spec.stream, "task stream", "/stream")


def _read(model: type[M], data: dict[str, Any], name: str, pointer: str) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        text = "; ".join(f"{pointer}{fault.pointer}: {fault.message}" for fault in faults_of(error, model))
        raise ConfigError(f"the {name} is not valid: {text}", pointer) from error
