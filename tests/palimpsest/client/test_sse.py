"""Reading of event streams."""

from __future__ import annotations

from palimpsest.client.sse import ServerSentEvent, parse_events


def test_fields_become_one_event_at_the_empty_line() -> None:
    found = list(parse_events([b'id: 7\nevent: state\ndata: {"a":1}\n\n']))

    assert found == [ServerSentEvent("7", "state", '{"a":1}')]


def test_blocks_may_be_cut_anywhere() -> None:
    stream = "id: 1\nevent: log\ndata: größer\n\nid: 2\nevent: end\ndata: {}\n\n".encode()

    found = list(parse_events(bytes([byte]) for byte in stream))

    assert found == [ServerSentEvent("1", "log", "größer"), ServerSentEvent("2", "end", "{}")]


def test_comments_and_retry_are_no_events() -> None:
    assert list(parse_events([b"retry: 3000\n\n: still here\n\n"])) == []


def test_an_event_that_the_end_cuts_off_is_dropped() -> None:
    assert list(parse_events([b"id: 1\ndata: a\n\nid: 2\ndata: b\n"])) == [ServerSentEvent("1", "message", "a")]


def test_only_line_feeds_end_a_line() -> None:
    text = "before\u2028after"

    found = list(parse_events([f"data: {text}\r\n\r\n".encode()]))

    assert [event.data for event in found] == [text]


def test_an_event_without_an_id_keeps_the_last_one() -> None:
    found = list(parse_events([b"id: 4\ndata: a\n\ndata: b\n\n"]))

    assert [event.id for event in found] == ["4", "4"]
