"""Real street scenes: EIR with its filter of classes against its memory switched off, fine-tuning and joint training.

    OMP_NUM_THREADS=1 python -m benchmarks.camvid_eir --data data/camvid [--seeds 2] [--iterations 400]

CamVid's eleven classes in the steps of the presets, five, three and three; joint training learns all in one step with
the updates of all steps. Every run trains the network of 0.2 M parameters from random weights on one CPU thread, and is
tested on whole images at the scale of training. A run that is finished is read back.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.forgetting import mean_and_deviation, scores_of, shown
from core.runner.report import score
from core.stage.code_version import code_version

STEPS = ((0, 1, 2, 3, 4), (5, 6, 7), (8, 9, 10))
METHODS: dict[str, tuple[str, tuple[str, ...]]] = {
    "EIR": ("eir/camvid", ()),
    "EIR, memory 0": ("eir/camvid", ("config.memory.size=0",)),
    "fine-tuning": ("finetune/camvid", ()),
    "joint": ("finetune/camvid-joint", ()),
}


@dataclass(frozen=True)
class Result:
    """Results of a run after its last step: IoU averaged over the classes of each step, and over all classes.

    Attributes:
        method: key of `METHODS`.
        seed: of the run.
        of_steps: of the classes of step 0, 1 and 2.
        final: of all classes.
        classes: IoU of each class by raw id.
        seconds: of wall clock, other work of the machine included.
    """

    method: str
    seed: int
    of_steps: tuple[float, ...]
    final: float
    classes: tuple[float, ...]
    seconds: float


def settings_of(method: str, data: Path, iterations: int) -> list[str]:
    """Return the overrides of a method's preset. Joint training does the iterations of all steps in its only step."""
    updates = iterations * len(STEPS) if method == "joint" else iterations
    return [
        f"dataset.root={data.resolve()}",
        "config.eval.mode=whole",
        f"config.optim.iterations={updates}",
        *METHODS[method][1],
    ]


def run_one(method: str, seed: int, data: Path, iterations: int, folder: Path) -> Result:
    """Train and test one method with one seed; raises SystemExit when it fails."""
    began = time.monotonic()
    scores = scores_of(METHODS[method][0], settings_of(method, data, iterations), seed, folder)
    classes = [score(scores, "iou", class_id=raw_id) or 0.0 for step in STEPS for raw_id in step]
    of_steps = tuple(sum(classes[raw_id] for raw_id in step) / len(step) for step in STEPS)
    final = score(scores, "miou", group="all") or 0.0
    return Result(method, seed, of_steps, final, tuple(classes), round(time.monotonic() - began))


def summarised(results: Sequence[Result]) -> list[dict[str, Any]]:
    """Return mean and standard deviation over the seeds, by method."""
    grouped: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        grouped[result.method].append(result)
    return [
        {
            "method": method,
            "seeds": len(group),
            "of_steps": [mean_and_deviation([one.of_steps[step] for one in group]) for step in range(len(STEPS))],
            "final": mean_and_deviation([one.final for one in group]),
        }
        for method, group in grouped.items()
    ]


def table(summary: Sequence[dict[str, Any]]) -> str:
    """Return the summary as the rows of a Markdown table."""
    rows = [
        [row["method"], *(shown(tuple(step)) for step in row["of_steps"]), shown(tuple(row["final"]))]
        for row in summary
    ]
    header = ["method", *(f"classes of step {step}" for step in range(len(STEPS))), "all classes"]
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what is missing, print the table, write the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.camvid_eir", description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data/camvid"), help="folder of CamVid; it is only read")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--iterations", type=int, default=400, help="of each step")
    parser.add_argument("--folder", type=Path, default=Path("var/camvid_eir"), help="where the runs are kept")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/camvid_eir.json"))
    parsed = parser.parse_args(arguments)
    results = []
    for seed in range(parsed.seeds):
        for method in METHODS:
            results.append(run_one(method, seed, parsed.data, parsed.iterations, parsed.folder))
            print(f"{method}, seed {seed}: {results[-1].final:.3f} in {results[-1].seconds:.0f} s", flush=True)
    summary = summarised(results)
    print(table(summary))
    record = {
        "command": "OMP_NUM_THREADS=1 python -m benchmarks.camvid_eir --data data/camvid "
        f"--seeds {parsed.seeds} --iterations {parsed.iterations}",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "code_version": code_version(),
        "settings": {name: {"preset": preset, "set": list(extra)} for name, (preset, extra) in METHODS.items()},
        "set_for_all": {"config.eval.mode": "whole", "config.optim.iterations": parsed.iterations},
        "summary": summary,
        "runs": [asdict(result) for result in results],
    }
    parsed.out.parent.mkdir(parents=True, exist_ok=True)
    parsed.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
