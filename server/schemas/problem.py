"""Answers of every failed request (RFC 9457)."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class FaultEntry(BaseModel):
    """One fault of a request."""

    source: Literal["body", "query", "path", "header"] = Field(description="Part of the request that holds the fault.")
    pointer: str = Field(description="JSON Pointer into that part; empty for the part itself.")
    message: str = Field(description="The value found, what is allowed, and the nearest known name.")
    code: str = Field(description="Machine-readable kind of the fault.")


class Problem(BaseModel):
    """Why a request failed, as `application/problem+json`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/not-found",
                    "title": "There is no such thing",
                    "status": 404,
                    "detail": "there is no run '01890000-0000-7000-8000-000000000000'",
                    "instance": "/api/v1/runs/01890000-0000-7000-8000-000000000000",
                    "request_id": "01890000-0000-7000-8000-0000000000ff",
                    "errors": [],
                }
            ]
        }
    )

    type: str = Field(description="Stable path that identifies and explains the kind of problem.")
    title: str = Field(description="The same for every problem of this kind.")
    status: int = Field(description="HTTP status.")
    detail: str = Field(description="What is wrong with this request, and the way out.")
    instance: str = Field(description="Path of the request.")
    request_id: str = Field(description="Finds the request in the service's log.")
    errors: list[FaultEntry] = Field(default_factory=list, description="One entry a fault.")


class ProblemPage(BaseModel):
    """What a kind of problem means."""

    model_config = ConfigDict(from_attributes=True)

    slug: str
    type: str
    status: int
    title: str
    cause: str
    remedy: str
