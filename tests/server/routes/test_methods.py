from __future__ import annotations

import dataclasses

import httpx
import pytest

from core.methods.catalog import METHODS
from core.methods.scoring import Headline, ScoreTable, Scoring
from tests.support.serving import problem


def test_list_has_every_method_of_the_catalog_in_its_order(http: httpx.Client) -> None:
    page = http.get("/methods").json()

    assert [item["name"] for item in page["items"]] == list(METHODS)
    assert page["next_cursor"] is None


def test_method_names_its_publication_and_presets(http: httpx.Client) -> None:
    method = http.get("/methods/eir").json()

    assert "CVPR 2025" in method["publication"]
    assert "eir/demo" in method["presets"]
    assert method["stream"] == "class_incremental"


@pytest.mark.parametrize("path", ["", "/schema", "/presets", "/presets/demo"])
def test_unknown_method_names_the_nearest(http: httpx.Client, path: str) -> None:
    answer = http.get(f"/methods/eri{path}")

    assert "did you mean 'eir'?" in problem(answer, 404, "not-found")["detail"]


def test_schema_describes_documents_with_bounds_and_published_defaults(http: httpx.Client) -> None:
    schema = http.get("/methods/eir/schema").json()

    assert schema["properties"]["method"]["const"] == "eir"
    assert schema["$defs"]["OptimConfig"]["properties"]["lr_base"]["exclusiveMinimum"] == 0
    assert schema["$defs"]["OptimConfig"]["properties"]["epochs"]["default"] == 60
    assert schema["additionalProperties"] is False


def test_presets_carry_title_description_and_version(http: httpx.Client) -> None:
    presets = {item["name"]: item for item in http.get("/methods/eir/presets").json()["items"]}

    assert presets["eir/demo"]["version"] >= 1
    assert presets["eir/demo"]["title"]
    assert presets["eir/demo"]["description"]


def test_preset_expands_to_a_complete_config_with_deviations_and_stages(http: httpx.Client) -> None:
    preset = http.get("/methods/eir/presets/demo").json()

    assert preset["resolved"]["config"]["model"]["name"] == "tiny"
    assert preset["resolved"]["config"]["optim"]["momentum"] == 0.9
    assert {"pointer": "/model/name", "published": "deeplabv3_resnet101", "value": "tiny"} in preset["deviations"]
    assert [stage["index"] for stage in preset["plan"]] == [0, 1, 2]
    assert preset["document"]["preset"] == "eir/demo"


def test_document_of_a_preset_can_be_submitted_as_it_is(http: httpx.Client) -> None:
    preset = http.get("/methods/eir/presets/demo").json()

    verdict = http.post("/experiments", params={"dry_run": True}, json={"document": preset["document"]})

    assert verdict.status_code == 200
    assert verdict.json()["resolved"] == preset["resolved"]


def test_unknown_preset_names_the_nearest(http: httpx.Client) -> None:
    answer = http.get("/methods/eir/presets/dmo")

    assert "did you mean 'eir/demo'?" in problem(answer, 404, "not-found")["detail"]


def test_method_says_what_its_runs_are_judged_by(http: httpx.Client) -> None:
    scoring = http.get("/methods/eir").json()["scoring"]

    assert scoring["headline"]["metric"] == "miou_present"
    assert (scoring["headline"]["title"], scoring["headline"]["direction"]) == ("mIoU", "max")
    tables = [(table["metric"], table["by"], table["group"], table["direction"]) for table in scoring["tables"]]
    assert tables[:3] == [
        ("iou", "class", None, "max"),
        ("miou_present", "group", None, "max"),
        ("miou", "group", None, "max"),
    ]
    assert ("miou", "domain", "all", "max") in tables
    assert scoring["lower_is_better"] == []


def test_a_method_may_be_judged_by_what_is_to_be_low(http: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    errors = Scoring(
        Headline("aose", None, "AOSE", "unknown objects taken for known ones", "min"),
        (ScoreTable("aose", "domain", "AOSE"),),
    )
    monkeypatch.setitem(METHODS, "eir", dataclasses.replace(METHODS["eir"], scoring=errors))

    scoring = http.get("/methods/eir").json()["scoring"]

    assert (scoring["headline"]["direction"], scoring["tables"][0]["direction"]) == ("min", "min")
