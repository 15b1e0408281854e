"""What the terminal shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console, RenderableType

from palimpsest.client.models import Run, RunSummary, StepTable
from palimpsest.client.run_view import RunView
from palimpsest.client.tables import duration, number, progress_table, runs_table, step_table
from tests.support.api_answers import run_answer, step_table_answer


def mean(metric: str, group: str, values: list[float | None], is_undefined: Sequence[bool] = (False, False)) -> Any:
    of = {"metric": metric, "group": group, "title": f"{metric} of people", "direction": "max"}
    return of | {"values": values, "is_undefined": list(is_undefined)}


SCORES = step_table_answer() | {
    "split": "val",
    "classes": [
        {"id": 5, "name": "tent", "colour": "#000001", "step_learned": 1},
        {"id": -1, "name": "background", "colour": "#000000", "step_learned": None},
        {"id": 2, "name": "ball", "colour": "#000002", "step_learned": 0},
    ],
    "means": [
        mean("miou_present", "all", [0.875, 0.75]),
        mean("miou_present", "old", [None, 0.75]),
        mean("miou_present", "new", [None, None], [False, True]),
        mean("miou", "all", [0.875, 0.7]),
    ],
    "steps": [
        {
            "step": 0,
            "stage_id": "s0",
            "score": 0.875,
            "miou_all": 0.875,
            "miou_old": None,
            "miou_new": None,
            "forgetting": None,
            "iou": [None, 0.95, 0.8],
            "is_undefined": [False, False, False],
            "false_share": [None, None, None],
            "drop": [None, None, None],
        },
        {
            "step": 1,
            "stage_id": "s1",
            "score": 0.7,
            "miou_all": 0.7,
            "miou_old": 0.75,
            "miou_new": 0.6,
            "forgetting": 0.2,
            "iou": [None, 0.9, 0.6],
            "drop": [None, 0.05, 0.2],
            "is_undefined": [True, False, False],
            "false_share": [0.03, None, None],
        },
    ],
    "average_miou": 0.79,
}


def drawn(what: RenderableType) -> list[str]:
    console = Console(width=120, no_color=True, force_terminal=False)
    with console.capture() as capture:
        console.print(what)
    return [line.rstrip() for line in capture.get().splitlines()]


def test_step_table_orders_classes_by_the_step_that_taught_them_and_shows_the_change() -> None:
    lines = drawn(step_table(StepTable.model_validate(SCORES)))

    assert lines == [
        "IoU after each step; in brackets the change since the class was learned",
        "learned at    class        after step 0  after step 1",
        "every step    background           0.95  0.90 (-0.05)",
        "step 0        ball                 0.80  0.60 (-0.20)",
        "step 1        tent                    –     undefined",
        "miou_present  all classes          0.88          0.75",
        "miou_present  old classes             –          0.75",
        "miou_present  new classes             –     undefined",
        "miou          all classes          0.88          0.70",
        "forgetting                            –          0.20",
    ]


def test_domains_are_columns_of_a_table_of_their_own() -> None:
    columns = [{"key": key, "step_learned": 0, "class_ids": []} for key in ("city", "village")]
    measures = {"change": [], **dict.fromkeys(("average", "forgetting", "backward_transfer", "plasticity"))}
    rows = [
        {"step": 0, "values": [0.5, None], "is_undefined": [False, False], **measures},
        {"step": 1, "values": [None, 0.25], "is_undefined": [True, False], **measures},
    ]
    matrix = {"metric": "miou_present", "by": "domain", "title": "mean", "direction": "max"}
    table = SCORES | {"domain": "city", "matrices": [matrix | {"columns": columns, "rows": rows}]}

    lines = drawn(step_table(StepTable.model_validate(table)))

    assert lines[0].startswith("IoU in city after each step")
    assert [line.split() for line in lines[-4:]] == [
        ["miou_present", "by", "domain"],
        ["after", "city", "village"],
        ["step", "0", "0.50", "–"],
        ["step", "1", "undefined", "0.25"],
    ]


def test_progress_table_shows_each_stage_with_its_numbers() -> None:
    view = RunView.of(Run.model_validate(run_answer("running")))
    stage = view.stages[0]
    stage.state, stage.phase, stage.attempt = "running", "train", 2
    stage.iteration, stage.loss, stage.images_per_second, stage.seconds_left = 10, 0.123456, 99.6, 75.2

    row = next(line for line in drawn(progress_table(view)) if line.startswith("0 step-0"))

    assert row.split()[2:] == ["running:", "train,", "attempt", "2", "━" * 6, "10/40", "0.123", "100", "1:15"]


def test_runs_table_shows_one_line_a_run() -> None:
    scored = {"score": 0.5, "score_step": 1, "best_score": 0.6}
    lines = drawn(runs_table([RunSummary.model_validate(run_answer("failed") | scored)]))

    assert lines[0].split()[-2:] == ["mIoU", "created"]
    assert lines[1].split()[1:-2] == ["eir/demo", "3", "failed", "0%", "0.500", "(step", "1)"]


def test_a_list_of_several_methods_names_each_score_and_what_is_undefined() -> None:
    answers = ({"score": 0.5, "best_score": 0.6}, {"score": 1234.0, "best_score": 10.0, "score_name": "AOSE"})
    undefined = {"score": None, "best_score": 0.6}
    runs = [RunSummary.model_validate(run_answer() | answer) for answer in (*answers, undefined, {})]

    head, *lines = drawn(runs_table(runs))

    assert head.split()[-2:] == ["score", "created"]
    assert [line.split()[5:-2] for line in lines] == [["mIoU", "0.500"], ["AOSE", "1234.000"], ["undefined"], []]


def test_numbers_that_round_to_zero_have_no_sign() -> None:
    assert [number(value, 2) for value in (None, -0.001, 0.126, -0.5)] == ["", "0.00", "0.13", "-0.50"]


def test_durations_are_minutes_and_seconds() -> None:
    assert [duration(seconds) for seconds in (None, 0.4, 59.6, 3600.0)] == ["", "0:00", "1:00", "60:00"]


def test_a_run_without_classes_shows_its_means_and_calls_steps_by_their_domains() -> None:
    """Nothing is said of classes; a single late stage has learned all domains, and is called so."""
    domains = [{"name": name, "step_learned": step} for step, name in enumerate(("pits", "pills"))]
    steps = [row | {"iou": [], "drop": [], "is_undefined": [], "false_share": []} for row in SCORES["steps"]]
    means = [mean("last_iou", "all", [0.25, 0.5])]
    answer = SCORES | {"classes": [], "domains": domains, "means": means, "steps": steps, "matrices": []}

    head, row = drawn(step_table(StepTable.model_validate(answer)))
    assert (head.split(), row.split()) == (
        ["mean", "after", "pits", "after", "pills"],
        ["last_iou", "0.25", "0.50", "last_iou", "of", "people"],
    )
    late = answer | {"steps": steps[1:], "means": [mean("last_iou", "all", [0.5], [False])]}
    assert drawn(step_table(StepTable.model_validate(late)))[0].split() == ["mean", "after", "all", "domains"]
