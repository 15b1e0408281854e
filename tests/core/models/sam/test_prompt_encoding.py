"""Prompts in groups, and their tokens."""

from __future__ import annotations

import torch

from core.models.sam.build import build_sam
from core.models.sam.prompt_encoding import Prompt, encode_points, encode_prompts, group_prompts

CPU = torch.device("cpu")


def test_prompts_of_one_kind_and_length_are_together() -> None:
    box, few, many = torch.zeros(4), torch.zeros(3, 2), torch.ones(10, 2)
    prompts = [Prompt("box", box), Prompt("points", many), Prompt("points", few), Prompt("box", box + 1)]

    groups = group_prompts(prompts)

    assert [(group.kind, group.rows.tolist()) for group in groups] == [
        ("box", [0, 3]),
        ("points", [1]),
        ("points", [2]),
    ]
    assert groups[0].values[1].tolist() == [1, 1, 1, 1]


@torch.no_grad()
def test_tokens_are_those_of_the_package() -> None:
    encoder = build_sam("tiny", 0).prompt_encoder
    generator = torch.Generator().manual_seed(0)
    points = torch.rand(2, 5, 2, generator=generator) * 64
    labels = torch.tensor([[1, 1, 0, 1, 0], [0, 0, 1, 1, 1]])
    mask = (torch.rand(1, 1, 32, 32, generator=generator) > 0.5).float() * 255

    found = encode_points(encoder, points, labels == 1)
    published, _ = encoder(points=(points, labels), boxes=None, masks=None)
    (of_points, of_mask) = encode_prompts(
        encoder, group_prompts([Prompt("points", points[0]), Prompt("noise_mask", mask[0])]), CPU
    )
    all_positive, _ = encoder(points=(points[:1], torch.ones(1, 5)), boxes=None, masks=None)
    _, dense = encoder(points=None, boxes=None, masks=mask)

    assert torch.allclose(found, published, atol=1e-6)
    assert torch.allclose(of_points.sparse, all_positive, atol=1e-6)
    assert torch.equal(of_mask.dense, dense)
    assert of_mask.sparse.shape == (1, 0, 32)


@torch.no_grad()
def test_a_mask_without_points_is_asked_with_the_padding_alone() -> None:
    encoder = build_sam("tiny", 0).prompt_encoder

    (group,) = encode_prompts(encoder, group_prompts([Prompt("points", torch.zeros(0, 2))]), CPU)

    assert torch.equal(group.sparse[0], encoder.not_a_point_embed.weight)
