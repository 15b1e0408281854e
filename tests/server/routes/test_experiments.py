from __future__ import annotations

import hashlib
import json
import statistics
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.seeding import SeedComponent, derive_seed
from server.db.models import Experiment, Run
from server.db.session import Database
from server.settings import Settings
from tests.support.datasets import write_voc_dataset
from tests.support.seeds import make_definition, make_seed, matrices
from tests.support.serving import Service, pointers, problem

DEMO: dict[str, Any] = {"method": "eir", "preset": "eir/demo"}


def _dry_run(http: httpx.Client, document: dict[str, Any]) -> httpx.Response:
    return http.post("/experiments", params={"dry_run": True}, json={"document": document})


def test_dry_run_gives_the_full_verdict_and_creates_nothing(http: httpx.Client, database: Database) -> None:
    verdict = _dry_run(http, DEMO).json()

    assert verdict["is_valid"] is True
    assert verdict["resolved"]["config"]["memory"]["size"] == 60
    assert len(verdict["plan"]) == 3
    assert verdict["deviations"]
    assert [label["id"] for label in verdict["classes"]] == [1, 2, 3, 4, 5, 6]
    assert verdict["classes_per_step"] == [[1, 2], [3, 4], [5, 6]]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Experiment)) == 0


def test_digest_is_the_sha256_of_the_resolved_document_in_canonical_json(http: httpx.Client) -> None:
    verdict = _dry_run(http, DEMO).json()

    canonical = json.dumps(verdict["resolved"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert verdict["digest"] == hashlib.sha256(canonical.encode()).hexdigest()


def test_created_experiment_can_be_read_back_as_submitted_and_resolved(http: httpx.Client) -> None:
    body = {"document": {**DEMO, "config": {"memory": {"size": 7}}}, "name": "small memory", "tags": ["a", "b=1"]}

    answer = http.post("/experiments", json=body)

    created = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/v1/experiments/{created['id']}"
    assert http.get(f"/experiments/{created['id']}").json() == created
    assert created["document"] == body["document"]
    assert created["resolved"]["config"]["memory"]["size"] == 7
    assert (created["name"], created["tags"], created["revision"]) == ("small memory", ["a", "b=1"], 1)


def test_experiment_without_a_name_gets_that_of_its_preset(http: httpx.Client) -> None:
    created = http.post("/experiments", json={"document": DEMO}).json()

    assert created["name"] == "eir/demo"
    assert (created["preset"], created["preset_version"]) == ("eir/demo", 1)


def test_list_pages_newest_first_without_double_or_gap(http: httpx.Client) -> None:
    documents = [{**DEMO, "config": {"memory": {"size": size}}} for size in range(1, 7)]
    ids = [http.post("/experiments", json={"document": document}).json()["id"] for document in documents[:5]]

    first = http.get("/experiments", params={"limit": 2}).json()
    http.post("/experiments", json={"document": documents[5]})
    second = http.get("/experiments", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    third = http.get("/experiments", params={"limit": 2, "cursor": second["next_cursor"]}).json()

    seen = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert seen == list(reversed(ids))
    assert third["next_cursor"] is None


def test_list_filters_by_method_and_counts_runs(http: httpx.Client) -> None:
    eir = http.post("/experiments", json={"document": DEMO}).json()["id"]
    http.post("/experiments", json={"document": {"method": "finetune", "preset": "finetune/demo"}})
    http.post(f"/experiments/{eir}/runs", json={"seeds": [0, 1]})

    items = http.get("/experiments", params={"method": "eir"}).json()["items"]

    assert [(item["id"], item["runs"]) for item in items] == [(eir, 2)]


def test_definitions_of_one_configuration_are_one_line_with_all_their_runs(
    http: httpx.Client, database: Database
) -> None:
    first, second = make_definition(database, "first"), make_definition(database, "second")
    other = make_definition(database, "other", config={"lr": 1})
    runs = [make_seed(database, first, 0), make_seed(database, second, 1), make_seed(database, second, 1)]
    make_seed(database, first, 2, matrices(2)[:1])

    items = http.get("/experiments").json()["items"]

    assert [(item["id"], item["name"], item["definitions"]) for item in items] == [
        (other.id, "other", 1),
        (second.id, "second", 2),
    ]
    assert (items[0]["runs"], items[0]["score"], items[0]["last_run_at"]) == (0, None, None)
    assert (items[1]["runs"], items[1]["seeds"]) == (4, [0, 1, 2])
    assert items[1]["states"] == {"succeeded": 3, "running": 1}
    scores = [http.get(f"/runs/{run.id}").json()["score"] for run in runs[:2]]
    score = items[1]["score"]
    assert (score["n"], score["of"], items[1]["score_name"]) == (2, 2, "mIoU")
    assert (score["mean"], score["std"]) == pytest.approx((statistics.fmean(scores), statistics.stdev(scores)))


def test_a_digest_names_the_newest_definition(http: httpx.Client) -> None:
    http.post("/experiments", json={"document": DEMO, "name": "first"}).raise_for_status()
    newest = http.post("/experiments", json={"document": DEMO, "name": "second"}).json()

    assert http.get(f"/experiments/{newest['digest']}").json() == newest


def test_a_run_is_created_once_under_a_key(http: httpx.Client) -> None:
    first, again = (
        http.post("/runs", json={"preset": "eir/demo"}, headers={"Idempotency-Key": "only"}) for _ in range(2)
    )

    assert first.json() == again.json()
    assert first.headers["Location"] == again.headers["Location"]
    assert len(http.get("/runs").json()["items"]) == 1


def test_a_key_of_another_form_is_refused(http: httpx.Client) -> None:
    for key in ("a b", "x" * 256):
        answer = http.post("/runs", json={"preset": "eir/demo"}, headers={"Idempotency-Key": key})
        assert pointers(answer) == ["/Idempotency-Key"]


def test_unknown_experiment_is_not_found(http: httpx.Client) -> None:
    unknown = "01890000-0000-7000-8000-000000000000"

    problem(http.get(f"/experiments/{unknown}"), 404, "not-found")
    problem(http.post(f"/experiments/{unknown}/runs", json={"seed": 0}), 404, "not-found")
    problem(http.get("/experiments/nonsense"), 404, "not-found")


@pytest.mark.parametrize(
    ("document", "pointer", "words"),
    [
        ({"method": "eri"}, "/document/method", "did you mean 'eir'?"),
        ({}, "/document/method", "expected one of eir"),
        ({"method": 3}, "/document/method", "expected one of eir"),
        ({"method": "eir", "preset": "eir/dmo"}, "/document/preset", "did you mean 'eir/demo'?"),
        ({"method": "eir", "preset": "finetune/demo"}, "/document/preset", "belongs to another method"),
        ({**DEMO, "config": {"optm": {}}}, "/document/config/optm", "did you mean 'optim'?"),
        ({**DEMO, "config": {"optim": {"lr_bse": 1}}}, "/document/config/optim/lr_bse", "did you mean 'lr_base'?"),
        ({**DEMO, "config": {"optim": {"lr_base": "fast"}}}, "/document/config/optim/lr_base", "found 'fast'"),
        ({**DEMO, "config": {"optim": {"lr_base": 0}}}, "/document/config/optim/lr_base", "more than 0"),
        ({**DEMO, "config": {"memory": {"size": -1}}}, "/document/config/memory/size", "at least 0"),
        ({**DEMO, "config": {"model": {"name": "tny"}}}, "/document/config/model/name", "'tiny'"),
        (
            {**DEMO, "stream": {"steps": [[1, 2], [2, 3]]}},
            "/document/stream/steps/1/0",
            "class 2 is in step 0 and again in step 1",
        ),
        ({**DEMO, "stream": {"steps": [[1], [7]]}}, "/document/stream/steps/1/0", "class 7 is not in the dataset"),
        ({**DEMO, "stream": {"steps": [[1], []]}}, "/document/stream/steps/1", "step 1 has no class"),
        ({**DEMO, "dataset": {"world": "objekts"}}, "/document/dataset/world", "'objects'"),
        ({**DEMO, "dataset": "objects"}, "/document/dataset", "object"),
        ({**DEMO, "schema_version": 2}, "/document/schema_version", "1"),
    ],
)
def test_fault_names_its_place_and_the_way_out(
    http: httpx.Client, document: dict[str, Any], pointer: str, words: str
) -> None:
    answer = _dry_run(http, document)

    errors = problem(answer, 422, "validation-failed")["errors"]
    messages = {entry["pointer"]: entry["message"] for entry in errors}
    assert words in messages[pointer]


def test_every_fault_of_a_document_has_its_own_entry(http: httpx.Client) -> None:
    document = {**DEMO, "config": {"optm": {}, "optim": {"momentum": 2}, "memory": {"size": "many"}}}

    answer = _dry_run(http, document)

    assert set(pointers(answer)) == {
        "/document/config/optm",
        "/document/config/optim/momentum",
        "/document/config/memory/size",
    }


def test_root_outside_the_allowed_ones_names_both_and_the_way_out(http: httpx.Client, settings: Settings) -> None:
    answer = _dry_run(http, {**DEMO, "dataset": {"adapter": "folder", "root": "/etc"}})

    entry = problem(answer, 422, "validation-failed")["errors"][0]
    assert entry["pointer"] == "/document/dataset/root"
    assert "'/etc'" in entry["message"]
    assert str(settings.data_roots[0]) in entry["message"]
    assert "PALIMPSEST_DATA_ROOTS" in entry["message"]


def test_dataset_in_an_allowed_root_is_accepted(http: httpx.Client, settings: Settings) -> None:
    root = settings.data_roots[0] / "six"
    write_voc_dataset(root)
    document = {**DEMO, "dataset": {"adapter": "voc", "root": str(root)}}

    verdict = _dry_run(http, document).json()

    assert verdict["resolved"]["dataset"]["root"] == str(root)
    assert verdict["is_scanned"] is False


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/document"),
        ({"document": []}, "/document"),
        ({"document": DEMO, "nme": "x"}, "/nme"),
        ({"document": DEMO, "name": "a\u0000b"}, "/name"),
        ({"document": DEMO, "name": ""}, "/name"),
        ({"document": DEMO, "name": "x" * 201}, "/name"),
        ({"document": DEMO, "tags": ["a"] * 101}, "/tags"),
        ({"document": {"method": "eir\u0000"}}, "/document"),
        ([], ""),
        (None, ""),
    ],
)
def test_body_of_another_form_is_refused_at_its_place(http: httpx.Client, body: Any, pointer: str) -> None:
    assert pointer in pointers(http.post("/experiments", json=body))


@pytest.mark.parametrize(
    "text",
    [
        '{"document": {"method": "\\ud800"}}',
        '{"document": {"method": "eir", "config": {"loss": NaN}}}',
        '{"document": {"method": "eir", "config": {"loss": 1e999}}}',
        '{"document": {"method": "eir", "config": ' + '{"a":' * 60 + "1" + "}" * 60 + "}}",
    ],
)
def test_json_that_cannot_be_stored_is_refused(http: httpx.Client, text: str) -> None:
    answer = http.post("/experiments", content=text, headers={"Content-Type": "application/json"})

    assert pointers(answer) == ["/document"]


def test_text_that_is_not_json_is_refused(http: httpx.Client) -> None:
    answer = http.post("/experiments", content="{", headers={"Content-Type": "application/json"})

    assert problem(answer, 422, "validation-failed")["errors"][0]["code"] == "json_invalid"


def test_brackets_without_end_are_a_bad_request(http: httpx.Client) -> None:
    answer = http.post("/experiments", content="[" * 100_000, headers={"Content-Type": "application/json"})

    problem(answer, 400, "bad-request")


def test_body_that_is_not_declared_as_json_is_refused(http: httpx.Client) -> None:
    answer = http.post("/experiments", content="{}", headers={"Content-Type": "text/plain"})

    problem(answer, 415, "unsupported-media")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_PART = st.sampled_from(["method", "preset", "dataset", "stream", "config", "schema_version", "other"])


@hypothesis_settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=st.dictionaries(_PART, _JSON, max_size=3))
def test_any_json_in_any_part_of_a_document_is_accepted_or_a_problem(http: httpx.Client, changes: Any) -> None:
    answer = _dry_run(http, {**DEMO, **changes})

    assert answer.status_code in {200, 422}, answer.text


