"""Cost and gain of `coast/demo`: `python -m benchmarks.coast_demo` [--seeds 3] [--names coast …] [--threads 2].

For every seed it runs the demo, its two bounds on the same stream with as many updates, and the demo in the published
code's flavour. It prints the mean mIoU over the targets after the warm-up, of the kept model and of the last model, the
closed share of the gap between the bounds, and CPU and wall seconds. It exits with status 1 if the demo gains less than
`TARGET` mIoU over the source alone. Finished runs in the folder are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.acquisition import in_this_process
from core.commands.documents import open_document
from core.experiment import plan, resolve
from core.methods.coast.evaluation import OTHER, TESTED
from core.metrics.score_rows import MIOU_NONEMPTY, WHOLE
from core.runner.local import LocalRun, finished_attempt, run_experiment, run_name
from core.runner.report import score
from core.stage.code_version import code_version
from core.stage.events import Scores, read_events
from core.stage.folder import EVENTS_FILE
from core.stage.interrupt import StopFlag

TARGET = 0.05
COAST, REFERENCE, LOWER, UPPER = "coast", "coast as published code", "source only", "oracle"
FLAVOUR = ("style_mode", "label_warp", "rectify_mode", "lr_multiplicity")
RUNS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    COAST: ("coast/demo", ()),
    LOWER: ("source_only/demo", ()),
    UPPER: ("target_oracle/demo", ()),
    REFERENCE: (
        "coast/demo",
        (*(f"config.flavour.{name}=reference" for name in FLAVOUR), "config.flavour.psl_resample=chain"),
    ),
}


@dataclass(frozen=True)
class Result:
    """One run.

    Attributes:
        miou: stage -> mean over the targets of the model that counts.
        last: the same of the last model of the last stage.
        by_target: mIoU of the model that counts after the last stage.
        cpu_s, wall_s: 0 if the run was already finished.
    """

    name: str
    seed: int
    miou: dict[str, float]
    last: float
    by_target: dict[str, float]
    cpu_s: float
    wall_s: float


def mious_of(attempt: Path, split: str) -> dict[str, float]:
    """Return the mIoU of every target in a split; empty where it was not tested."""
    tested = [event for event, _ in read_events(attempt / EVENTS_FILE) if isinstance(event, Scores)]
    found = {one.domain: score(one, MIOU_NONEMPTY, group=WHOLE) for one in tested if one.split == split}
    return {str(domain): value for domain, value in found.items() if value is not None}


def run_once(name: str, seed: int, folder: Path, threads: int) -> Result:
    """Carry out one run in this process."""
    preset, changes = RUNS[name]
    experiment = resolve(open_document(preset, (*changes, f"config.execution.threads={threads}")))
    run = LocalRun(experiment, seed, folder / run_name(experiment, seed), folder / "data", "cpu", threads)
    cpu, wall = time.process_time(), time.monotonic()
    if code := run_experiment(run, StopFlag(), in_this_process, lambda _line: None):
        raise SystemExit(f"{name}, seed {seed}: exit status {code}; see {run.folder}")
    taken = time.process_time() - cpu, time.monotonic() - wall
    attempts = {stage.name: finished_attempt(run.folder, stage) for stage in plan(experiment)}
    counted = {stage: mious_of(attempt, TESTED) for stage, attempt in attempts.items() if attempt is not None}
    final = list(counted)[-1]
    last_attempt = attempts[final]
    assert last_attempt is not None
    last = mious_of(last_attempt, OTHER) or counted[final]
    means = {stage: statistics.mean(found.values()) for stage, found in counted.items()}
    return Result(name, seed, means, statistics.mean(last.values()), counted[final], *taken)


def described(result: Result) -> str:
    """Return a run in a line."""
    stages = ", ".join(f"{stage} {miou:.3f}" for stage, miou in result.miou.items())
    targets = ", ".join(f"{target} {miou:.3f}" for target, miou in result.by_target.items())
    name = f"{result.name}, seed {result.seed}"
    return f"{name}: {stages} ({targets}; last {result.last:.3f}); {result.cpu_s:.0f} s CPU, {result.wall_s:.0f} s"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing, print and write the figures; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coast_demo", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--names", nargs="+", choices=RUNS, default=[COAST, LOWER, UPPER])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("var/coast-demo"), help="where the runs are kept")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/coast_demo.json"))
    parsed = parser.parse_args(arguments)
    parsed.folder.mkdir(parents=True, exist_ok=True)
    results = []
    for seed in parsed.seeds:
        for name in parsed.names:
            results.append(run_once(name, seed, parsed.folder, parsed.threads))
            print(described(results[-1]), flush=True)
    mean = {
        name: statistics.mean(list(result.miou.values())[-1] for result in results if result.name == name)
        for name in parsed.names
    }
    gain = mean[COAST] - mean[LOWER] if {COAST, LOWER} <= mean.keys() else None
    if gain is not None:
        print(f"over the source alone {gain:+.3f} (at least {TARGET:+.2f})")
        if UPPER in mean:
            print(f"gap closed {gain / (mean[UPPER] - mean[LOWER]):.0%}")
    record = {
        "command": " ".join(["python -m benchmarks.coast_demo", *(arguments or sys.argv[1:])]),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": {"code": code_version(), "torch": version("torch")},
        "mean_miou": mean,
        "runs": [asdict(result) for result in results],
    }
    parsed.out.parent.mkdir(parents=True, exist_ok=True)
    parsed.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0 if gain is None or gain >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
