"""What can go wrong between a script and the service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class RequestFault:
    """One thing wrong with a request.

    Attributes:
        pointer: JSON Pointer of the culprit, below `body`, `query` or `path`.
        message: value found, what is allowed, and for an unknown name the nearest known one.
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
        detail: what is wrong with this request.
        faults: one entry for each thing that is wrong.
        request_id: finds the request in the service's log.
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
