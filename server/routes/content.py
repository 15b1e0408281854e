"""Sending stored files: whole, in part, or not again (ART-3)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from server.errors import RangeNotSatisfiableError
from server.routes.answers import failures
from server.services.runs.artifacts import StoredFile, stored_file
from server.services.small_pictures import SmallPicture
from server.storage.base import Storage

CHUNK_BYTES = 1 << 20
IMMUTABLE = "private, max-age=31536000, immutable"
PNG = {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
PICTURE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The picture", **PNG},
    206: {"description": "The part that the Range header asks for", **PNG},
    304: {"description": "The picture that the reader has is the stored one"},
    **failures(404, 410, 416),
}
_JPEG = {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}}
JPEG_ANSWERS = PICTURE_ANSWERS | {status: PICTURE_ANSWERS[status] | _JPEG for status in (200, 206)}
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def file_response(request: Request, file: StoredFile, *, is_inline: bool = False) -> Response:
    """Answer a GET or HEAD for a stored file; what a digest names never changes, so it may be kept for a year.

    Raises:
        RangeNotSatisfiableError: when the range begins behind the end.
    """
    etag = f'"{file.sha256}"'
    digest = base64.b64encode(bytes.fromhex(file.sha256)).decode()
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": IMMUTABLE,
        "Digest": f"sha-256={digest}",
        "Content-Disposition": disposition(file.name, is_inline=is_inline),
    }
    if etag_matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range") if request.headers.get("if-range", etag) == etag else None
    part = byte_range(wanted, file.size)
    first, last = part or (0, file.size - 1)
    headers["Content-Length"] = str(last - first + 1)
    if part is not None:
        headers["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=file.media_type)
    chunks = _chunks(file.path, file.offset + first, last - first + 1)
    return StreamingResponse(chunks, status_code=status, headers=headers, media_type=file.media_type)


def picture_response(request: Request, storage: Storage, sha256: str, name: str) -> Response:
    """Answer a GET for a stored PNG, to be shown in a page; raises as `file_response`, and ContentMissingError."""
    file = stored_file(storage, sha256, size=None, name=name, media_type="image/png")
    return file_response(request, file, is_inline=True)


def jpeg_response(request: Request, storage: Storage, sha256: str, name: str) -> Response:
    """Answer a GET for a stored JPEG, like `picture_response`."""
    file = stored_file(storage, sha256, size=None, name=name, media_type="image/jpeg")
    return file_response(request, file, is_inline=True)


def immutable_response(request: Request, picture: SmallPicture) -> Response:
    """Answer a GET for a small copy of what a digest names; like its source it never changes."""
    headers = {"ETag": f'"{picture.tag}"', "Cache-Control": IMMUTABLE}
    if etag_matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(picture.path.read_bytes(), headers=headers, media_type=picture.media_type)


def byte_range(header: str | None, size: int) -> tuple[int, int] | None:
    """Return first and last byte of a single range; None, which means the whole file, for any other form.

    Raises:
        RangeNotSatisfiableError: when the file has no such bytes.
    """
    match = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise RangeNotSatisfiableError(size)
        return size - length, size - 1
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise RangeNotSatisfiableError(size)
    return int(first), min(int(last), size - 1) if last else size - 1


def disposition(name: str, *, is_inline: bool) -> str:
    """Return a Content-Disposition whose name is the last segment, free of what could leave a folder or a header."""
    base = name.rsplit("/", 1)[-1]
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", base).lstrip(".") or "file"
    kind = "inline" if is_inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(base, safe='')}"


def etag_matches(header: str | None, etag: str) -> bool:
    """Return whether an If-None-Match header names this tag."""
    if header is None:
        return False
    given = [entry.strip().removeprefix("W/") for entry in header.split(",")]
    return "*" in given or etag in given


def _chunks(path: Path, first: int, length: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(first)
        while length > 0 and (chunk := file.read(min(CHUNK_BYTES, length))):
            length -= len(chunk)
            yield chunk
