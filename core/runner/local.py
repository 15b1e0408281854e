"""All stages of an experiment in order, with no server: `python -m core run`. Free of torch.

The folders are laid out as a worker's: `OUT/<run>/<index>-<name>/attempt-<n>/`. A second call resumes where the
first ended.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from core.data.presence import PRESENCE_DIR, scan_presence
from core.errors import ConfigError, Fault
from core.experiment import ResolvedExperiment, plan
from core.experiment_warnings import experiment_warnings
from core.files import link_file, write_atomically
from core.runner.datasets import stage_datasets
from core.server_path import with_absolute_paths
from core.stage.events import Failed, Log, read_events
from core.stage.folder import (
    CHECKPOINT_DIR,
    EVENTS_FILE,
    EXIT_INTERRUPTED,
    INPUT_DIR,
    LOG_FILE,
    RESULT_FILE,
    SPEC_FILE,
    StageFolderSpec,
    StageOutcome,
)
from core.stage.interrupt import StopFlag
from core.stage.spec import StageSpec
from core.streams.base import DatasetUse, KnownDataset
from core.streams.image_doubts import require_other_test_images
from core.streams.known import class_tables, known_datasets, known_of, main_classes, open_use

RUN_FILE = "run.json"
_POLL_S = 0.2

Execute = Callable[[Path, StopFlag], int]
"""Runs a stage folder and returns its exit status."""


@dataclass(frozen=True)
class LocalRun:
    """One run on this machine.

    Attributes:
        experiment: experiment to run.
        seed: seed of the run.
        folder: `OUT/<run>`.
        data_home: folder for materialised worlds and presence indexes.
        device, threads: device and CPU threads of the stages.
    """

    experiment: ResolvedExperiment
    seed: int
    folder: Path
    data_home: Path
    device: str = "auto"
    threads: int = 1


def run_name(experiment: ResolvedExperiment, seed: int) -> str:
    """Return the run's name, such as `eir-demo-1a2b3c4d-seed0`; depends only on experiment and seed."""
    title = (experiment.preset or experiment.method).replace("/", "-")
    return f"{title}-{experiment.digest()[:8]}-seed{seed}"


@dataclass(frozen=True)
class LocalPlan:
    """The plan of a run on this machine.

    Attributes:
        stages: in order.
        warnings: warnings about settings without effect and about the data.
    """

    stages: list[StageSpec]
    warnings: list[Fault]


def plan_with_images(experiment: ResolvedExperiment, data_home: Path) -> list[StageSpec]:
    """Return the stages of `plan_and_look`."""
    return plan_and_look(experiment, data_home).stages


def plan_and_look(experiment: ResolvedExperiment, data_home: Path) -> LocalPlan:
    """Scan the datasets as far as the stream needs it, and plan with the images of each step.

    If the experiment's own dataset is a synthetic world that is not on disk yet, it is written first.

    Raises:
        ConfigError: if the images do not fit the stream, or another dataset cannot be read.
        DataError: if the experiment's own dataset cannot be read.
    """
    stream, cache = experiment.stream, data_home / PRESENCE_DIR
    uses = stream.datasets(experiment.dataset)
    known = known_datasets({name: use for name, use in uses.items() if not use.is_main}, data_home, cache)
    known |= {name: _scanned(use, data_home) for name, use in uses.items() if use.is_main}
    stream.check_images(known)
    require_other_test_images(uses, known)
    stages = plan(experiment, stream.images_per_step(known))
    return LocalPlan(stages, list(experiment_warnings(experiment, uses, known, class_tables(uses))))


def _scanned(use: DatasetUse, data_home: Path) -> KnownDataset:
    opened = open_use(use, data_home)
    presence = scan_presence(opened.train, data_home / PRESENCE_DIR) if use.counts_classes else None
    return known_of(opened, presence)


def run_experiment(run: LocalRun, stop: StopFlag, execute: Execute, say: Callable[[str], None]) -> int:
    """Run the unfinished stages.

    Args:
        run: the run.
        stop: asks the running stage to save a checkpoint and stop.
        execute: runs one stage folder, such as `in_child_process`.
        say: prints a line.

    Returns:
        0 if all stages have succeeded, 75 if stopped, else 1.

    Raises:
        ConfigError: if a step has no images, or a stage waits for people.
        DataError: if the dataset cannot be read.
    """
    run.data_home.mkdir(parents=True, exist_ok=True)
    run.folder.mkdir(parents=True, exist_ok=True)
    planned = plan_and_look(run.experiment, run.data_home)
    stages = planned.stages
    _require_no_people(stages)
    for warning in planned.warnings:
        say(warning_line(warning))
    _record(run)
    for stage in stages:
        name = f"stage {stage.index + 1} of {len(stages)} ({stage.name})"
        if finished_attempt(run.folder, stage) is not None:
            say(f"{name}: done already")
            continue
        if stop.requested:
            return EXIT_INTERRUPTED
        folder = prepare_attempt(run, stages, stage)
        say(f"{name}: {folder}")
        code = execute(folder, stop)
        for text in _warnings(folder):
            say(f"{name}: warning: {text}")
        if code:
            say(_ending(folder, code))
            return code if code == EXIT_INTERRUPTED else 1
    return 0


def warning_line(warning: Fault) -> str:
    """Return a warning as a line for people."""
    return f"warning: {warning.pointer}: {warning.message}"


def _require_no_people(stages: list[StageSpec]) -> None:
    waiting = [stage.name for stage in stages if stage.by_people]
    if waiting:
        raise ConfigError(
            f"stage {waiting[0]} waits for people, and there is no service here on which they could answer; "
            "set oracle: ground_truth, or submit the experiment to a service",
            "/stream/oracle",
        )


