"""Potential classes and fillers (EIR 4.4, steps 3 and 5)."""

import numpy as np
import torch

from core.methods.eir.paste_plan import MAX_PASTES, count_fillers, potential_classes
from tests.support.parity import load_case


def test_potential_classes_ascend_and_are_truncated() -> None:
    case = load_case("eir", "paste_plan")

    is_potential = potential_classes(torch.from_numpy(case["label"]), torch.from_numpy(case["pseudo"])).numpy()

    padded = [[*np.flatnonzero(row)[:MAX_PASTES], *[-1] * MAX_PASTES][:MAX_PASTES] for row in is_potential]
    assert np.array_equal(padded, case["potential"])


def test_fillers_where_fewer_than_two_classes_are_potential() -> None:
    case = load_case("eir", "paste_plan")
    num_potential = (case["potential"] >= 0).sum(axis=1).tolist()

    assert [count_fillers(num, "lt2") for num in num_potential] == case["n_fill"].tolist()
