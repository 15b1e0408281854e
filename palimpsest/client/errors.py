"""Errors between a script and the service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class RequestFault:
    """One fault of a request.

    Attributes:
        pointer: JSON Pointer to the faulty value, below `body`, `query` or `path`.
        message: found value, allowed values, and for an unknown name the nearest known name.
        code: machine-readable kind.
    """

    pointer: str
    message: str
    code: str


class PalimpsestError(Exception):
    """Base of the errors whose message is meant for the user."""


class ServiceUnreachableError(PalimpsestError):
    """Nothing answers at the service's address."""


class ApiError(PalimpsestError):
    """The service refused a request.

    Attributes:
        status: HTTP status.
        slug: kind of problem, such as `validation-failed`; docs/api.md gives cause and remedy of each.
        detail: explanation of this error.
        faults: one entry for each fault.
        request_id: id of the request in the service's log.
    """

    def __init__(
        self, status: int, slug: str, detail: str, faults: Sequence[RequestFault] = (), request_id: str = ""
    ) -> None:
        super().__init__(detail or f"the service answered {status}")
        self.status = status
        self.slug = slug
        self.detail = detail
        self.faults = tuple(faults)
        self.request_id = request_id
