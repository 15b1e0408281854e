from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.db.session import Database
from server.settings import Settings
from tests.support.serving import Service, application, serve

BROWSER = {"Accept": "text/html"}
BUILT = '<!doctype html><html><head><script src="./assets/index-abc.js"></script></head></html>'


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, database_template: Path) -> Iterator[Service]:
    """An application below `/seg/ment`, with built pages."""
    folder = tmp_path_factory.mktemp("pages")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(BUILT)
    (folder / "assets" / "index-abc.js").write_text("export {}")
    database = Database(f"sqlite:///{database_template}")
    settings = Settings(home=folder / "home", public_url="http://localhost:9/seg/ment")
    with serve(application(settings, database, folder)) as running:
        yield running
    database.dispose()


@pytest.mark.parametrize("base", ["/seg/ment", ""])
def test_a_proxy_may_keep_the_path_or_take_it_away(service: Service, base: str) -> None:
    page = service.root.get(f"{base}/runs", headers=BROWSER)
    part = service.root.get(f"{base}/assets/index-abc.js")
    methods = service.root.get(f"{base}/api/v1/methods")

    assert '<meta name="palimpsest-base" content="/seg/ment">' in page.text
    assert 'src="/seg/ment/assets/index-abc.js"' in page.text
    assert (part.text, methods.status_code) == ("export {}", 200)


@pytest.mark.parametrize("path", ["/seg/ment", "/seg/ment/"])
def test_the_path_itself_is_the_entry(service: Service, path: str) -> None:
    assert "palimpsest-base" in service.root.get(path).text


def test_a_path_that_only_begins_alike_is_another(service: Service) -> None:
    assert service.root.get("/seg/mental/api/v1/methods").status_code == 404


def test_pages_of_the_service_and_places_of_new_things_lie_below_the_path(service: Service) -> None:
    documents = service.root.get("/seg/ment/docs").text
    problems = service.root.get("/seg/ment/problems", headers=BROWSER).text

    assert 'href="/seg/ment/docs/api.md"' in documents
    assert 'href="/seg/ment/problems/not-found"' in problems
    assert 'href="/docs' not in documents


def test_the_page_is_asked_for_again_only_where_it_has_changed(service: Service) -> None:
    first = service.root.get("/seg/ment/runs", headers=BROWSER)
    second = service.root.get("/seg/ment/runs", headers=BROWSER | {"If-None-Match": first.headers["etag"]})

    assert first.headers["cache-control"] == "no-cache"
    assert (second.status_code, second.content) == (304, b"")
