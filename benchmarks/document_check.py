"""What the check of an experiment document costs: `python -m benchmarks.document_check`.

Does in this process what `POST /experiments?dry_run=true` does: check the document, plan its stages, and write the
verdict. Each document is checked with its world not drawn yet and, with `--drawn`, once more with the world on disk and
scanned. The figures are milliseconds of processor time, which the other work of a busy machine changes little, and of
the clock. Ends with status 1 when a check takes more than the limit.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.data.opening import open_dataset
from core.data.presence import scan_presence
from core.experiment import resolve
from server.db.migrate import upgrade
from server.db.session import Database
from server.services.datasets.presence_cache import presence_cache_below
from server.services.experiments import experiments
from server.services.experiments.check import check_document

PRESETS = ("eir/demo", "stal/demo")
LIMIT_MS = 20.0
WARM_UP = 3
REPEATS = 30


@dataclass(frozen=True)
class Figure:
    """Milliseconds of one check: of the processor, the least and the median, and the median of the clock."""

    name: str
    least_cpu: float
    p50_cpu: float
    p50: float

    @property
    def is_met(self) -> bool:
        """Whether the limit holds; the processor's median stands for an idle machine's clock."""
        return self.p50_cpu <= LIMIT_MS


def main() -> int:
    """Measure, print the table; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drawn", action="store_true", help="measure with the worlds on disk and scanned, too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        database = Database(f"sqlite:///{home}/palimpsest.db")
        upgrade(database.url)
        figures = [_measure(database, home, preset, preset) for preset in PRESETS]
        if arguments.drawn:
            for preset in PRESETS:
                _draw(home, preset)
                figures.append(_measure(database, home, preset, f"{preset}, drawn"))
        database.dispose()
    print(f"{'check of':<24} {'least cpu ms':>12} {'p50 cpu ms':>12} {'p50 ms':>8} {'limit':>6}")
    for figure in figures:
        print(
            f"{figure.name:<24} {figure.least_cpu:>12.1f} {figure.p50_cpu:>12.1f} {figure.p50:>8.1f} {LIMIT_MS:>6.0f}"
        )
    machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
    print(
        json.dumps({**machine, "at": datetime.now(UTC).isoformat(), "figures": [asdict(figure) for figure in figures]})
    )
    return 0 if all(figure.is_met for figure in figures) else 1


def _measure(database: Database, home: Path, preset: str, name: str) -> Figure:
    document = _document(preset)
    for _ in range(WARM_UP):
        _check(database, home, document)
    cpu, clock = [], []
    for _ in range(REPEATS):
        began_cpu, began = time.process_time(), time.perf_counter()
        _check(database, home, document)
        cpu.append((time.process_time() - began_cpu) * 1000)
        clock.append((time.perf_counter() - began) * 1000)
    return Figure(name, min(cpu), statistics.median(cpu), statistics.median(clock))


def _check(database: Database, home: Path, document: Mapping[str, Any]) -> None:
    checked = check_document(document, data_roots=[], presence_cache=presence_cache_below(home))
    with database.read() as session:
        experiments.dry_run(session, checked).model_dump_json()


def _document(preset: str) -> dict[str, Any]:
    return {"method": preset.partition("/")[0], "preset": preset}


def _draw(home: Path, preset: str) -> None:
    """Draw and scan the world of a preset, as the first stage of a run does."""
    cache = presence_cache_below(home)
    scan_presence(open_dataset(resolve(_document(preset)).dataset, cache.parent).train, cache)


if __name__ == "__main__":
    sys.exit(main())
