"""Translate database errors about queries into errors of the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from server.db.annotations import (
    AnsweredByAnother,
    LeaseLost,
    NothingAnswered,
    RoundClosed,
    RunPaused,
    StaleDraft,
    UnknownComment,
    UnknownQuery,
    UnknownRound,
)
from server.errors import (
    AlreadyAnsweredError,
    LeaseLostError,
    NotFoundError,
    RevisionMismatchError,
    RoundClosedError,
    RoundEmptyError,
    RunIsPausedError,
)
from server.services.revisions import etag


@contextmanager
def as_problems() -> Iterator[None]:
    """Raise database errors about queries as errors of the API."""
    try:
        yield
    except UnknownQuery as error:
        raise NotFoundError("query", error.query_id) from error
    except UnknownComment as error:
        raise NotFoundError("comment", error.comment_id) from error
    except UnknownRound as error:
        raise NotFoundError("round of labelling at stage", error.stage_id) from error
    except LeaseLost as error:
        raise LeaseLostError(str(error)) from error
    except AnsweredByAnother as error:
        leave = f"name version {error.version} as the one to replace (`replaces`, in an import `replace_others`)"
        raise AlreadyAnsweredError(f"{error}; to put yours in its place, {leave}") from error
    except RoundClosed as error:
        raise RoundClosedError(str(error)) from error
    except RunPaused as error:
        raise RunIsPausedError(str(error)) from error
    except NothingAnswered as error:
        raise RoundEmptyError(f"{error}; to close it without an answer, send `allow_empty: true`") from error
    except StaleDraft as error:
        raise RevisionMismatchError(f"{error}; its ETag is {etag(error.revision)}") from error
