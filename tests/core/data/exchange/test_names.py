from __future__ import annotations

import re

import pytest

from core.data.exchange.names import ImageNames, city_of, safe_names, versioned

ODD = [
    "../../etc/passwd", "a/b", "A/B", "/x", "con", "a\\b", "nul.x", "Zürich_1", "x" * 300, "..", "", "a\0b", "ulm 1",
    ".hidden", "dot.", "ulm_1.v2", "ulm_1-0123456789abcdef", "%2e%2e", "#?",
]  # fmt: skip


def test_plain_ids_keep_their_names() -> None:
    ids = ["ulm_000001_000019", "bonn-2.b", "0001"]

    assert safe_names(ids) == {image: image for image in ids}


def test_an_id_with_folders_is_named_by_its_last_part() -> None:
    assert safe_names(["city/0001"]) == {"city/0001": "0001"}


def test_odd_ids_get_safe_names_that_differ_even_without_case() -> None:
    names = safe_names(ODD)

    assert len({name.casefold() for name in names.values()}) == len(ODD)
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name) for name in names.values())
    assert not any(name.endswith(".") or ".." in name for name in names.values())
    assert names["../../etc/passwd"] == "passwd"
    assert re.fullmatch(r"con-[0-9a-f]{16}", names["con"])


def test_ids_that_share_a_name_are_told_apart_by_their_digests() -> None:
    names = safe_names(["ulm/1", "bonn/1", "x_2"])

    # The beginning of `printf 'ulm/1' | sha256sum`, and of the other.
    assert names == {"ulm/1": "1-07b62adcd21e2473", "bonn/1": "1-f26b393425bd79bc", "x_2": "x_2"}


def test_names_are_the_same_in_any_order() -> None:
    assert safe_names(ODD) == safe_names(reversed(ODD))


@pytest.mark.parametrize(
    ("name", "group", "city"),
    [
        ("ulm_000001_000019", "", "ulm"),
        ("0001", "bonn", "bonn"),
        ("0001", "", "all"),
        ("0001_2", "", "all"),
        ("bad-sign_1", "x", "bad-sign"),
    ],
)
def test_city_is_what_stands_before_the_number(name: str, group: str, city: str) -> None:
    assert city_of(name, group) == city


def test_a_group_never_leads_out_of_the_tree() -> None:
    assert re.fullmatch(r"a-[0-9a-f]{16}", city_of("0001", "../a"))


def test_images_are_found_by_manifest_then_by_id_then_by_name() -> None:
    names = ImageNames(["ulm/1", "bonn/1", "ä_1"], {"first": "ulm/1", "gone": "elsewhere"})

    assert names.image_of("first") == "ulm/1"
    assert names.image_of("export/labels/bonn/1") == "bonn/1"
    assert names.image_of("1") is None
    assert names.image_of(safe_names(["ä_1"])["ä_1"]) == "ä_1"
    assert names.image_of("gone") is None


def test_versions_have_names_of_their_own() -> None:
    assert versioned("ulm_1", 2) == "ulm_1.v2"
    assert safe_names(["ulm_1.v2"])["ulm_1.v2"] != "ulm_1.v2"
