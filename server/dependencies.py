"""Dependencies of routes: database, storage, settings, ids and pages.

Sessions are deliberately not dependencies. A dependency would open the transaction in one thread of the pool and need
another thread for the route. If all threads waited for SQLite's write lock, the request that holds it could not
continue. So a route opens its one transaction itself: `with database.read() as session`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, BinaryIO, cast, get_args

from fastapi import Depends, Header, Path, Query, Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel
from starlette.datastructures import UploadFile

from core.errors import nearest
from server.auth.people import Person, present_person
from server.db.session import Database
from server.errors import InvalidRequestError, UnauthenticatedError, UnsupportedMediaError
from server.schemas.values import MAX_SAFE_INTEGER
from server.services.experiments.trained_models import TrainedModels
from server.services.feed.hub import FeedHub
from server.services.storage_use import StorageMeter
from server.settings import Settings
from server.storage.base import Storage

SPOOL_BYTES = 1 << 20
"""Larger archives are kept on disk while they are read."""

_WHOLE_NUMBER = re.compile(r"-?[0-9]+")
_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

RunId = Annotated[str, Path(pattern=_UUID, description="Id of the run.")]
StageId = Annotated[str, Path(pattern=_UUID, description="Id of the stage.")]
ExperimentId = Annotated[str, Path(pattern=_UUID, description="Id of the experiment.")]
ExperimentKey = Annotated[
    str,
    Path(
        pattern=rf"({_UUID})|(^[0-9a-f]{{64}}$)",
        description="Id of a stored definition, or the digest of the resolved configuration.",
    ),
]
DatasetId = Annotated[str, Path(pattern=_UUID, description="Id of the dataset.")]
ArtifactId = Annotated[str, Path(pattern=_UUID, description="Id of the artifact.")]
EvaluationId = Annotated[str, Path(pattern=_UUID, description="Id of the evaluation.")]
PredictionId = Annotated[int, Path(ge=1, le=MAX_SAFE_INTEGER, description="Id of the prediction.")]
MemoryItemId = Annotated[int, Path(ge=1, le=MAX_SAFE_INTEGER, description="Id of the memory item.")]
MemoryPasteId = Annotated[int, Path(ge=1, le=MAX_SAFE_INTEGER, description="Id of the example of a paste.")]
QueryId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", description="Id of the query.")]
CommentId = Annotated[str, Path(pattern=_UUID, description="Id of the comment.")]
ExchangeTaskId = Annotated[str, Path(pattern=_UUID, description="Id of the export or import.")]
AnnotationId = Annotated[str, Path(pattern=_UUID, description="Id of the annotation.")]
UserId = Annotated[str, Path(pattern=_UUID, description="Id of the account.")]
TokenId = Annotated[str, Path(pattern=_UUID, description="Id of the token.")]

IfMatch = Annotated[
    str | None, Header(max_length=1000, description="ETag of the answer that was read; a change without it is refused.")
]
Limit = Annotated[int, Query(ge=1, le=200, description="Most items in the answer.")]
Cursor = Annotated[
    str | None, Query(max_length=1000, description="`next_cursor` of the page before; leave it out for the first page.")
]
After = Annotated[int, Query(ge=0, le=MAX_SAFE_INTEGER, description="Leave out what has this number or a smaller one.")]


async def get_database(request: Request) -> Database:
    """Return the application's database."""
    return cast(Database, request.app.state.database)


async def get_storage(request: Request) -> Storage:
    """Return the application's storage."""
    return cast(Storage, request.app.state.storage)


async def get_models(request: Request) -> TrainedModels:
    """Return the trained models of this service."""
    return TrainedModels(await get_database(request), await get_storage(request))


async def get_settings(request: Request) -> Settings:
    """Return the application's settings."""
    return cast(Settings, request.app.state.settings)


async def get_hub(request: Request) -> FeedHub:
    """Return the hub that wakes event streams."""
    return cast(FeedHub, request.app.state.hub)


async def get_storage_meter(request: Request) -> StorageMeter:
    """Return the meter of disk use."""
    return cast(StorageMeter, request.app.state.storage_meter)


async def get_request_id(request: Request) -> str:
    """Return the id of this request, for the history of transitions."""
    return cast(str, request.state.request_id)


async def get_person() -> Person:
    """Return the signed-in person; raises UnauthenticatedError."""
    person = present_person()
    if person is None:
        raise UnauthenticatedError("nobody has signed in")
    return person


async def get_png(request: Request) -> bytes:
    """Return a PNG body; the middleware limits its size. Raises UnsupportedMediaError for another type."""
    _require_type(request, "image/png")
    return await request.body()


async def get_zip(request: Request) -> AsyncIterator[BinaryIO]:
    """Yield a ZIP body as a file, on disk if it is large; raises UnsupportedMediaError for another type."""
    _require_type(request, "application/zip")
    with SpooledTemporaryFile(max_size=SPOOL_BYTES) as spool:
        # Use Starlette's upload file: it writes data that exceeds memory outside the event loop.
        upload = UploadFile(cast(BinaryIO, spool))
        async for chunk in request.stream():
            await upload.write(chunk)
        await upload.seek(0)
        yield upload.file


def _require_type(request: Request, expected: str) -> None:
    found = request.headers.get("content-type", "none")
    if found.partition(";")[0].strip().lower() != expected:
        raise UnsupportedMediaError(f"the body's Content-Type is {found}, expected {expected}")


DatabaseDep = Annotated[Database, Depends(get_database)]
StorageDep = Annotated[Storage, Depends(get_storage)]
ModelsDep = Annotated[TrainedModels, Depends(get_models)]
SettingsDep = Annotated[Settings, Depends(get_settings)]
HubDep = Annotated[FeedHub, Depends(get_hub)]
StorageMeterDep = Annotated[StorageMeter, Depends(get_storage_meter)]
PngBody = Annotated[bytes, Depends(get_png)]
ZipBody = Annotated[BinaryIO, Depends(get_zip)]
RequestId = Annotated[str, Depends(get_request_id)]
PersonDep = Annotated[Person, Depends(get_person)]


async def refuse_unknown_query(request: Request) -> None:
    """Refuse unknown query parameters, and values other than plain digits for whole numbers.

    A misspelt parameter would silently do nothing, and `1_0` or `10.0` would silently be 10.

    Raises:
        InvalidRequestError: names the first such parameter and the known ones.
    """
    if not request.query_params:
        return
    known = dict(_query_parameters(request.scope["route"].dependant))
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise InvalidRequestError.of_query(
                name, f"there is no query parameter {name!r} here{nearest(name, known)}", "unknown_parameter"
            )
        if known[name] and not _WHOLE_NUMBER.fullmatch(value):
            raise InvalidRequestError.of_query(
                name, f"must be a whole number in plain digits; found {value[:100]!r}", "int_parsing"
            )


def _query_parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Yield the names of a route's query parameters, and whether each is a whole number."""
    for parameter in dependant.query_params:
        model = parameter.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from (
                (field.alias or name, _is_whole(field.annotation)) for name, field in model.model_fields.items()
            )
        else:
            yield parameter.alias, _is_whole(model)
    for inner in dependant.dependencies:
        yield from _query_parameters(inner)


def _is_whole(annotation: Any) -> bool:
    return int in (annotation, *get_args(annotation))
