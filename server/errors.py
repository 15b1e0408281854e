"""Domain errors, and the one place that turns errors into problems (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from core.errors import Fault
from core.experiment_faults import unknown_key
from core.first_faults import first_of_each_kind, left_out
from core.validation_words import sentence_of
from server.db.lifecycle import IllegalTransition
from server.problems import PROBLEMS, ProblemKind, kind_of_status
from server.schemas.health import Readiness
from server.schemas.problem import FaultEntry, Problem

logger = logging.getLogger("palimpsest.server")

_SOURCES = {"body", "query", "path", "header"}


class DomainError(Exception):
    """Base of the errors that services raise; `slug` names the kind of problem."""

    slug = "internal"

    def __init__(
        self, detail: str, errors: Sequence[FaultEntry] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def members(self) -> dict[str, Any]:
        """Return additional members of the problem."""
        return {}


class NotFoundError(DomainError):
    """Nothing has this id."""

    slug = "not-found"

    def __init__(self, noun: str, name: object, way_out: str = "") -> None:
        super().__init__(f"there is no {noun} {str(name)!r}{way_out}")


class UnauthenticatedError(DomainError):
    """Nobody has signed in, or the credentials are wrong."""

    slug = "unauthenticated"

    def __init__(self, detail: str) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class ForbiddenError(DomainError):
    """The person may not do this."""

    slug = "forbidden"


class LastAdminError(DomainError):
    """No admin would be left."""

    slug = "last-admin"


class RateLimitedError(DomainError):
    """There were too many requests."""

    slug = "rate-limited"


class InvalidRequestError(DomainError):
    """The request is well-formed, but its content is invalid; `errors` lists every fault."""

    slug = "validation-failed"

    @classmethod
    def of_faults(cls, faults: Sequence[Fault], below: str = "") -> InvalidRequestError:
        """Return the error for faults of a document at the pointer `below` in the body."""
        entries = [
            FaultEntry(source="body", pointer=below + fault.pointer, message=fault.message, code=fault.code)
            for fault in faults
        ]
        return cls(_summary(entries), entries)

    @classmethod
    def of_body(cls, message: str, code: str, pointer: str = "") -> InvalidRequestError:
        """Return the error for a body that is not JSON, or for one value of a body."""
        entry = FaultEntry(source="body", pointer=pointer, message=message, code=code)
        return cls(_summary([entry]), [entry])

    @classmethod
    def of_query(cls, name: str, message: str, code: str = "invalid_value") -> InvalidRequestError:
        """Return the error for one query parameter."""
        entry = FaultEntry(source="query", pointer=f"/{name}", message=message, code=code)
        return cls(_summary([entry]), [entry])


class NameTakenError(DomainError):
    """Something has this name already."""

    slug = "name-taken"


class DataError(DomainError):
    """A dataset on disk differs from its last scan."""

    slug = "data-error"


class NotReadyError(DomainError):
    """A part that the service needs fails."""

    slug = "dependency-unavailable"

    def __init__(self, readiness: Readiness) -> None:
        failed = ", ".join(f"{check.name} ({check.detail})" for check in readiness.checks if not check.ok)
        super().__init__(f"not ready: {failed}", headers={"Retry-After": "5"})
        self._readiness = readiness

    def members(self) -> dict[str, Any]:
        """Return every check."""
        return self._readiness.model_dump()


class RunIsLiveError(DomainError):
    """The request needs a run that has ended."""

    slug = "illegal-transition"


class RunIsPausedError(DomainError):
    """The request needs a worker, and the run is paused."""

    slug = "illegal-transition"


class RunIsSharedError(DomainError):
    """Another run shares stages of this run, or this one those of a deleted run."""

    slug = "run-is-shared"


class LeaseLostError(DomainError):
    """Somebody else holds the query's lease."""

    slug = "lease-lost"


class AlreadyAnsweredError(DomainError):
    """Somebody else's answer is accepted."""

    slug = "already-answered"


class RoundClosedError(DomainError):
    """The round takes no answers."""

    slug = "round-closed"


class RoundEmptyError(DomainError):
    """A round cannot be closed without an answer."""

    slug = "round-empty"


class GroundTruthMissingError(DomainError):
    """The oracle cannot answer queries about images that have no label file."""

    slug = "ground-truth-missing"


class UnsupportedMediaError(DomainError):
    """The address does not accept the body's media type."""

    slug = "unsupported-media"


class PreconditionRequiredError(DomainError):
    """A change does not name a revision."""

    slug = "precondition-required"


class IdempotencyMismatchError(DomainError):
    """Another request was sent under the same idempotency key."""

    slug = "idempotency-mismatch"


class StreamMismatchError(DomainError):
    """Scores of different task streams or test sets cannot stand in one table."""

    slug = "stream-mismatch"


class TooCostlyError(DomainError):
    """A request would exceed its memory or time limit."""

    slug = "too-costly"


class RevisionMismatchError(DomainError):
    """The thing has changed since it was read."""

    slug = "revision-mismatch"


class ContentMissingError(DomainError):
    """A recorded file is not in storage."""

    slug = "content-missing"


class AssistantNotReadyError(DomainError):
    """The assistant has not embedded a query's image."""

    slug = "assistant-not-ready"


class RangeNotSatisfiableError(DomainError):
    """A range begins after the end of a file."""

    slug = "range-not-satisfiable"

    def __init__(self, size: int) -> None:
        super().__init__(f"the file has {size} bytes", headers={"Content-Range": f"bytes */{size}"})


