from __future__ import annotations

import pytest

from server.problems import PROBLEMS, kind_of_status


def test_type_of_a_kind_is_its_stable_path() -> None:
    assert PROBLEMS["not-found"].type == "/problems/not-found"


@pytest.mark.parametrize(
    ("status", "slug"),
    [
        (404, "not-found"),
        (409, "illegal-transition"),
        (413, "payload-too-large"),
        (418, "bad-request"),
        (500, "internal"),
        (502, "internal"),
    ],
)
def test_status_leads_to_a_kind(status: int, slug: str) -> None:
    assert kind_of_status(status).slug == slug


def test_every_kind_says_cause_and_remedy_as_sentences() -> None:
    texts = [text for kind in PROBLEMS.values() for text in (kind.cause, kind.remedy)]

    assert all(text[0].isupper() and text.endswith(".") for text in texts)
