"""The HTTP application: routes, errors, pages. Nothing happens at import."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from celery import Celery
from fastapi import APIRouter, Depends, FastAPI

from server import storage as stores
from server.auth.border import TokenLimits, WhoAsks
from server.auth.guard import authorise
from server.auth.known import KnownPeople
from server.db.migrate import check_head
from server.db.session import Database, get_database
from server.dependencies import refuse_unknown_query
from server.errors import install_error_handlers
from server.middleware import BorderMiddleware, Compression, HeadAsGet
from server.openapi import install_openapi
from server.pages import INDEX, Pages
from server.queue import dispatch_after_commit, make_celery
from server.request_counts import CountRequests, RequestCounts
from server.routes import annotations as annotation_routes
from server.routes import (
    artifacts,
    assistant,
    branches,
    comments,
    compared_images,
    compared_series,
    comparison,
    dataset_images,
    dataset_kinds,
    datasets,
    documents,
    drafts,
    events,
    exchange,
    experiment_labels,
    experiment_seeds,
    experiments,
    hand_out,
    health,
    memory,
    methods,
    model_tests,
    predictions,
    problems,
    queries,
    query_pictures,
    references,
    results,
    rounds,
    run_archive,
    run_deletion,
    run_matrices,
    run_pausing,
    runs,
    scores,
    series,
    sessions,
    stages,
    storage_use,
    streams,
    tokens,
    users,
    workers,
)
from server.routes.answers import failures
from server.services.accounts.sessions import SignInLimits
from server.services.feed.hub import FeedHub
from server.services.storage_use import StorageMeter
from server.settings import Settings, get_settings
from server.shipped import PAGES
from server.sub_path import SubPath

API = "/api/v1"

_RESOURCES = (
    methods,
    dataset_kinds,
    datasets,
    dataset_images,
    streams,
    experiments,
    experiment_labels,
    experiment_seeds,
    results,
    references,
    comparison,
    compared_series,
    compared_images,
    runs,
    run_matrices,
    run_deletion,
    run_archive,
    run_pausing,
    branches,
    stages,
    series,
    scores,
    events,
    artifacts,
    memory,
    model_tests,
    predictions,
    rounds,
    queries,
    query_pictures,
    annotation_routes,
    drafts,
    hand_out,
    assistant,
    comments,
    exchange,
    workers,
    storage_use,
    sessions,
    tokens,
    users,
)
_TAGS = [
    {"name": "methods", "description": "Methods, the schema of their documents, presets."},
    {"name": "datasets", "description": "Registered datasets, what they can be made of, and where they may lie."},
    {"name": "streams", "description": "Published schedules, and the images of each step."},
    {"name": "experiments", "description": "Immutable definitions."},
    {"name": "runs", "description": "Executions of an experiment with one seed each."},
    {"name": "stages", "description": "Units of dispatch, their attempts and logs."},
    {"name": "series", "description": "Curves."},
    {"name": "scores", "description": "Evaluations, and what was learned and forgotten."},
    {"name": "results", "description": "Scores over seeds, and comparisons of runs and experiments."},
    {"name": "events", "description": "The feed of a run."},
    {"name": "artifacts", "description": "Files that stages left behind."},
    {"name": "memory", "description": "The replay memory."},
    {"name": "predictions", "description": "Test images through the model of every step."},
    {"name": "queries", "description": "What active learning asks, and what people answer."},
    {"name": "workers", "description": "Who works."},
    {"name": "accounts", "description": "Who may do what: signing in, accounts, tokens."},
    {"name": "service", "description": "State of the service itself."},
]


def create_app(
    settings: Settings | None = None,
    *,
    database: Database | None = None,
    storage: stores.Storage | None = None,
    celery: Celery | None = None,
    pages: Path = PAGES,
) -> FastAPI:
    """Return the application; missing arguments are made from the settings of this process.

    `app.state.hub.close()` ends all event streams and is thread-safe. Call it before the server waits for its
    connections to close.
    """
    settings = settings or get_settings()
    app = build_app(pages)
    attach(app, settings, database or get_database(), storage or stores.get_storage(), celery or make_celery(settings))
    return app


def attach(app: FastAPI, settings: Settings, database: Database, storage: stores.Storage, celery: Celery) -> None:
    """Give the application its settings, database, storage and queue."""
    app.state.settings = settings
    app.state.database = database
    app.state.storage = storage
    app.state.celery = celery
    app.state.hub = FeedHub(database, settings.event_poll_s)
    app.state.storage_meter = StorageMeter(settings, database)
    app.state.known_people = KnownPeople(database)
    app.state.token_limits = TokenLimits()
    app.state.sign_in_limits = SignInLimits()
    dispatch_after_commit(database, celery)


def build_app(pages: Path = PAGES) -> FastAPI:
    """Return the application without database, storage and queue: enough to describe its API."""
    app = FastAPI(
        title="Palimpsest",
        version=version("palimpsest"),
        lifespan=_lifespan,
        openapi_url=None,
        dependencies=[Depends(authorise)],
        openapi_tags=_TAGS,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    api = APIRouter(prefix=API, dependencies=[Depends(refuse_unknown_query)], responses=failures(422))
    for resource in _RESOURCES:
        api.include_router(resource.router)
    app.include_router(api)
    app.include_router(health.router)
    app.include_router(problems.router)
    app.include_router(documents.router)
    _serve_pages(app, pages)
    install_error_handlers(app)
    install_openapi(app)
    app.state.counts = RequestCounts()
    app.add_middleware(WhoAsks)
    app.add_middleware(CountRequests, counts=app.state.counts)
    app.add_middleware(BorderMiddleware)
    app.add_middleware(Compression)
    app.add_middleware(HeadAsGet)
    app.add_middleware(SubPath)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    check_head(app.state.database.url)
    yield
    app.state.hub.close()


def _serve_pages(app: FastAPI, pages: Path) -> None:
    if (pages / INDEX).is_file():
        app.router.default = Pages(pages)
        return

    @app.get("/", include_in_schema=False)
    def show_entry() -> dict[str, Any]:
        """Say where things are while the pages are not built."""
        return {
            "service": "Palimpsest",
            "api": f"{API}/openapi.json",
            "methods": f"{API}/methods",
            "problems": "/problems",
            "documentation": "/docs",
        }
