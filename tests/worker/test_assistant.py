"""A round's queries are embedded beside training, each stored as it comes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from sqlalchemy import select

from core.models.sam.build import build_sam
from core.models.sam.embedding_order import ORDER_FILE
from core.models.sam.exported import ExportedDecoder, read_features
from core.models.sam.image_fit import fit_image
from core.models.sam.questions import Click, Question
from core.streams.assistant import AssistantModel
from server.db.assistants import request_assistant
from server.db.base import utc_now
from server.db.models import AssistantDecoder, AssistantEmbedding, AssistantJob, Query, Stage
from server.db.session import Database
from server.scheduler import embedding_pass
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.label_rounds import HEIGHT, WIDTH, make_waiting_round
from tests.support.stand_in import scripted
from worker.assistant import embed_next
from worker.context import WorkerContext

MakeContext = Callable[..., WorkerContext]
FACTS = {
    "digest": "d" * 64,
    "backbone": "tiny",
    "placing": "stretched",
    "image_px": 64,
    "adapters": ["pits"],
    "has_head": True,
}
TELL = (
    "import json; order = json.load(open('embed.json')); "
    f"open('model.json', 'w').write({json.dumps(json.dumps(FACTS))}); "
    "open('f', 'w').write('features'); open('d', 'w').write('decoder'); "
    "line = json.dumps({'name': order['images'][0]['name'], 'adapter': 'pits', 'features': 'f', 'decoder': 'd'}); "
    "open('done.jsonl', 'w').write(line + chr(10)); "
)


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    path = tmp_path / "sam.pth"
    torch.save(build_sam("tiny", 5).state_dict(), path)
    return path


@pytest.fixture
def asked(database: Database, storage: LocalStorage, tmp_path: Path, checkpoint: Path) -> Stage:
    """A round of two queries with an assistant."""
    model = {"model": "checkpoint", "checkpoint": str(checkpoint), "backbone": "tiny"}
    return make_waiting_round(database, storage, tmp_path / "asked", hand_out={"assistant": model})


def job_of(database: Database, stage: Stage) -> AssistantJob:
    with database.read() as session:
        return session.get_one(AssistantJob, stage.id)


def embeddings(database: Database) -> list[AssistantEmbedding]:
    with database.read() as session:
        return list(session.scalars(select(AssistantEmbedding).order_by(AssistantEmbedding.image_sha256)))


@pytest.mark.slow
def test_a_rounds_queries_are_embedded_when_it_opens(
    database: Database, storage: LocalStorage, asked: Stage, make_context: MakeContext
) -> None:
    assert embed_next(make_context())

    job, rows = job_of(database, asked), embeddings(database)
    assert (job.state, job.message, job.lease_until) == ("ready", None, None)
    with database.read() as session:
        pictures = session.scalars(select(Query.picture_sha256).where(Query.stage_id == asked.id)).all()
        (decoder,) = session.scalars(select(AssistantDecoder)).all()
    assert {row.image_sha256 for row in rows} == set(pictures)
    assert {row.model_digest for row in rows} == {decoder.model_digest} == {job.model_digest}
    features = read_features(storage.path(rows[0].sha256).read_bytes(), "features")
    fit = fit_image(HEIGHT, WIDTH, 64, "padded")
    (found,) = ExportedDecoder(storage.path(decoder.sha256)).answer(features, fit, Question([Click(7, 5)]))
    assert found.mask.shape == (HEIGHT, WIDTH)
    assert not embed_next(make_context())


def test_nothing_is_embedded_without_a_model(
    database: Database, storage: LocalStorage, tmp_path: Path, make_context: MakeContext
) -> None:
    make_waiting_round(database, storage, tmp_path / "asked")

    assert not embed_next(make_context())


def test_an_image_is_stored_as_soon_as_the_child_tells_it(
    database: Database, asked: Stage, make_context: MakeContext
) -> None:
    context = make_context()
    script = TELL + "time.sleep(60)"
    thread = threading.Thread(target=embed_next, args=(context,), kwargs={"command": scripted(script)})
    thread.start()
    try:
        while not embeddings(database):
            thread.join(0.05)
            assert thread.is_alive()
    finally:
        context.shutdown.set()
        thread.join()

    job, (row,) = job_of(database, asked), embeddings(database)
    assert (row.adapter, row.bytes) == ("pits", 8)
    assert (job.state, job.claims, job.lease_until) == ("preparing", 0, None)


def test_what_is_embedded_is_left_out_by_the_next_worker(
    database: Database, asked: Stage, make_context: MakeContext, tmp_path: Path
) -> None:
    embed_next(make_context(), command=scripted(TELL + "os._exit(3)"))
    with database.write() as session:
        request_assistant(session, asked.id, AssistantModel(model="built_in"))
    copy = tmp_path / "order.json"
    embed_next(make_context(), command=scripted(f"import shutil; shutil.copy({ORDER_FILE!r}, {str(copy)!r})"))

    images = json.loads(copy.read_text())["images"]
    assert [len(image["embedded_by"]) for image in images] == [1, 0]


def test_a_model_that_cannot_be_opened_is_told_in_its_own_words(
    database: Database, asked: Stage, make_context: MakeContext
) -> None:
    embed_next(make_context(), command=scripted("import sys; print('sam.pth: of another model'); sys.exit(2)"))

    job = job_of(database, asked)
    assert job.state == "failed"
    assert job.message == "the embedding ended with status 2: sam.pth: of another model"


def test_a_run_without_a_model_is_told(database: Database, asked: Stage, make_context: MakeContext) -> None:
    run = "01890000-0000-7000-8000-000000000000"
    with database.write() as session:
        request_assistant(session, asked.id, AssistantModel(model="run", run=run))

    embed_next(make_context())

    assert job_of(database, asked).message == (
        f"run {run} has no finished stage with a model; choose a finished run on SAM"
    )


def test_a_job_of_which_three_workers_died_fails(database: Database, asked: Stage, make_context: MakeContext) -> None:
    for _ in range(3):
        with database.write() as session:
            job = session.get_one(AssistantJob, asked.id)
            job.claims, job.lease_until = job.claims + 1, utc_now().replace(year=2000)

    assert not embed_next(make_context())

    job = job_of(database, asked)
    assert job.state == "failed"
    assert job.message is not None
    assert "3 workers ended" in job.message


def test_a_new_choice_takes_the_job_from_the_worker(
    database: Database, asked: Stage, make_context: MakeContext
) -> None:
    context = make_context()
    script = TELL + "time.sleep(60)"
    thread = threading.Thread(target=embed_next, args=(context,), kwargs={"command": scripted(script)})
    thread.start()
    while not embeddings(database):
        thread.join(0.05)
    with database.write() as session:
        request_assistant(session, asked.id, AssistantModel(model="built_in"))
    thread.join()

    job = job_of(database, asked)
    assert (job.state, job.claims, job.choice_no) == ("preparing", 0, 2)


def test_files_of_a_round_that_nobody_answers_any_more_are_removed(
    database: Database, storage: LocalStorage, settings: Settings, asked: Stage, make_context: MakeContext
) -> None:
    embed_next(make_context(), command=scripted(TELL))
    (row,) = embeddings(database)
    assert embedding_pass(database, storage) == 0
    with database.write() as session:
        request_assistant(session, asked.id, AssistantModel())

    assert embedding_pass(database, storage) == 2

    assert embeddings(database) == []
    assert not storage.exists(row.sha256)
