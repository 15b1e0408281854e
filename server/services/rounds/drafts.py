"""Drafts: save unfinished work as tiles, read it back, and turn it into an answer (ANN-7)."""

from __future__ import annotations

import base64

from sqlalchemy.orm import Session

from core.acquisition.pixel_sources import assumed_sources
from core.data.samples import LabelMap
from server.db import annotations as db
from server.db.models import Draft, DraftTile, QueryBatch
from server.db.session import Database
from server.errors import InvalidRequestError, NotFoundError
from server.schemas import queries as schemas
from server.services.rounds.answer_masks import (
    QueriedPixels,
    check_regions,
    decode_source_tile,
    decode_tile,
    laid_over,
    within_region,
)
from server.services.rounds.queries import Effort, Target, find
from server.services.rounds.query_problems import as_problems
from server.services.rounds.query_views import draft_infos
from server.storage import Storage


def queried_pixels(database: Database, storage: Storage, query_id: str) -> QueriedPixels:
    """Return the pixels that a query asks for; raises NotFoundError and ContentMissingError."""
    with database.read() as session:
        query = find(session, query_id)
        batch = session.get_one(QueryBatch, query.stage_id)
    return QueriedPixels.of(storage, batch, query)


def checked_save(query_id: str, revision: int, body: schemas.DraftBody, queried: QueriedPixels) -> db.DraftSave:
    """Decode and check the tiles of a draft to save; raises InvalidRequestError."""
    tiles = {(tile.row, tile.column): decode_tile(tile.png, tile.row, tile.column, queried) for tile in body.tiles}
    if len(tiles) < len(body.tiles):
        raise InvalidRequestError.of_body("a tile is given twice", "duplicate_tile", "/tiles")
    sources = {
        (tile.row, tile.column): decode_source_tile(tile.sources, tile.row, tile.column, queried)
        for tile in body.tiles
        if tile.sources is not None
    }
    check_regions(body.regions or (), queried)
    regions = None if body.regions is None else [region.model_dump() for region in body.regions]
    return db.DraftSave(query_id, body.author, revision, tiles, body.seconds, body.clicks, sources, regions)


def save_draft(session: Session, save: db.DraftSave, *, lease_s: float) -> schemas.DraftSaved:
    """Save a draft; raises NotFoundError and RevisionMismatchError."""
    with as_problems():
        saved = db.save_draft(session, save, lease_s=lease_s)
    return schemas.DraftSaved(
        author=save.author,
        revision=saved.draft.revision,
        saved_at=saved.draft.saved_at,
        is_held=saved.is_held,
        lease_until=saved.query.lease_until if saved.is_held else None,
    )


def read_draft(session: Session, query_id: str, author: str) -> schemas.DraftTiles:
    """Return an author's draft with its tiles; raises NotFoundError."""
    find(session, query_id)
    info = next((info for info in draft_infos(session, query_id) if info.author == author), None)
    if info is None:
        raise NotFoundError(f"draft of {author!r} of query", query_id)
    pngs = [_tile(tile) for tile in db.read_tiles(session, query_id, author)]
    regions = session.get_one(Draft, (query_id, author)).regions
    return schemas.DraftTiles(**info.model_dump(), pngs=pngs, regions=regions)


def _tile(tile: DraftTile) -> schemas.Tile:
    sources = base64.b64encode(tile.sources).decode() if tile.sources is not None else None
    return schemas.Tile(row=tile.row, column=tile.column, png=base64.b64encode(tile.png).decode(), sources=sources)


def drafted_answer(
    session: Session, target: Target, body: schemas.DraftSubmit, revision: int
) -> tuple[LabelMap, Effort]:
    """Merge a draft into the proposal, inside the queried region. Return the label map and the effort.

    Seconds, clicks and regions are those of the body, or else those of the draft.

    Raises:
        RevisionMismatchError: when the draft is at another revision.
        InvalidRequestError: when a region of the effort was not queried.
    """
    with as_problems():
        draft = db.require_revision(session, target.query.id, body.author, revision)
    stored = db.read_tiles(session, target.query.id, body.author)
    tiles = {(tile.row, tile.column): tile.png for tile in stored}
    drawn_by = {(tile.row, tile.column): tile.sources for tile in stored if tile.sources is not None}
    seconds = body.seconds if body.seconds is not None else draft.seconds if draft is not None else 0.0
    clicks = body.clicks if body.clicks is not None else draft.clicks if draft is not None else None
    regions = draft.regions if draft is not None else []
    if body.regions is not None:
        check_regions(body.regions, target.queried)
        regions = [region.model_dump() for region in body.regions]
    labels = laid_over(target.proposal, tiles)
    effort = Effort(
        body.author,
        seconds,
        clicks,
        draft_revision=revision,
        replaces=body.replaces,
        is_review=bool(body.review),
        sources=laid_over(assumed_sources(labels, target.proposal), drawn_by),
        regions=regions,
    )
    return within_region(labels, target.queried), effort
