from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import httpx
import pytest

from core.packs import write_pack
from server.db.session import Database
from server.storage import LocalStorage
from server.storage.outputs import blob_source
from tests.support.results import add_artifact, store
from tests.support.rows import make_run
from tests.support.serving import problem

CONTENT = bytes(range(256)) * 20
PACKED = {"masks/c.png": b"third", "masks/a b.png": b"first of all", "notes.txt": b"words"}
UNKNOWN = "01890000-0000-7000-8000-000000000000"


@pytest.fixture
def artifact(database: Database, storage: LocalStorage, tmp_path: Path) -> str:
    """An artifact of 5,120 bytes; its id."""
    sha256 = store(storage, tmp_path, CONTENT)
    return add_artifact(database, make_run(database).stages[0], sha256, len(CONTENT))


def test_artifacts_of_run_and_stage_are_listed_in_pages(http: httpx.Client, database: Database) -> None:
    run = make_run(database)
    names = [f"file-{number}.json" for number in range(3)]
    for name in names:
        add_artifact(database, run.stages[0], "0" * 64, 1, name)
    add_artifact(database, run.stages[1], "0" * 64, 1, "other.json")

    of_stage = http.get(f"/stages/{run.stages[0].id}/artifacts").json()["items"]
    first = http.get(f"/runs/{run.id}/artifacts", params={"limit": 3}).json()
    second = http.get(f"/runs/{run.id}/artifacts", params={"limit": 3, "cursor": first["next_cursor"]}).json()

    in_pages = first["items"] + second["items"]
    assert sorted(item["name"] for item in of_stage) == names
    assert sorted(item["name"] for item in in_pages) == [*names, "other.json"]
    assert [item["id"] for item in in_pages] == sorted(item["id"] for item in in_pages)


def test_shown_artifact_has_digest_and_size(http: httpx.Client, artifact: str) -> None:
    shown = http.get(f"/artifacts/{artifact}").json()

    assert (shown["sha256"], shown["bytes"]) == (hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))


def test_download_carries_length_digest_and_a_safe_name(http: httpx.Client, artifact: str) -> None:
    answer = http.get(f"/artifacts/{artifact}/content", headers={"Accept-Encoding": "gzip"})

    digest = hashlib.sha256(CONTENT)
    assert answer.content == CONTENT
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert "content-encoding" not in answer.headers
    assert answer.headers["etag"] == f'"{digest.hexdigest()}"'
    assert answer.headers["digest"] == f"sha-256={base64.b64encode(digest.digest()).decode()}"
    assert 'filename="scores.json"' in answer.headers["content-disposition"]
    assert answer.headers["content-type"] == "application/json"


