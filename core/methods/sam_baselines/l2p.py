"""Learning to prompt: train a pool of prompts beside a fixed head (L2P, CVPR 2022; CoSAM 5.2)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from core.methods.promptable.evaluation import Predict, Routed
from core.methods.promptable.heads import HEAD, continued_head, head_masks
from core.methods.promptable.learning import Lesson, learn
from core.methods.promptable.model_files import MODEL, store_model
from core.methods.promptable.step import DomainStep, domain_rate, open_step
from core.methods.sam_baselines.config import L2pConfig
from core.methods.sam_baselines.objectives import PromptChoice, l2p_objective
from core.models.sam.decoding import PromptedBatch
from core.models.sam.hq_head import HQHead
from core.models.sam.prompt_pool import PromptPool, query_of
from core.seeding import SeedComponent, torch_generator
from core.stage.context import StageContext
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind

POOL = "pool"


def learn_domain(context: StageContext[L2pConfig]) -> StageResult:
    """Learn prompts for one domain; the head keeps its initial weights."""
    step, config = open_step(context), context.config
    head, pool = continued_head(step).requires_grad_(False), continued_pool(step, config)
    choice = PromptChoice(config.top_k, config.query, config.batchwise, config.key_match_weight)
    first = config.top_k * step.index
    own = torch.arange(first, first + config.top_k, device=context.device) if config.use_prompt_mask else None
    objective = l2p_objective(step.sam.decoder, head, pool, choice, own)
    lesson = Lesson(
        step.sam, pool, step.images(step.domains[-1]), objective, domain_rate(step), step.deviations, kept=head
    )
    done = learn(context, lesson)
    results = step.evaluate(pool_predictor(step, head, pool, choice), done)
    parts = {HEAD: head.state_dict(), POOL: pool.state_dict()}
    return StageResult({MODEL: store_model(context, step.sam, parts, step.domains, results)})


def continued_pool(step: DomainStep, config: L2pConfig) -> PromptPool:
    """Return the previous domain's pool, on the device."""
    draws = torch_generator(step.context.spec.seed, 0, SeedComponent.INIT, 1)
    pool = PromptPool(config.prompts, config.prompt_length, step.sam.size.channels, draws)
    if step.previous is not None:
        pool.load_state_dict(step.previous.part(POOL))
    return pool.to(step.context.device)


def pool_predictor(step: DomainStep, head: HQHead, pool: PromptPool, choice: PromptChoice) -> Predict:
    """Return the predictor that chooses prompts for each image, independently of its batch."""

    def predict(batch: PromptedBatch, _images: Tensor) -> Routed:
        queries = query_of(batch.embeddings, choice.query)
        chosen = pool.choose(queries, choice.top_k, batchwise=False)
        return Routed(head_masks(step, head, batch, chosen.tokens))

    return predict


STAGES: Mapping[StageKind, StageFunction[L2pConfig]] = {StageKind.TRAIN: learn_domain}
