"""How much is forgotten: EIR against its own memory switched off, fine-tuning, and joint training at equal iterations.

    python -m benchmarks.forgetting [--seeds 3] [--processes 2] [--iterations 400]

Two worlds. "demo" is that of the presets: one or two classes a picture, so that old classes still occur, unlabelled, in
a good part of the later pictures. "one-class" shows one class a picture: what the memory does not hold is never seen
again.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from core.commands.documents import open_document
from core.experiment import resolve
from core.runner.local import LocalRun, finished_attempt, plan_with_images, run_experiment, run_name
from core.runner.report import last_scores, score
from core.runner.run import run_stage
from core.stage.code_version import code_version
from core.stage.events import Scores
from core.stage.interrupt import StopFlag

WORLDS: dict[str, tuple[str, ...]] = {"demo": (), "one-class": ("dataset.density_max=1",)}
METHODS: dict[str, tuple[str, tuple[str, ...]]] = {
    "EIR": ("eir/demo", ()),
    "EIR, memory 0": ("eir/demo", ("config.memory.size=0",)),
    "fine-tuning": ("finetune/demo", ()),
    "joint": ("finetune/demo", ()),
}
NUM_STEPS = 3
STEP_0 = (1, 2)
ALL_CLASSES = (1, 2, 3, 4, 5, 6)
TARGETS = (("fine-tuning", 0.20), ("EIR, memory 0", 0.03))
"""Least lead of EIR's final mIoU over each other method."""


@dataclass(frozen=True)
class Job:
    """One run to be done."""

    world: str
    method: str
    seed: int
    iterations: int


@dataclass(frozen=True)
class Result:
    """Result of a run: mIoU of step 0's classes and of all classes, after the last step."""

    world: str
    method: str
    seed: int
    step_0: float
    final: float
    seconds: float


def settings_of(job: Job) -> list[str]:
    """Return a job's overrides of its preset. Joint training does the iterations of all steps in its only step."""
    settings = [*WORLDS[job.world], *METHODS[job.method][1]]
    if job.method == "joint":
        return [
            *settings,
            f"stream.steps=[{list(ALL_CLASSES)}]",
            f"config.optim.iterations={NUM_STEPS * job.iterations}",
        ]
    return [*settings, f"config.optim.iterations={job.iterations}"]


def run_job(job: Job, folder: Path) -> Result:
    """Run one experiment in this process, on one thread; a finished one is read back."""
    began = time.monotonic()
    scores = scores_of(METHODS[job.method][0], settings_of(job), job.seed, folder)
    ious = [score(scores, "iou", class_id=class_id) or 0.0 for class_id in STEP_0]
    final = score(scores, "miou", group="all") or 0.0
    return Result(job.world, job.method, job.seed, statistics.mean(ious), final, time.monotonic() - began)


def scores_of(preset: str, settings: Sequence[str], seed: int, folder: Path) -> Scores:
    """Run an experiment in this process, on one thread, and return its last scores; a finished one is read back.

    Raises:
        SystemExit: when a stage fails, or tested nothing.
    """
    experiment = resolve(open_document(preset, settings))
    run = LocalRun(experiment, seed, folder / run_name(experiment, seed), folder / "data", device="cpu", threads=1)
    code = run_experiment(run, StopFlag(), _in_this_process, lambda _line: None)
    if code:
        raise SystemExit(f"{preset}, seed {seed}: exit status {code}; see {run.folder}")
    attempt = finished_attempt(run.folder, plan_with_images(experiment, run.data_home)[-1])
    tested = last_scores(attempt) if attempt is not None else []
    if not tested:
        raise SystemExit(f"{preset}, seed {seed}: no scores in {run.folder}")
    return tested[0]


def summarised(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return mean and standard deviation over the seeds, by world and method."""
    grouped: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        grouped[result.world, result.method].append(result)
    return [
        {
            "world": world,
            "method": method,
            "seeds": len(group),
            "step_0": mean_and_deviation([result.step_0 for result in group]),
            "final": mean_and_deviation([result.final for result in group]),
        }
        for (world, method), group in grouped.items()
    ]


def table(summary: Sequence[dict[str, Any]]) -> str:
    """Return the summary as text, and for each world by how much EIR exceeds the others."""
    lines = [f"{'world':<10} {'method':<14} {'step-0 mIoU':>15} {'final mIoU':>15}"]
    for row in summary:
        lines.append(f"{row['world']:<10} {row['method']:<14} {shown(row['step_0']):>15} {shown(row['final']):>15}")
    final = {(row["world"], row["method"]): row["final"][0] for row in summary}
    for world in WORLDS:
        for other, target in TARGETS:
            gain = final[world, "EIR"] - final[world, other]
            verdict = "reached" if gain >= target else "not reached"
            lines.append(f"{world}: EIR exceeds {other} by {gain:+.3f} (target {target:+.2f}: {verdict})")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is missing, print the table, write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forgetting", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--iterations", type=int, default=400, help="of each step")
    parser.add_argument("--folder", type=Path, default=Path("var/forgetting"), help="where the runs are kept")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/forgetting.json"))
    parsed = parser.parse_args(arguments)
    jobs = [
        Job(world, method, seed, parsed.iterations)
        for world in WORLDS
        for seed in range(parsed.seeds)
        for method in METHODS
    ]
    results = []
    # A forked child would inherit the threads of whatever was imported here; a spawned one starts clean.
    with ProcessPoolExecutor(parsed.processes, mp_context=get_context("spawn")) as pool:
        for result in pool.map(partial(run_job, folder=parsed.folder), jobs):
            results.append(result)
            print(
                f"{result.world}, {result.method}, seed {result.seed}: {result.step_0:.3f} {result.final:.3f}",
                flush=True,
            )
    summary = summarised(results)
    print(table(summary))
    record = {
        "command": " ".join(["python -m benchmarks.forgetting", *(arguments or sys.argv[1:])]),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "code_version": code_version(),
        "iterations_a_step": parsed.iterations,
        "summary": summary,
        "runs": [asdict(result) for result in results],
    }
    parsed.out.parent.mkdir(parents=True, exist_ok=True)
    parsed.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _in_this_process(folder: Path, stop: StopFlag) -> int:
    return run_stage(folder, stop=stop)


def mean_and_deviation(values: Sequence[float]) -> tuple[float, float]:
    """Return mean and standard deviation; the deviation of a single value is 0."""
    return statistics.mean(values), statistics.stdev(values) if len(values) > 1 else 0.0


def shown(value: tuple[float, float]) -> str:
    """Return such as `0.737 ± 0.009`."""
    return f"{value[0]:.3f} ± {value[1]:.3f}"


if __name__ == "__main__":
    main()
