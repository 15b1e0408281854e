"""mIoU against budget for every acquisition function, on the world *streets*, by `stal/demo`.

    python -m benchmarks.acquisition [--seeds 3] [--processes 2] [--functions stal random ripu_ra]

A few images of the city are labelled at the start. All functions of a seed share the first training. Then each function
spends the same number of pixels per round: whole images, or the same share of every image's pixels (`ripu_ra`,
`ripu_pa`). Every training starts from the previous model. It uses labels only, unless `--self-training` is given, so
that the curves show the effect of the queries and not of a teacher. With pixel queries, source and target losses are
averaged separately, as in RIPU; otherwise the whole images of the source would outweigh the few pixels. Two reference
trainings do the same updates on the synthetic pictures only, and with every label of the city. A click is one connected
piece of one label, also in the first images.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.acquisition_figure import Curve, Point, figure
from core.acquisition.budgets import Spent, spent_on, total_spent
from core.acquisition.catalog import ACQUISITIONS, AcquisitionName, QueryUnit
from core.acquisition.manifest import LabelManifest, read_manifest
from core.acquisition.round_plan import LABELS
from core.commands.documents import open_document
from core.data.opening import open_dataset
from core.data.samples import DenseDataset
from core.experiment import ResolvedExperiment, resolve
from core.runner.local import (
    LocalRun,
    finished_attempt,
    plan_with_images,
    prepare_attempt,
    run_experiment,
    run_name,
)
from core.runner.report import score
from core.runner.run import run_stage
from core.stage.code_version import code_version
from core.stage.events import Scores, read_events
from core.stage.folder import ARTIFACT_DIR, EVENTS_FILE, SPEC_FILE
from core.stage.interrupt import StopFlag
from core.stage.spec import StageKind, StageSpec
from core.streams.active_rounds import ActiveRoundsStream
from core.streams.first_images import draw_initial

POOL, EVAL_IMAGES, INITIAL, PER_ROUND, ROUNDS = 120, 100, 4, 4, 2
"""Images of the city for training, for tests, labelled at the start, queried per round; and number of rounds."""
FIRST, SOURCE_ONLY, ALL_LABELS = "first training", "source only", "all labels"
LABELS_ALONE = ("self_training.weight=0", "contrast.weight=0", "mix.kind=none", "optim.warmup_epochs=0")


@dataclass(frozen=True)
class Job:
    """One run: a function, the first training that functions share, or a reference."""

    name: str
    seed: int
    iterations: int
    self_training: bool


@dataclass(frozen=True)
class Round:
    """Labels used by a round's training, and the teacher's mIoU over present classes after it."""

    images: int
    pixels: int
    clicks: int
    miou: float


@dataclass(frozen=True)
class Result:
    """Results of a run, round by round."""

    name: str
    seed: int
    rounds: list[Round]
    seconds: float


def experiment_of(job: Job) -> ResolvedExperiment:
    """Return the experiment of a job; references do the iterations of all rounds in their only one."""
    stream: dict[str, Any] = {"initial_images": INITIAL, "budgets": [PER_ROUND] * ROUNDS}
    config = [f"optim.iterations={job.iterations}", *(() if job.self_training else LABELS_ALONE)]
    if job.name in (SOURCE_ONLY, ALL_LABELS):
        # With a few images left unlabelled there would be several trainings, of smaller batches.
        stream = {"initial_images": POOL if job.name == ALL_LABELS else 0, "budgets": []}
        config = [*LABELS_ALONE, f"optim.iterations={(1 + ROUNDS) * job.iterations}"]
    elif job.name == FIRST:
        stream["budgets"] = []
    else:
        config.append(f"acquisition.name={job.name}")
        if ACQUISITIONS[AcquisitionName(job.name)].unit is not QueryUnit.IMAGE:
            stream |= {"unit": "percent_pixels_per_image", "budgets": [100 * PER_ROUND / POOL] * ROUNDS}
            # The published radius of pixels is a third of these pictures.
            config += ["supervised.separate_domains=true", "acquisition.radius=1"]
    settings = [f"config.{setting}" for setting in config]
    settings += [f"stream.{key}={value}" for key, value in stream.items()]
    settings += [f"dataset.train_images={POOL}", f"dataset.eval_images={EVAL_IMAGES}"]
    return resolve(open_document("stal/demo", [*settings, "config.execution.threads=1"]))


def run_of(job: Job, folder: Path) -> LocalRun:
    """Return the run of a job, on one thread."""
    experiment = experiment_of(job)
    title = f"{job.name.replace(' ', '-')}-{run_name(experiment, job.seed)}"
    return LocalRun(experiment, job.seed, folder / title, folder / "data", device="cpu", threads=1)


def run_job(job: Job, folder: Path) -> Result:
    """Do one run in this process; what is finished is kept. Functions begin with the first training of their seed."""
    run, began = run_of(job, folder), time.monotonic()
    stages = plan_with_images(run.experiment, run.data_home)
    if job.name in list(AcquisitionName):
        _adopt_first(run, stages, run_of(replace(job, name=FIRST), folder))
    if code := run_experiment(run, StopFlag(), in_this_process, lambda _line: None):
        raise SystemExit(f"{job}: exit status {code}; see {run.folder}")
    return Result(job.name, job.seed, _rounds(run, stages), time.monotonic() - began)


def _adopt_first(run: LocalRun, stages: list[StageSpec], shared: LocalRun) -> None:
    """Copy stage 0, which depends neither on function nor on budget."""
    if finished_attempt(run.folder, stages[0]) is not None:
        return
    done = finished_attempt(shared.folder, stages[0])
    assert done is not None, f"{shared.folder} has no finished training"
    attempt = prepare_attempt(run, stages, stages[0])
    shutil.copytree(done, attempt, dirs_exist_ok=True, ignore=shutil.ignore_patterns(SPEC_FILE))


def _rounds(run: LocalRun, stages: Sequence[StageSpec]) -> list[Round]:
    stream = run.experiment.stream
    assert isinstance(stream, ActiveRoundsStream)
    first = _initial(open_dataset(run.experiment.dataset, run.data_home).train, stream)
    found, manifest = [], LabelManifest()
    for stage in stages:
        attempt = finished_attempt(run.folder, stage)
        if attempt is None:
            break
        if stage.kind is StageKind.LABEL:
            manifest = read_manifest(attempt / ARTIFACT_DIR / LABELS)
        elif stage.kind is StageKind.TRAIN:
            found.append(
                Round(
                    first.images + len(manifest.images),
                    first.pixels + sum(answer.pixels for answer in manifest.answers),
                    first.clicks + sum(answer.clicks for answer in manifest.answers),
                    teacher_miou(attempt),
                )
            )
    return found


def _initial(target: DenseDataset, stream: ActiveRoundsStream) -> Spent:
    """Return the cost of the initial labels, counted like the oracle's answers; ignored pixels are free."""
    ignored, spent = target.classes.ignore_id, []
    for position in draw_initial(target.ids, stream.initial_images, stream.seed):
        labels = target.label(position)
        spent.append(spent_on(labels, labels != ignored, ignored))
    return total_spent(spent)