def stage_folder(run_folder: Path, stage: StageSpec) -> Path:
    """Return `<run>/<index>-<name>`."""
    return run_folder / f"{stage.index}-{stage.name}"


def finished_attempt(run_folder: Path, stage: StageSpec) -> Path | None:
    """Return the folder of the successful attempt, if there is one."""
    done = (path for _, path in _attempts(stage_folder(run_folder, stage)) if (path / RESULT_FILE).exists())
    return next(done, None)


def prepare_attempt(run: LocalRun, stages: list[StageSpec], stage: StageSpec) -> Path:
    """Make the folder of a new attempt: spec, outputs of earlier stages, and paths of earlier checkpoints."""
    earlier = sorted(_attempts(stage_folder(run.folder, stage)), reverse=True)
    number = earlier[0][0] + 1 if earlier else 1
    folder = stage_folder(run.folder, stage) / f"attempt-{number}"
    folder.mkdir(parents=True)
    if stage.imports:
        raise ConfigError(
            "the stage takes files out of the storage of a service; submit the experiment there",
            "/config/checkpoint",
        )
    for name, source in stage.inputs.items():
        index, _, output = source.partition("/")
        _link_tree(_output(run.folder, stages[int(index)], output), folder / INPUT_DIR / name)
    stream = with_absolute_paths(run.experiment.stream)
    spec = StageFolderSpec(
        run_id=run.folder.name,
        stage_id=f"{run.folder.name}/{stage.index}",
        attempt=number,
        method=run.experiment.method,
        config=run.experiment.config.model_dump(mode="json"),
        stage=stage,
        num_stages=len(stages),
        datasets=stage_datasets(stream, with_absolute_paths(run.experiment.dataset), _class_names(run)),
        stream=stream.model_dump(mode="json"),
        inputs={name: f"{INPUT_DIR}/{name}" for name in stage.inputs},
        resume=[f"../{path.name}/{CHECKPOINT_DIR}" for _, path in earlier],
        seed=run.seed,
        device=run.device,
        threads=run.threads,
        data_home=str(run.data_home.resolve()),
    )
    write_atomically(folder / SPEC_FILE, spec.model_dump_json(indent=1).encode())
    return folder


def in_child_process(folder: Path, stop: StopFlag) -> int:
    """Run a stage in a child process with its output in `out.log`; pass a stop request on as SIGTERM."""
    command = [sys.executable, "-m", "core", "stage", str(folder), "--parent-pid", str(os.getpid())]
    with (folder / LOG_FILE).open("ab") as output:
        # The child has its own session, so Ctrl-C reaches it only once, through the flag.
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        is_asked = False
        while child.poll() is None:
            if stop.requested and not is_asked:
                child.terminate()
                is_asked = True
            time.sleep(_POLL_S)
    if is_asked and child.returncode == -signal.SIGTERM:
        # SIGTERM came before the child could handle it: nothing is done, and the next attempt starts at the same point.
        return EXIT_INTERRUPTED
    return child.returncode


def _class_names(run: LocalRun) -> dict[int, str]:
    """Return the dataset's classes from the beginning of the run."""
    path = run.folder / RUN_FILE
    record = json.loads(path.read_bytes()) if path.exists() else {}
    return {int(raw_id): name for raw_id, name in record.get("class_names", {}).items()}


def _record(run: LocalRun) -> None:
    """Write the run's record. Its classes are those of the run's beginning, also after resumes."""
    experiment, path = run.experiment, run.folder / RUN_FILE
    names = json.loads(path.read_bytes()).get("class_names") if path.exists() else None
    record = {
        "schema_version": 1,
        "document": experiment.document,
        "preset": experiment.preset,
        "preset_version": experiment.preset_version,
        "resolved": experiment.canonical(),
        "digest": experiment.digest(),
        "seed": run.seed,
        "deviations": [asdict(deviation) for deviation in experiment.deviations()],
        "class_names": main_classes(experiment.stream, experiment.dataset).names if names is None else names,
    }
    write_atomically(path, json.dumps(record, indent=1).encode())


def _attempts(folder: Path) -> Iterator[tuple[int, Path]]:
    for path in folder.glob("attempt-*"):
        number = path.name.removeprefix("attempt-")
        if number.isdecimal():
            yield int(number), path


def _output(run_folder: Path, stage: StageSpec, output: str) -> Path:
    attempt = finished_attempt(run_folder, stage)
    if attempt is None:
        raise ConfigError(f"stage {stage.index} has not finished, so its output {output!r} is not there yet")
    outcome = StageOutcome.model_validate_json((attempt / RESULT_FILE).read_bytes())
    return attempt / outcome.outputs[output]


def _link_tree(source: Path, target: Path) -> None:
    """Put the files of an output into another folder, as hard links if possible, else as copies.

    A copy of the new folder can then be replayed anywhere, and hard links need no space here.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_file():
        link_file(source, target)
    else:
        shutil.copytree(source, target, copy_function=lambda one, other: link_file(Path(one), Path(other)))


def _warnings(folder: Path) -> list[str]:
    """Return the distinct warnings of an attempt."""
    events = (event for event, _ in read_events(folder / EVENTS_FILE))
    return list(dict.fromkeys(event.text for event in events if isinstance(event, Log) and event.level == "warning"))


def _ending(folder: Path, code: int) -> str:
    if code == EXIT_INTERRUPTED:
        return "stopped with a checkpoint; the same command goes on from there"
    failures = [event for event, _ in read_events(folder / EVENTS_FILE) if isinstance(event, Failed)]
    if failures:
        return f"failed ({failures[-1].reason.value}): {failures[-1].error}\nsee {folder}"
    killed = f"killed by signal {-code}" if code < 0 else f"exit status {code}"
    return f"failed without saying why ({killed}); see {folder / LOG_FILE}"
