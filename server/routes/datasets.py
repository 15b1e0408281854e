"""Registered datasets and their scans."""

from __future__ import annotations

from fastapi import APIRouter, Response

from server.db.dataset_scans import request_scan
from server.dependencies import Cursor, DatabaseDep, DatasetId, Limit, SettingsDep, StorageDep
from server.routes.answers import failures
from server.schemas.datasets import DatasetCreate, DatasetDetail, DatasetSummary
from server.schemas.page import Page
from server.services.datasets import datasets

router = APIRouter(prefix="/datasets", tags=["datasets"])


@router.post(
    "",
    operation_id="register_dataset",
    status_code=201,
    summary="Register a dataset, and have it scanned",
    responses=failures(400, 409, 415, 422),
)
def register_dataset(
    body: DatasetCreate, database: DatabaseDep, settings: SettingsDep, response: Response
) -> DatasetDetail:
    """Give a folder below an allowed root, or a built-in world, a name; a worker then reads every file of it."""
    spec = datasets.checked_spec(body, data_roots=settings.data_roots)
    with database.write() as session:
        dataset = datasets.register(session, body.name, spec)
    response.headers["Location"] = f"/api/v1/datasets/{dataset.id}"
    return datasets.detail(dataset, data_home=settings.cache_folder)


@router.get("", operation_id="list_datasets", summary="List the registered datasets", responses=failures(422))
def list_datasets(database: DatabaseDep, cursor: Cursor = None, limit: Limit = 50) -> Page[DatasetSummary]:
    """Return the datasets by name."""
    with database.read() as session:
        return datasets.list_page(session, cursor=cursor, limit=limit)


@router.get("/{dataset_id}", operation_id="show_dataset", summary="Show a dataset", responses=failures(404))
def show_dataset(dataset_id: DatasetId, database: DatabaseDep, settings: SettingsDep) -> DatasetDetail:
    """Return a dataset with what its last scan found."""
    with database.read() as session:
        return datasets.detail(datasets.find(session, dataset_id), data_home=settings.cache_folder)


@router.post(
    "/{dataset_id}/scan",
    operation_id="scan_dataset",
    status_code=202,
    summary="Scan a dataset again",
    responses=failures(404),
)
def scan_dataset(dataset_id: DatasetId, database: DatabaseDep, settings: SettingsDep) -> DatasetDetail:
    """Ask for a scan, unless one is under way; what the last one found stays until this one has ended."""
    with database.write() as session:
        dataset = datasets.find(session, dataset_id)
        request_scan(session, dataset)
    return datasets.detail(dataset, data_home=settings.cache_folder)


@router.delete(
    "/{dataset_id}",
    operation_id="delete_dataset",
    status_code=204,
    summary="Forget a dataset",
    responses=failures(404),
)
def delete_dataset(dataset_id: DatasetId, database: DatabaseDep, storage: StorageDep) -> None:
    """Remove the registration; the files of the dataset stay, and so do the experiments that name them."""
    with database.write() as session:
        unused = datasets.forget(session, datasets.find(session, dataset_id))
    if unused is not None:
        storage.delete(unused)
