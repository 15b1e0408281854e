"""Whether a folder can be written to and listed, tried for real, and said in one sentence where not. Free of torch."""

from __future__ import annotations

import os
import pwd
import shlex
import stat
import tempfile
from pathlib import Path

WORKING_FOLDER_GONE = "the working folder of this command was deleted; change to one that exists, for example `cd ~`"


def access_fault(folder: Path, way_out: str) -> str | None:
    """Return why nothing can be kept in a folder, or None where it can.

    A small file is written and removed, and the folder is listed. For a folder that does not exist yet the same is
    tried in the nearest one above it that does: nothing is left behind.

    Args:
        folder: where something is to be kept.
        way_out: what else can be done, such as `set PALIMPSEST_HOME to another folder`.

    Returns:
        One sentence with the path, its owner and the command to run; without a full stop.
    """
    try:
        folder = folder.absolute()
    except FileNotFoundError:
        return f"{WORKING_FOLDER_GONE}, or {way_out}"
    existing = next(place for place in (folder, *folder.parents) if os.path.lexists(place))
    if not existing.is_dir():
        return f"{_described(existing)}, where a folder is needed: run `{_moved_aside(existing)}`, or {way_out}"
    try:
        with tempfile.TemporaryFile(dir=existing, prefix=".palimpsest-probe-") as probe:
            probe.write(b"probe")
            probe.flush()
        next(existing.iterdir(), None)
    except PermissionError:
        return f"{no_access(existing)}, or {way_out}"
    except OSError as error:
        return f"{existing} cannot be written to ({error.strerror}); {way_out}"
    return None


def no_access(*paths: Path) -> str:
    """Say whose the first path is, that this user may not use it, and the command that gives him all of them."""
    place = paths[0]
    user = user_name(os.geteuid())
    names = " ".join(shlex.quote(str(path)) for path in paths)
    found = place.stat()
    whose = f"belongs to {user_name(found.st_uid)} (mode {stat.S_IMODE(found.st_mode):o})"
    if found.st_uid == os.geteuid():
        mode = "u+rwx" if place.is_dir() else "u+rw"
        return f"{place} {whose} and cannot be used as it is: run `chmod {mode} {names}`"
    return f"{place} {whose} and cannot be used by {user}: run `sudo chown {user} {names}`"


def user_name(uid: int) -> str:
    """Return the name of a user, or his number where he has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _described(place: Path) -> str:
    owner = user_name(place.lstat().st_uid)
    if place.is_symlink():
        return f"{place} is a link of {owner} to {place.readlink()}, which does not exist or is no folder"
    return f"{place} is a file of {owner}"


def _moved_aside(place: Path) -> str:
    return f"mv {shlex.quote(str(place))} {shlex.quote(f'{place}.old')}"
