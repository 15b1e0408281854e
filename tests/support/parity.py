"""Recordings of the published implementations, and the comparison that their README defines.

`PARITY_DIR` names a folder with one folder a system, which replaces `tests/parity/fixtures`; so tests take every shape,
count and value from the arrays.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

FIXTURES = Path(__file__).resolve().parents[1] / "parity" / "fixtures"


def parity_root() -> Path:
    """Return the folder of recordings: `PARITY_DIR`, or the one in the repository."""
    return Path(os.environ.get("PARITY_DIR") or FIXTURES)


def load_case(system: str, case: str) -> dict[str, npt.NDArray[np.generic]]:
    """Return the arrays of one recorded case, such as `load_case("eir", "rskd")`."""
    path = parity_root() / system / f"{case}.npz"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such recording; set PARITY_DIR to a folder that holds {system}/{case}.npz")
    with np.load(path, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def assert_close(actual: npt.ArrayLike, expected: npt.ArrayLike, tolerance: float) -> None:
    """Fail unless |actual - expected| <= tolerance * (1 + |expected|) everywhere and the shapes agree.

    Tensors are taken as they are when they need no gradient; detach others first.
    """
    found, wanted = np.asarray(actual, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    assert found.shape == wanted.shape, f"shape {found.shape}, expected {wanted.shape}"
    assert np.isfinite(found).all(), f"{np.count_nonzero(~np.isfinite(found))} values are not finite"
    excess = np.abs(found - wanted) - tolerance * (1 + np.abs(wanted))
    if excess.size and excess.max() > 0:
        worst = np.unravel_index(int(excess.argmax()), excess.shape)
        raise AssertionError(
            f"{np.count_nonzero(excess > 0)} of {excess.size} values differ by more than {tolerance} relative; "
            f"worst at {tuple(map(int, worst))}: {found[worst]!r}, expected {wanted[worst]!r}"
        )
