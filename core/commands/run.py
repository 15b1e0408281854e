"""`python -m core run`: runs all stages of an experiment and prints the score tables. Free of torch."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from core.commands.documents import open_document
from core.errors import ConfigError
from core.experiment import plan, resolve
from core.folder_access import access_fault
from core.methods.catalog import scoring_of
from core.runner.local import LocalRun, finished_attempt, in_child_process, run_experiment, run_name
from core.runner.report import last_scores, results_table
from core.stage.interrupt import StopFlag, stop_on_signals
from core.streams.known import main_classes


def run_command(arguments: Namespace, say: Callable[[str], None]) -> int:
    """Run the experiment and print the results of the finished stages; return the exit status."""
    return run_document(open_document(arguments.experiment, arguments.set), arguments, say)


def run_document(document: Mapping[str, Any], arguments: Namespace, say: Callable[[str], None]) -> int:
    """Run a document with the command's options; see `run_command`."""
    _require_folders(arguments)
    experiment = resolve(document)
    run = LocalRun(
        experiment=experiment,
        seed=arguments.seed,
        folder=Path(arguments.out) / run_name(experiment, arguments.seed),
        data_home=Path(arguments.data_home),
        device=arguments.device,
        threads=arguments.threads or experiment.config.execution.threads or os.cpu_count() or 1,
    )
    for deviation in experiment.deviations():
        say(f"differs from the publication: {deviation.pointer} is {deviation.value}, published {deviation.published}")
    stop = StopFlag()
    with stop_on_signals(stop):
        code = run_experiment(run, stop, in_child_process, say)
    table = results_of(run)
    if table:
        say(f"\n{table}")
    return code


def _require_folders(arguments: Namespace) -> None:
    """Raise ConfigError if one of the command's folders cannot be written to."""
    for option in ("out", "data_home"):
        way_out = f"give another folder with --{option.replace('_', '-')}"
        fault = access_fault(Path(getattr(arguments, option)), way_out)
        if fault is not None:
            raise ConfigError(fault)


def results_of(run: LocalRun) -> str:
    """Return the tables of the finished stages; empty without finished stages."""
    attempts = [finished_attempt(run.folder, stage) for stage in plan(run.experiment)]
    tested = [scores for attempt in attempts if attempt for scores in last_scores(attempt)]
    if not tested:
        return ""
    experiment = run.experiment
    classes, scoring = main_classes(experiment.stream, experiment.dataset), scoring_of(experiment.method)
    table = results_table(tested, classes, experiment.stream.noun, scoring)
    rule = experiment.config.testing_in_words(classes.background_id is not None)
    return f"{rule}\n\n{table}" if rule else table
