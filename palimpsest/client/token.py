"""Find a script's token; never on the command line, which everybody on the machine can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from palimpsest.client.errors import PalimpsestError

TOKEN_VARIABLE = "PALIMPSEST_TOKEN"  # the name of a variable
FILE_VARIABLE = "PALIMPSEST_TOKEN_FILE"
DEFAULT_FILE = "~/.palimpsest-token"


def token_file() -> Path:
    """Return the file to read a token from if the environment has none."""
    return Path(os.environ.get(FILE_VARIABLE) or DEFAULT_FILE).expanduser()


def find_token() -> str:
    """Return the token of the environment, or else of the file; empty if there is neither.

    Raises:
        PalimpsestError: when others can read the file, or a named file cannot be read.
    """
    given = os.environ.get(TOKEN_VARIABLE, "").strip()
    if given:
        return given
    path = token_file()
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise PalimpsestError(
                f"Others can read the token in {path} (mode {stat.S_IMODE(mode):o}): run chmod 600 {path}, and revoke "
                f"the token if somebody may have."
            )
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        if os.environ.get(FILE_VARIABLE):
            raise PalimpsestError(f"There is no file {path}, which {FILE_VARIABLE} names.") from error
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise PalimpsestError(f"The token in {path} cannot be read: {error}.") from error
