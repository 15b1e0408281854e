"""Recorded weights into a module."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn


def load_recorded_weights(module: nn.Module, case: Mapping[str, np.ndarray], prefix: str) -> None:
    """Load arrays named `<prefix><state name with _ for .>`; batch norm's batch counters are not recorded."""
    recorded = {
        name: torch.from_numpy(case[prefix + name.replace(".", "_")])
        for name in module.state_dict()
        if not name.endswith("num_batches_tracked")
    }
    _, unexpected = module.load_state_dict(recorded, strict=False)
    assert not unexpected
    assert len(recorded) == sum(name.startswith(prefix) for name in case)
