from __future__ import annotations

from typing import Any, get_args

from server.app import build_app
from server.openapi import build_schema
from server.schemas.event_payloads import AnyEvent


def test_openapi_tells_events_apart_by_their_type_with_the_payload_of_each() -> None:
    schemas: dict[str, Any] = build_schema(build_app())["components"]["schemas"]

    described = schemas["FeedEvent"]

    assert described["discriminator"]["propertyName"] == "type"
    assert len(described["oneOf"]) == len(get_args(get_args(AnyEvent)[0]))
    assert schemas["MetricPayload"]["required"] == ["stage_id", "index", "attempt", "points"]
    assert schemas["FeedPage"]["properties"]["items"]["items"] == {"$ref": "#/components/schemas/FeedEvent"}
