from __future__ import annotations

from pathlib import Path

import pytest

from server.errors import NotFoundError
from server.services.documents import document_html, find_picture, list_documents


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Documents, a picture, and a file beside them."""
    documents = tmp_path / "documents"
    (documents / "methods").mkdir(parents=True)
    (documents / "getting-started.md").write_text("# First steps\n\n[next](methods/eir.md#the-loss-l2)\n")
    (documents / "api.md").write_text("# API\n\n<script>alert(1)</script> [bad](javascript:alert(1))\n")
    (documents / "methods" / "eir.md").write_text(
        "# EIR\n\n## The loss, `L2`\n\n[code](../../core/eir.py) [all](../api.md)\n"
    )
    (documents / "figure.svg").write_text("<svg/>")
    (tmp_path / "secret.md").write_text("secret")
    return documents


def test_documents_are_listed_by_their_titles_the_first_to_read_first(folder: Path) -> None:
    assert list(list_documents(folder).items()) == [
        ("getting-started.md", "First steps"),
        ("api.md", "API"),
        ("methods/eir.md", "EIR"),
    ]


def test_a_heading_is_met_by_the_links_to_it(folder: Path) -> None:
    assert 'href="methods/eir.md#the-loss-l2"' in document_html("getting-started.md", folder)
    assert '<h2 id="the-loss-l2">' in document_html("methods/eir.md", folder)


def test_nothing_of_a_text_becomes_a_tag_or_a_script(folder: Path) -> None:
    html = document_html("api.md", folder)

    assert "<script" not in html
    assert "href" not in html


def test_a_link_to_what_is_not_shipped_is_text(folder: Path) -> None:
    html = document_html("methods/eir.md", folder)

    assert "<a>code</a>" in html
    assert '<a href="../api.md">all</a>' in html


@pytest.mark.parametrize("name", ["nothing.md", "../secret.md", "methods/../api.md", "figure.svg", ""])
def test_what_is_no_document_is_not_found(folder: Path, name: str) -> None:
    with pytest.raises(NotFoundError):
        document_html(name, folder)


def test_a_picture_is_found_and_no_document_is_one(folder: Path) -> None:
    assert find_picture("figure.svg", folder) == folder / "figure.svg"
    with pytest.raises(NotFoundError):
        find_picture("api.md", folder)
