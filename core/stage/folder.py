"""The contract of a stage folder: `spec.json` in, `result.json` out. Free of torch."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.stage.spec import StageSpec

SPEC_VERSION: Literal[2] = 2
"""Form of `spec.json`."""
OUTCOME_VERSION: Literal[1] = 1
"""Form of `result.json`."""
SPEC_FILE = "spec.json"
RESULT_FILE = "result.json"
EVENTS_FILE = "events.jsonl"
LOG_FILE = "out.log"
CHECKPOINT_DIR = "checkpoint"
ARTIFACT_DIR = "artifacts"
INPUT_DIR = "inputs"

EXIT_INTERRUPTED = 75
"""Exit status of a stage that stopped on request and can be resumed (EX_TEMPFAIL)."""


class StageDataset(BaseModel):
    """A dataset that a stage reads."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    spec: dict[str, Any]
    """As an experiment's document names it."""
    splits: list[Literal["train", "eval"]]
    """Those that are read; no other needs to exist."""
    labelled: list[Literal["train", "eval"]]
    """Those of which every image needs a label file."""
    class_names: dict[int, str] = Field(default_factory=dict)
    """Raw id -> name of its classes when the experiment was made; empty where that was not kept."""


class StageFolderSpec(BaseModel):
    """The task of one attempt at one stage.

    Paths in `inputs` and `resume` are relative to the folder, so that a copied folder replays anywhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[2] = SPEC_VERSION
    run_id: str
    stage_id: str
    attempt: int = Field(1, ge=1)
    method: str
    config: dict[str, Any]
    stage: StageSpec
    num_stages: int = Field(ge=1)
    datasets: dict[str, StageDataset]
    """By the names that the stream gives them."""
    stream: dict[str, Any]
    """As the experiment's document has it, complete."""
    inputs: dict[str, str] = Field(default_factory=dict)
    """Input name -> file or folder, as `StageSpec.inputs` names them."""
    resume: list[str] = Field(default_factory=list)
    """Checkpoint folders of earlier attempts, newest first."""
    seed: int = Field(ge=0, lt=2**63)
    device: str = "cpu"
    threads: int = Field(1, ge=1)
    """CPU threads; the same number gives the same bits."""
    data_home: str
    """Folder for materialised worlds and presence indexes; where it cannot be had, `data` in the stage folder is."""

    def identity(self) -> str:
        """Return a digest of what decides the stage's weights: attempts with the same identity share checkpoints."""
        decisive = {"method", "config", "stream", "seed"}
        content = self.model_dump(mode="json", include=decisive) | {"stage": self.stage.index}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class OutputFile(BaseModel):
    """One file that a stage leaves behind."""

    model_config = ConfigDict(frozen=True)

    path: str
    """Relative to the stage folder."""
    bytes: int
    sha256: str


class StageOutcome(BaseModel):
    """`result.json`: its presence means that the stage succeeded.

    `outputs` maps an output's name to its files; a folder is the list of files below it, and the first component after
    the output's own path is kept, so that the next stage finds the same tree.
    """

    model_config = ConfigDict(frozen=True)

    schema_version: Literal[1] = OUTCOME_VERSION
    outputs: dict[str, str]
    """Output name -> path of a file or folder, relative to the stage folder."""
    files: list[OutputFile]
    last_seq: int
    """Sequence number of the last event of the attempt."""
    seconds: float
