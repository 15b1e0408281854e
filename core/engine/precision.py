"""Floating-point precision of forward passes."""

from __future__ import annotations

from typing import Literal

import torch

from core.errors import ConfigError

Precision = Literal["auto", "float32", "bfloat16"]

_POINTER = "/execution/precision"


def resolve_precision(precision: Precision, device: torch.device) -> torch.dtype:
    """Return the dtype of forward passes on a device.

    "auto" is bfloat16 on GPUs with bfloat16 instructions, else float32. On CPUs it is always float32, because autocast
    was measured 7 to 50 times slower there.

    Raises:
        ConfigError: if `precision` is "bfloat16" and the device has no instructions for it.
    """
    if precision == "float32" or (precision == "auto" and device.type == "cpu"):
        return torch.float32
    if _computes_in_bfloat16(device):
        return torch.bfloat16
    if precision == "auto":
        return torch.float32
    raise ConfigError(
        f"precision 'bfloat16': {device} has no instructions for it; choose 'auto' or 'float32'", _POINTER
    )


def autocast(device: torch.device, dtype: torch.dtype) -> torch.autocast:
    """Return the context of a forward pass in `dtype`; it changes nothing for float32. Updates stay in float32."""
    return torch.autocast(device.type, dtype=dtype, enabled=dtype != torch.float32)


def _computes_in_bfloat16(device: torch.device) -> bool:
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        capabilities = torch.cpu.get_capabilities()
        return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    return False
