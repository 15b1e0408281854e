"""The images of registered datasets, with their labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from server.db.models import Dataset
from server.db.session import Database
from server.dependencies import Cursor, DatabaseDep, DatasetId, Limit, SettingsDep, StorageDep
from server.routes.answers import failures
from server.routes.content import etag_matches
from server.schemas.datasets import DatasetImagePage
from server.services.datasets import datasets, images, pictures
from server.services.datasets.images import Choice, Places
from server.services.small_pictures import PictureSize, SmallPicture
from server.storage.base import Storage

router = APIRouter(prefix="/datasets", tags=["datasets"])

Size = Annotated[PictureSize, Query(description="`thumbnail`: at most 256 pixels a side, `full`: at most 2048.")]


@dataclass(frozen=True)
class DatasetAccess:
    """What these routes read: the registered datasets, their indexes, and their folders."""

    database: Database
    storage: Storage
    places: Places

    def dataset(self, dataset_id: str) -> Dataset:
        """Return one dataset; raises NotFoundError."""
        with self.database.read() as session:
            return datasets.find(session, dataset_id)


@dataclass(frozen=True)
class ImageAddress:
    """Names an image by its place in a list, never by a path."""

    dataset_id: str
    split: str
    index: int


async def get_dataset_access(database: DatabaseDep, storage: StorageDep, settings: SettingsDep) -> DatasetAccess:
    """Return what these routes read."""
    return DatasetAccess(database, storage, Places(settings.data_roots, settings.cache_folder))


async def get_address(
    dataset_id: DatasetId,
    split: Annotated[str, Path(max_length=100, description="Split of the dataset.")],
    index: Annotated[int, Path(ge=0, le=10_000_000, description="Place in the split's list, from 0.")],
) -> ImageAddress:
    """Return what the path of the request names."""
    return ImageAddress(dataset_id, split, index)


async def get_choice(
    split: Annotated[str | None, Query(max_length=100, description="Only of this split.")] = None,
    class_id: Annotated[int | None, Query(ge=0, le=255, description="Only images that show this raw id.")] = None,
) -> Choice:
    """Return which images the query of the request wants."""
    return Choice(split, class_id)


DatasetAccessDep = Annotated[DatasetAccess, Depends(get_dataset_access)]
AddressDep = Annotated[ImageAddress, Depends(get_address)]
ChoiceDep = Annotated[Choice, Depends(get_choice)]


def picture_answers(media_type: str) -> dict[int | str, dict[str, Any]]:
    """Return the answers of an address that gives a picture."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    unchanged = {"description": "The picture that the reader has is the present one"}
    return {200: {"description": "The picture", "content": content}, 304: unchanged, **failures(404, 409, 410, 422)}


@router.get(
    "/{dataset_id}/images",
    operation_id="list_dataset_images",
    summary="Images of a dataset",
    responses=failures(404, 409, 410, 422),
)
def list_dataset_images(
    dataset_id: DatasetId, access: DatasetAccessDep, choice: ChoiceDep, cursor: Cursor = None, limit: Limit = 50
) -> DatasetImagePage:
    """Return the images of the last scan, in the order of the split lists."""
    dataset = access.dataset(dataset_id)
    if dataset.index_sha256 is not None:
        images.require_folder(dataset, access.places)
    return images.list_page(dataset, access.storage, choice, cursor=cursor, limit=limit)


@router.get(
    "/{dataset_id}/images/{split}/{index}/picture",
    operation_id="show_dataset_picture",
    summary="Picture of an image",
    response_class=Response,
    responses=picture_answers("image/webp"),
)
def show_dataset_picture(
    address: AddressDep, request: Request, access: DatasetAccessDep, size: Size = "thumbnail"
) -> Response:
    """Return the image as WebP, without metadata."""
    dataset = access.dataset(address.dataset_id)
    entry = images.find_entry(dataset, access.storage, address.split, address.index)
    folder = images.require_folder(dataset, access.places)
    return _answer(request, pictures.picture(folder, entry, size, places=access.places))


@router.get(
    "/{dataset_id}/images/{split}/{index}/labels",
    operation_id="show_dataset_labels",
    summary="Label of an image",
    response_class=Response,
    responses=picture_answers("image/png"),
)
def show_dataset_labels(
    address: AddressDep, request: Request, access: DatasetAccessDep, size: Size = "thumbnail"
) -> Response:
    """Return the raw ids as an index PNG of the size of the picture."""
    dataset = access.dataset(address.dataset_id)
    entry = images.find_entry(dataset, access.storage, address.split, address.index)
    folder = images.require_folder(dataset, access.places)
    return _answer(request, pictures.labels(folder, entry, size, places=access.places))


def _answer(request: Request, picture: SmallPicture) -> Response:
    # Asked for again each time, because the file behind the address may change; the tag then saves the transfer.
    headers = {"ETag": f'"{picture.tag}"', "Cache-Control": "private, no-cache"}
    if etag_matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(picture.path.read_bytes(), headers=headers, media_type=picture.media_type)
