"""What events change in the view of a run."""

from __future__ import annotations

from typing import Any

from palimpsest.client.models import FeedEvent, Run, StepTable
from palimpsest.client.run_view import RunView
from tests.support.api_answers import STAGE_IDS, run_answer, stage_answer, step_table_answer


def view_after(*events: tuple[str, dict[str, Any]]) -> RunView:
    view = RunView.of(Run.model_validate(run_answer("queued")))
    for seq, (kind, payload) in enumerate(events, start=1):
        view.apply(FeedEvent(seq=seq, type=kind, payload=payload))
    return view


def of_stage(index: int, **payload: Any) -> dict[str, Any]:
    return {"stage_id": STAGE_IDS[index], "index": index} | payload


def test_a_new_view_shows_every_stage_as_the_run_has_it() -> None:
    view = view_after()

    assert (view.title, view.state) == ("eir/demo, seed 3", "queued")
    assert [(stage.name, stage.state, stage.total) for stage in view.stages] == [
        ("0 step-0", "pending", 40),
        ("1 step-1", "pending", 40),
    ]


def test_progress_moves_only_its_own_stage() -> None:
    numbers = {"phase": "train", "iteration": 10, "total": 40, "images_per_second": 120.0, "seconds_left": 3.0}

    view = view_after(("stage", of_stage(1, state="running", attempt=2)), ("progress", of_stage(1, **numbers)))

    assert (view.stages[1].attempt, view.stages[1].fraction, view.stages[1].phase) == (2, 0.25, "train")
    assert view.stages[0].fraction == 0.0


def test_a_stage_that_succeeded_is_done_whatever_it_reported_last() -> None:
    assert view_after(("stage", of_stage(0, state="succeeded", attempt=1))).stages[0].fraction == 1.0


def test_the_newest_loss_is_shown_also_when_it_is_no_number() -> None:
    points = [
        {"key": key, "iteration": 1, "value": value} for key, value in (("loss", 2.0), ("lr", 0.1), ("loss", "NaN"))
    ]

    loss = view_after(("metric", of_stage(0, attempt=1, points=points))).stages[0].loss

    assert str(loss) == "nan"


def test_scores_memory_and_log_are_kept() -> None:
    view = view_after(
        ("score", of_stage(0, step=0, split="val", score=0.4, score_name="mIoU", run_score=0.5)),
        ("memory", of_stage(0, items=60, bytes=1000)),
        ("log", {"stage_id": STAGE_IDS[0], "lines": [{"text": "first"}, {"text": "second"}]}),
    )

    assert (view.stages[0].score, view.stages[0].memory_items, view.last_log) == (0.5, 60, "second")


def test_a_reset_takes_the_present_state_and_keeps_what_it_does_not_say() -> None:
    run = run_answer("running", stages=[stage_answer(0, "succeeded"), stage_answer(1, "running")])

    view = view_after(
        ("score", of_stage(0, step=0, split="val", score=0.4, score_name="mIoU", run_score=0.5)),
        ("reset", {"seq": 9, "run": run}),
    )

    assert (view.state, [stage.state for stage in view.stages]) == ("running", ["succeeded", "running"])
    assert view.stages[0].score == 0.5


def test_the_end_and_unknown_events_are_harmless() -> None:
    view = view_after(("something-new", {}), ("end", {"state": "failed"}))

    assert view.state == "failed"


def test_a_view_of_a_run_that_goes_on_shows_the_scores_so_far() -> None:
    row = {
        "step": 0,
        "stage_id": STAGE_IDS[0],
        "score": 0.7,
        "miou_all": 0.7,
        "miou_old": None,
        "miou_new": None,
        "forgetting": None,
    }
    lists = {"iou": [], "drop": [], "is_undefined": [], "false_share": []}
    table = step_table_answer(split="val", steps=[row | lists], average_miou=0.7)

    view = RunView.of(Run.model_validate(run_answer()), StepTable.model_validate(table))

    assert [(stage.is_tested, stage.score) for stage in view.stages] == [(True, 0.7), (False, None)]
