"""Describe why a database cannot be used (damaged, no access, unreachable), and how to restore a copy."""

from __future__ import annotations

import os
import shlex
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from core.folder_access import no_access

_DAMAGED = ("SQLITE_NOTADB", "SQLITE_CORRUPT")
_BESIDE = ("-wal", "-shm")
"""Suffixes of the files that SQLite keeps beside a database; a restored copy must not keep them."""


def is_database_fault(error: DBAPIError) -> bool:
    """Return whether an error comes from the database's state, not from the SQL statement."""
    # For SQLite, the base class itself means a damaged file.
    return isinstance(error, OperationalError) or type(error) is DatabaseError


def database_fault(url: str, error: DBAPIError) -> str:
    """Return one sentence on a database's fault and its remedy."""
    reason = str(error.orig).strip().partition("\n")[0]
    path = sqlite_file(url)
    if path is None:
        return f"The database of PALIMPSEST_DATABASE_URL does not answer: {reason}"
    if getattr(error.orig, "sqlite_errorname", "").startswith(_DAMAGED):
        return f"The database {damage(path, reason)}"
    if path.is_dir():
        return f"The database {path} is a folder: run `mv {_quoted(path)} {_quoted(path)}.old`, or name another file"
    files = [path, *(file for ending in _BESIDE if (file := Path(f"{path}{ending}")).exists())]
    closed = [file for file in files if file.exists() and not os.access(file, os.R_OK | os.W_OK, effective_ids=True)]
    if closed:
        return f"The database {no_access(*closed)}"
    return f"The database {path} cannot be used: {reason}"


def damage(path: Path, reason: str) -> str:
    """Return a message that a SQLite file is damaged, with the remedy."""
    copies = list(kept_copies(path, lambda _revision: True))
    anew = f"mv {_quoted(path)} {_quoted(path)}.damaged && rm -f {_beside(path)}"
    way_out = restoring(path, copies[0], "damaged") if copies else f"`{anew}` begins anew, without its runs"
    return f"{path} is damaged ({reason}): stop the service and restore your backup; {way_out}"


def kept_copies(path: Path, is_wanted: Callable[[str], bool]) -> Iterator[Path]:
    """Yield the copies that migrations made of a SQLite file, newest first, whose revision is wanted."""
    found = [file for file in path.parent.glob(f"{path.name}.before-*") if not file.name.endswith(_BESIDE)]
    for file in sorted(found, key=lambda file: file.stat().st_mtime, reverse=True):
        try:
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
                row = copy.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.Error:
            continue
        if row is not None and is_wanted(row[0]):
            yield file


def restoring(path: Path, copy: Path, aside: str) -> str:
    """Return the instruction and the command that replace a database with a copy."""
    command = (
        f"mv {_quoted(path)} {_quoted(path)}.{aside} && rm -f {_beside(path)} && cp {_quoted(copy)} {_quoted(path)}"
    )
    return f"`{command}` restores the copy from before its last migration, without what was done since"


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite database; None for another database."""
    address = make_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def _beside(path: Path) -> str:
    return " ".join(_quoted(Path(f"{path}{ending}")) for ending in _BESIDE)


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