def teacher_miou(attempt: Path) -> float:
    """Return the teacher's mIoU over present classes after the training of an attempt."""
    for event, _ in read_events(attempt / EVENTS_FILE):
        if isinstance(event, Scores) and event.split == "val":
            value = score(event, "miou_present", group="all")
            assert value is not None
            return value
    raise SystemExit(f"{attempt}: no scores of the teacher")


def summarised(results: Iterable[Result]) -> dict[str, list[dict[str, Any]]]:
    """Return, by function and round, the means over the seeds, and the least and largest mIoU."""
    grouped: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        grouped[result.name].append(result)
    summary = {}
    for name, group in grouped.items():
        rounds = list(zip(*(result.rounds for result in group), strict=True))
        summary[name] = [
            {
                "seeds": len(each),
                **{key: statistics.mean(getattr(one, key) for one in each) for key in ("images", "pixels", "clicks")},
                "miou": statistics.mean(one.miou for one in each),
                "miou_range": (min(one.miou for one in each), max(one.miou for one in each)),
            }
            for each in rounds
        ]
    return summary


def table(summary: dict[str, list[dict[str, Any]]], pool_pixels: int) -> str:
    """Return the summary as text: a row for each function and round."""
    lines = [f"{'function':<18} {'round':>5} {'images':>7} {'pixels %':>9} {'clicks':>9} {'mIoU':>6}  {'range':<13}"]
    for name, rounds in summary.items():
        for number, one in enumerate(rounds):
            low, high = one["miou_range"]
            share = 100 * one["pixels"] / pool_pixels
            lines.append(
                f"{name:<18} {number:>5} {one['images']:>7.1f} {share:>9.2f} {one['clicks']:>9.0f} "
                f"{one['miou']:>6.3f}  {low:.3f}-{high:.3f}"
            )
    return "\n".join(lines)


