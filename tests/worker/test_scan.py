"""The scan of a dataset on a worker, with the real check in a child process where that matters."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from datetime import timedelta

import psutil
import pytest
from sqlalchemy import update

from core.data.image_index import ImageIndex
from core.data.specs import FolderDatasetSpec
from core.data.worlds.objects_world import ObjectsDatasetSpec
from server.db.base import utc_now
from server.db.dataset_scans import request_scan
from server.db.models import Dataset, Worker
from server.db.session import Database
from server.settings import Settings
from server.storage import LocalStorage
from tests.support.datasets import pairs_of, put_id_into_label, write_folder_dataset
from tests.support.registered import make_dataset
from tests.support.stand_in import scripted
from tests.support.waiting import wait_until
from worker.context import WorkerContext
from worker.scan import scan_next

MakeContext = Callable[..., WorkerContext]


def load(database: Database, dataset: Dataset) -> Dataset:
    with database.read() as session:
        return session.get_one(Dataset, dataset.id)


def scan_again(database: Database, dataset: Dataset) -> None:
    with database.write() as session:
        request_scan(session, session.get_one(Dataset, dataset.id))


@pytest.fixture
def spec(settings: Settings) -> FolderDatasetSpec:
    return write_folder_dataset(settings.data_roots[0] / "six", train=((1,), (1, 3)), evaluation=((3,),))


@pytest.fixture
def dataset(database: Database, spec: FolderDatasetSpec) -> Dataset:
    return make_dataset(database, spec)


@pytest.mark.slow
def test_sound_folder_is_read_and_becomes_ready(
    database: Database, storage: LocalStorage, settings: Settings, dataset: Dataset, make_context: MakeContext
) -> None:
    scan_next(make_context())

    after = load(database, dataset)
    assert (after.state, after.message, after.lease_until) == ("ready", None, None)
    assert after.report is not None
    assert after.report["splits"][0]["pixels"] == {"0": 2 * 32 * 32 - 300, "1": 200, "3": 100}
    index = ImageIndex.read(storage.path(str(after.index_sha256)))
    assert [index.entry(position).id for position in range(3)] == ["train_0", "train_1", "val_0"]
    assert list((settings.home / "cache" / "scans").iterdir()) == []


@pytest.mark.slow
def test_faults_of_a_folder_are_stored_and_a_new_scan_replaces_them(
    database: Database, storage: LocalStorage, spec: FolderDatasetSpec, dataset: Dataset, make_context: MakeContext
) -> None:
    label = pairs_of(spec)[0].label
    sound = label.read_bytes()
    put_id_into_label(pairs_of(spec)[0], 77, 3)
    scan_next(make_context())
    faulty = load(database, dataset)
    label.write_bytes(sound)
    scan_again(database, dataset)
    scan_next(make_context())

    after = load(database, dataset)
    assert faulty.report is not None
    assert (faulty.state, faulty.report["fault_counts"]) == ("faulty", {"id outside the class list": 1})
    assert (after.state, after.digest != faulty.digest) == ("ready", True)
    assert not storage.exists(str(faulty.index_sha256))


@pytest.mark.slow
def test_world_is_drawn_first_where_runs_look_for_it(
    database: Database, settings: Settings, make_context: MakeContext
) -> None:
    world = ObjectsDatasetSpec(world="objects", classes=2, size_px=32, train_images=4, eval_images=2)
    with database.write() as session:
        dataset = Dataset(name="shapes", spec=world.model_dump(), state="scanning")
        session.add(dataset)

    scan_next(make_context())

    after = load(database, dataset)
    assert after.state == "ready"
    assert after.report is not None
    assert [split["listed"] for split in after.report["splits"]] == [4, 2]
    assert (settings.home / "cache" / "worlds" / f"objects-{world.digest()}").is_dir()


@pytest.mark.slow
def test_root_that_vanished_fails_the_scan_and_keeps_what_was_found(
    database: Database, spec: FolderDatasetSpec, dataset: Dataset, make_context: MakeContext
) -> None:
    scan_next(make_context())
    before = load(database, dataset)
    shutil.rmtree(spec.root)
    scan_again(database, dataset)
    scan_next(make_context())

    after = load(database, dataset)
    assert after.state == "failed"
    assert str(after.message).startswith(f"{spec.root}: the dataset's root does not exist")
    assert (after.digest, after.index_sha256) == (before.digest, before.index_sha256)


def test_scan_that_is_over_is_not_taken_again(database: Database, dataset: Dataset, make_context: MakeContext) -> None:
    scripts = ("print('no data'); exit(2)", "raise AssertionError")
    worked = [scan_next(make_context(), command=scripted(script)) for script in scripts]

    assert worked == [True, False]
    assert load(database, dataset).message == "the check ended with status 2: no data"


def test_check_that_is_killed_says_so(database: Database, dataset: Dataset, make_context: MakeContext) -> None:
    scan_next(make_context(), command=scripted("os.kill(os.getpid(), 9)"))

    after = load(database, dataset)
    assert (after.state, "killed by signal 9 (SIGKILL), reason unknown" in str(after.message)) == ("failed", True)


def test_check_that_takes_too_long_is_ended(
    database: Database, settings: Settings, dataset: Dataset, make_context: MakeContext
) -> None:
    context = make_context()
    object.__setattr__(context, "settings", settings.model_copy(update={"scan_limit_s": 0.1}))

    scan_next(context, command=scripted("time.sleep(600)"))

    assert "raise PALIMPSEST_SCAN_LIMIT_S" in str(load(database, dataset).message)


def test_report_that_is_no_report_fails_the_scan(
    database: Database, dataset: Dataset, make_context: MakeContext
) -> None:
    scan_next(make_context(), command=scripted("open('report.json', 'w').write('{')"))

    assert "the worker failed: ValidationError" in str(load(database, dataset).message)


def test_worker_that_leaves_gives_the_scan_back(
    database: Database, dataset: Dataset, make_context: MakeContext
) -> None:
    context = make_context()
    thread = threading.Thread(target=scan_next, args=(context,), kwargs={"command": scripted("time.sleep(600)")})
    thread.start()
    wait_until(lambda: load(database, dataset).lease_until is not None)
    context.shutdown.set()
    thread.join(30)

    after = load(database, dataset)
    assert (after.state, after.lease_until, after.claims) == ("scanning", None, 0)


def test_worker_that_was_killed_only_delays_the_scan(
    database: Database, settings: Settings, dataset: Dataset, make_context: MakeContext
) -> None:
    """A claim is left behind as by SIGKILL; once it has run out, it is taken again."""
    done = "open('report.json', 'w').write('{')"
    with database.write() as session:
        session.execute(update(Dataset).values(claims=1, lease_until=utc_now() + timedelta(seconds=60)))
    left = settings.home / "cache" / "scans" / f"{dataset.id}-1-1"
    left.mkdir(parents=True)
    scan_next(make_context(), command=scripted(done))
    held = load(database, dataset)
    with database.write() as session:
        session.execute(update(Dataset).values(lease_until=utc_now() - timedelta(seconds=1)))
    scan_next(make_context(), command=scripted(done))

    after = load(database, dataset)
    assert (held.state, held.claims) == ("scanning", 1)
    assert (after.state, after.claims) == ("failed", 2)
    assert not left.exists()


def test_scan_of_a_deleted_dataset_is_ended_with_its_process(
    database: Database, dataset: Dataset, make_context: MakeContext
) -> None:
    thread = threading.Thread(target=scan_next, args=(make_context(),), kwargs={"command": scripted("time.sleep(600)")})
    thread.start()
    wait_until(lambda: load(database, dataset).lease_until is not None)
    with database.write() as session:
        session.delete(session.get_one(Dataset, dataset.id))
    thread.join(30)

    assert not thread.is_alive()
    assert [child for child in psutil.Process().children() if "time.sleep(600)" in " ".join(child.cmdline())] == []


def test_worker_shows_the_dataset_that_it_scans(
    database: Database, dataset: Dataset, make_context: MakeContext
) -> None:
    context = make_context()
    thread = threading.Thread(target=scan_next, args=(context,), kwargs={"command": scripted("time.sleep(600)")})

    def row() -> Worker | None:
        with database.read() as session:
            return session.get(Worker, context.identity.id)

    thread.start()
    wait_until(lambda: (found := row()) is not None and found.dataset_id == dataset.id)
    shown = row()
    context.shutdown.set()
    thread.join(30)

    left = row()
    assert shown is not None
    assert left is not None
    assert (shown.state, left.dataset_id) == ("busy", None)