def problem_response(scope: Scope, kind: ProblemKind, error: DomainError) -> Response:
    """Return a problem of the given kind as `application/problem+json`, with the error's words."""
    request_id = scope.get("state", {}).get("request_id", "")
    problem = Problem(
        type=kind.type,
        title=kind.title,
        status=kind.status,
        detail=_printable(error.detail),
        instance=_printable(scope["path"]),
        request_id=request_id,
        errors=[entry.model_copy(update={"message": _printable(entry.message)}) for entry in error.errors],
    )
    content = json.dumps(problem.model_dump() | error.members())
    # Set the id here too: the response to an uncaught error bypasses the middleware that adds it elsewhere.
    head = {"Cache-Control": "no-store", "X-Request-ID": request_id, **error.headers}
    return Response(content, kind.status, head, "application/problem+json")


def install_error_handlers(app: FastAPI) -> None:
    """Answer every error that a route or the router raises with a problem."""
    app.add_exception_handler(DomainError, _on_domain_error)
    app.add_exception_handler(IllegalTransition, _on_illegal_transition)
    app.add_exception_handler(IntegrityError, _on_conflict)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    for unavailable in (OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(unavailable, _on_database_error)
    app.add_exception_handler(Exception, _on_uncaught)


def _on_domain_error(request: Request, error: Exception) -> Response:
    known = cast(DomainError, error)
    return problem_response(request.scope, PROBLEMS[known.slug], known)


def _on_illegal_transition(request: Request, error: Exception) -> Response:
    return problem_response(request.scope, PROBLEMS["illegal-transition"], DomainError(str(error)))


def _on_conflict(request: Request, error: Exception) -> Response:
    logger.warning("request lost a race", exc_info=error, extra={"request_id": request.state.request_id})
    words = DomainError("another request changed the same thing at the same moment; read its state and try again")
    return problem_response(request.scope, PROBLEMS["conflict"], words)


def _on_http_error(request: Request, error: Exception) -> Response:
    known = cast(HTTPException, error)
    kind = kind_of_status(known.status_code)
    details = {
        404: f"there is nothing at {request.scope['path']}",
        405: f"{request.method} is not possible at {request.scope['path']}",
    }
    words = DomainError(details.get(known.status_code, known.detail), headers=known.headers)
    return problem_response(request.scope, kind, words)


def _on_database_error(request: Request, error: Exception) -> Response:
    logger.error("the database failed", exc_info=error, extra={"request_id": request.state.request_id})
    words = DomainError("the database is busy or cannot be reached; try again", headers={"Retry-After": "2"})
    return problem_response(request.scope, PROBLEMS["dependency-unavailable"], words)


def _on_uncaught(request: Request, error: Exception) -> Response:
    request_id = request.state.request_id
    logger.error("request failed: %s", type(error).__name__, extra={"request_id": request_id})
    detail = f"the service failed; its log has the details under the request id {request_id}"
    # The server closes the connection after an uncaught error; tell the client, or its next request is lost.
    words = DomainError(detail, headers={"Connection": "close"})
    return problem_response(request.scope, PROBLEMS["internal"], words)


def _on_validation_error(request: Request, error: Exception) -> Response:
    known = cast(RequestValidationError, error)
    models = _body_models(request)
    items, counts = first_of_each_kind(known.errors(), lambda item: str(item["type"]))
    entries = [_entry(item, models) for item in items]
    for code, count in left_out(counts).items():
        entries.append(FaultEntry(source="body", pointer="", message=f"and {count} more of this kind", code=code))
    if any(entry.source == "path" for entry in entries):
        words = DomainError(f"there is nothing at {request.scope['path']}")
        return problem_response(request.scope, PROBLEMS["not-found"], words)
    if isinstance(known.body, bytes):
        found = request.headers.get("content-type", "none")
        words = DomainError(f"the body's Content-Type is {found}, expected application/json")
        return problem_response(request.scope, PROBLEMS["unsupported-media"], words)
    return problem_response(request.scope, PROBLEMS["validation-failed"], DomainError(_summary(entries), entries))


def _body_models(request: Request) -> list[type[BaseModel]]:
    """Return the body models of the requested route."""
    parameters = request.scope["route"].dependant.body_params if "route" in request.scope else ()
    annotations = [parameter.field_info.annotation for parameter in parameters]
    return [each for each in annotations if isinstance(each, type) and issubclass(each, BaseModel)]


def _entry(item: dict[str, Any], models: Sequence[type[BaseModel]]) -> FaultEntry:
    source, *path = item["loc"]
    if item["type"] == "json_invalid":
        return FaultEntry(source="body", pointer="", message=f"not JSON: {item['ctx']['error']}", code=item["type"])
    is_unknown = item["type"] == "extra_forbidden" and models
    message = unknown_key(path, models[0]) if is_unknown else sentence_of(item)
    pointer = "".join(f"/{_escape(part)}" for part in path)
    return FaultEntry(
        source=source if source in _SOURCES else "body", pointer=pointer, message=message, code=item["type"]
    )


def _escape(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _summary(entries: Sequence[FaultEntry]) -> str:
    first = entries[0]
    more = f" (and {len(entries) - 1} more)" if len(entries) > 1 else ""
    return f"{first.source} {first.pointer or '/'}: {first.message}{more}"


def _printable(text: str) -> str:
    # Half a surrogate pair is legal in a JSON string and in Python, but not in UTF-8.
    return text.encode("utf-8", "replace").decode()