def test_seeds_start_one_run_each_with_derived_seeds_shown(http: httpx.Client, database: Database) -> None:
    experiment = http.post("/experiments", json={"document": DEMO}).json()["id"]

    answer = http.post(f"/experiments/{experiment}/runs", json={"seeds": [3, 1]})

    runs = answer.json()["items"]
    assert answer.status_code == 201
    assert [(run["seed"], run["state"]) for run in runs] == [(3, "queued"), (1, "queued")]
    shown = runs[0]["stages"][1]["seeds"]
    assert shown == {part.value: str(derive_seed(3, 1, part)) for part in SeedComponent}
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"seed": 1, "seeds": [2]}, ""),
        ({"seeds": []}, "/seeds"),
        ({"seeds": [1, 1]}, ""),
        ({"seed": -1}, "/seed"),
        ({"seed": 2**53}, "/seed"),
        ({"seed": "zero"}, "/seed"),
        ({"seeds": list(range(201))}, "/seeds"),
    ],
)
def test_seeds_of_another_form_are_refused(http: httpx.Client, body: dict[str, Any], pointer: str) -> None:
    experiment = http.post("/experiments", json={"document": DEMO}).json()["id"]

    assert pointers(http.post(f"/experiments/{experiment}/runs", json=body)) == [pointer]