def curves(summary: dict[str, list[dict[str, Any]]], pool_pixels: int) -> tuple[list[Curve], dict[str, float]]:
    """Return a line for each function, and the levels of the references."""
    lines, levels = [], {}
    for name, rounds in summary.items():
        if name in (SOURCE_ONLY, ALL_LABELS):
            levels[name] = rounds[-1]["miou"]
        elif name != FIRST:
            points = [
                Point(
                    {"images": one["images"], "pixels": 100 * one["pixels"] / pool_pixels, "clicks": one["clicks"]},
                    one["miou"],
                    *one["miou_range"],
                )
                for one in rounds
            ]
            lines.append(Curve(ACQUISITIONS[AcquisitionName(name)].title, points))
    return lines, levels


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is missing, print the table, write the figures and draw the lines."""
    names = [name.value for name in AcquisitionName]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.acquisition", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--functions", nargs="+", choices=names, default=names)
    parser.add_argument("--iterations", type=int, default=400, help="of each round")
    parser.add_argument("--self-training", action="store_true", help="let the teacher teach too, at thrice the time")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("var/acquisition"), help="where the runs are kept")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/acquisition.json"))
    parser.add_argument("--figure", type=Path, default=Path("docs/figures/acquisition.svg"))
    parsed = parser.parse_args(arguments)
    first = [Job(FIRST, seed, parsed.iterations, parsed.self_training) for seed in range(parsed.seeds)]
    jobs = [
        Job(name, seed, parsed.iterations, parsed.self_training)
        for group in (parsed.functions, [SOURCE_ONLY, ALL_LABELS])
        for seed in range(parsed.seeds)
        for name in group
    ]
    results = []
    # A forked child would inherit the threads of whatever was imported here; a spawned one starts clean.
    with ProcessPoolExecutor(parsed.processes, mp_context=get_context("spawn")) as pool:
        for group in (first, jobs):
            for result in pool.map(partial(run_job, folder=parsed.folder), group):
                results.append(result)
                shown = " ".join(f"{one.miou:.3f}" for one in result.rounds)
                print(f"{result.name}, seed {result.seed}: {shown} ({result.seconds:.0f} s)", flush=True)
    summary, pool_pixels = summarised(results), _pool_pixels(run_of(first[0], parsed.folder))
    print(table(summary, pool_pixels))
    record = {
        "command": " ".join(["python -m benchmarks.acquisition", *(arguments or sys.argv[1:])]),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": {"code": code_version(), "torch": version("torch"), "numpy": version("numpy")},
        "iterations_a_round": parsed.iterations,
        "self_training": parsed.self_training,
        "pool_images": POOL,
        "pool_pixels": pool_pixels,
        "summary": summary,
        "runs": [asdict(result) for result in results],
    }
    for path in (parsed.out, parsed.figure):
        path.parent.mkdir(parents=True, exist_ok=True)
    parsed.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    parsed.figure.write_text(figure(*curves(summary, pool_pixels)), encoding="utf-8")


def _pool_pixels(run: LocalRun) -> int:
    target = open_dataset(run.experiment.dataset, run.data_home).train
    return sum(int(np.prod(target.label(index).shape)) for index in range(len(target)))


def in_this_process(folder: Path, stop: StopFlag) -> int:
    """Run a stage in this process."""
    return run_stage(folder, stop=stop)


if __name__ == "__main__":
    main()
