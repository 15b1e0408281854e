"""A run that a test watches in a browser: held in the middle of a stage, and compared with what the API knows."""

from __future__ import annotations

import math
import os
import re
import signal
from collections.abc import Sequence
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.support.flow_run import ITERATIONS
from tests.support.installation import Installation

LOSSES = re.compile(r"^loss\b")
"""Name of the chart that a run page shows when nobody has chosen."""

NOTHING = "–"
PATIENCE_S = 60
"""A busy machine answers late."""


def hold(installation: Installation, run_id: str, checkpoints: int) -> int:
    """Stop the first stage after so many checkpoints; returns its process id for `let_go`."""
    return installation.freeze_stage(installation.process("worker"), run_id, 0, checkpoints)


def let_go(pid: int) -> None:
    """Let a stage that was held go on."""
    os.kill(pid, signal.SIGCONT)


def ask(installation: Installation, path: str) -> Any:
    """Return an answer of the API that its client does not wrap."""
    answer = httpx.get(f"{installation.client.base_url}/api/v1{path}", trust_env=False, timeout=PATIENCE_S)
    return answer.raise_for_status().json()


def stored_curves(
    installation: Installation, run_id: str, keys: Sequence[str], iterations: int = ITERATIONS
) -> dict[str, dict[int, str]]:
    """Return the curves that the API has, as a chart shows them: curve -> place on the axis -> value.

    Args:
        installation: where the run is.
        run_id: the run.
        keys: of the curves.
        iterations: of each stage.
    """
    curves = {
        key: {
            point["stage_index"] * iterations + point["iteration"]: as_shown(point["value"])
            for point in ask(installation, f"/runs/{run_id}/series/{key}")["points"]
        }
        for key in keys
    }
    places = sorted({place for curve in curves.values() for place in curve})
    return {key: {place: curve.get(place, NOTHING) for place in places} for key, curve in curves.items()}


def expect_all_losses(page: Page, installation: Installation, run_id: str) -> None:
    """Wait until the chart of the losses has every one that the API knows: some join in later steps."""
    keys = [entry["key"] for entry in ask(installation, f"/runs/{run_id}/series?prefix=loss")["items"]]
    chart = page.get_by_role("img", name=", ".join(keys), exact=True)
    expect(page.locator("[aria-busy=false]").filter(has=chart)).to_be_visible()


def as_shown(value: float) -> str:
    """Write a number as the pages do: four significant digits, small ones as a power of ten."""
    if value and abs(value) < 1e-3:
        mantissa, _, exponent = f"{value:.2e}".partition("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{float(f'{value:.4g}'):.10g}"


def as_percent(share: float | None) -> str:
    """Write a share as the pages do; what is not known is None or NaN."""
    return NOTHING if share is None or math.isnan(share) else f"{share * 100 + 0.0:.1f}"
