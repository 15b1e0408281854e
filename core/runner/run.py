"""One attempt at a stage: spec -> context -> the method's stage function -> result.json; endings -> events, exit codes.

Torch is imported late, after the `started` event, so that a watcher sees within a tenth of a second that the process
is alive.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from core.errors import ConfigError, CoreError, ReasonCode, is_disk_full
from core.files import (
    file_sha256,
    write_atomically,
)
from core.runner.reserve import reserved
from core.stage.code_version import code_version
from core.stage.events import EventWriter, Failed, Interrupted, Started
from core.stage.folder import (
    ARTIFACT_DIR,
    CHECKPOINT_DIR,
    EVENTS_FILE,
    EXIT_INTERRUPTED,
    RESULT_FILE,
    SPEC_FILE,
    OutputFile,
    StageFolderSpec,
    StageOutcome,
)
from core.stage.interrupt import StageInterrupted, StopFlag, stop_on_signals
from core.validation_words import rule_of

EXIT_FAILED = 1
_THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")


def run_stage(
    folder: Path,
    stop: StopFlag | None = None,
    force: bool = False,
) -> int:
    """Run the stage that a folder's `spec.json` describes.

    Args:
        folder: the attempt's folder.
        stop: flag that ends the stage between two iterations; by default SIGTERM and Ctrl-C set one.
        force: repeat a finished stage from its beginning.

    Returns:
        Exit status: 0 = `result.json` exists, 75 = interrupted and resumable, 1 = failed.

    Raises:
        ConfigError: if the folder has no readable `spec.json`; every later failure is an event.
    """
    spec = read_spec(folder)
    if force:
        _forget_results(folder)
    elif (folder / RESULT_FILE).exists():
        return 0
    with contextlib.ExitStack() as stack:
        events = EventWriter(folder / EVENTS_FILE)
        stack.callback(events.close)
        if stop is None:
            stop = StopFlag()
            stack.enter_context(stop_on_signals(stop))
        free_reserve = stack.enter_context(reserved(folder))
        ending, status = _run(spec, folder, events, stop)
        if ending is not None:
            free_reserve()
            events.emit(ending)
        return status


def read_spec(folder: Path) -> StageFolderSpec:
    """Read `spec.json`; raise ConfigError, naming the file, if it cannot be read."""
    path = folder / SPEC_FILE
    try:
        return StageFolderSpec.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); a stage folder holds one") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ConfigError(f"{path}: {'/'.join(map(str, first['loc']))}: {rule_of(first)}") from error


def _run(
    spec: StageFolderSpec, folder: Path, events: EventWriter, stop: StopFlag
) -> tuple[Interrupted | Failed | None, int]:
    """Run the stage; return its last event (None = success) and the exit status."""
    began = time.monotonic()
    for variable in _THREAD_VARIABLES:
        # The libraries read these variables when torch loads them.
        os.environ[variable] = str(spec.threads)
    try:
        events.emit(Started(device=spec.device, code_version=code_version()))
        from core.runner.execute import execute

        result = execute(spec, folder, events, stop)
        _write_outcome(folder, result.outputs, events.seq, time.monotonic() - began)
    except StageInterrupted as interruption:
        return Interrupted(iteration=interruption.iteration), EXIT_INTERRUPTED
    except Exception as error:  # the runner's top level: whatever it was, the event says so
        reason, sentence = describe_failure(error)
        return Failed(reason=reason, error=sentence, trace=traceback.format_exc()), EXIT_FAILED
    return None, 0


def describe_failure(error: BaseException) -> tuple[ReasonCode, str]:
    """Return why a stage failed, and one sentence about it."""
    text = f"{type(error).__name__}: {error}".partition("\n")[0]
    if is_disk_full(error):
        return ReasonCode.DISK_FULL, f"the disk is full; make room ({text})"
    if isinstance(error, CoreError):
        return error.reason, str(error)
    # Compare by name: torch is not imported here, and its import may be what failed.
    if type(error).__name__ == "OutOfMemoryError":
        return (
            ReasonCode.GPU_OUT_OF_MEMORY,
            f"the GPU's memory is full; lower optim.batch_size or data.crop_px ({text})",
        )
    if isinstance(error, MemoryError) or "can't allocate memory" in str(error):
        return ReasonCode.HOST_OUT_OF_MEMORY, f"the machine's memory is full; lower data.cache_mib ({text})"
    return ReasonCode.USER_CODE_ERROR, text


def _write_outcome(folder: Path, outputs: Mapping[str, str], last_seq: int, seconds: float) -> None:
    files = [
        _output_file(folder, path)
        for path in sorted({file for name in outputs.values() for file in _files(folder / name)})
    ]
    outcome = StageOutcome(outputs=dict(outputs), files=files, last_seq=last_seq, seconds=round(seconds, 3))
    write_atomically(folder / RESULT_FILE, outcome.model_dump_json(indent=1).encode())


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    else:
        yield from (below for below in path.rglob("*") if below.is_file())


def _output_file(folder: Path, path: Path) -> OutputFile:
    return OutputFile(path=path.relative_to(folder).as_posix(), bytes=path.stat().st_size, sha256=file_sha256(path))


def _forget_results(folder: Path) -> None:
    (folder / RESULT_FILE).unlink(missing_ok=True)
    for name in (ARTIFACT_DIR, CHECKPOINT_DIR):
        shutil.rmtree(folder / name, ignore_errors=True)
