"""Lists of faults that stay short."""

from __future__ import annotations

from core.first_faults import first_of_each_kind, left_out, shown


def test_the_first_of_each_kind_stay_in_order_and_all_are_counted() -> None:
    items = ["a1", "b1", "a2", "a3", "b2", "c1"]

    kept, counts = first_of_each_kind(items, lambda item: item[0], most=2)

    assert kept == ["a1", "b1", "a2", "b2", "c1"]
    assert counts == {"a": 3, "b": 2, "c": 1}
    assert left_out(counts, most=2) == {"a": 1}


def test_a_long_value_is_cut_with_its_length() -> None:
    assert shown("short") == "'short'"
    assert shown(3.5) == "3.5"
    assert shown("x" * 1000) == f"'{'x' * 199}… (1000 characters)"
