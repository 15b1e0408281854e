"""Use the service from Python: `with Client() as client: run = client.submit(preset="eir/demo")`."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from palimpsest.client.errors import ApiError, PalimpsestError, RequestFault, ServiceUnreachableError
from palimpsest.client.labelling import Labelling
from palimpsest.client.model_test import ModelTestDraft
from palimpsest.client.models import (
    SNAPSHOT_TYPES,
    Artifact,
    FeedEvent,
    LogEntry,
    Method,
    Run,
    RunSummary,
    StepTable,
)
from palimpsest.client.results import Results
from palimpsest.client.sse import ServerSentEvent, parse_events
from palimpsest.client.token import find_token

DEFAULT_URL = "http://127.0.0.1:8000"

_PREFIX = "/api/v1"
_SILENCE_S = 45.0
"""Timeout of a silent event stream; a live stream sends a comment every 15 s."""
_RECONNECT_S = 1.0
_POLL_S = 0.5


class Client:
    """A connection to a Palimpsest service; a context manager.

    Args:
        base_url: address of the service, without `/api/v1`.
        timeout_s: seconds to wait for one response.
        patience_s: seconds for which `events` and `wait` retry while the service is away.
        transport: another httpx transport, for tests.
        token: token of an account, if the service has accounts; by default the environment's, see `find_token`.

    Every method raises `ApiError` when the service refuses, and `ServiceUnreachableError` when nothing answers.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        timeout_s: float = 30.0,
        patience_s: float = 60.0,
        transport: httpx.BaseTransport | None = None,
        token: str | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._timeout_s, self._patience_s = timeout_s, patience_s
        token = find_token() if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        # The service mostly binds to loopback, which the environment's proxy could not reach.
        self._http = httpx.Client(
            base_url=self.base_url, timeout=timeout_s, transport=transport, trust_env=False, headers=headers
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def labelling(self) -> Labelling:
        """Rounds and queries of active learning, and methods to answer them."""
        return Labelling(self)

    @property
    def results(self) -> Results:
        """Experiments over their seeds, comparisons, and matrices of runs."""
        return Results(self)

    def methods(self) -> list[Method]:
        """Return the methods of the service."""
        return [Method.model_validate(item) for item in self.pages("/methods", {})]

    def submit(
        self,
        document: Mapping[str, Any] | None = None,
        *,
        preset: str | None = None,
        seed: int = 0,
        name: str | None = None,
        tags: Sequence[str] = (),
        priority: int = 0,
    ) -> Run:
        """Submit an experiment and start one run of it; returns the queued run.

        Args:
            document: the experiment document, or None with `preset`.
            preset: a preset's name, such as `eir/demo`, taken unchanged.
            seed: seed of the run; equal seeds give equal runs.
            name, tags: shown in lists; the name is the preset's or the method's when None.
            priority: place in the queue, in [-100, 100]; a higher one goes first.
        """
        body: dict[str, Any] = {"seed": seed, "tags": list(tags)}
        given = {"document": document, "preset": preset, "name": name, "priority": priority or None}
        body |= {key: value for key, value in given.items() if value is not None}
        return Run.model_validate(self._json("POST", "/runs", body=body))

    def branch(
        self,
        run_id: str,
        *,
        after_step: int,
        document: Mapping[str, Any] | None = None,
        name: str | None = None,
        tags: Sequence[str] = (),
        priority: int = 0,
    ) -> Run:
        """Start a run from a step of another run; returns the queued run.

        The new run has the seed of the other one, and shares its stages up to the step: they are not trained again.

        Args:
            run_id: the run to branch from.
            after_step: the last step that is shared.
            document: the experiment document, or None for that of the other run. Settings that count in the shared
                steps must be equal; `document_of` gives the one to change.
            name, tags, priority: see `submit`.
        """
        body: dict[str, Any] = {"after_step": after_step, "tags": list(tags)}
        given = {"document": document, "name": name, "priority": priority or None}
        body |= {key: value for key, value in given.items() if value is not None}
        return Run.model_validate(self._json("POST", f"/runs/{run_id}/branch", body=body))

    def document_of(self, run: RunSummary) -> dict[str, Any]:
        """Return the experiment document of a run, as it was submitted."""
        document: dict[str, Any] = self._json("GET", f"/experiments/{run.experiment_id}")["document"]
        return document

    def model_test(self, stage_id: str) -> ModelTestDraft:
        """Return a document that tests a stage's trained model on the test sets of its own run.

        Change its `dataset`, `stream` or `config`, and submit it: `client.submit(draft.document, name=draft.name)`.
        """
        return ModelTestDraft.model_validate(self._json("GET", f"/stages/{stage_id}/model-test"))

    def runs(self, *, states: Sequence[str] = (), method: str | None = None) -> Iterator[RunSummary]:
        """Yield the runs, newest first, page by page; filtered by `states` and `method` if given."""
        params: dict[str, Any] = {"state": list(states)} if states else {}
        if method is not None:
            params["method"] = method
        yield from (RunSummary.model_validate(item) for item in self.pages("/runs", params))

    def run(self, run_id: str) -> Run:
        """Return one run in its current state."""
        return Run.model_validate(self._json("GET", f"/runs/{run_id}"))

    def cancel(self, run_id: str) -> Run:
        """Request that a run is cancelled; a cancelled run stays unchanged."""
        return Run.model_validate(self._json("POST", f"/runs/{run_id}/cancel"))

    def pause(self, run_id: str) -> Run:
        """Hold a run until it is resumed; a running stage stops at its next checkpoint."""
        return Run.model_validate(self._json("POST", f"/runs/{run_id}/pause"))

    def resume(self, run_id: str) -> Run:
        """Continue a failed, cancelled or paused run from its last checkpoint."""
        return Run.model_validate(self._json("POST", f"/runs/{run_id}/resume"))

    def step_table(self, run_id: str, *, split: str | None = None, domain: str | None = None) -> StepTable:
        """Return the step × class table of a run, with the steps tested so far.

        Args:
            run_id: id of the run.
            split: split of the evaluations; by default the run's main split.
            domain: domain whose classes are shown; by default all domains together, or the first.
        """
        chosen = {name: value for name, value in (("split", split), ("domain", domain)) if value is not None}
        return StepTable.model_validate(self._json("GET", f"/runs/{run_id}/step-table", params=chosen))

    def log_tail(self, stage_id: str, lines: int = 50) -> list[LogEntry]:
        """Return the last lines of the log of a stage's newest attempt."""
        page = self._json("GET", f"/stages/{stage_id}/log", params={"tail": lines})
        return [LogEntry.model_validate(item) for item in page["items"]]

    def artifacts(self, run_id: str) -> Iterator[Artifact]:
        """Yield the artifacts of a run's stages."""
        yield from (Artifact.model_validate(item) for item in self.pages(f"/runs/{run_id}/artifacts", {}))

    def export_run(self, run_id: str, target: Path, *, artifacts: bool = True, kinds: Sequence[str] = ()) -> Path:
        """Write a whole run as a ZIP archive to `target`.

        Args:
            run_id: the run.
            target: file to write; it appears only once it is whole.
            artifacts: whether the archive has artifacts.
            kinds: only artifacts of these kinds, such as `checkpoint`; all if empty.
        """
        aside = target.with_name(f".{target.name}.part")
        params = {"artifacts": artifacts, "kind": list(kinds)}
        with (
            self._stream("GET", f"/runs/{run_id}/archive", params=params) as response,
            aside.open("wb") as file,
        ):
            for block in response.iter_bytes():
                file.write(block)
        return aside.replace(target)

    def import_run(self, archive: Path) -> Run:
        """Store a run from the archive that `export_run` wrote on another service; returns the run under its new id.

        A run that is there already is returned as it is. Import the run that a branch branched from first.
        """
        headers = {"Content-Type": "application/zip"}
        with archive.open("rb") as file:
            answer = self.request("POST", "/runs/imports", content=file, headers=headers)
        return Run.model_validate(answer.json())

    def download(self, artifact: Artifact, target: Path) -> Path:
        """Write an artifact's bytes to `target`; raises PalimpsestError when they do not match the stored digest."""
        aside = target.with_name(f".{target.name}.part")
        digest = hashlib.sha256()
        with (
            self._stream("GET", f"/artifacts/{artifact.id}/content") as response,
            aside.open("wb") as file,
        ):
            for block in response.iter_bytes():
                digest.update(block)
                file.write(block)
        if digest.hexdigest() != artifact.sha256:
            aside.unlink()
            raise PalimpsestError(
                f"{artifact.name}: received {digest.hexdigest()}, expected {artifact.sha256}; try again"
            )
        return aside.replace(target)

    def events(self, run_id: str, after: int = 0) -> Iterator[FeedEvent]:
        """Yield a run's events with a number above `after`, then new events as they happen, until the run ends.

        The first event is a `snapshot` of the run. A lost connection is resumed after the last event, so that each
        event comes once and in order. If events are no longer kept, a `reset` with a new snapshot replaces them.
        """
        last_seen = time.monotonic()
        while True:
            try:
                is_ended = False
                for message in self._listen(run_id, after):
                    last_seen = time.monotonic()
                    event = _event_of(message)
                    # A resumed run has an `end` in the middle: only the stream's last event counts.
                    is_ended = event.type == "end"
                    after = event.seq
                    yield event
                if is_ended or self._has_ended(run_id, after):
                    return
            except (httpx.TransportError, ServiceUnreachableError) as error:
                if time.monotonic() - last_seen > self._patience_s:
                    raise ServiceUnreachableError(f"{self.base_url} does not answer any more: {error}") from error
            time.sleep(_RECONNECT_S)

    def wait(self, run_id: str, timeout_s: float | None = None) -> Run:
        """Wait until a run has ended and return it; raises TimeoutError after `timeout_s`."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            run = self.run(run_id)
            if run.is_finished:
                return run
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"run {run_id} is {run.state} after {timeout_s} s")
            time.sleep(_POLL_S)

    def _listen(self, run_id: str, after: int) -> Iterator[ServerSentEvent]:
        path, params = f"/runs/{run_id}/events", {"after": after}
        timeout = httpx.Timeout(self._timeout_s, read=_SILENCE_S)
        with self._stream(
            "GET", path, params=params, headers={"Accept": "text/event-stream"}, timeout=timeout
        ) as answer:
            yield from parse_events(answer.iter_bytes())

    def _has_ended(self, run_id: str, after: int) -> bool:
        run = self.run(run_id)
        return run.is_finished and run.event_seq <= after

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send one request below `/api/v1`, with httpx's options; for calls without a method here."""
        try:
            response = self._http.request(method, _PREFIX + path, **options)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        if response.is_error:
            raise _api_error(response)
        return response

    def pages(self, path: str, params: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the items of a list below `/api/v1`, page by page."""
        cursor: str | None = None
        while True:
            page = self._json("GET", path, params={**params, **({"cursor": cursor} if cursor else {})})
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _json(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, body: Any = None) -> Any:
        return self.request(method, path, params=params, json=body).json()

    @contextmanager
    def _stream(self, method: str, path: str, **options: Any) -> Iterator[httpx.Response]:
        try:
            with self._http.stream(method, _PREFIX + path, **options) as response:
                if response.is_error:
                    response.read()
                    raise _api_error(response)
                yield response
        except httpx.ConnectError as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: httpx.TransportError) -> ServiceUnreachableError:
        return ServiceUnreachableError(
            f"Nothing answers at {self.base_url} ({error}); `palimpsest up` starts the service."
        )


def _event_of(message: ServerSentEvent) -> FeedEvent:
    data = json.loads(message.data)
    if message.type in SNAPSHOT_TYPES:
        # Use the number after which the stream continues; the state inside has another number.
        return FeedEvent(seq=int(message.id), type=message.type, payload=data)
    return FeedEvent.model_validate(data)


def _api_error(response: httpx.Response) -> ApiError:
    try:
        problem = response.json()
        faults = [
            RequestFault(f"{fault.get('source', '')}{fault['pointer']}", fault["message"], fault["code"])
            for fault in problem.get("errors", [])
        ]
        slug = problem["type"].rpartition("/")[2]
        return ApiError(response.status_code, slug, problem["detail"], faults, problem.get("request_id", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ApiError(response.status_code, "unknown", response.text[:500])
