from __future__ import annotations

import pytest

from server.db.annotations import DraftSave, SavedDraft, StaleDraft, UnknownQuery, lease_next, read_tiles, save_draft
from server.db.annotations.drafts import drop_draft
from server.db.models import Draft
from tests.server.db.annotations.conftest import CAUSE, Waiting


def save(waiting: Waiting, revision: int, author: str = "ann", **tiles: bytes) -> SavedDraft:
    """Save tiles named `r0c1`."""
    places = {(int(name[1]), int(name[3])): png for name, png in tiles.items()}
    with waiting.database.write() as session:
        return save_draft(session, DraftSave(waiting.ids[0], author, revision, places, 12.5, 4), lease_s=900)


def tiles_of(waiting: Waiting, author: str = "ann") -> dict[tuple[int, int], bytes]:
    with waiting.database.read() as session:
        return {(tile.row, tile.column): tile.png for tile in read_tiles(session, waiting.ids[0], author)}


def test_each_save_adds_its_tiles_and_raises_the_revision(waiting: Waiting) -> None:
    assert save(waiting, 0, r0c0=b"one", r0c1=b"two").draft.revision == 1
    assert save(waiting, 1, r0c1=b"new").draft.revision == 2

    assert tiles_of(waiting) == {(0, 0): b"one", (0, 1): b"new"}


def test_a_save_of_an_older_revision_is_refused_and_changes_nothing(waiting: Waiting) -> None:
    save(waiting, 0, r0c0=b"one")

    with pytest.raises(StaleDraft, match="at revision 1") as caught:
        save(waiting, 0, r0c0=b"other")

    assert (caught.value.revision, tiles_of(waiting)) == (1, {(0, 0): b"one"})


def test_people_do_not_see_each_others_work(waiting: Waiting) -> None:
    save(waiting, 0, r0c0=b"hers")
    save(waiting, 0, "bob", r0c0=b"his")

    assert (tiles_of(waiting), tiles_of(waiting, "bob")) == ({(0, 0): b"hers"}, {(0, 0): b"his"})


def test_saving_prolongs_ones_own_lease(waiting: Waiting) -> None:
    with waiting.database.write() as session:
        lease_next(session, waiting.stage.id, "ann", lease_s=1, cause=CAUSE)
    before = waiting.query(waiting.ids[0]).lease_until

    saved = save(waiting, 0, r0c0=b"one")

    after = waiting.query(waiting.ids[0]).lease_until
    assert saved.is_held and before is not None and after is not None and after > before


def test_work_is_kept_although_somebody_else_has_the_query(waiting: Waiting) -> None:
    with waiting.database.write() as session:
        lease_next(session, waiting.stage.id, "bob", lease_s=900, cause=CAUSE)
    until = waiting.query(waiting.ids[0]).lease_until

    assert not save(waiting, 0, r0c0=b"one").is_held

    assert tiles_of(waiting) == {(0, 0): b"one"}
    assert waiting.query(waiting.ids[0]).lease_until == until


def test_an_answer_takes_the_place_of_its_authors_draft(waiting: Waiting) -> None:
    save(waiting, 0, r0c0=b"hers")
    save(waiting, 0, "bob", r0c0=b"his")

    waiting.answer(waiting.ids[0], "ann")

    assert (tiles_of(waiting), tiles_of(waiting, "bob")) == ({}, {(0, 0): b"his"})
    with waiting.database.read() as session:
        assert session.get(Draft, (waiting.ids[0], "ann")) is None


def test_a_draft_that_is_dropped_begins_anew(waiting: Waiting) -> None:
    save(waiting, 0, r0c0=b"one")
    with waiting.database.write() as session:
        drop_draft(session, waiting.ids[0], "ann")

    assert save(waiting, 0, r1c1=b"two").draft.revision == 1
    assert tiles_of(waiting) == {(1, 1): b"two"}


def test_an_unknown_query_is_named(waiting: Waiting) -> None:
    with pytest.raises(UnknownQuery, match="ffffffffffffffff"), waiting.database.write() as session:
        save_draft(session, DraftSave("f" * 16, "ann", 0, {}, 0, 0), lease_s=900)
