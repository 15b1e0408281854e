from __future__ import annotations

import numpy as np
import pytest

from core.methods.stal.labelled_list import labelled_epoch


def generator() -> np.random.Generator:
    return np.random.default_rng(3)


def test_without_target_labels_the_source_is_shown_alone() -> None:
    assert sorted(labelled_epoch(0, 4, 10, generator())) == [0, 1, 2, 3]


def test_a_wholly_labelled_target_is_shown_once() -> None:
    assert sorted(labelled_epoch(3, 0, 3, generator())) == [0, 1, 2]


def test_the_same_generator_gives_the_same_list() -> None:
    assert labelled_epoch(2, 3, 9, generator()).tolist() == labelled_epoch(2, 3, 9, generator()).tolist()


@pytest.mark.parametrize(("target", "source", "message"), [(11, 0, "do not fit into a pool of 10"), (0, 0, "nothing")])
def test_impossible_lists_are_refused(target: int, source: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        labelled_epoch(target, source, 10, generator())
