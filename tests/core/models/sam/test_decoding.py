"""Sizes of SAM and its heads, and batches of mixed prompts."""

from __future__ import annotations

import pytest
import torch

from core.models.parameters import parameter_count
from core.models.sam.build import build_sam
from core.models.sam.decoding import PromptedBatch, PromptGroup, decode_batch, decode_with_sam
from core.models.sam.hq_head import DecoderInputs, HQHead, decode_masks, hq_logits
from core.models.sam.sizes import SIZES, Backbone


@pytest.mark.parametrize(
    ("backbone", "encoder", "decoder", "head"),
    [
        ("vit_b", 89_670_912, 4_058_340, 1_071_104),
        ("vit_l", 308_278_272, 4_058_340, 1_333_248),
        ("vit_h", 637_026_048, 4_058_340, 1_595_392),
        ("tiny", 70_688, 40_608, 8_768),
    ],
)
def test_sizes_are_the_published_ones(backbone: Backbone, encoder: int, decoder: int, head: int) -> None:
    size = SIZES[backbone]
    with torch.device("meta"):
        sam, built = build_sam(backbone, 0), HQHead(size.channels, size.width)

    assert parameter_count(sam.image_encoder) == encoder
    assert parameter_count(sam.mask_decoder) == decoder
    assert parameter_count(sam.prompt_encoder) == {"tiny": 582}.get(backbone, 6_220)
    assert parameter_count(built) == head


def test_a_seed_gives_the_same_frozen_weights() -> None:
    first, same, other = (build_sam("tiny", seed).state_dict() for seed in (1, 1, 2))
    name = "mask_decoder.mask_tokens.weight"

    assert torch.equal(first[name], same[name])
    assert not torch.equal(first[name], other[name])
    assert not any(parameter.requires_grad for parameter in build_sam("tiny", 1).parameters())


def test_a_batch_of_mixed_prompts_equals_its_images_one_by_one() -> None:
    size, generator = SIZES["tiny"], torch.Generator().manual_seed(0)
    sam, head = build_sam("tiny", 0), HQHead(size.channels, size.width)
    grid, channels = size.grid, size.channels
    tokens = [torch.randn(count, channels, generator=generator) for count in (2, 0, 11, 2)]
    embeddings, dense = (torch.randn(4, channels, grid, grid, generator=generator) for _ in range(2))
    early = torch.randn(4, grid, grid, size.width, generator=generator)
    further = torch.randn(4, 3, channels, generator=generator)
    groups = [
        PromptGroup(torch.tensor(rows), torch.stack([tokens[row] for row in rows]), dense[rows])
        for rows in ([2], [0, 3], [1])
    ]
    batch = PromptedBatch(embeddings, early, sam.prompt_encoder.get_dense_pe(), groups)

    with torch.no_grad():
        found, prompted = (
            decode_batch(sam.mask_decoder, head, batch),
            decode_batch(sam.mask_decoder, head, batch, further),
        )
        plain = decode_with_sam(sam.mask_decoder, batch)
        for row in range(4):
            one = slice(row, row + 1)
            inputs = DecoderInputs(embeddings[one], early[one], tokens[row][None], dense[one], batch.position)
            longer = inputs._replace(sparse=torch.cat([inputs.sparse, further[one]], dim=1))
            masks = decode_masks(sam.mask_decoder, head, inputs)

            assert torch.allclose(found[one], masks.hq, atol=1e-5)
            published, _ = sam.mask_decoder.predict_masks(
                inputs.embeddings, inputs.position, inputs.sparse, inputs.dense
            )
            assert torch.allclose(plain[one], published[:, :1], atol=1e-5)
            assert torch.allclose(prompted[one], hq_logits(sam.mask_decoder, head, longer), atol=1e-5)
    assert found.shape == (4, 1, size.mask_px, size.mask_px)
