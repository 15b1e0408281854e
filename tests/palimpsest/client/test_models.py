"""The client's models against `frontend/openapi.json`, which describes what the service answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from palimpsest.client import models
from palimpsest.client.models import Answer

OPENAPI = Path(__file__).resolve().parents[3] / "frontend" / "openapi.json"
SCHEMAS: dict[str, Any] = json.loads(OPENAPI.read_text(encoding="utf-8"))["components"]["schemas"]

OTHER_NAMES = {
    "Annotation": "AnnotationDetail",
    "Artifact": "ArtifactDetail",
    "Attempt": "AttemptSummary",
    "Method": "MethodSummary",
    "Query": "QuerySummary",
    "Run": "RunDetail",
    "Stage": "StageSummary",
}
"""Schemas that the client calls by a shorter name."""
FREE_PAYLOADS = {"FeedEvent": "payload"}
"""A payload differs from type to type of event; the client hands it on unread."""

Schema = dict[str, Any]


def all_models() -> dict[str, type[Answer]]:
    """Return every model of the client by name."""
    found = [value for value in vars(models).values() if isinstance(value, type) and issubclass(value, Answer)]
    return {model.__name__: model for model in found if model is not Answer}


def served_schemas(name: str) -> list[Schema]:
    """Return the schemas that a client's model reads: one, or those of a union."""
    schema = SCHEMAS[OTHER_NAMES.get(name, name)]
    members = [part["$ref"] for part in schema.get("anyOf", schema.get("oneOf", []))]
    return [SCHEMAS[member.rpartition("/")[2]] for member in members] or [schema]


def kinds(schema: Schema, definitions: dict[str, Schema]) -> set[str]:
    """Return the JSON types of a value: for an object its schema's name, for a list `[item]`, for a map `{value}`."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        target = definitions[name]
        return {OTHER_NAMES.get(name, name)} if "properties" in target else kinds(target, definitions)
    if "anyOf" in schema:
        return {kind for part in schema["anyOf"] for kind in kinds(part, definitions)}
    if "const" in schema or "enum" in schema:
        return {"string"} if schema.get("type", "string") == "string" else {schema["type"]}
    if schema.get("type") == "array":
        items = [schema["items"]] if "items" in schema else schema.get("prefixItems", [])
        return {f"[{kind}]" for item in items for kind in kinds(item, definitions)}
    if isinstance(schema.get("additionalProperties"), dict) and schema["additionalProperties"]:
        return {f"{{{kind}}}" for kind in kinds(schema["additionalProperties"], definitions)}
    return {schema.get("type", "anything")}


def is_read_by(kind: str, readable: set[str]) -> bool:
    """Return whether a value of a kind can be read as one of others; a map reads an object of such values."""
    fields = SCHEMAS.get(kind, {}).get("properties", {}).values()
    values = {f"{{{inner}}}" for field in fields for inner in kinds(field, SCHEMAS)}
    return kind in readable or (bool(values) and values <= readable) or (kind == "integer" and "number" in readable)


def model_faults(model: type[BaseModel], served: Schema) -> list[str]:
    """Return what a client's model would not find, or not understand, in an answer of the service."""
    own = model.model_json_schema()
    found = []
    for field, schema in own["properties"].items():
        if field not in served["properties"]:
            found.append(f"{field}: the service has no such field")
            continue
        if field in own.get("required", []) and field not in served.get("required", []):
            found.append(f"{field}: the service may leave it out")
        readable = kinds(schema, own.get("$defs", {}))
        strange = {kind for kind in kinds(served["properties"][field], SCHEMAS) if not is_read_by(kind, readable)}
        if strange and field != FREE_PAYLOADS.get(model.__name__):
            found.append(f"{field}: the service may send {sorted(strange)}, the client reads {sorted(readable)}")
    return found


@pytest.mark.parametrize("name", all_models())
def test_every_field_of_a_model_is_served_with_a_type_that_it_reads(name: str) -> None:
    model = all_models()[name]

    assert [fault for served in served_schemas(name) for fault in model_faults(model, served)] == []


class Drifted(Answer):
    """A run as no service answers it."""

    name: str
    state: int
    message: str
    seed: float
    tags: list[int]
    progress: models.CurrentStage


def test_unknown_missing_and_mistyped_fields_are_told_apart() -> None:
    served = SCHEMAS["RunSummary"] | {"required": ["state", "message", "tags", "progress"]}

    assert model_faults(Drifted, served) == [
        "name: the service has no such field",
        "state: the service may send ['string'], the client reads ['integer']",
        "message: the service may send ['null'], the client reads ['string']",
        "seed: the service may leave it out",
        "tags: the service may send ['[string]'], the client reads ['[integer]']",
        "progress: the service may send ['RunProgress'], the client reads ['CurrentStage']",
    ]
