"""`palimpsest admin gc`: show unreferenced files as a table, and remove them."""

from __future__ import annotations

from collections import defaultdict

from rich.console import Console
from rich.table import Table

from server.db.session import Database
from server.garbage import Rubbish, find_rubbish, remove
from server.settings import Settings


def collect_garbage(database: Database, settings: Settings, console: Console, *, dry_run: bool) -> None:
    """Show unreferenced files and remove them; a dry run lists every file and removes nothing."""
    rubbish = find_rubbish(database, settings)
    if dry_run:
        for one in rubbish:
            console.print(f"{one.bytes:>14,}  {one.path}", markup=False)
    console.print(_table(rubbish) if rubbish else "There is nothing to remove.")
    if not dry_run:
        console.print(f"{remove(rubbish):,} bytes removed.", markup=False)


def _table(rubbish: list[Rubbish]) -> Table:
    sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for one in rubbish:
        count, size = sums[one.kind]
        sums[one.kind] = (count + 1, size + one.bytes)
    table = Table("what", "number", "bytes", box=None, pad_edge=False)
    for kind, (count, size) in sums.items():
        table.add_row(kind, f"{count:,}", f"{size:,}")
    return table
