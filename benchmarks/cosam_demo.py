"""Cost and gain of the demos on a sequence of domains: `python -m benchmarks.cosam_demo` [--seeds 3] [--methods …].

Every preset `METHOD/demo` runs to its end for every seed, one after the other. Exits with status 1 when one run of
`cosam` and one of `sam_naive` together take more CPU time than `LIMIT_S`, when the mean forgetting of `cosam` is more
than a third of that of `sam_naive`, or when it does not end higher.
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
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks.acquisition import in_this_process
from core.commands.documents import open_document
from core.experiment import resolve
from core.runner.local import LocalRun, finished_attempt, plan_with_images, run_experiment, run_name
from core.stage.code_version import code_version
from core.stage.events import Scores, read_events
from core.stage.folder import EVENTS_FILE
from core.stage.interrupt import StopFlag

LIMIT_S = 360
OURS, LOWER_BOUND = "cosam", "sam_naive"
SHOWN = ("last_iou", "average_iou", "ff_iou", "natural_iou", "last_biou", "ff_biou")


@dataclass(frozen=True)
class Result:
    """Scores of a run after its last domain, and its CPU seconds (not wall time: the machine may be shared)."""

    method: str
    seed: int
    scores: dict[str, float | None]
    seconds: float


def run_once(method: str, seed: int, folder: Path) -> Result:
    """Do one run in this process. Finished stages in the folder are kept and count as 0 s."""
    experiment = resolve(open_document(f"{method}/demo", ()))
    run = LocalRun(experiment, seed, folder / run_name(experiment, seed), folder / "data", device="cpu")
    began = time.process_time()
    if code := run_experiment(run, StopFlag(), in_this_process, lambda _line: None):
        raise SystemExit(f"{method}, seed {seed}: exit status {code}; see {run.folder}")
    seconds = time.process_time() - began
    last = finished_attempt(run.folder, plan_with_images(experiment, run.data_home)[-1])
    assert last is not None
    events = [event for event, _ in read_events(last / EVENTS_FILE)]
    (overall,) = [event for event in events if isinstance(event, Scores) and event.domain is None]
    return Result(method, seed, {score.metric: score.value for score in overall.scores}, seconds)


def mean(results: Sequence[Result], method: str, metric: str) -> float | None:
    """Return the mean of a number over the seeds; None where it is undefined."""
    values = [result.scores.get(metric) for result in results if result.method == method]
    defined = [value for value in values if value is not None]
    return statistics.mean(defined) if defined else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is missing, print and write the figures; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cosam_demo", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--methods", nargs="+", default=[OURS, LOWER_BOUND])
    parser.add_argument("--folder", type=Path, default=Path("var/cosam-demo"), help="where the runs are kept")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/cosam_demo.json"))
    parsed = parser.parse_args(arguments)
    results = []
    for seed in range(parsed.seeds):
        for method in parsed.methods:
            results.append(run_once(method, seed, parsed.folder))
            found = {name: results[-1].scores.get(name) for name in SHOWN}
            shown = ", ".join(f"{name} {value:.3f}" for name, value in found.items() if value is not None)
            print(f"{method:<14} seed {seed}: {shown}  ({results[-1].seconds:.0f} s of CPU time)", flush=True)
    record = {
        "command": " ".join(["python -m benchmarks.cosam_demo", *(arguments or sys.argv[1:])]),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "versions": {"code": code_version(), "torch": version("torch")},
        "mean": {method: {name: mean(results, method, name) for name in SHOWN} for method in parsed.methods},
        "runs": [asdict(result) for result in results],
    }
    parsed.out.parent.mkdir(parents=True, exist_ok=True)
    parsed.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if not {OURS, LOWER_BOUND} <= set(parsed.methods):
        return 0
    forgets = [mean(results, method, "ff_iou") or 0.0 for method in (OURS, LOWER_BOUND)]
    ends = [mean(results, method, "last_iou") or 0.0 for method in (OURS, LOWER_BOUND)]
    seconds = sum(result.seconds for result in results if result.seed == 0 and result.method in (OURS, LOWER_BOUND))
    print(f"FF {forgets[0]:.3f} against {forgets[1]:.3f}, Last {ends[0]:.3f} against {ends[1]:.3f}; {seconds:.0f} s")
    return 0 if 3 * forgets[0] <= forgets[1] and ends[0] > ends[1] and seconds <= LIMIT_S else 1


if __name__ == "__main__":
    sys.exit(main())
