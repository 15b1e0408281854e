from __future__ import annotations

import statistics
from typing import Any

import httpx
import numpy as np
import pytest

from server.db.models import Experiment
from server.db.session import Database
from tests.support.seeds import ONE_BY_ONE, iou, make_definition, make_seed, matrices
from tests.support.serving import pointers, problem

UNKNOWN = "01890000-0000-7000-8000-000000000000"


def _joint(database: Database, *seeds: int) -> Experiment:
    """Return an experiment that learns both classes in one step; its matrices are those of the last step."""
    joint = make_definition(
        database, "joint", method="finetune", stream={**ONE_BY_ONE, "steps": [[4, 2]]}, num_stages=1
    )
    for seed in seeds:
        make_seed(database, joint, seed, [matrices(seed + 30)[1]])
    return joint


def _attach(http: httpx.Client, to: Experiment, role: str, named: Experiment) -> httpx.Response:
    return http.put(f"/experiments/{to.digest}/references/{role}", json={"experiment": named.digest})


def _place(answer: dict[str, Any], key: str) -> int:
    return [measure["key"] for measure in answer["measures"]].index(key)


def test_a_comparison_shows_the_gap_to_joint_training_and_fine_tuning(http: httpx.Client, database: Database) -> None:
    eir, tuned = make_definition(database, "eir"), make_definition(database, "tuned", method="finetune")
    for seed in (0, 1):
        make_seed(database, eir, seed)
        make_seed(database, tuned, seed, matrices(seed + 10))
    other = make_definition(database, "other", config={"lr": 1})
    make_seed(database, other, 0, matrices(20))
    joint = _joint(database, 0, 1)
    for role, named in (("joint", joint), ("fine_tuning", tuned)):
        assert _attach(http, eir, role, named).status_code == 200

    answer = http.get("/compare", params={"experiments": f"{eir.digest},{other.digest}"}).json()

    assert [(row["role"], row["name"], row["seeds"]) for row in answer["references"]] == [
        ("fine_tuning", "tuned", [0, 1]),
        ("joint", "joint", [0, 1]),
    ]
    of_eir = statistics.fmean(float(iou(matrices(seed)[1]).mean()) for seed in (0, 1))
    of_joint = statistics.fmean(float(iou(matrices(seed + 30)[1]).mean()) for seed in (0, 1))
    score = _place(answer, "score:score")
    gaps = answer["references"][1]["gaps"]
    assert gaps[0][score] == pytest.approx(of_eir - of_joint, abs=1e-6)
    assert answer["references"][1]["summary"][score]["mean"] == pytest.approx(of_joint, abs=1e-6)


def test_old_and_new_classes_of_a_joint_training_are_those_of_the_stream(
    http: httpx.Client, database: Database
) -> None:
    eir = make_definition(database, "eir")
    make_seed(database, eir, 0)
    _attach(http, eir, "joint", _joint(database, 0)).raise_for_status()

    answer = http.get(f"/experiments/{eir.digest}/results").json()

    # The background and class 4 are old, class 2 is new.
    background, old, new = iou(matrices(30)[1])
    (joint,) = answer["references"]
    shown = {
        key: joint["summary"][_place(answer, f"miou_present/mean:{key}")]["mean"] for key in ("old", "new", "harmonic")
    }
    both = float(np.mean([background, old]))
    assert shown == pytest.approx({"old": both, "new": new, "harmonic": 2 * both * new / (both + new)}, abs=1e-6)
    assert joint["summary"][_place(answer, "miou_present/group:step-1")]["mean"] == pytest.approx(new, abs=1e-6)
    assert joint["summary"][_place(answer, "miou_present/group:forgetting")] is None
    assert joint["gaps"][0][_place(answer, "miou_present/group:forgetting")] is None


def test_references_belong_to_the_stream_and_are_replaced_and_taken_away(
    http: httpx.Client, database: Database
) -> None:
    eir, tuned = make_definition(database, "eir"), make_definition(database, "tuned", method="finetune")
    address = f"/experiments/{tuned.id}/references"

    _attach(http, eir, "fine_tuning", eir).raise_for_status()
    _attach(http, eir, "fine_tuning", tuned).raise_for_status()

    (found,) = http.get(address).json()["items"]
    assert (found["role"], found["digest"], found["author"]) == ("fine_tuning", tuned.digest, "user:local")
    assert http.delete(f"{address}/fine_tuning").status_code == 204
    assert http.get(address).json()["items"] == []
    problem(http.delete(f"{address}/fine_tuning"), 404, "not-found")


def test_a_reference_on_other_data_is_refused(http: httpx.Client, database: Database) -> None:
    eir = make_definition(database, "eir")
    other_data = make_definition(database, "x", resolved={"dataset": {"world": "objects", "eval_images": 9}})
    disjoint = make_definition(database, "y", stream={**ONE_BY_ONE, "setting": "disjoint"})

    for role, named in (("joint", other_data), ("fine_tuning", other_data), ("fine_tuning", disjoint)):
        assert pointers(_attach(http, eir, role, named)) == ["/experiment"]
    assert _attach(http, eir, "joint", disjoint).status_code == 200


def test_unknown_roles_and_experiments_are_refused(http: httpx.Client, database: Database) -> None:
    eir = make_definition(database, "eir")
    address = f"/experiments/{eir.digest}/references"

    problem(http.put(f"{address}/upper", json={"experiment": eir.id}), 404, "not-found")
    problem(http.put(f"{address}/joint", json={"experiment": UNKNOWN}), 404, "not-found")
    problem(http.get(f"/experiments/{UNKNOWN}/references"), 404, "not-found")
    assert pointers(http.put(f"{address}/joint", json={})) == ["/experiment"]


def test_references_stand_below_the_summary_and_are_never_the_best(http: httpx.Client, database: Database) -> None:
    eir, other = make_definition(database, "eir"), make_definition(database, "other", config={"lr": 1})
    for experiment in (eir, other):
        make_seed(database, experiment, 0)
    perfect = [[50, 0, 0], [0, 50, 0], [0, 0, 50]]
    joint = _joint(database)
    make_seed(database, joint, 0, [perfect])
    _attach(http, eir, "joint", joint).raise_for_status()

    text = http.get("/compare", params={"experiments": f"{eir.digest},{other.digest}", "format": "latex"}).text

    assert text.splitlines()[8].startswith("joint (joint) & 100.0 & 100.0 & 100.0 &")
    assert r"\textbf{100.0}" not in text
