"""Learning without forgetting: keep masks near those of the previous head (LwF, TPAMI 2018; CoSAM 5.2)."""

from __future__ import annotations

from collections.abc import Mapping

from core.methods.promptable.heads import HEAD, continued_head, frozen_copy, head_predictor
from core.methods.promptable.learning import Lesson, learn
from core.methods.promptable.model_files import MODEL, store_model
from core.methods.promptable.objectives import head_objective
from core.methods.promptable.step import domain_rate, open_step
from core.methods.sam_baselines.config import LwfConfig
from core.methods.sam_baselines.objectives import lwf_objective
from core.stage.context import StageContext
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind


def learn_domain(context: StageContext[LwfConfig]) -> StageResult:
    """Learn one domain; from the second on, also learn the old head's masks of its images."""
    step = open_step(context)
    head, decoder = continued_head(step), step.sam.decoder
    objective = head_objective(decoder, head)
    if step.previous is not None:
        objective = lwf_objective(decoder, head, frozen_copy(step, head), context.config.distill_weight)
    lesson = Lesson(step.sam, head, step.images(step.domains[-1]), objective, domain_rate(step), step.deviations)
    done = learn(context, lesson)
    results = step.evaluate(head_predictor(step, head), done)
    return StageResult({MODEL: store_model(context, step.sam, {HEAD: head.state_dict()}, step.domains, results)})


STAGES: Mapping[StageKind, StageFunction[LwfConfig]] = {StageKind.TRAIN: learn_domain}
