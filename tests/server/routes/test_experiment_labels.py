from __future__ import annotations

from typing import Any

import httpx
import pytest

from server.db.session import Database
from tests.support.rows import make_run
from tests.support.serving import pointers, problem


@pytest.fixture
def address(http: httpx.Client, database: Database) -> str:
    """Of an experiment with one run."""
    run = http.get(f"/runs/{make_run(database).id}").json()
    return f"/experiments/{run['experiment_id']}"


def _patch(http: httpx.Client, address: str, body: Any) -> httpx.Response:
    return http.patch(address, json=body, headers={"If-Match": http.get(address).headers["etag"]})


def test_patch_changes_what_it_names_and_leaves_the_rest(http: httpx.Client, address: str) -> None:
    tagged = _patch(http, address, {"tags": ["owner=ada", "baseline"]}).json()
    noted = _patch(http, address, {"notes": "# why\n<script>alert(1)</script>"}).json()
    cleared = _patch(http, address, {"tags": None, "name": None}).json()

    assert (tagged["tags"], tagged["name"], tagged["revision"]) == (["baseline", "owner=ada"], "test", 2)
    assert (noted["tags"], noted["notes"]) == (["baseline", "owner=ada"], "# why\n<script>alert(1)</script>")
    assert (cleared["tags"], cleared["name"], cleared["notes"]) == ([], "eir", noted["notes"])


def test_tags_and_name_show_on_every_run_of_the_experiment_and_as_a_change_of_the_list(
    http: httpx.Client, address: str
) -> None:
    as_of = http.get("/runs").json()["as_of"]

    _patch(http, address, {"name": "<b>bold</b>", "tags": ["<i>=%_"]})

    [run] = http.get("/runs/changes", params={"after": as_of}).json()["items"]
    assert (run["experiment_name"], run["tags"]) == ("<b>bold</b>", ["<i>=%_"])
    assert len(http.get("/runs", params={"tag": "<i>=%_"}).json()["items"]) == 1
    assert http.get("/runs", params={"tag": "<i>=%%"}).json()["items"] == []


def test_merge_patch_may_be_sent_under_its_own_media_type(http: httpx.Client, address: str) -> None:
    head = {"If-Match": http.get(address).headers["etag"], "Content-Type": "application/merge-patch+json"}

    assert http.patch(address, content=b'{"name": "new"}', headers=head).json()["name"] == "new"


def test_change_without_a_revision_or_with_an_old_one_is_refused(http: httpx.Client, address: str) -> None:
    old = {"If-Match": http.get(address).headers["etag"]}
    http.patch(address, json={"name": "mine"}, headers=old)

    problem(http.patch(address, json={"name": "theirs"}), 428, "precondition-required")
    problem(http.patch(address, json={"name": "theirs"}, headers=old), 412, "revision-mismatch")

    assert http.get(address).json()["name"] == "mine"


@pytest.mark.parametrize("tag", ["k" * 100, "k" * 100 + "=" + "v" * 500, "k=", "a=b=c", "schlüssel=größe"])
def test_tag_within_the_limits_is_kept(http: httpx.Client, address: str, tag: str) -> None:
    assert _patch(http, address, {"tags": [tag]}).json()["tags"] == [tag]


@pytest.mark.parametrize("tag", ["", "=v", "k" * 101, "k=" + "v" * 501, "a\nb", "a\x00"])
def test_tag_beyond_the_limits_is_refused_at_its_place(http: httpx.Client, address: str, tag: str) -> None:
    assert pointers(_patch(http, address, {"tags": ["fine", tag]})) == ["/tags/1"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"tags": [f"tag-{number}" for number in range(101)]}, "/tags"),
        ({"tags": ["owner=ada", "owner=grace"]}, "/tags"),
        ({"notes": "n" * 65_537}, "/notes"),
        ({"name": "n" * 201}, "/name"),
        ({"config": {}}, "/config"),
    ],
)
def test_labels_beyond_the_limits_are_refused(http: httpx.Client, address: str, body: Any, pointer: str) -> None:
    assert pointers(_patch(http, address, body)) == [pointer]


def test_unknown_experiment_is_not_found(http: httpx.Client) -> None:
    answer = http.patch(
        "/experiments/01890000-0000-7000-8000-000000000000", json={"name": "x"}, headers={"If-Match": "*"}
    )

    problem(answer, 404, "not-found")
