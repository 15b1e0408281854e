from __future__ import annotations

import subprocess
import sys

import pytest

from core.acquisition.catalog import ACQUISITIONS, AcquisitionName

TORCH_FREE = ("catalog", "quota", "selection", "budgets", "query_masks", "query_mask_files")


def test_every_name_has_a_row() -> None:
    assert set(ACQUISITIONS) == set(AcquisitionName)


@pytest.mark.parametrize("name", AcquisitionName)
def test_every_row_resolves(name: AcquisitionName) -> None:
    assert callable(ACQUISITIONS[name].load())


def test_what_needs_no_model_loads_no_torch() -> None:
    modules = ", ".join(f"core.acquisition.{name}" for name in TORCH_FREE)
    script = f"import sys, {modules}; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
