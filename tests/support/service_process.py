"""The command `palimpsest` as a user starts it: a process of its own, its settings in its environment."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.waiting import wait_until

_ADDRESS = re.compile(r"Palimpsest is at (http://\S+);")


class PalimpsestCommand:
    """A running command; what it prints goes to `output`.

    Args:
        arguments: of the command.
        home: folder of its state.
        settings: further settings, without the prefix `PALIMPSEST_`.
    """

    def __init__(self, *arguments: str, home: Path, settings: Mapping[str, str] | None = None) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.output = home / "printed.txt"
        given = {"HOME": str(home), "PORT": "0", "THREADS": "1", "SQLITE_SYNCHRONOUS": "NORMAL"} | dict(settings or {})
        with self.output.open("ab") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "palimpsest.service.cli", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                cwd=home,
                env={**os.environ, **{f"PALIMPSEST_{name}": value for name, value in given.items()}},
            )

    @property
    def printed(self) -> str:
        """What the command has printed so far."""
        return self.output.read_text(encoding="utf-8")

    def address(self, timeout_s: float = 60.0) -> str:
        """Wait until the service says where it is."""
        found = wait_until(lambda: _ADDRESS.search(self.printed) or self.process.poll(), timeout_s, "an address")
        if not isinstance(found, re.Match):
            raise RuntimeError(f"the command ended with status {found}: {self.printed}")
        return found[1]

    def interrupt(self, timeout_s: float = 60.0) -> int:
        """Press Ctrl-C and return the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout_s)

    def end(self) -> None:
        """End the command, if it still runs."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
