"""Loading published files of SAM and HQ-SAM into a frozen SAM and a head, weights only (CoSAM 4.6)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from core.errors import ConfigError
from core.files import file_sha256
from core.frozen_parts import FrozenWeights
from core.models.initialise import first_difference, read_state
from core.models.sam.hq_head import HQHead

CHECKPOINT_POINTER, HEAD_POINTER = "/config/model/checkpoint", "/config/model/head_checkpoint"
HEAD_PARTS = ("hf_token", "hf_mlp", "compress_vit_feat", "embedding_encoder", "embedding_maskfeature")
DECODER_PREFIX = "mask_decoder."
WAY_OUT = "choose the backbone that the file is of"
State = Mapping[str, Tensor]


def load_sam(sam: Any, path: Path) -> dict[str, Tensor]:
    """Load a checkpoint of SAM, or a full one of HQ-SAM.

    Args:
        sam: its weights are replaced.
        path: a table of tensors with the names of `segment_anything`.

    Returns:
        The entries of a head, by their names in it; empty for plain SAM.

    Raises:
        ConfigError: if the file cannot be read, or is of another model; names the first entry at fault.
    """
    state = read_state(path, CHECKPOINT_POINTER)
    head, own = _apart(state, DECODER_PREFIX)
    fault = first_difference(sam.state_dict(), own)
    if fault:
        raise ConfigError(f"{path}: not the weights of this SAM: {fault}; {WAY_OUT}", CHECKPOINT_POINTER)
    sam.load_state_dict(own)
    return head


def read_head(path: Path, decoder: Any) -> dict[str, Tensor]:
    """Return the entries of a head from a decoder of HQ-SAM, from a full checkpoint of it, or from a head alone.

    Args:
        path: a table of tensors; entries of the frozen decoder must have known names, and are left out.
        decoder: a mask decoder of the size in use.

    Raises:
        ConfigError: if the file cannot be read, has no head, or has an unknown name.
    """
    state = read_state(path, HEAD_POINTER)
    if any(name.startswith(DECODER_PREFIX) for name in state):
        prefix = DECODER_PREFIX
        state = {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
    head, other = _apart(state, "")
    unknown = sorted(other.keys() - decoder.state_dict().keys())
    if not head or unknown:
        found = f"{unknown[0]!r} is unknown" if unknown else f"it has none of {', '.join(HEAD_PARTS)}"
        raise ConfigError(f"{path}: no head of HQ-SAM: {found}; give a decoder or checkpoint of HQ-SAM", HEAD_POINTER)
    return head


def load_head(head: HQHead, state: State, where: str, pointer: str = HEAD_POINTER) -> None:
    """Load the entries of a head; raises ConfigError naming the first that does not fit."""
    fault = first_difference(head.state_dict(), state)
    if fault:
        raise ConfigError(f"{where}: its head does not fit: {fault}; {WAY_OUT}", pointer)
    head.load_state_dict(state)


def weights_of_file(path: Path) -> FrozenWeights:
    """Return the source and digest of weights from a file."""
    return FrozenWeights(source=str(path), sha256=file_sha256(path))


def weights_of_state(state: State, source: str) -> FrozenWeights:
    """Return the source and digest of weights that are in no file."""
    digest = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        digest.update(f"{name}\0{tuple(tensor.shape)}\0".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return FrozenWeights(source=source, sha256=digest.hexdigest())


def _apart(state: State, prefix: str) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """Split a state into the head's entries, without the prefix, and all others, unchanged."""
    head, others = {}, {}
    for name, value in state.items():
        inner = name.removeprefix(prefix)
        if name.startswith(prefix) and inner.split(".")[0] in HEAD_PARTS:
            head[inner] = value
        else:
            others[name] = value
    return head, others
