"""Runs of SemSeg and of its baseline on the built-in world at 48 px that have not begun."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.experiment import resolve
from core.runner.local import LocalRun, run_name

SEED = 3
WORLD: Mapping[str, Any] = {
    "world": "objects",
    "labels": "instances",
    "classes": 4,
    "size_px": 48,
    "density_max": 2,
    "train_images": 6,
    "eval_images": 3,
}
CONFIG: Mapping[str, Mapping[str, Any]] = {
    "model": {
        "name": "tiny",
        "anchor_px": [8, 16, 32, 64, 128],
        "canonical_px": 32,
        "embedding": 8,
        "mask_convs": 1,
        "mask_weights": 8,
    },
    "data": {"train_sizes": [32, 48], "test_size": 48, "longest_px": 64},
    "proposals": {"post_process": "nms", "post_topk_train": 20, "post_topk_test": 20, "per_image": 32},
    "regions": {"per_image": 16},
    "optim": {"lr": 0.01, "batch_size": 2, "iterations": 5, "milestones": [4], "warmup_iterations": 2},
    # Untrained scores are near one half: at this threshold both branches find something.
    "eval": {"unknown_threshold": 0.8, "panel_images": 1},
    "execution": {"checkpoint_every": 2, "log_every": 2, "threads": 1},
}

BASELINE: Mapping[str, Mapping[str, Any]] = {
    "model": {"name": "tiny", "anchor_px": [8, 16, 32, 64, 128]},
    "data": CONFIG["data"],
    "heads": {"pre_topk": 50, "post_topk": 20, "anchors": 32, "regions": 16},
    "optim": CONFIG["optim"],
    "eval": {"unknown_threshold": 0.7, "panel_images": 1},
    "execution": CONFIG["execution"],
}
OF_METHOD = {"semseg": CONFIG, "mask_rcnn": BASELINE}


def open_set_document(
    stream: Mapping[str, Any] | None = None, method: str = "semseg", **sections: Any
) -> dict[str, Any]:
    """Return a document of two known classes and two unknown ones; sections are laid over the small ones."""
    config: dict[str, Any] = {name: dict(values) for name, values in OF_METHOD[method].items()}
    for name, values in sections.items():
        config[name] = {**config.get(name, {}), **values}
    known = {"kind": "open_set", "known": ["ball", "tent"]}
    return {"method": method, "dataset": dict(WORLD), "stream": {**known, **(stream or {})}, "config": config}


def open_set_run(
    folder: Path, stream: Mapping[str, Any] | None = None, method: str = "semseg", **sections: Any
) -> LocalRun:
    """Return a run of such a document; runs below one folder share the pictures."""
    experiment = resolve(open_set_document(stream, method, **sections))
    name = run_name(experiment, SEED)
    return LocalRun(experiment, SEED, folder / "runs" / name, folder / "home", device="cpu")
