"""The Celery application of a worker, each time in a fresh interpreter: it reads its settings when it is imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def evaluate(home: Path, expression: str, **settings: str) -> object:
    """Import `worker.app` as `app` with these settings and return the value of an expression."""
    code = f"import json, sys; from worker import app; print(json.dumps({expression}))"
    environment = os.environ | {"PALIMPSEST_HOME": str(home)} | settings
    answer = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(answer.stdout)


def test_a_worker_loads_neither_torch_nor_the_web_framework(tmp_path: Path) -> None:
    loaded = evaluate(tmp_path, "[name for name in ('torch', 'torchvision', 'fastapi') if name in sys.modules]")
    assert loaded == []


def test_the_task_has_the_name_that_the_queue_sends_to(tmp_path: Path) -> None:
    assert evaluate(tmp_path, "app.run_stage.name") == "palimpsest.run_stage"


def test_the_worker_serves_its_queues_with_as_many_threads_as_slots(tmp_path: Path) -> None:
    settings = {"PALIMPSEST_WORKER_SLOTS": "2", "PALIMPSEST_WORKER_QUEUES": "gpu,default"}
    arguments = evaluate(tmp_path, "app.worker_arguments()", **settings)
    assert isinstance(arguments, list)
    assert {"--pool=threads", "--concurrency=2", "--queues=gpu,default", "--without-gossip"} <= set(arguments)


def test_stages_that_a_worker_queues_are_published_by_it(tmp_path: Path) -> None:
    assert evaluate(tmp_path, "app.worker_context().database.on_queued is not None") is True
