"""Fine-tuning: one head learns one domain after the other, without protection from forgetting (CoSAM 5.2)."""

from __future__ import annotations

from collections.abc import Mapping

from core.methods.promptable.heads import HEAD, continued_head, head_predictor
from core.methods.promptable.learning import Lesson, learn
from core.methods.promptable.model_files import MODEL, store_model
from core.methods.promptable.objectives import head_objective
from core.methods.promptable.step import domain_rate, open_step
from core.methods.sam_baselines.config import NaiveConfig
from core.stage.context import StageContext
from core.stage.result import StageFunction, StageResult
from core.stage.spec import StageKind


def learn_domain(context: StageContext[NaiveConfig]) -> StageResult:
    """Learn one domain, starting from the previous domain's head."""
    step = open_step(context)
    head = continued_head(step)
    objective = head_objective(step.sam.decoder, head)
    lesson = Lesson(step.sam, head, step.images(step.domains[-1]), objective, domain_rate(step), step.deviations)
    done = learn(context, lesson)
    results = step.evaluate(head_predictor(step, head), done)
    return StageResult({MODEL: store_model(context, step.sam, {HEAD: head.state_dict()}, step.domains, results)})


STAGES: Mapping[StageKind, StageFunction[NaiveConfig]] = {StageKind.TRAIN: learn_domain}
