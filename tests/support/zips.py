"""Archives of exports and imports as tests send and unpack them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import httpx

from tests.support.exported import zip_of

ZIP = {"Content-Type": "application/zip"}


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of an archive."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def export(http: httpx.Client, stage_id: str, form: str = "index_png", **more: Any) -> dict[str, bytes]:
    """Export the answers of a round, and return the files of the archive."""
    made = http.post(f"/stages/{stage_id}/exports", json={"author": "ann", "format": form, **more})
    assert made.status_code == 201, made.text
    return unpack(http.get(f"/artifacts/{made.json()['artifact']['id']}/content").content)


def send(
    http: httpx.Client, stage_id: str, files: dict[str, bytes] | bytes, form: str = "index_png", **terms: Any
) -> httpx.Response:
    """Import an archive, or files that become one."""
    data = files if isinstance(files, bytes) else zip_of(files).getvalue()
    params = {"author": "ann", "format": form, **terms}
    return http.post(f"/stages/{stage_id}/imports", content=data, headers=ZIP, params=params)


def rows(response: httpx.Response) -> dict[str, tuple[str, str | None]]:
    """Return file -> status and code of a report."""
    assert response.status_code == 200, response.text
    return {row["file"]: (row["status"], row["code"]) for row in response.json()["files"]}
