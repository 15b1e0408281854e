"""Initial weights of self-training: this run's warm-up, another run's, or the published checkpoint (CoaST 5)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor

from core.errors import ConfigError
from core.methods.coast.domains import Domains
from core.methods.coast.model_files import LAST_FILE, ModelRecord, read_record
from core.methods.coast.networks import assemble_network
from core.methods.coast.options import NetworkOptions
from core.models.initialise import first_difference
from core.models.published_checkpoint import is_state, read_published_file
from core.tensor_files import read_tensors

POINTER = "/config/model/warmed_up"
PUBLISHED_KEYS = ("ResNet101", "model_state")
"""Keys of the weights in checkpoints of the published code."""
_HEADS, _ENCODER, _COUNTER, _PARALLEL = "layer5_list.", "encoder.", ".num_batches_tracked", "module."
_CLASSIFIER = "layer5_list.0.head.1.weight"


def warmed_up_state(path: Path, options: NetworkOptions, domains: Domains) -> dict[str, Tensor]:
    """Return the weights of a network with one classifier per target.

    Args:
        path: model folder of a warm-up, or a checkpoint of the published code.
        options: the network to train.
        domains: domains of the training.

    Raises:
        ConfigError: if targets, classes, datasets or network differ; names both sides.
        StorageError: if a model folder is damaged.
    """
    if path.is_dir():
        record = read_record(path)
        _require_same(record, domains, path)
        state = read_tensors(path / LAST_FILE, record.last_sha256)
    else:
        state = published_state(path)
        _require_shapes(state, domains, path)
    wanted = assemble_network(options, domains.num_classes, len(domains.targets)).state_dict()
    counters = {name: one for name, one in wanted.items() if name.endswith(_COUNTER)}
    state = {**counters, **{name: one for name, one in state.items() if not _is_agnostic(name, domains)}}
    fault = first_difference(wanted, state)
    if fault:
        raise ConfigError(f"{path}: its weights are not of the network {options.name}: {fault}", POINTER)
    return state


def published_state(path: Path) -> dict[str, Tensor]:
    """Return the weights of a published checkpoint under this project's names; raise ConfigError if it has none."""
    content = read_published_file(path, POINTER)
    for key in PUBLISHED_KEYS:
        content = content.get(key, content) if isinstance(content, Mapping) else content
    if not is_state(content):
        raise ConfigError(f"{path}: holds no weights at {' / '.join(PUBLISHED_KEYS)}; is it CoaST's?", POINTER)
    plain = {name.removeprefix(_PARALLEL): tensor for name, tensor in content.items()}
    return {
        name if name.startswith((_HEADS, _ENCODER)) else f"{_ENCODER}{name}": tensor for name, tensor in plain.items()
    }


def _is_agnostic(name: str, domains: Domains) -> bool:
    """Return whether an entry belongs to the agnostic classifier, the one after K others in published files."""
    return name.startswith(f"{_HEADS}{len(domains.targets)}.")


def _require_same(record: ModelRecord, domains: Domains, path: Path) -> None:
    found, wanted = record.targets, domains.targets
    if len(found) != len(wanted):
        raise _other(path, f"{len(found)} targets ({', '.join(found)})", f"{len(wanted)} ({', '.join(wanted)})")
    if len(record.class_names) != domains.num_classes:
        raise _other(path, f"{len(record.class_names)} classes", f"{domains.num_classes}")
    for name, own in zip(record.class_names, domains.class_names, strict=True):
        if name != own:
            raise _other(path, f"the class {name!r}", f"{own!r} in its place")
    if found != wanted:
        raise _other(path, f"the targets {', '.join(found)}", ", ".join(wanted))
    for name, folder in record.datasets.items():
        if domains.folders.get(name) != folder:
            raise _other(path, f"the data set {folder} as {name}", f"{domains.folders.get(name)}")


def _require_shapes(state: Mapping[str, Tensor], domains: Domains, path: Path) -> None:
    heads = {name.split(".")[1] for name in state if name.startswith(_HEADS)}
    targets = len(domains.targets)
    if len(heads) not in (targets, targets + 1):
        raise _other(path, f"{len(heads)} classifiers", f"{targets} targets ({', '.join(domains.targets)})")
    classifier = state.get(_CLASSIFIER)
    if classifier is not None and len(classifier) != domains.num_classes:
        raise _other(path, f"{len(classifier)} classes", f"{domains.num_classes}")


def _other(path: Path, found: str, wanted: str) -> ConfigError:
    return ConfigError(
        f"{path}: was warmed up for {found}, and this experiment has {wanted}; name a warm-up of the same targets and "
        "classes, or leave out model.warmed_up",
        POINTER,
    )
