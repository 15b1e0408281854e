"""The test sets of a trained model."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from core.data.specs import FolderDatasetSpec
from core.data.worlds.streets_world import StreetsDatasetSpec
from core.streams import checkpoint_test
from core.streams.catalog import read_stream
from core.streams.known import class_tables

CITY = StreetsDatasetSpec(world="streets", domain="city-a")


def stream(*further: str, **values: Any) -> checkpoint_test.CheckpointTestStream:
    sets = [{"name": name, "dataset": {"world": "streets", "domain": "city-b"}} for name in further]
    read = read_stream({"kind": "checkpoint_test", "first": "a", "further": sets, **values})
    assert isinstance(read, checkpoint_test.CheckpointTestStream)
    return read


def test_only_the_labelled_test_split_of_each_set_is_read() -> None:
    uses = stream("b").datasets(CITY)

    assert [(name, use.pointer) for name, use in uses.items()] == [
        ("a", "/dataset"),
        ("b", "/stream/further/0/dataset"),
    ]
    assert {(use.splits, use.labelled_splits) for use in uses.values()} == {(("eval",), ("eval",))}
    assert stream("b").tested_after(0, CITY) == ("a", "b")


def test_all_sets_are_read_by_one_class_list() -> None:
    tables = class_tables(stream("b", classes=7).datasets(CITY))

    assert [len(table.names) for table in tables.values()] == [7, 7]
    assert len(class_tables(stream().datasets(CITY))["a"].names) == 19


def test_a_set_whose_adapter_has_no_class_lists_keeps_its_own() -> None:
    spec = FolderDatasetSpec.model_validate({"adapter": "voc", "root": "voc"})

    assert stream(classes="19").datasets(spec)["a"].spec == spec.model_copy(update={"class_list": "19"})


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(ValidationError, match="two test sets are called 'a'; choose another name"):
        stream("a")


def test_a_set_that_is_listed_twice_is_told_of() -> None:
    (warning,) = stream("b", "c").warnings({})

    assert (warning.pointer, warning.message) == ("/stream/further/1/dataset", "c is the same dataset as b")


def test_no_image_is_learned() -> None:
    assert stream("b").images_per_step({}) == (0,)
    assert [(step.domain, step.images) for step in stream("b").preview({}).steps] == [("a", 0), ("b", 0)]
    assert stream("b").label() == "on a + b"
