"""Which candidates enter the memory: the class-balanced round robin (EIR 4.2)."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Pick:
    """One candidate taken into the memory.

    Attributes:
        candidate: position in the candidate list.
        drawn_class: the class whose turn it was.
    """

    candidate: int
    drawn_class: int


def pick_round_robin(
    candidates: Sequence[Collection[int]],
    candidate_order: Sequence[int],
    class_order: Sequence[int],
    budget: int,
) -> list[Pick]:
    """Take candidates class by class until the budget is full or a whole pass adds nothing.

    In each pass every class takes the first remaining candidate, in `candidate_order`, that shows the class. A
    candidate is taken once. A class with no candidate left is skipped.

    REFERENCE: loops for ever when fewer than `budget` candidates qualify. We stop after a pass that adds nothing.

    Args:
        candidates: the classes that each candidate shows.
        candidate_order: a permutation of the candidates' positions.
        class_order: the classes in the order of their turns.
        budget: maximum number of picks; 0 takes none.

    Returns:
        At most `budget` picks in the order in which they were made.
    """
    queues = {class_id: deque[int]() for class_id in class_order}
    for candidate in candidate_order:
        for class_id in set(candidates[candidate]) & queues.keys():
            queues[class_id].append(candidate)
    taken: set[int] = set()
    picks: list[Pick] = []
    turns = deque(class_order)
    while turns and len(picks) < budget:
        class_id = turns.popleft()
        queue = queues[class_id]
        while queue and queue[0] in taken:
            queue.popleft()
        if queue:
            taken.add(queue[0])
            picks.append(Pick(queue.popleft(), class_id))
            turns.append(class_id)  # a class without candidates left has had its last turn
    return picks


def draw_round_robin(
    candidates: Sequence[Collection[int]], classes: Sequence[int], budget: int, rng: np.random.Generator
) -> list[Pick]:
    """Shuffle candidates, then classes, and pick; see `pick_round_robin`."""
    candidate_order = rng.permutation(len(candidates))
    class_order = [classes[position] for position in rng.permutation(len(classes))]
    return pick_round_robin(candidates, candidate_order.tolist(), class_order, budget)
