"""Render the API's OpenAPI document as HTML: operations by tag, then schemas."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from server.services.documents import markdown_html

_SCHEMAS = "#/components/schemas/"
_DEEPEST = 4
_SAMPLES: dict[str, Any] = {"string": "text", "integer": 1, "number": 0.5, "boolean": True, "null": None}


def reference_html(document: dict[str, Any]) -> str:
    """Return an HTML description of every operation and schema of an OpenAPI document."""
    tags = [tag["name"] for tag in document["tags"]]
    contents = "".join(f'<li><a href="#{escape(tag)}">{escape(tag)}</a></li>' for tag in [*tags, "schemas"])
    sections = "".join(_tag(document, tag) for tag in document["tags"])
    schemas = "".join(_schema(name, schema) for name, schema in document["components"]["schemas"].items())
    return (
        f"<h1>{escape(document['info']['title'])} {escape(document['info']['version'])}: API</h1>"
        f"{markdown_html(document['info']['description'])}"
        f'<p>For programs: <a href="/api/v1/openapi.json">OpenAPI document</a>.</p><ul>{contents}</ul>{sections}'
        f'<h2 id="schemas">schemas</h2>{schemas}'
    )


def _tag(document: dict[str, Any], tag: dict[str, Any]) -> str:
    found = [
        _operation(document, method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if tag["name"] in operation.get("tags", ())
    ]
    name = escape(tag["name"])
    return f'<h2 id="{name}">{name}</h2><p>{escape(tag["description"])}</p>{"".join(found)}'


def _operation(document: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    parts = [markdown_html(operation.get("description", ""))]
    if parameters := operation.get("parameters"):
        rows = [
            (
                f"<code>{escape(one['name'])}</code>",
                one["in"] + (", required" if one.get("required") else ""),
                *_told(one),
            )
            for one in parameters
        ]
        parts.append(_table(("parameter", "in", "type", "meaning"), rows))
    body = _content(operation.get("requestBody", {}))
    if body is not None:
        parts.append(f"<p>Body: {_type(body)}</p>")
    parts.append(f"<p>Example</p><pre><code>{escape(_curl(document, method, path, body))}</code></pre>")
    answers = [
        (status, _type(schema) if (schema := _content(answer)) else "", escape(answer.get("description", "")))
        for status, answer in operation["responses"].items()
    ]
    parts.append(_table(("status", "answer", "meaning"), answers))
    head = f"<code>{method.upper()} {escape(path)}</code> {escape(operation.get('summary', ''))}"
    anchor = escape(operation["operationId"])
    return f'<details id="{anchor}"><summary>{head}</summary>{"".join(parts)}</details>'


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", ())
    rows = [
        (
            f"<code>{escape(key)}</code>{'' if key in required else ', may be left out'}",
            *_told({"schema": inner} | inner),
        )
        for key, inner in schema.get("properties", {}).items()
    ]
    table = _table(("field", "type", "meaning"), rows) if rows else f"<p>{_type(schema)}</p>"
    about = markdown_html(schema.get("description", ""))
    return f'<details id="schema-{escape(name)}"><summary><code>{escape(name)}</code></summary>{about}{table}</details>'


def _told(one: dict[str, Any]) -> tuple[str, str]:
    """Return the type and meaning of a parameter or a field."""
    schema = one["schema"]
    default = f" Default: <code>{escape(json.dumps(schema['default']))}</code>." if "default" in schema else ""
    return _type(schema), escape(one.get("description", "")) + default


def _type(schema: dict[str, Any]) -> str:
    """Return the type of a schema in words, as HTML; other schemas become links."""
    if reference := schema.get("$ref"):
        name = escape(reference.removeprefix(_SCHEMAS))
        return f'<a href="#schema-{name}">{name}</a>'
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(_type(choice) for choice in choices)
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return ", ".join(f"<code>{escape(json.dumps(value))}</code>" for value in values)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    bounds = [f"{said} {schema[key]}" for key, said in _BOUNDS.items() if key in schema]
    kind = escape(str(schema.get("format") or schema.get("type", "anything")))
    return f"{kind} ({', '.join(bounds)})" if bounds else kind


_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "maxLength": "length at most",
}


def _curl(document: dict[str, Any], method: str, path: str, body: dict[str, Any] | None) -> str:
    call = "curl" if method == "get" else f"curl -X {method.upper()}"
    sent = "" if body is None else f" \\\n  --json '{json.dumps(_sample(document, body))}'"
    return f'{call} "$PALIMPSEST_URL{path}"{sent}'


def _sample(document: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Any:
    """Return an example value of a schema, with its required fields."""
    if reference := schema.get("$ref"):
        schema = document["components"]["schemas"][reference.removeprefix(_SCHEMAS)]
    for key in ("example", "default", "const"):
        if key in schema:
            return schema[key]
    if examples := schema.get("examples") or schema.get("enum"):
        return examples[0]
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return _sample(document, choices[0], depth)
    if schema.get("type") == "array":
        return [] if depth == _DEEPEST else [_sample(document, schema.get("items", {}), depth + 1)]
    if schema.get("type") != "object":
        return _SAMPLES.get(schema.get("type", ""), {})
    required = [] if depth == _DEEPEST else schema.get("required", [])
    return {name: _sample(document, schema["properties"][name], depth + 1) for name in required}


def _content(part: dict[str, Any]) -> dict[str, Any] | None:
    """Return the schema of a body; None if it has none."""
    schemas: Iterable[dict[str, Any]] = (content.get("schema", {}) for content in part.get("content", {}).values())
    return next(iter(schemas), None)


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
