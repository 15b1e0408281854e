"""Following a run in a log, and what is shown at its end."""

from __future__ import annotations

import httpx
from rich.console import Console

from palimpsest import Client
from palimpsest.client.follow import follow, show_outcome
from palimpsest.client.models import Run
from tests.support.api_answers import (
    STAGE_IDS,
    ScriptedService,
    event_stream,
    feed_event,
    run_answer,
    stage_answer,
    step_table_answer,
)


def plain_console() -> Console:
    return Console(width=100, no_color=True, force_terminal=False)


def test_a_log_gets_a_line_for_each_state_and_each_tenth() -> None:
    stage = {"stage_id": STAGE_IDS[0], "index": 0}
    undefined = {"split": "val", "domain": "rain", "score": None, "score_name": "mIoU", "run_score": 0.5}
    speed = {"phase": "train", "total": 40, "images_per_second": 100.0, "seconds_left": 1.0}
    service = ScriptedService(
        httpx.Response(200, json=run_answer("queued", event_seq=0)),
        httpx.Response(200, json=step_table_answer()),
        event_stream(
            feed_event(1, "stage", **stage, state="running", attempt=1),
            feed_event(2, "progress", **stage, **speed, iteration=1),
            feed_event(3, "progress", **stage, **speed, iteration=4),
            feed_event(
                4, "score", **stage, step=0, split="val", domain=None, score=0.5, score_name="mIoU", run_score=0.5
            ),
            feed_event(5, "score", **stage, step=0, **undefined),
            feed_event(6, "score", **stage, step=0, split="val", miou_all=0.1),  # of an older version
            feed_event(7, "stage", **stage, state="succeeded", attempt=1),
            feed_event(8, "end", state="succeeded"),
        ),
        httpx.Response(200, json=run_answer("succeeded")),
    )
    console = plain_console()

    with console.capture() as capture:
        run = follow(Client("http://service", transport=service.transport), "r", console)

    assert run.state == "succeeded"
    assert capture.get().splitlines()[1:] == [
        "  stage 0 step-0: running, iteration 0/40",
        "  stage 0 step-0: running: train, iteration 4/40, 100 images/s",
        "  step 0, val: mIoU 0.500",
        "  step 0, val of rain: mIoU undefined",
        "  stage 0 step-0: succeeded",
    ]


def test_a_failed_run_shows_why_and_the_end_of_its_log() -> None:
    attempt = {
        **dict.fromkeys(("reason", "message", "device", "phase", "iteration", "total_iterations")),
        **dict.fromkeys(("images_per_second", "seconds_left")),
        "number": 1,
        "state": "failed",
    }
    failed = stage_answer(0, "failed") | {"attempts": [attempt]}
    run = Run.model_validate(run_answer("failed", stages=[failed]) | {"message": "the loss is not finite"})
    log = {"items": [{"number": 1, "level": "error", "text": "iteration 7: [NaN]"}]}
    service = ScriptedService(httpx.Response(200, json=log))
    console = plain_console()

    with console.capture() as capture:
        show_outcome(Client("http://service", transport=service.transport), run, console)

    assert service.requests[0].url.path == f"/api/v1/stages/{STAGE_IDS[0]}/log"
    assert capture.get().splitlines() == [
        f"Run {run.id} failed: the loss is not finite",
        "Last lines of stage 0 step-0:",
        "  iteration 7: [NaN]",
    ]
