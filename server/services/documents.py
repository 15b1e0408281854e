"""Render the project's documents as HTML. Tags in the text are escaped, and links lead only to shipped files."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from posixpath import normpath

from markdown_it import MarkdownIt
from markdown_it.token import Token

from server.errors import NotFoundError
from server.shipped import DOCUMENTS

PICTURES = {".png": "image/png", ".svg": "image/svg+xml"}
"""Suffix -> media type of the pictures in documents."""
_FIRST = ("getting-started.md", "concepts.md", "pages.md")
_READER = MarkdownIt("commonmark", {"html": False}).enable("table")
_READER.add_render_rule("table_open", lambda *_: '<div class="wide" tabindex="0"><table>')
_READER.add_render_rule("table_close", lambda *_: "</table></div>")
_OUTSIDE = re.compile(r"https?:|#")


def list_documents(folder: Path = DOCUMENTS) -> dict[str, str]:
    """Return path -> title of every document, in reading order."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*.md")]
    ranks = {name: rank for rank, name in enumerate(_FIRST)}
    names.sort(key=lambda name: (ranks.get(name, len(ranks)), name.count("/"), name))
    return {name: _title((folder / name).read_text(encoding="utf-8")) for name in names}


def document_html(name: str, folder: Path = DOCUMENTS) -> str:
    """Return one document as HTML; raises NotFoundError."""
    text = _find(name, folder, {".md"}).read_text(encoding="utf-8")
    tokens = _READER.parse(text)
    for token, following in zip(tokens, [*tokens[1:], Token("", "", 0)], strict=True):
        if token.type == "heading_open":
            token.attrSet("id", _anchor(following.content))
        for inner in token.children or []:
            _lead_only_to_shipped(inner, name, folder)
    return str(_READER.renderer.render(tokens, _READER.options, {}))


def find_picture(name: str, folder: Path = DOCUMENTS) -> Path:
    """Return the file of a picture; raises NotFoundError."""
    return _find(name, folder, set(PICTURES))


def markdown_html(text: str) -> str:
    """Return one of our own Markdown texts, such as an API description, as HTML."""
    return str(_READER.render(text))


def _find(name: str, folder: Path, suffixes: set[str]) -> Path:
    # Compare with existing files: never build a path from the requested name.
    for path in folder.rglob("*"):
        if path.suffix in suffixes and path.relative_to(folder).as_posix() == name:
            return path
    raise NotFoundError("document", name)


def _lead_only_to_shipped(token: Token, name: str, folder: Path) -> None:
    target = token.attrGet("href")
    if not isinstance(target, str) or _OUTSIDE.match(target):
        return
    path = normpath((PurePosixPath(name).parent / target.partition("#")[0]).as_posix())
    if path.startswith("..") or not (folder / path).is_file():
        del token.attrs["href"]


def _title(text: str) -> str:
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    return heading[1] if heading else text.partition("\n")[0]


def _anchor(heading: str) -> str:
    """Return the anchor of a heading, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
