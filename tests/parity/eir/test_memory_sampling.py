"""Class-balanced round robin with given shuffles (EIR 4.2)."""

import numpy as np
import pytest

from core.data.classes import IGNORE_INDEX
from core.memory.instances import MemoryRules, judge
from core.memory.selection import pick_round_robin
from tests.support.parity import load_case

CASE = load_case("eir", "memory_sampling")
SCENARIOS = sorted(name.removesuffix("_mem_size") for name in CASE if name.endswith("_mem_size"))
CLASS_IDS = range(1, IGNORE_INDEX)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_picks_of_the_published_selection(scenario: str) -> None:
    arrays = {name.removeprefix(f"{scenario}_"): CASE[name] for name in CASE if name.startswith(f"{scenario}_")}
    labels = arrays["labels"].astype(np.uint8)
    previous = [[c for c in row if c >= 0] for row in arrays["prev_classes"].tolist()]
    shown = [judge(label, CLASS_IDS, MemoryRules(1)).kept for label in labels]
    accepted = [index for index, classes in enumerate(shown) if classes is not None]
    candidates = [*previous, *(classes for classes in shown if classes is not None)]
    images = [*arrays["prev_index"].tolist(), *accepted]
    class_order = arrays["old_classes"][arrays["perm_classes"]].tolist()

    picks = pick_round_robin(
        candidates, arrays["perm_candidates"].tolist(), class_order, budget=int(arrays["mem_size"])
    )

    by_class = sorted(((pick.drawn_class, images[pick.candidate]) for pick in picks), key=lambda pick: pick[0])
    assert by_class == [tuple(row) for row in arrays["picks_class_index"].tolist()]
