"""Cost and gain of `stal/demo`: `python -m benchmarks.stal_demo` [--seeds 3] [--processes 2].

The preset runs to its end for every seed, with STAL's selection and with random images at the same budget, and beside
it a training of as many updates on the source alone. The first run has the machine to itself and is timed. Exits with
status 1 when that takes longer than `LIMIT_S`, or labels bring less than `TARGET` mIoU over the source alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

from benchmarks.acquisition import LABELS_ALONE, SOURCE_ONLY, in_this_process, teacher_miou
from core.commands.documents import open_document
from core.experiment import resolve
from core.runner.local import LocalRun, finished_attempt, plan_with_images, run_experiment, run_name
from core.stage.code_version import code_version
from core.stage.interrupt import StopFlag
from core.stage.spec import StageKind

PRESET = "stal/demo"
LIMIT_S, TARGET = 360, 0.10
UPDATES = 1500
"""Updates of all three trainings of the preset together."""
SETTINGS: dict[str, tuple[str, ...]] = {
    "stal": (),
    "random": ("config.acquisition.name=random",),
    SOURCE_ONLY: (
        "stream.initial_images=0",
        "stream.budgets=[]",
        f"config.optim.iterations={UPDATES}",
        *(f"config.{setting}" for setting in LABELS_ALONE),
    ),
}


@dataclass(frozen=True)
class Result:
    """The teacher's mIoU after each training of a run, and its wall-clock seconds; `alone` = nothing ran beside it."""

    name: str
    seed: int
    miou: list[float]
    seconds: float
    alone: bool


def run_once(job: tuple[str, int], folder: Path, *, alone: bool = False) -> Result:
    """Do one run in this process. Finished stages in the folder are kept and count as 0 s."""
    name, seed = job
    experiment = resolve(open_document(PRESET, SETTINGS[name]))
    run = LocalRun(experiment, seed, folder / f"{name.replace(' ', '-')}-{run_name(experiment, seed)}", folder / "data")
    began = time.monotonic()
    if code := run_experiment(run, StopFlag(), in_this_process, lambda _line: None):
        raise SystemExit(f"{name}, seed {seed}: exit status {code}; see {run.folder}")
    seconds = time.monotonic() - began
    trained = [stage for stage in plan_with_images(experiment, run.data_home) if stage.kind is StageKind.TRAIN]
    attempts = [finished_attempt(run.folder, stage) for stage in trained]
    return Result(name, seed, [teacher_miou(attempt) for attempt in attempts if attempt is not None], seconds, alone)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing, print and write the figures; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stal_demo", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("var/stal-demo"), help="where the runs are kept")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/stal_demo.json"))
    parsed = parser.parse_args(arguments)
    first, *others = [(name, seed) for seed in range(parsed.seeds) for name in SETTINGS]
    results = [run_once(first, parsed.folder, alone=True)]
    # A forked child would inherit the threads of whatever was imported here; a spawned one starts clean.
    with ProcessPoolExecutor(parsed.processes, mp_context=get_context("spawn")) as pool:
        results += pool.map(partial(run_once, folder=parsed.folder), others)
    last = {name: [result.miou[-1] for result in results if result.name == name] for name in SETTINGS}
    for result in results:
        shown = " ".join(f"{value:.3f}" for value in result.miou)
        print(f"{result.name:<12} seed {result.seed}: mIoU {shown}  ({result.seconds:.0f} s)")
    mean = {name: statistics.mean(values) for name, values in last.items()}
    gain = mean["stal"] - mean[SOURCE_ONLY]
    print(
        f"over the source alone {gain:+.3f} (at least {TARGET:+.2f}); over random {mean['stal'] - mean['random']:+.3f}"
    )
    print(f"{PRESET} alone on this machine: {results[0].seconds:.0f} s (limit {LIMIT_S})")
    record = {
        "command": " ".join(["python -m benchmarks.stal_demo", *(arguments or sys.argv[1:])]),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": {"code": code_version(), "torch": version("torch")},
        "mean_miou": mean,
        "runs": [asdict(result) for result in results],
    }
    parsed.out.parent.mkdir(parents=True, exist_ok=True)
    parsed.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0 if gain >= TARGET and results[0].seconds <= LIMIT_S else 1


if __name__ == "__main__":
    sys.exit(main())
