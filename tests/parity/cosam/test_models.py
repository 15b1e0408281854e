"""Encoder passes, the head, the pool and the router with recorded weights (CoSAM 4 and 5.2)."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.models.sam.encoder import attend_globally, encode_images, encode_tokens
from core.models.sam.hq_head import DecoderInputs, decode_masks, hq_logits
from core.models.sam.prompt_pool import PromptPool, query_of
from core.models.sam.router import build_router, fit_router, route_of
from tests.support.parity import assert_close, load_case
from tests.support.sam_recordings import recorded_decoder, recorded_encoder

TOLERANCE = 1e-4
QUERIES = ("mean", "max", "mean_max", "cls")


@torch.no_grad()
def test_the_head_gives_the_recorded_masks() -> None:
    case = load_case("cosam", "hq_decoder")
    decoder, head = recorded_decoder(case)
    for index in range(len(case["image_embeddings"])):
        inputs = DecoderInputs(
            torch.from_numpy(case["image_embeddings"][index : index + 1]),
            torch.from_numpy(case["interm"][index : index + 1]),
            torch.from_numpy(case[f"sparse_{index}"]),
            torch.from_numpy(case[f"dense_{index}"]),
            torch.from_numpy(case["image_pe"]),
        )
        masks = decode_masks(decoder, head, inputs)

        assert_close(masks.hq[0], case["masks_hq"][index], TOLERANCE)
        assert_close(hq_logits(decoder, head, inputs)[0], case["masks_hq"][index], TOLERANCE)
        assert_close(masks.single[0], case["masks_sam_single"][index], TOLERANCE)
        assert_close(masks.best[0], case["masks_sam_multi"][index], TOLERANCE)
        assert_close(masks.iou[0], case["iou_pred"][index], TOLERANCE)


@torch.no_grad()
def test_the_encoder_gives_the_recorded_features() -> None:
    case = load_case("cosam", "token_encoder")
    encoder, images = recorded_encoder(case), torch.from_numpy(case["image"])

    windowed = encode_images(encoder, images)
    tokens = encode_tokens(encoder, images, torch.from_numpy(case["tokens"]))
    attend_globally(encoder)
    everywhere = encode_images(encoder, images)

    assert_close(windowed.embeddings, case["embedding_windowed"], TOLERANCE)
    assert_close(windowed.early, case["interm_windowed"], TOLERANCE)
    assert_close(tokens, case["tokens_out"], TOLERANCE)
    assert_close(everywhere.embeddings, case["embedding_allglobal"], TOLERANCE)
    assert_close(everywhere.early, case["interm0_allglobal"], TOLERANCE)
    second = encoder.blocks[1](everywhere.early)
    assert_close(second, case["interm1_allglobal"], TOLERANCE)


@pytest.mark.parametrize("kind", QUERIES)
def test_prompts_are_chosen_as_recorded(kind: str) -> None:
    case = {name.removeprefix(f"{kind}."): value for name, value in load_case("cosam", "prompt_pool").items()}
    pool = PromptPool(*case["prompt"].shape)
    pool.load_state_dict({name: torch.from_numpy(case[name]) for name in ("prompt", "key")})
    queries = query_of(torch.from_numpy(case["x"]), kind)  # type: ignore[arg-type] - one of QUERIES

    chosen = pool.choose(queries, int(case["top_k"]), batchwise=bool(case["batchwise"]))
    ids, order = chosen.ids.sort(dim=1)
    (gradient,) = torch.autograd.grad(-chosen.key_similarity, pool.key)
    forced = pool.choose(queries, int(case["top_k"]), forced=torch.from_numpy(case["mask_idx"]))

    assert_close(chosen.similarity.detach(), case["similarity"], 1e-5)
    np.testing.assert_array_equal(ids, case["idx_sorted"])
    assert_close(pool.prompt[ids].flatten(1, 2).detach(), case["prompts_sorted"], 1e-5)
    by_prompt = chosen.tokens.unflatten(1, (ids.shape[1], -1))
    assert torch.equal(
        torch.stack([one[places] for one, places in zip(by_prompt, order, strict=True)]), pool.prompt[ids]
    )
    assert_close(chosen.key_similarity.detach(), case["key_similarity"], 1e-5)
    assert_close(gradient, case["key_grad"], 1e-5)
    assert_close(forced.tokens.detach(), case["mask_prompts"], 1e-5)
    assert_close(forced.key_similarity.detach(), case["mask_key_similarity"], 1e-5)


def test_the_router_learns_as_recorded() -> None:
    case = load_case("cosam", "task_classifier")
    router = build_router(case["weight0"].shape[1], case["weight0"].shape[0], torch.Generator().manual_seed(0))
    router.load_state_dict({"weight": torch.from_numpy(case["weight0"]), "bias": torch.from_numpy(case["bias0"])})
    batch = torch.from_numpy(case["features"]), torch.from_numpy(case["labels"])

    steps = fit_router(router, [batch] * len(case["losses"]), float(case["lr"]))
    logits = router(batch[0])

    assert_close([step.loss for step in steps], case["losses"], 1e-5)
    assert_close([step.accuracy for step in steps], case["accuracies"], 1e-5)
    assert_close(router.weight.detach(), case["weight3"], 1e-5)
    assert_close(router.bias.detach(), case["bias3"], 1e-5)
    assert_close(logits.detach(), case["logits_final"], 1e-4)
    np.testing.assert_array_equal(route_of(logits), case["route"])
