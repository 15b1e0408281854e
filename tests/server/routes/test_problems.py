from __future__ import annotations

from server.problems import PROBLEMS
from tests.support.serving import Service, problem


def test_every_kind_is_listed_with_cause_and_remedy(service: Service) -> None:
    items = service.root.get("/problems").json()["items"]

    assert [item["slug"] for item in items] == list(PROBLEMS)
    assert all(item["cause"] and item["remedy"] for item in items)


def test_type_of_a_problem_leads_to_its_explanation(service: Service) -> None:
    kind = service.http.get("/nothing").json()["type"]

    page = service.root.get(kind).json()

    assert (page["status"], page["slug"]) == (404, "not-found")


def test_browser_gets_a_page(service: Service) -> None:
    answer = service.root.get("/problems/not-found", headers={"Accept": "text/html,*/*"})

    assert answer.headers["content-type"].startswith("text/html")
    assert "<h2>Remedy</h2>" in answer.text


def test_unknown_kind_is_not_found(service: Service) -> None:
    problem(service.root.get("/problems/nothing"), 404, "not-found")
