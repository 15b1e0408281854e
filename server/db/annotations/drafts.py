"""Drafts: unfinished work as changed tiles; each save names the revision that it changes (ANN-7, ANN-9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.db.annotations.leasing import prolong_if_held
from server.db.annotations.rounds import lock_query
from server.db.clock import database_now
from server.db.models import Draft, DraftTile, Query

Tiles = Mapping[tuple[int, int], bytes]
"""Row and column of a tile -> index PNG."""


class StaleDraft(Exception):
    """The draft has changed since it was read; `revision` is the current one."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"the draft is at revision {revision}")
        self.revision = revision


@dataclass(frozen=True)
class DraftSave:
    """The data of one save of a draft.

    Attributes:
        query_id, author: the query and the author of the draft.
        revision: the revision that this save changes; 0 for the first save, None for any revision.
        tiles: only changed tiles.
        seconds, clicks: effort so far.
        sources: label origins of the same tiles, as index PNGs; a missing tile is unknown.
        regions: effort of single regions; see `server.db.models.Annotation`. None = unchanged since the last save.
    """

    query_id: str
    author: str
    revision: int | None
    tiles: Tiles
    seconds: float
    clicks: int
    sources: Tiles = field(default_factory=dict)
    regions: Sequence[Mapping[str, float]] | None = None


@dataclass(frozen=True)
class SavedDraft:
    """A stored draft, and whether its author still holds the query."""

    draft: Draft
    query: Query
    is_held: bool


def save_draft(session: Session, save: DraftSave, *, lease_s: float) -> SavedDraft:
    """Store changed tiles of a draft. If the author holds the lease, renew it for `lease_s` from now.

    Work is not lost: a draft is stored whoever holds the query, and in any state of the round.

    Raises:
        UnknownQuery: if there is no such query.
        StaleDraft: if the stored draft is at another revision.
    """
    _, query = lock_query(session, save.query_id)
    now = database_now(session)
    draft = require_revision(session, query.id, save.author, save.revision)
    if draft is None:
        draft = Draft(query_id=query.id, author=save.author)
        session.add(draft)
    draft.revision, draft.saved_at = (draft.revision or 0) + 1, now
    draft.seconds, draft.clicks = save.seconds, save.clicks
    draft.regions = list(save.regions) if save.regions is not None else draft.regions or []
    for (row, column), png in save.tiles.items():
        place = {"query_id": query.id, "author": save.author, "row": row, "column": column}
        session.merge(DraftTile(**place, png=png, sources=save.sources.get((row, column))))
    session.flush()
    is_held = prolong_if_held(session, query, save.author, lease_s)
    return SavedDraft(draft, query, is_held)


def require_revision(session: Session, query_id: str, author: str, revision: int | None) -> Draft | None:
    """Return an author's draft; None if there is none, which is revision 0.

    Raises:
        StaleDraft: when the draft is at another revision than `revision`; None accepts every revision.
    """
    draft = session.get(Draft, (query_id, author), populate_existing=True)
    present = draft.revision if draft is not None else 0
    if revision is not None and revision != present:
        raise StaleDraft(present)
    return draft


def read_tiles(session: Session, query_id: str, author: str) -> list[DraftTile]:
    """Return all stored tiles of a draft, row by row."""
    statement = select(DraftTile).where(DraftTile.query_id == query_id, DraftTile.author == author)
    return list(session.scalars(statement.order_by(DraftTile.row, DraftTile.column)).all())


def drop_draft(session: Session, query_id: str, author: str) -> None:
    """Delete a draft that has become an answer."""
    for table in (DraftTile, Draft):
        session.execute(delete(table).where(table.query_id == query_id, table.author == author))
