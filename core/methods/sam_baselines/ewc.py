"""Elastic weight consolidation: keep important weights near their values (EWC, PNAS 2017; CoSAM 5.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from torch import Tensor

from core.data.loaders import plan_batches
from core.losses.elastic import combined_importance, mean_squared_gradients
from core.methods.promptable.heads import HEAD, anchors, continued_head, head_predictor
from core.methods.promptable.learning import Lesson, learn, learning_batch, point_sources, view_batches
from core.methods.promptable.model_files import MODEL, store_model
from core.methods.promptable.objectives import head_objective
from core.methods.promptable.step import DomainStep, domain_rate, open_step
from core.methods.sam_baselines.config import EwcConfig
from core.methods.sam_baselines.objectives import ewc_objective
from core.models.sam.hq_head import HQHead
from core.stage.context import StageContext
from core.stage.interrupt import StageInterrupted
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind

FISHER = "fisher"


def learn_domain(context: StageContext[EwcConfig]) -> StageResult:
    """Learn one domain with important weights kept near their old values; then measure the weights' importance."""
    step, config = open_step(context), context.config
    head, decoder = continued_head(step), step.sam.decoder
    objective, before = head_objective(decoder, head), {}
    if step.previous is not None:
        before = {name: value.to(context.device) for name, value in step.previous.part(FISHER).items()}
        objective = ewc_objective(decoder, head, anchors(head), before, config.ewc_weight)
    lesson = Lesson(step.sam, head, step.images(step.domains[-1]), objective, domain_rate(step), step.deviations)
    done = learn(context, lesson)
    results = step.evaluate(head_predictor(step, head), done)
    own = importance(step, lesson, head, done)
    fisher = combined_importance(before, own, config.fisher, config.fisher_decay)
    parts = {HEAD: head.state_dict(), FISHER: fisher}
    return StageResult({MODEL: store_model(context, step.sam, parts, step.domains, results)})


def importance(step: DomainStep, lesson: Lesson, head: HQHead, done: int) -> dict[str, Tensor]:
    """Return the Fisher information of a domain from one pass over its training views, without the penalty."""
    context, config = step.context, step.context.config
    plan, _ = plan_batches(
        len(lesson.images),
        config.optim.batch_size,
        run_seed=context.spec.seed,
        stage_index=context.spec.stage.index,
    )
    objective = head_objective(step.sam.decoder, head)

    def losses() -> Iterator[Tensor]:
        for place, batch in enumerate(view_batches(plan, lesson, config, done, done + plan.per_epoch)):
            if context.stop.requested:
                raise StageInterrupted(done)
            points = point_sources(context, done + place)
            yield objective(learning_batch(step.sam, batch, points, config, context.device))["loss"]

    return mean_squared_gradients(losses(), dict(head.named_parameters()))


STAGES: Mapping[StageKind, StageFunction[EwcConfig]] = {StageKind.TRAIN: learn_domain}
