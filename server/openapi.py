"""The OpenAPI document: `python -m server.openapi FILE` writes it to FILE; without FILE it prints it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from server.auth.border import COOKIE
from server.auth.permissions import PERMISSIONS, Permission

PROBLEM_TYPE = "application/problem+json"
SECURITY_SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "plm_…",
        "description": "A token of a script, with scopes, where accounts are on. Without accounts nothing is needed.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Of a browser that has signed in; a change needs the header X-CSRF-Token as well. The name "
        "goes on with _ and eight digits of the installation: several may run on one machine.",
    },
}
_UNUSED_SCHEMAS = ("HTTPValidationError", "ValidationError")

DESCRIPTION = """Experiments on segmentation models that change over time.

Every failed request is answered with a problem (RFC 9457) whose `type` leads to its cause and remedy.
Lists come in pages: send `next_cursor` as `cursor`. Times are RFC 3339 in UTC. Scores are fractions in [0, 1].
"""


def install_openapi(app: FastAPI) -> None:
    """Make the application serve the document of `build_schema`."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build_schema(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign] # FastAPI's documented way


def build_schema(app: FastAPI) -> dict[str, Any]:
    """Return the document, with every error response as a problem."""
    schema = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        description=DESCRIPTION,
        routes=app.routes,
        tags=app.openapi_tags,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    for operation in operations(schema).values():
        responses = operation["responses"]
        for status, response in list(responses.items()):
            if status.startswith(("4", "5")) and "HTTPValidationError" in json.dumps(response):
                # Remove FastAPI's own 422 from routes that declare no errors: their invalid paths give 404.
                del responses[status]
            elif status.startswith(("4", "5")):
                response["content"] = {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        operation.update(_security(PERMISSIONS.get(operation["operationId"])))
    schema["components"]["securitySchemes"] = SECURITY_SCHEMES
    for name in _UNUSED_SCHEMAS:
        schema["components"]["schemas"].pop(name, None)
    return schema


def _security(permission: Permission | None) -> dict[str, Any]:
    """Return the security of an operation; empty without a permission, because then nobody may call it."""
    if permission is None:
        return {}
    ways: list[dict[str, list[str]]] = [] if permission.is_public else [{"session": []}]
    if permission.scope is not None:
        ways.append({"token": [permission.scope.value]})
    return {"security": ways, "x-roles": sorted(permission.roles)}


def operations(schema: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return (method, path) -> operation."""
    return {
        (method, path): operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "patch", "delete"}
    }


def render(schema: dict[str, Any]) -> str:
    """Return the document as text, as committed to the repository."""
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def main(arguments: list[str]) -> None:
    """Write the document to the named file, or to the standard output."""
    from server.app import build_app

    text = render(build_schema(build_app()))
    if arguments:
        Path(arguments[0]).write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