def test_history_of_a_run_names_the_request_that_started_it(service: Service) -> None:
    experiment = service.http.post("/experiments", json={"document": DEMO}).json()["id"]
    started = service.http.post(
        f"/experiments/{experiment}/runs", json={"seed": 0}, headers={"X-Request-ID": "start-42"}
    )

    run_id = started.json()["items"][0]["id"]
    history = service.http.get(f"/runs/{run_id}/history").json()["items"]

    assert {entry["request_id"] for entry in history} == {"start-42"}


def test_dry_run_names_the_runs_that_it_would_repeat(http: httpx.Client) -> None:
    before = _dry_run(http, DEMO).json()["duplicates"]
    started = [http.post("/runs", json={"preset": "eir/demo", "seed": seed, "name": "twin"}).json() for seed in (0, 1)]
    http.post("/runs", json={"document": {**DEMO, "config": {"memory": {"size": 7}}}})

    found = _dry_run(http, {**DEMO, "schema_version": 1}).json()["duplicates"]

    assert before == []
    assert [(run["run_id"], run["seed"]) for run in found] == [(started[1]["id"], 1), (started[0]["id"], 0)]
    assert found[0]["experiment_name"] == "twin"


def test_clone_remembers_what_it_was_copied_from(http: httpx.Client) -> None:
    first = http.post("/experiments", json={"document": DEMO}).json()

    clone = http.post("/experiments", json={"document": DEMO, "cloned_from": first["id"]}).json()

    assert (first["cloned_from"], clone["cloned_from"]) == (None, first["id"])


def test_clone_of_nothing_is_refused(http: httpx.Client) -> None:
    assert pointers(http.post("/experiments", json={"document": DEMO, "cloned_from": "nothing"})) == ["/cloned_from"]


def test_dry_run_says_what_is_worth_a_second_look(http: httpx.Client) -> None:
    verdict = _dry_run(http, {**DEMO, "stream": {"steps": [[1, 2], [3, 4]]}}).json()

    assert [(warning["pointer"], warning["code"]) for warning in verdict["warnings"]] == [
        ("/document/stream/steps", "classes_left_out")
    ]
