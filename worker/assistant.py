"""Embed a round's queries for the annotator's assistant: claim, embed in a child process, store (ANN-12)."""

from __future__ import annotations

import logging
import shutil
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import select

from core.errors import CoreError
from core.models.sam.embedding_order import (
    DONE_FILE,
    MODEL_FILE,
    ORDER_FILE,
    BuiltInModel,
    CheckpointModel,
    EmbeddedEntry,
    EmbeddingOrder,
    ModelFacts,
    OrderedImage,
    RunModel,
)
from core.stage.folder import LOG_FILE
from core.streams.assistant import AssistantModel
from server.db import assistants
from server.db.assistants import AssistantClaim, AssistantState, EmbeddedFile
from server.db.models import Stage
from server.db.states import StageState
from server.storage.outputs import StoredOutput
from worker.context import WorkerContext
from worker.memory_limit import count_oom_kills
from worker.outage import through_outage, write_through
from worker.process import CommandBuilder, Guards, StageProcess
from worker.process_ending import ending_in_words

log = logging.getLogger(__name__)

CLAIM_LIMIT_S = 30.0
POLL_S = 0.1
MAX_CLAIMS = 3
"""Number of workers that may die of a job before it fails."""
OUTPUT = "model"
"""Output of a training stage that answers clicks."""
NAMED_FAULTS = 3


class EmbeddingFailed(Exception):
    """The queries could not be embedded; the message is for people."""


class ClaimLost(Exception):
    """Another worker has the job, another model was chosen, or the round is gone."""


class ShutDown(Exception):
    """The worker ends."""


def embed_next(context: WorkerContext, *, command: CommandBuilder | None = None) -> bool:
    """Claim the first waiting job and carry it out; False when none waits, or another worker took it.

    Args:
        context: context of the worker.
        command: builds the command of the child; the default is `python -m core embed`.
    """
    claim = through_outage(partial(_claim, context), limit_s=CLAIM_LIMIT_S)
    if claim is None:
        return False
    folder = context.settings.cache_folder / "embeddings" / f"{claim.stage_id}-{claim.choice_no}-{claim.number}"
    job = _Job(context, claim, folder)
    state, message = AssistantState.FAILED, None
    try:
        job.carry_out(command or embed_command)
        state, message = AssistantState.READY, job.faults_in_words()
    except ShutDown:
        write_through(context.database, partial(assistants.release_assistant, claim=claim))
        return True
    except ClaimLost:
        log.info("round %s: its embedding was taken over, or another model was chosen", claim.stage_id)
        return True
    except (EmbeddingFailed, CoreError) as error:
        message = str(error)
    except Exception as error:  # the job's catch-all: an error of the worker must never lose a job
        log.exception("round %s: its queries could not be embedded", claim.stage_id)
        message = f"the worker failed: {type(error).__name__}: {error}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    end = partial(assistants.finish_assistant, claim=claim, state=state, message=message)
    write_through(context.database, end)
    return True


def embed_command(folder: Path, guards: Guards) -> Sequence[str]:
    """Return the command of a real embedding; it reads and writes in `folder`."""
    return (sys.executable, "-m", "core", "embed", str(folder), *guards.arguments())


