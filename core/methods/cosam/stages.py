"""CoSAM's MoDA: one adapter per domain, and a router that finds it (CoSAM 5.2).

Old adapters never change, so only the router can forget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from core.methods.cosam.best_head import apart, best_of, validation
from core.methods.cosam.config import CosamConfig
from core.methods.cosam.plan import set_aside
from core.methods.cosam.routing import ROUTER, TOKENS, Routing, learn_routing
from core.methods.promptable.evaluation import Predict, Routed
from core.methods.promptable.heads import head_masks, new_head
from core.methods.promptable.images import DatasetImages
from core.methods.promptable.learning import Lesson, learn
from core.methods.promptable.model_files import MODEL, store_model
from core.methods.promptable.objectives import head_objective
from core.methods.promptable.replay import MEMORY, memory_before, store_memory, with_domain
from core.methods.promptable.step import DomainStep, domain_rate, open_step
from core.models.sam.checkpoint import load_head
from core.models.sam.decoding import PromptedBatch, with_rows
from core.models.sam.hq_head import HQHead
from core.stage.context import StageContext
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind

ADAPTER = "head-{}"


def learn_domain(context: StageContext[CosamConfig]) -> StageResult:
    """Learn an adapter for one domain from the pretrained head, and the routes to all adapters so far."""
    step, config = open_step(context), context.config
    images = step.images(step.domains[-1])
    adapter, done = learn_adapter(step, images)
    memory = with_domain(context, memory_before(context), images, config.memory.size, config.memory.select)
    routing = learn_routing(step, memory.entries)
    heads = [*earlier_adapters(step), adapter]
    results = step.evaluate(routed_predictor(step, heads, routing), done)
    parts = {ADAPTER.format(place): head.state_dict() for place, head in enumerate(heads)}
    parts[TOKENS] = {TOKENS: routing.tokens}
    if routing.router is not None:
        parts[ROUTER] = routing.router.state_dict()
    model = store_model(context, step.sam, parts, step.domains, results)
    return StageResult({MODEL: model, MEMORY: store_memory(context, memory)})


def learn_adapter(step: DomainStep, images: DatasetImages) -> tuple[HQHead, int]:
    """Train an adapter on a domain's images; return it and the number of iterations.

    REFERENCE: chooses the epoch by the test images of the previous domain. Here it is the last epoch, or the best one
    on training images that are set aside.
    """
    config: CosamConfig = step.context.config
    head = new_head(step)
    objective = head_objective(step.sam.decoder, head)
    count = set_aside(config, len(images))
    if not count:
        lesson = Lesson(step.sam, head, images, objective, domain_rate(step), step.deviations)
        return head, learn(step.context, lesson)
    left, aside = apart(step, images, count)
    best = best_of(step, head)
    lesson = Lesson(
        step.sam,
        head,
        left,
        objective,
        domain_rate(step),
        step.deviations,
        kept=best,
        validation=partial(validation, step, head, aside, best),
    )
    done = learn(step.context, lesson)
    return best.head, done


def earlier_adapters(step: DomainStep) -> Sequence[HQHead]:
    """Return the unchanged adapters of earlier domains."""
    if step.previous is None:
        return []
    heads = []
    for place in range(step.index):
        head = new_head(step).requires_grad_(False)
        load_head(head, step.previous.part(ADAPTER.format(place)), "the model of the domain before")
        heads.append(head)
    return heads


def routed_predictor(step: DomainStep, heads: Sequence[HQHead], routing: Routing) -> Predict:
    """Return the predictor that uses each image's routed adapter. Natural images are routed too."""

    def predict(batch: PromptedBatch, pixels: Tensor) -> Routed:
        routes = routing.routes(step.tester, pixels)
        chosen = routes.tolist()
        rows = [
            torch.tensor([at for at, route in enumerate(chosen) if route == place]) for place in sorted(set(chosen))
        ]
        parts = [
            head_masks(step, heads[place], with_rows(batch, places.to(routes.device)))
            for place, places in zip(sorted(set(chosen)), rows, strict=True)
        ]
        return Routed(torch.cat(parts)[torch.cat(rows).argsort().to(routes.device)], routes)

    return predict


STAGES: Mapping[StageKind, StageFunction[CosamConfig]] = {StageKind.TRAIN: learn_domain}