def test_head_gives_the_headers_alone(http: httpx.Client, artifact: str) -> None:
    answer = http.head(f"/artifacts/{artifact}/content")

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(CONTENT))


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=5000-", 5000, 5119), ("bytes=-20", 5100, 5119), ("bytes=5100-9999", 5100, 5119)],
)
def test_single_range_gives_that_part(http: httpx.Client, artifact: str, wanted: str, first: int, last: int) -> None:
    answer = http.get(f"/artifacts/{artifact}/content", headers={"Range": wanted})

    assert answer.status_code == 206
    assert answer.content == CONTENT[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert answer.headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize("wanted", ["bytes=5120-", "bytes=9999-10000", "bytes=-0"])
def test_range_behind_the_end_tells_the_length(http: httpx.Client, artifact: str, wanted: str) -> None:
    answer = http.get(f"/artifacts/{artifact}/content", headers={"Range": wanted})

    problem(answer, 416, "range-not-satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"


@pytest.mark.parametrize("wanted", ["bytes=0-1,4-5", "lines=0-1", "bytes=", "bytes=9-3", "bytes=a-b"])
def test_range_of_another_form_gives_the_whole(http: httpx.Client, artifact: str, wanted: str) -> None:
    answer = http.get(f"/artifacts/{artifact}/content", headers={"Range": wanted})

    assert (answer.status_code, answer.content) == (200, CONTENT)


def test_file_that_the_reader_has_is_not_sent_again(http: httpx.Client, artifact: str) -> None:
    etag = http.head(f"/artifacts/{artifact}/content").headers["etag"]

    same = http.get(f"/artifacts/{artifact}/content", headers={"If-None-Match": f'"other", {etag}'})
    other = http.get(f"/artifacts/{artifact}/content", headers={"If-None-Match": '"other"'})

    assert (same.status_code, same.content) == (304, b"")
    assert other.status_code == 200


def test_range_of_a_file_that_has_changed_gives_the_whole(http: httpx.Client, artifact: str) -> None:
    headers = {"Range": "bytes=0-9", "If-Range": '"other"'}

    answer = http.get(f"/artifacts/{artifact}/content", headers=headers)

    assert (answer.status_code, len(answer.content)) == (200, len(CONTENT))


def test_file_that_is_gone_from_storage_is_said_to_be_missing(
    http: httpx.Client, artifact: str, storage: LocalStorage
) -> None:
    storage.delete(hashlib.sha256(CONTENT).hexdigest())

    problem(http.get(f"/artifacts/{artifact}/content"), 410, "content-missing")


def test_file_of_another_size_is_said_to_be_damaged(http: httpx.Client, artifact: str, storage: LocalStorage) -> None:
    path = storage.path(hashlib.sha256(CONTENT).hexdigest())
    path.chmod(0o644)
    path.write_bytes(CONTENT[:-1])

    content = problem(http.get(f"/artifacts/{artifact}/content"), 410, "content-missing")

    assert "5119 bytes, and 5120 were recorded" in content["detail"]
    assert str(path.parent) not in content["detail"]


@pytest.mark.parametrize("path", ["", "/content"])
@pytest.mark.parametrize("artifact_id", [UNKNOWN, "nonsense", "..%2f..%2fetc%2fpasswd"])
def test_unknown_artifact_is_not_found(http: httpx.Client, path: str, artifact_id: str) -> None:
    problem(http.get(f"/artifacts/{artifact_id}{path}"), 404, "not-found")


def test_empty_file_can_be_downloaded(
    http: httpx.Client, database: Database, storage: LocalStorage, tmp_path: Path
) -> None:
    sha256 = store(storage, tmp_path, b"")
    artifact_id = add_artifact(database, make_run(database).stages[0], sha256, 0)

    whole = http.get(f"/artifacts/{artifact_id}/content")
    part = http.get(f"/artifacts/{artifact_id}/content", headers={"Range": "bytes=0-"})

    assert (whole.status_code, whole.headers["content-length"]) == (200, "0")
    problem(part, 416, "range-not-satisfiable")


@pytest.fixture
def pack(database: Database, storage: LocalStorage) -> str:
    """An artifact that packs three files; its id."""
    sources = {name: blob_source(storage, storage.put_bytes(data)) for name, data in PACKED.items()}
    sha256 = storage.put_written(lambda target: write_pack(target, sources))
    return add_artifact(database, make_run(database).stages[0], sha256, storage.size(sha256), "labels.zip")


def test_files_of_a_pack_are_listed_in_pages_and_are_ranges_of_it(http: httpx.Client, pack: str) -> None:
    first = http.get(f"/artifacts/{pack}/files", params={"limit": 2}).json()
    second = http.get(f"/artifacts/{pack}/files", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    listed = first["items"] + second["items"]
    assert [file["name"] for file in listed] == sorted(PACKED)
    assert second["next_cursor"] is None
    for file in listed:
        wanted = {"Range": f"bytes={file['offset']}-{file['offset'] + file['bytes'] - 1}"}
        assert http.get(f"/artifacts/{pack}/content", headers=wanted).content == PACKED[file["name"]]
        assert hashlib.sha256(PACKED[file["name"]]).hexdigest() == file["sha256"]


def test_one_file_of_a_pack_is_downloaded_like_an_artifact(http: httpx.Client, pack: str) -> None:
    address = f"/artifacts/{pack}/files/masks/a%20b.png"

    answer = http.get(address)

    assert answer.content == PACKED["masks/a b.png"]
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["etag"] == f'"{hashlib.sha256(answer.content).hexdigest()}"'
    assert http.get(address, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    part = http.get(address, headers={"Range": "bytes=1-3"})
    assert (part.status_code, part.content) == (206, PACKED["masks/a b.png"][1:4])
    assert part.headers["content-range"] == f"bytes 1-3/{len(answer.content)}"
    assert http.get(address, headers={"Range": "bytes=900-"}).status_code == 416


@pytest.mark.parametrize("name", ["masks/none.png", "masks", "..%2F..%2Fetc%2Fpasswd", "%00"])
def test_file_that_a_pack_does_not_hold_is_not_found(http: httpx.Client, pack: str, name: str) -> None:
    problem(http.get(f"/artifacts/{pack}/files/{name}"), 404, "not-found")


@pytest.mark.parametrize("path", ["files", "files/a.png"])
def test_artifact_that_is_no_pack_has_no_files(http: httpx.Client, artifact: str, path: str) -> None:
    answer = problem(http.get(f"/artifacts/{artifact}/{path}"), 404, "not-found")

    assert answer["detail"] == f"there is no pack of files at artifact '{artifact}'"


def test_lost_pack_is_missing_content(http: httpx.Client, database: Database) -> None:
    lost = add_artifact(database, make_run(database).stages[0], "0" * 64, 1, "labels.zip")

    problem(http.get(f"/artifacts/{lost}/files"), 410, "content-missing")
