from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.db.session import Database
from server.pages import told
from server.settings import Settings
from tests.support.serving import Service, application, problem, serve

PAGE = "<!doctype html><title>Palimpsest</title>"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, database_template: Path) -> Iterator[Service]:
    """An application with an index, one script, and a file beside the folder."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "dist" / "assets").mkdir(parents=True)
    (folder / "dist" / "index.html").write_text(PAGE)
    (folder / "dist" / "assets" / "index-abc.js").write_text("export {}")
    (folder / "secret.txt").write_text("secret")
    (folder / "dist" / "link.txt").symlink_to(folder / "secret.txt")
    database = Database(f"sqlite:///{database_template}")
    with serve(application(Settings(home=folder), database, folder / "dist")) as running:
        yield running
    database.dispose()


@pytest.mark.parametrize("path", ["/", "/runs/some-id", "/experiments?method=eir"])
def test_browser_gets_the_page_at_every_address_of_its_own(service: Service, path: str) -> None:
    answer = service.root.get(path, headers=BROWSER)

    assert answer.text == PAGE
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_the_entry_is_the_page_for_every_program(service: Service) -> None:
    got = service.root.get("/", headers={"Accept": "*/*"})
    head = service.root.head("/")

    assert got.text == PAGE
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(PAGE))


def test_a_program_that_asks_for_no_page_gets_none_elsewhere(service: Service) -> None:
    # A script that left out `/api/v1` must not be told 200.
    problem(service.root.get("/runs", headers={"Accept": "*/*"}), 404, "not-found")


def test_file_whose_name_changes_with_its_content_may_be_kept(service: Service) -> None:
    answer = service.root.get("/assets/index-abc.js", headers={"Range": "bytes=900-"})

    assert (answer.status_code, answer.text) == (200, "export {}")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/problems/x/y"])
def test_unknown_address_of_the_interface_is_a_problem_even_for_a_browser(service: Service, path: str) -> None:
    problem(service.root.get(path, headers=BROWSER), 404, "not-found")


@pytest.mark.parametrize("path", ["/assets/missing.js", "/..%2fsecret.txt", "/%2e%2e/secret.txt", "/link.txt", "/%00"])
def test_what_is_not_in_the_folder_is_not_found(service: Service, path: str) -> None:
    problem(service.root.get(path), 404, "not-found")


def test_pages_cannot_be_written_to(service: Service) -> None:
    problem(service.root.post("/index.html"), 404, "not-found")
    problem(service.root.delete("/api/v1/runs"), 405, "method-not-allowed")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, '<head><link href="/assets/a.css">'),
        ({"accounts": True}, '<head><meta name="palimpsest-accounts" content="on"><link href="/assets/a.css">'),
        (
            {"accounts": True, "public_url": "https://lab.example.org/seg"},
            '<head><meta name="palimpsest-base" content="/seg"><meta name="palimpsest-accounts" content="on">'
            '<link href="/seg/assets/a.css">',
        ),
    ],
)
def test_the_page_is_told_where_it_is_and_whether_people_sign_in(settings: dict[str, object], said: str) -> None:
    assert told('<head><link href="./assets/a.css">', Settings.model_validate(settings)) == said
