import numpy as np

from core.memory.selection import Pick, draw_round_robin, pick_round_robin


def test_every_class_takes_the_first_candidate_left_in_turn() -> None:
    candidates = [{1}, {1, 2}, {2}, {1}]

    picks = pick_round_robin(candidates, [1, 0, 2, 3], [2, 1], budget=3)

    assert picks == [Pick(1, 2), Pick(0, 1), Pick(2, 2)]


def test_memory_keeps_one_instance_of_each_class_when_budget_is_tight() -> None:
    candidates = [{1}] * 50 + [{2}, {3}]

    picks = pick_round_robin(candidates, range(52), [1, 2, 3], budget=3)

    assert sorted(pick.drawn_class for pick in picks) == [1, 2, 3]


def test_budget_larger_than_the_candidates_ends_and_takes_them_all() -> None:
    candidates = [{1}, {2}, {9}, set()]

    picks = pick_round_robin(candidates, [0, 1, 2, 3], [1, 2, 3], budget=100)

    assert picks == [Pick(0, 1), Pick(1, 2)]


def test_nothing_is_picked_with_budget_zero_or_without_candidates() -> None:
    assert pick_round_robin([{1}], [0], [1], budget=0) == []
    assert pick_round_robin([], [], [1, 2], budget=5) == []


def test_class_that_ran_out_leaves_its_turns_to_the_others() -> None:
    candidates = [{1}, {2}, {2}, {2}]

    picks = pick_round_robin(candidates, [0, 1, 2, 3], [1, 2], budget=4)

    assert [pick.drawn_class for pick in picks] == [1, 2, 2, 2]


def test_draw_is_a_function_of_the_seed() -> None:
    candidates = [{index % 5} for index in range(40)]

    first = draw_round_robin(candidates, range(5), 12, np.random.default_rng(3))
    again = draw_round_robin(candidates, range(5), 12, np.random.default_rng(3))
    other = draw_round_robin(candidates, range(5), 12, np.random.default_rng(4))

    assert first == again
    assert first != other
    assert sorted(np.bincount([pick.drawn_class for pick in first])) == [2, 2, 2, 3, 3]
