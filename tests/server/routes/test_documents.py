from __future__ import annotations

import re

import pytest

from server.openapi import operations
from server.services.documents import list_documents
from tests.support.serving import Service, problem

LINK = re.compile(r'(?:href|src)="([^"#]+)')


@pytest.mark.parametrize("name", list_documents())
def test_every_document_is_a_page_whose_links_lead_somewhere(service: Service, name: str) -> None:
    answer = service.root.get(f"/docs/{name}")

    assert (answer.status_code, answer.text.count("<h1")) == (200, 1)
    targets = {target for target in LINK.findall(answer.text) if not target.startswith(("http", "data:", "/runs"))}
    for target in targets:
        assert service.root.get(str(answer.url.join(target))).status_code == 200, target


def test_documents_lead_to_each_and_to_the_api(service: Service) -> None:
    page = service.root.get("/docs").text

    assert [name for name in list_documents() if f'href="/docs/{name}"' not in page] == []
    assert 'href="/reference"' in page


def test_the_reference_describes_every_operation_and_needs_no_script(service: Service) -> None:
    answer = service.root.get("/reference")
    document = service.root.get("/api/v1/openapi.json").json()

    ids = [operation["operationId"] for operation in operations(document).values()]
    assert [name for name in ids if f'<details id="{name}">' not in answer.text] == []
    anchors = set(re.findall(r'id="([^"]+)"', answer.text))
    assert set(re.findall(r'href="#([^"]+)"', answer.text)) <= anchors
    assert "<script" not in answer.text
    assert "--json &#x27;{&quot;document&quot;" in answer.text  # an example of POST /experiments


def test_an_unknown_document_is_a_problem(service: Service) -> None:
    problem(service.root.get("/docs/nothing.md"), 404, "not-found")


def test_kinds_of_problem_are_listed_for_browsers_too(service: Service) -> None:
    page = service.root.get("/problems", headers={"Accept": "text/html,*/*"}).text

    assert 'href="/problems/not-found"' in page
