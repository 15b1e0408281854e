"""Domains one after the other."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.data.classes import ClassTable
from core.data.worlds.domains_world import DomainsDatasetSpec
from core.errors import ConfigError
from core.streams.base import KnownDataset
from core.streams.domain_sequence import ORDERS, DomainSequenceStream

MAIN = DomainsDatasetSpec(world="domains", domain="pits")
DOMAINS = ("cracks", "spots", "carpet", "pills", "bottles", "camouflage", "polyps")


def domain(name: str, **values: Any) -> dict[str, Any]:
    return {"name": name, "dataset": {"world": "domains", "domain": "polyps", **values}}


def stream(*further: str, **values: Any) -> DomainSequenceStream:
    documents = [domain(name, seed=index) for index, name in enumerate(further)]
    return DomainSequenceStream.model_validate({"first": "pits", "further": documents, **values})


@pytest.mark.parametrize("order", ORDERS)
def test_each_published_order_is_the_one_that_is_learned(order: str) -> None:
    names = ("pits", *DOMAINS)

    found = stream(*DOMAINS, order=order)

    assert found.domains == tuple(names[place] for place in ORDERS[order])  # type: ignore[index] - one of them
    assert sorted(found.domains) == sorted(names)


def test_the_schema_tells_the_places_of_every_published_order_but_the_listed_one() -> None:
    order = DomainSequenceStream.model_json_schema()["properties"]["order"]

    assert order["x-places"]["reverse"] == [7, 6, 3, 4, 5, 1, 2, 0]
    assert set(order["x-places"]) == set(order["enum"]) - {"train_datasets"}


def test_an_order_of_ones_own_may_leave_out_domains() -> None:
    found = stream("a", "b", custom_order=[2, 0])

    assert found.domains == ("b", "pits")
    assert found.num_steps == 2
    assert [fault.code for fault in found.warnings({})] == ["domain_unused"]


def test_what_is_tested_after_each_domain() -> None:
    values = {"extra_tests": [domain("natural")], "custom_order": [1, 0]}

    assert stream("a", **values).tested_after(0, MAIN) == ("a", "pits", "natural")
    assert stream("a", tested="seen", **values).tested_after(0, MAIN) == ("a", "natural")


def test_datasets_point_at_their_place_and_natural_images_are_never_learned() -> None:
    uses = stream("a", extra_tests=[domain("natural")]).datasets(MAIN)

    assert {name: use.pointer for name, use in uses.items()} == {
        "pits": "/dataset",
        "a": "/stream/further/0/dataset",
        "natural": "/stream/extra_tests/0/dataset",
    }
    assert uses["natural"].splits == ("eval",)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"further": [domain("pits")]}, "two domains are called 'pits'"),
        ({"further": [domain("a")], "extra_tests": [domain("a")]}, "two domains are called 'a'"),
        ({"custom_order": [1]}, "domain 1 does not exist"),
        ({"custom_order": [0, 0]}, "domain 0 is there twice"),
        ({"order": "reverse"}, "orders eight domains, and there are 1"),
        ({"order": ["pits", "pits"]}, "give a list as custom_order, by places: 0 is the first domain"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        DomainSequenceStream.model_validate({"first": "pits", **values})


def test_domains_need_the_same_classes_and_images_to_learn_from() -> None:
    found = stream("a")
    one, other = ClassTable({1: "foreground"}), ClassTable({1: "cup"})

    with pytest.raises(ConfigError, match="a has other classes than pits") as caught:
        found.check_against({"pits": one, "a": other})
    assert caught.value.pointer == "/stream/further/0/dataset"
    with pytest.raises(ConfigError, match="no image to learn from") as caught:
        found.check_images({"pits": KnownDataset(0), "a": KnownDataset(3)})
    assert caught.value.pointer == "/dataset"


def test_plan_and_preview_follow_the_order() -> None:
    found, known = stream("a", custom_order=[1, 0]), {"pits": KnownDataset(5), "a": KnownDataset(3)}

    assert found.images_per_step(known) == (3, 5)
    assert [(step.domain, step.images) for step in found.preview(known).steps] == [("a", 3), ("pits", 5)]
    assert found.label() == "a > pits"
