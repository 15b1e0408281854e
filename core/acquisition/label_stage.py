"""The `label` stage of every method with rounds, where an oracle answers. Free of torch.

If people answer, no stage process runs: `server.db.annotations` takes their answers and makes the same manifest.
"""

from __future__ import annotations

from itertools import chain

from core.acquisition.answers import ANSWERED, AnswerRecord, answered_queries, read_answers
from core.acquisition.manifest import join_answers
from core.acquisition.oracle import answer_queries
from core.acquisition.queries import read_queries
from core.acquisition.round_plan import LABELS, QUERIES
from core.stage.context import C, StageContext
from core.stage.events import Annotations
from core.stage.folder import ARTIFACT_DIR
from core.stage.result import StageResult
from core.streams.active_rounds import TARGET

ANSWERS = "answers"
"""Folder of the oracle's answers, beside the output (the labels of all rounds so far)."""


def answer_by_oracle(context: StageContext[C]) -> StageResult:
    """Answer the remaining queries from ground truth; freeze all labels so far for the next round."""
    folder, out = context.inputs[QUERIES], context.folder / ARTIFACT_DIR
    pool = context.datasets[TARGET].train
    batch, given = read_queries(folder), context.inputs.get(ANSWERED)
    by_people = {stored.answer.query for stored in read_answers(given).answers} if given is not None else set()
    record = AnswerRecord(out / ANSWERS)
    by_oracle = record.passing(answer_queries(batch, folder, pool, by_people))
    answered = chain(answered_queries(given), by_oracle) if given is not None else by_oracle
    earlier = context.inputs.get(LABELS)
    manifest = join_answers(out / LABELS, answered, earlier, pool.classes.ignore_id)
    context.events.emit(
        Annotations(
            path=context.relative(record.close()),
            queries=context.relative(folder),
            earlier=context.relative(earlier) if earlier is not None else None,
            count=len(batch.queries) - len(by_people),
        )
    )
    pixels = sum(answer.pixels for answer in manifest.answers)
    context.events.log("info", f"labels {manifest.digest()[:12]}: {len(manifest.images)} images, {pixels} pixels")
    return StageResult(outputs={LABELS: f"{ARTIFACT_DIR}/{LABELS}"})
