"""The failures that routes document: every operation lists the ones that it can answer with (API-7)."""

from __future__ import annotations

from typing import Any

from server.problems import kind_of_status
from server.schemas.problem import Problem

ALWAYS = (401, 403, 404, 408, 413, 421, 429, 500, 503)
"""What any request can meet, before or behind its route."""


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that can fail with these statuses, besides those that every route can."""
    return {status: {"model": Problem, "description": kind_of_status(status).title} for status in (*statuses, *ALWAYS)}
