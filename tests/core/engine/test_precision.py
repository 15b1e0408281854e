from __future__ import annotations

import pytest
import torch

from core.engine.precision import autocast, resolve_precision
from core.errors import ConfigError

CPU = torch.device("cpu")


def test_auto_is_float32_on_a_cpu_even_where_it_knows_bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx512_bf16": True})

    assert resolve_precision("auto", CPU) == torch.float32


def test_bfloat16_is_allowed_on_a_cpu_that_has_instructions_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True})

    assert resolve_precision("bfloat16", CPU) == torch.bfloat16


def test_bfloat16_is_refused_on_a_cpu_without_instructions_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True})

    with pytest.raises(ConfigError, match="choose 'auto' or 'float32'") as caught:
        resolve_precision("bfloat16", CPU)

    assert caught.value.pointer == "/execution/precision"


def test_autocast_computes_products_in_the_chosen_type() -> None:
    matrix = torch.ones(2, 2)

    with autocast(CPU, torch.float32):
        full = (matrix @ matrix).dtype
    with autocast(CPU, torch.bfloat16):
        half = (matrix @ matrix).dtype

    assert (full, half) == (torch.float32, torch.bfloat16)


@pytest.mark.gpu
def test_auto_is_bfloat16_on_a_gpu_that_computes_in_it() -> None:
    expected = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float32

    assert resolve_precision("auto", torch.device("cuda")) == expected
