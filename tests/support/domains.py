"""A source and two targets of the built-in world at 32 px, and runs on them that have not begun."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.experiment import resolve
from core.runner.local import LocalRun, run_name

SEED = 3
TARGETS = ("city-a", "city-b")
SMALL: Mapping[str, Mapping[str, Any]] = {
    "model": {"name": "tiny"},
    "data": {"image_size": [48, 32], "scale_width_px": 48, "crop_size": [32, 16], "cache_mib": 4},
    "optim": {"batch_size": 2},
    "execution": {"checkpoint_every": 2, "log_every": 2, "threads": 1},
}
BOTH_STAGES: Mapping[str, Mapping[str, Any]] = {
    # Of the tiny network nothing is worth freezing: its batch norm has seen no image yet.
    "warm_up": {"iterations": 5, "lr": 0.01, "head_lr_factor": 2, "discriminator_lr": 1e-3, "freeze_bn": False},
    "self_training": {"iterations": 5, "lr": 0.01, "agnostic_lr_factor": 2},
    "pseudo_labels": {"every": 3},
    "eval": {"every": 2, "panel_images": 1},
}
OF_METHOD: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "coast": {**SMALL, **BOTH_STAGES},
    "source_only": {**SMALL, "training": {"iterations": 4, "lr": 0.01}, "eval": {"every": 2, "panel_images": 1}},
    "target_oracle": {**SMALL, "training": {"iterations": 4, "lr": 0.01}, "eval": {"every": 0, "panel_images": 0}},
}


def street(domain: str, **changes: Any) -> dict[str, Any]:
    """Return a small dataset of one domain of the world."""
    size = {"world": "streets", "height_px": 32, "width_px": 48, "train_images": 3, "eval_images": 2}
    return {**size, "domain": domain, **changes}


def domains_document(method: str = "coast", stream: Mapping[str, Any] | None = None, **sections: Any) -> dict[str, Any]:
    """Return a document of two targets with 7 classes; sections are laid over the small ones."""
    targets = [{"name": name, "dataset": street(name)} for name in TARGETS]
    config: dict[str, Any] = dict(OF_METHOD[method])
    for name, values in sections.items():
        config[name] = {**config.get(name, {}), **values} if isinstance(values, Mapping) else values
    return {
        "method": method,
        "dataset": street("synthetic", layout="gta5", train_images=4),
        "stream": {"kind": "multi_target", "targets": targets, "classes": 7, **(stream or {})},
        "config": config,
    }


def domains_run(
    folder: Path, method: str = "coast", stream: Mapping[str, Any] | None = None, seed: int = SEED, **sections: Any
) -> LocalRun:
    """Return a run of such a document; runs below one folder share the pictures."""
    experiment = resolve(domains_document(method, stream, **sections))
    name = run_name(experiment, seed)
    return LocalRun(experiment, seed, folder / "runs" / name, folder / "home", device="cpu")
