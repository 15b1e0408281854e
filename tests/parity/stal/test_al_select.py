"""The highest scores of each city (6.1)."""

from __future__ import annotations

import numpy as np

from core.acquisition.selection import select_per_group
from tests.support.parity import load_case


def test_picks_and_their_order_in_each_city_equal_the_recording() -> None:
    case = load_case("stal", "al_select")
    names = [f"{rank:06}" for rank in case["name_rank"].tolist()]
    quota = dict(enumerate(case["quota"].tolist()))

    is_available = (case["labelled"] == 0).tolist()
    picks = select_per_group(case["score"].tolist(), names, case["city"].tolist(), quota, is_available, last_first=True)

    ranks = np.full(len(names), -1)
    for pick in picks:
        ranks[pick.index] = pick.rank_in_group
    np.testing.assert_array_equal(ranks, case["rank_in_city"])
    np.testing.assert_array_equal(ranks >= 0, case["selected"])
