"""A stage process that trains nothing: it keeps the contract of the stage folder, and does what it is told.

`python -m tests.support.stand_in FOLDER STEP ...`; a step is a word and its values, separated by colons: a method of
`StandIn` and its arguments.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.errors import ReasonCode
from core.files import write_atomically
from core.metrics.records import write_confusion
from core.stage.events import CheckpointWritten, EventWriter, Failed, Interrupted, Metric, Score, Scores, Started
from core.stage.folder import EVENTS_FILE, EXIT_INTERRUPTED, RESULT_FILE, OutputFile, StageOutcome
from worker.process import CommandBuilder, Guards


def stand_in(*steps: str) -> CommandBuilder:
    """Return a command builder for `worker.process` whose process does these steps."""

    def build(folder: Path, guards: Guards) -> Sequence[str]:
        return (sys.executable, "-m", "tests.support.stand_in", str(folder), *steps)

    return build


def scripted(script: str) -> CommandBuilder:
    """Return a command builder whose process runs a script in its folder."""

    def build(folder: Path, _guards: Guards) -> Sequence[str]:
        return (sys.executable, "-c", f"import os, time; os.chdir({str(folder)!r}); {script}")

    return build


class StandIn:
    """The running stand-in: its folder and its events."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.requested = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: self.requested.set())
        self.events = EventWriter(folder / EVENTS_FILE)

    def started(self, resumed: str = "0") -> None:
        """Report the start; `resumed` is the iteration gone on from."""
        self.events.emit(Started(device="cpu", code_version="stand-in"))
        self.events.emit(Started(device="cpu", code_version="stand-in", resumed_iteration=int(resumed), parameters=7))

    def metric(self, iteration: str, loss: str) -> None:
        """Report a loss."""
        self.events.emit(Metric(iteration=int(iteration), values={"loss": float(loss)}))

    def checkpoint(self, iteration: str) -> None:
        """Write a checkpoint of one file, and a record that the event does not name."""
        path = self.folder / "checkpoint" / iteration
        path.mkdir(parents=True)
        (path / "checkpoint.json").write_text("{}")
        data = f"state after {iteration}".encode()
        write_atomically(path / "model.bin", data)
        files = {"model.bin": hashlib.sha256(data).hexdigest()}
        event = CheckpointWritten(
            iteration=int(iteration), path=f"checkpoint/{iteration}", files=files, bytes=len(data)
        )
        self.events.emit(event)

    def scores(self, miou: str) -> None:
        """Report an evaluation of two channels."""
        means = [Score(metric=metric, value=float(miou), group="all") for metric in ("miou", "miou_present")]
        numbers = [*means, Score(metric="iou", value=0.5, class_id=1)]
        record = write_confusion(self.folder, [-1, 1], np.array([[3, 1], [0, 4]]))
        self.events.emit(Scores(split="val", step=0, iteration=2, scores=numbers, records=[record]))

    def print(self, text: str) -> None:
        """Print a line."""
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def environment(self, name: str) -> None:
        """Print a variable of the environment."""
        self.print(f"{name}={os.environ.get(name)}")

    def obey(self) -> None:
        """Wait for SIGTERM, then leave in order."""
        self.requested.wait()
        self.checkpoint("9")
        self.events.emit(Interrupted(iteration=9))
        sys.exit(EXIT_INTERRUPTED)

    def ignore(self) -> None:
        """Wait for ever, whatever is asked."""
        threading.Event().wait()

    def grandchild(self) -> None:
        """Start a process that would outlive this one, and write its id to a file."""
        process = subprocess.Popen(["sleep", "600"])
        write_atomically(self.folder / "grandchild.pid", str(process.pid).encode())

    def fail(self, reason: str, text: str) -> None:
        """Report a failure and end."""
        self.events.emit(Failed(reason=ReasonCode(reason), error=text, trace="Traceback of the stand-in"))
        sys.exit(1)

    def die(self, number: str) -> None:
        """End by a signal."""
        os.kill(os.getpid(), int(number))

    def leave(self, status: str) -> None:
        """End with a status and no reason."""
        sys.exit(int(status))

    def result(self, content: str = "weights") -> None:
        """Write one output, a file in a folder, and the result."""
        path = self.folder / "artifacts" / "model" / "model.bin"
        path.parent.mkdir(parents=True)
        path.write_bytes(content.encode())
        file = OutputFile(
            path="artifacts/model/model.bin", bytes=len(content), sha256=hashlib.sha256(content.encode()).hexdigest()
        )
        outcome = StageOutcome(
            outputs={"model": "artifacts/model"}, files=[file], last_seq=self.events.seq, seconds=0.1
        )
        write_atomically(self.folder / RESULT_FILE, outcome.model_dump_json().encode())


def main(arguments: Sequence[str]) -> None:
    """Do the steps in order."""
    process = StandIn(Path(arguments[0]))
    for step in arguments[1:]:
        name, *values = step.split(":")
        getattr(process, name)(*values)


if __name__ == "__main__":
    main(sys.argv[1:])
