"""The frame of server-rendered pages: documents, API description, kinds of problem."""

from __future__ import annotations

from html import escape

from fastapi.responses import HTMLResponse

from server.sub_path import below_base

_PLACES = (
    ("/runs", "Runs"),
    ("/docs", "Documentation"),
    ("/reference", "API"),
    ("/problems", "Problems"),
)
_STYLE = """
:root { color-scheme: light dark; --line: light-dark(#ced4da, #4a4e54); --ground: light-dark(#f1f3f5, #2c2f33); }
body { max-width: 60rem; margin: 0 auto; padding: 0 16px 64px; font: 16px/1.55 system-ui, sans-serif;
  overflow-wrap: anywhere; color: light-dark(#1a1b1e, #dee2e6); background: light-dark(#fff, #1f2124); }
nav { display: flex; flex-wrap: wrap; gap: 4px 20px; padding: 14px 0; border-bottom: 1px solid var(--line); }
a { color: light-dark(#1864ab, #74c0fc); }
h1 { line-height: 1.25; }
h2 { margin-top: 2em; padding-bottom: 4px; border-bottom: 1px solid var(--line); }
code, pre { font: 0.9em/1.45 ui-monospace, monospace; background: var(--ground); border-radius: 4px; }
code { padding: 1px 4px; }
pre { padding: 10px 12px; white-space: pre-wrap; }
pre code { padding: 0; font-size: 1em; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; overflow-wrap: normal; }
th, td { padding: 5px 10px; border: 1px solid var(--line); text-align: left; vertical-align: top; }
img { max-width: 100%; height: auto; }
details { margin: 8px 0; padding: 8px 12px; border: 1px solid var(--line); border-radius: 6px; }
summary { cursor: pointer; }
"""


def reading_page(title: str, body: str) -> HTMLResponse:
    """Return a page in the frame; the title is text, the body HTML. The page loads no scripts or foreign files."""
    links = "".join(f'<a href="{address}">{name}</a>' for address, name in _PLACES)
    page = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,">'
        f"<title>{escape(title)} · Palimpsest</title><style>{_STYLE}</style></head>"
        f'<body><nav aria-label="pages">{links}</nav><main>{body}</main></body></html>'
    )
    return HTMLResponse(below_base(page))
