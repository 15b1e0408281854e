"""How much a model loses from one domain of the world *streets* to another, with labels only where it was trained.

    python -m benchmarks.domain_gap [--iterations 600] [--processes 2]

The tiny network of `stal/demo` is trained four times with the same settings and updates: on the synthetic pictures, and
on those of each city, all labelled. Each is tested on the synthetic pictures and on its own city, the first on every
city. Exits with status 1 when a city costs the synthetic model less than `TARGET`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import torch

from core.acquisition.round_plan import MODEL
from core.commands.documents import open_document
from core.data.loaders import Item, evaluation_batches
from core.data.opening import open_dataset
from core.data.samples import DenseDataset
from core.data.transforms.presets import to_normalised
from core.experiment import resolve
from core.methods.stal.label_space import channel_tables
from core.methods.stal.model_files import load_teacher
from core.metrics.confusion import ConfusionMatrix
from core.metrics.iou import group_scores
from core.models.deeplabv3plus import DeepLabV3Plus
from core.runner.local import LocalRun, finished_attempt, plan_with_images, run_experiment, run_name
from core.runner.run import run_stage
from core.stage.code_version import code_version
from core.stage.folder import ARTIFACT_DIR
from core.stage.interrupt import StopFlag

SOURCE = "synthetic"
CITIES = ("city-a", "city-b", "city-c")
TARGET = 0.15
"""Least loss of the synthetic model on each city, in mIoU."""
LABELS_ALONE = ("self_training.weight=0", "contrast.weight=0", "mix.kind=none")
TEST_BATCH = 8


@dataclass(frozen=True)
class Sizes:
    """How much is trained and tested."""

    iterations: int
    train_images: int
    eval_images: int
    seed: int


@dataclass(frozen=True)
class Trained:
    """One training: the domain, and mIoU over present classes by the domain of the test."""

    domain: str
    miou: dict[str, float]
    seconds: float


def document_of(domain: str, sizes: Sizes) -> dict[str, object]:
    """Return the experiment that trains on one domain with all its labels, and on nothing else."""
    settings = [*LABELS_ALONE, f"optim.iterations={sizes.iterations}", "execution.threads=1"]
    document = open_document("stal/demo", [f"config.{setting}" for setting in settings])
    document["dataset"] = _dataset(domain, sizes)
    document["stream"] = {
        "kind": "active_rounds",
        "source": None,
        "initial_images": sizes.train_images,
        "budgets": [],
    }
    return document


def train_and_test(domain: str, sizes: Sizes, folder: Path) -> Trained:
    """Train on a domain in this process, on one thread, and test on the requested domains; keep a finished run."""
    experiment = resolve(document_of(domain, sizes))
    run = LocalRun(
        experiment, sizes.seed, folder / run_name(experiment, sizes.seed), folder / "data", device="cpu", threads=1
    )
    torch.set_num_threads(1)
    began = time.monotonic()
    if code := run_experiment(run, StopFlag(), _in_this_process, lambda _line: None):
        raise SystemExit(f"{domain}: exit status {code}; see {run.folder}")
    attempt = finished_attempt(run.folder, plan_with_images(experiment, run.data_home)[0])
    assert attempt is not None
    teacher, _ = load_teacher(attempt / ARTIFACT_DIR / MODEL, torch.device("cpu"))
    where = (SOURCE, *CITIES) if domain == SOURCE else (domain,)
    miou = {name: tested(teacher, _opened(name, sizes, run.data_home)) for name in where}
    return Trained(domain, miou, time.monotonic() - began)


@torch.no_grad()
def tested(network: DeepLabV3Plus, dataset: DenseDataset) -> float:
    """Return mIoU over the classes that occur in labels or predictions, on whole images, as stages report it."""
    channel_of, raw_of = channel_tables(dataset.classes)

    def item(index: int) -> Item:
        return to_normalised(dataset.image(index)), torch.from_numpy(channel_of[dataset.label(index)])

    confusion = ConfusionMatrix(len(raw_of), torch.device("cpu"))
    for batch in evaluation_batches(item, range(len(dataset)), TEST_BATCH):
        confusion.update(batch.labels, network.logits(batch.images).argmax(dim=1))
    return group_scores(confusion.matrix(), range(len(raw_of))).miou_present


def gaps(results: Sequence[Trained]) -> dict[str, float]:
    """Return by how much the model trained in a city exceeds the synthetic one there."""
    miou = {result.domain: result.miou for result in results}
    return {city: miou[city][city] - miou[SOURCE][city] for city in CITIES}


def table(results: Sequence[Trained]) -> str:
    """Return the figures as text: a row for each domain of the test."""
    miou = {result.domain: result.miou for result in results}
    lines = [f"{'tested on':<11} {'trained there':>13} {'trained on synthetic':>21} {'gap':>7}"]
    lines.append(f"{SOURCE:<11} {miou[SOURCE][SOURCE]:>13.3f} {miou[SOURCE][SOURCE]:>21.3f} {'':>7}")
    for city, gap in gaps(results).items():
        verdict = "" if gap >= TARGET else f"  below {TARGET:.2f}"
        lines.append(f"{city:<11} {miou[city][city]:>13.3f} {miou[SOURCE][city]:>21.3f} {gap:>+7.3f}{verdict}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is missing, print the table, write the figures where asked; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.domain_gap", description=__doc__)
    parser.add_argument("--iterations", type=int, default=600)
    parser.add_argument("--images", type=int, default=300, help="to learn from, in each domain")
    parser.add_argument("--eval-images", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=Path("var/domain_gap"), help="where the runs are kept")
    parser.add_argument("--out", type=Path, help="JSON with the figures, such as benchmarks/results/domain_gap.json")
    parsed = parser.parse_args(arguments)
    sizes = Sizes(parsed.iterations, parsed.images, parsed.eval_images, parsed.seed)
    results = []
    # A forked child would inherit the threads of whatever was imported here; a spawned one starts clean.
    with ProcessPoolExecutor(parsed.processes, mp_context=get_context("spawn")) as pool:
        for result in pool.map(partial(train_and_test, sizes=sizes, folder=parsed.folder), (SOURCE, *CITIES)):
            results.append(result)
            print(f"{result.domain}: trained and tested in {result.seconds:.0f} s", flush=True)
    print(table(results))
    found = gaps(results)
    if parsed.out is not None:
        record = {
            "command": " ".join(["python -m benchmarks.domain_gap", *(arguments or sys.argv[1:])]),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
            "code_version": code_version(),
            "sizes": asdict(sizes),
            "target": TARGET,
            "gaps": found,
            "trained": [asdict(result) for result in results],
        }
        parsed.out.parent.mkdir(parents=True, exist_ok=True)
        parsed.out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0 if all(gap >= TARGET for gap in found.values()) else 1


def _dataset(domain: str, sizes: Sizes) -> dict[str, object]:
    return {
        "world": "streets",
        "domain": domain,
        "train_images": sizes.train_images,
        "eval_images": sizes.eval_images,
    }


def _opened(domain: str, sizes: Sizes, data_home: Path) -> DenseDataset:
    spec = resolve(document_of(domain, sizes)).dataset
    return open_dataset(spec, data_home).eval


def _in_this_process(folder: Path, stop: StopFlag) -> int:
    return run_stage(folder, stop=stop)


if __name__ == "__main__":
    raise SystemExit(main())
