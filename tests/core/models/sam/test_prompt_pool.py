"""The pool of prompts."""

from __future__ import annotations

import torch

from core.models.sam.prompt_pool import PromptPool, query_of


def pool_with_keys(*keys: tuple[float, float]) -> PromptPool:
    pool = PromptPool(len(keys), 2, 2)
    with torch.no_grad():
        pool.key.copy_(torch.tensor(keys))
    return pool


def test_images_vote_and_equal_votes_go_to_the_lower_number() -> None:
    pool = pool_with_keys((1, 0), (0, 1), (-1, 0))
    queries = torch.tensor([[1.0, 0.1], [0.1, 1.0]])

    assert pool.choose(queries, 1).ids.tolist() == [[0], [0]]
    assert pool.choose(queries, 1, batchwise=False).ids.tolist() == [[0], [1]]


def test_keys_are_pulled_towards_queries() -> None:
    pool = pool_with_keys((1, 0), (0, 1))
    chosen = pool.choose(torch.tensor([[1.0, 1.0]]), 1)

    (gradient,) = torch.autograd.grad(chosen.key_similarity, pool.key)

    assert gradient[0, 1] > 0
    assert torch.equal(gradient[1], torch.zeros(2))


def test_queries_by_hand() -> None:
    embeddings = torch.tensor([[[[1.0, 3.0]]]])

    assert [float(query_of(embeddings, kind)) for kind in ("mean", "max", "mean_max", "cls")] == [2, 3, 7, 3]
    assert float(query_of(embeddings, "cls", torch.tensor([[5.0]]))) == 5


def test_a_vanishing_query_chooses_something_finite() -> None:
    assert torch.isfinite(pool_with_keys((1, 0), (0, 1)).choose(torch.zeros(1, 2), 1).key_similarity)
