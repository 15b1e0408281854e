"""Opens what a stage needs and calls the method's stage function. Importing this loads torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from core.data.opening import open_dataset
from core.data.samples import DenseDataset
from core.data.stream_target import open_target
from core.errors import ConfigError
from core.experiment_faults import faults_of
from core.methods.base import MethodConfig
from core.methods.catalog import config_class, stage_functions
from core.stage.context import StageContext
from core.stage.events import EventWriter
from core.stage.folder import StageFolderSpec
from core.stage.interrupt import StopFlag
from core.stage.result import StageResult
from core.streams.active_rounds import ActiveRoundsStream

FALLBACK_DATA_DIR = "data"


def execute(spec: StageFolderSpec, folder: Path, events: EventWriter, stop: StopFlag) -> StageResult:
    """Run the stage function of a spec in this process.

    Raises:
        ConfigError: when method, config, kind, device or the first labels cannot be had.
        DataError: when the dataset cannot be opened.
    """
    torch.set_num_threads(spec.threads)
    # Timing-dependent choices of kernels would make two runs differ.
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    device = resolve_device(spec.device)
    data_home = usable_data_home(folder, spec.data_home)
    dataset = open_target(spec.dataset, spec.stream, data_home)
    context = StageContext(
        spec=spec.model_copy(update={"data_home": str(data_home)}),
        folder=folder,
        config=_config(spec),
        stream=spec.stream,
        train_set=dataset.train,
        eval_set=dataset.eval,
        source_set=_source(spec, data_home),
        events=events,
        stop=stop,
        device=device,
        inputs={name: folder / path for name, path in spec.inputs.items()},
        resume_dirs=tuple(folder / path for path in spec.resume),
    )
    functions = stage_functions(spec.method)
    if spec.stage.kind not in functions:
        raise ConfigError(f"method {spec.method!r} has no stage of kind {spec.stage.kind.value!r}", "/stage/kind")
    return functions[spec.stage.kind](context)


def _source(spec: StageFolderSpec, data_home: Path) -> DenseDataset | None:
    """Open the labelled source of a stream that has one."""
    if not isinstance(spec.stream, ActiveRoundsStream) or spec.stream.source is None:
        return None
    return open_dataset(spec.stream.source, data_home).train


def resolve_device(name: str) -> torch.device:
    """Return the device of a name: `auto` (a GPU where there is one), `cpu`, `cuda`, `cuda:1` …

    Raises:
        ConfigError: when it cannot be had here.
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
    """Return the folder for worlds and indexes: the named one where it can be had, else one in the stage folder.

    A folder that was copied from another machine names a place which is not here.
    """
    named = folder / data_home
    if named.is_dir() or named.parent.is_dir():
        named.mkdir(exist_ok=True)
        return named.resolve()
    fallback = folder / FALLBACK_DATA_DIR
    fallback.mkdir(exist_ok=True)
    return fallback.resolve()


def _config(spec: StageFolderSpec) -> MethodConfig:
    model: type[MethodConfig] = config_class(spec.method)
    try:
        return model.model_validate(spec.config)
    except ValidationError as error:
        faults: list[Any] = faults_of(error, model)
        text = "; ".join(f"/config{fault.pointer}: {fault.message}" for fault in faults)
        raise ConfigError(f"the config of method {spec.method!r} is not valid: {text}", "/config") from error