class _Job:
    """One claim on a job, with its folder."""

    def __init__(self, context: WorkerContext, claim: AssistantClaim, folder: Path) -> None:
        self._context, self._claim, self._folder = context, claim, folder
        self._read_bytes = 0
        self._digest: str | None = None
        self._decoders: dict[str, tuple[str, int]] = {}
        self._faults: list[str] = []

    def carry_out(self, command: CommandBuilder) -> None:
        """Embed what no worker has embedded yet.

        Raises:
            EmbeddingFailed, CoreError: when it cannot be done.
            ClaimLost, ShutDown: when this worker must stop.
        """
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        (self._folder / ORDER_FILE).write_text(self._order().model_dump_json(), encoding="utf-8")
        settings, oom_kills = self._context.settings, count_oom_kills()
        process = StageProcess(
            self._folder, threads=settings.threads, silence_s=self._context.silence_s, command=command
        )
        log.info("round %s: its queries are embedded by process %d", self._claim.stage_id, process.pid)
        try:
            self._follow(process)
        finally:
            process.close()
        if process.returncode != 0:
            output = self._folder / LOG_FILE
            raise EmbeddingFailed(ending_in_words("embedding", "choose again", process.returncode, output, oom_kills))

    def faults_in_words(self) -> str | None:
        """Return which images could not be read; None if all could."""
        if not self._faults:
            return None
        named = "; ".join(self._faults[:NAMED_FAULTS])
        return f"{len(self._faults)} images could not be read, and have no assistant: {named}"

    def _order(self) -> EmbeddingOrder:
        context, claim = self._context, self._claim
        with context.database.read() as session:
            pictures = assistants.pictures_of(session, claim.stage_id)
        images = tuple(
            OrderedImage(name=sha256, path=str(context.storage.path(sha256)), embedded_by=digests)
            for sha256, digests in pictures.items()
        )
        return EmbeddingOrder(model=self._model(claim.choice), images=images, device=context.machine.device)

    def _model(self, choice: AssistantModel) -> BuiltInModel | CheckpointModel | RunModel:
        if choice.run is not None:
            return RunModel(folder=str(self._place_run(choice.run)))
        if choice.checkpoint is not None:
            return CheckpointModel(path=choice.checkpoint, backbone=choice.backbone)
        return BuiltInModel()

    def _place_run(self, run_id: str) -> Path:
        """Copy the model of a run's last finished stage into the folder; return where it lies."""
        with self._context.database.read() as session:
            finished = select(Stage.outputs).where(Stage.run_id == run_id, Stage.state == StageState.SUCCEEDED)
            outputs = session.scalars(finished.order_by(Stage.index.desc())).all()
        files = next((found[OUTPUT] for found in outputs if found and OUTPUT in found), None)
        if files is None:
            raise EmbeddingFailed(f"run {run_id} has no finished stage with a model; choose a finished run on SAM")
        target = self._folder / OUTPUT
        StoredOutput(self._context.storage, files).place(target)
        return target

    def _follow(self, process: StageProcess) -> None:
        """Store each image as it comes, and renew the claim, until the child ends."""
        settings = self._context.settings
        renew_at = time.monotonic() + settings.heartbeat_s
        while not process.ends_within(POLL_S):
            self._store_new()
            if self._context.shutdown.is_set():
                raise ShutDown
            if time.monotonic() >= renew_at:
                renew_at = time.monotonic() + settings.heartbeat_s
                self._write(partial(assistants.renew_assistant, lease_ttl_s=settings.lease_ttl_s))
        self._store_new()

    def _store_new(self) -> None:
        """Store what the child has told since the last call; a line without an end is left for the next call."""
        if self._digest is None:
            if not (self._folder / MODEL_FILE).is_file():
                return
            facts = ModelFacts.model_validate_json((self._folder / MODEL_FILE).read_bytes())
            self._write(partial(assistants.record_model, facts=facts))
            self._digest = facts.digest
        told = self._folder / DONE_FILE
        if not told.is_file():
            return
        with told.open("rb") as file:
            file.seek(self._read_bytes)
            lines = file.read()
        whole = lines[: lines.rfind(b"\n") + 1]
        for line in whole.splitlines():
            self._store(EmbeddedEntry.model_validate_json(line), self._digest)
        self._read_bytes += len(whole)

    def _store(self, entry: EmbeddedEntry, digest: str) -> None:
        if entry.features is None or entry.decoder is None:
            self._faults.append(entry.fault or entry.name)
            return
        if entry.decoder not in self._decoders:
            self._decoders[entry.decoder] = self._put(entry.decoder)
        file = EmbeddedFile(entry.name, entry.adapter, self._put(entry.features), self._decoders[entry.decoder])
        self._write(partial(assistants.record_embedding, digest=digest, file=file))

    def _put(self, relative: str) -> tuple[str, int]:
        path = self._folder / relative
        size = path.stat().st_size
        return self._context.storage.put_file(path, move=True), size

    def _write(self, change: partial[bool]) -> None:
        if not write_through(self._context.database, partial(change, claim=self._claim)):
            raise ClaimLost


def _claim(context: WorkerContext) -> AssistantClaim | None:
    with context.database.read() as session:
        waiting = assistants.waiting_assistants(session)
    if not waiting:
        return None
    with context.database.write() as session:
        return assistants.claim_assistant(
            session,
            waiting[0],
            worker_id=context.identity.id,
            lease_ttl_s=context.settings.lease_ttl_s,
            max_claims=MAX_CLAIMS,
        )
