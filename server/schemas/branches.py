"""Runs that share the first steps of another run."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from server.db.states import RunState
from server.schemas.experiments import ExperimentLabels
from server.schemas.values import JsonObject, Moment


class RunBranch(ExperimentLabels):
    """A run to be started from a step of another run."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"after_step": 0}]})

    after_step: int = Field(
        ge=0, strict=True, description="The last step that is shared; all stages up to it must have succeeded."
    )
    document: JsonObject | None = Field(
        None,
        description="The experiment document; by default that of the run to branch from. Settings that count in the "
        "shared steps must be equal.",
    )
    priority: int | None = Field(None, ge=-100, le=100, strict=True, description="Place in the queue. Null means 0.")


class BranchOrigin(BaseModel):
    """The run that a run branched from."""

    run_id: str
    experiment_name: str
    method: str
    seed: int
    after_step: int = Field(description="The last shared step.")


class BranchRun(BaseModel):
    """A run that branched from the shown one."""

    run_id: str
    experiment_name: str
    method: str
    after_step: int = Field(description="The last shared step.")
    state: RunState
    created_at: Moment


class SharedStage(BaseModel):
    """The stage of another run that a shared stage stands for: its attempts, log and files are there."""

    stage_id: str
    run_id: str
