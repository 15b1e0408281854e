from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from sqlalchemy import event, select, text, update

from server.db.base import utc_now
from server.db.feed import append_event
from server.db.models import Run, Stage
from server.db.session import Database
from server.errors import InvalidRequestError
from server.schemas.run_list import MAX_LEFT, RunFilters, RunListQuery, RunSort
from server.services.paging import encode_cursor
from server.services.runs import listing
from tests.support.run_list import Listed, add_run

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
# Rising (listed, columns): two that tie, others around them, and for columns that may be empty one without a value.
RISING: dict[RunSort, list[tuple[Listed, dict[str, Any]]]] = {
    RunSort.CREATED_AT: [(Listed(), {"created_at": NOON + timedelta(seconds=n)}) for n in (0, 1, 1, 2)],
    RunSort.FINISHED_AT: [(Listed(), {"finished_at": NOON + timedelta(seconds=n)}) for n in (0, 1, 1)]
    + [(Listed(), {})],
    RunSort.NAME: [(Listed(name=name), {}) for name in ("", "a", "a", "b\u00a0%")],
    RunSort.METHOD: [(Listed(method=name), {}) for name in ("eir", "finetune", "finetune", "stal")],
    RunSort.DATASET: [(Listed(dataset=name), {}) for name in ("camvid", "objects", "objects", "voc")],
    RunSort.STATE: [(Listed(), {"state": state}) for state in ("failed", "queued", "queued", "running")],
    RunSort.SEED: [(Listed(seed=seed), {}) for seed in (0, 2, 2, 2**53 - 1)],
    RunSort.SCORE: [(Listed(), {"last_score": score, "state": "succeeded"}) for score in (0.1, 1 / 3, 1 / 3, None)],
    RunSort.BEST_SCORE: [
        (Listed(), {"best_score": score, "state": "succeeded"}) for score in (-0.5, 812.5, 812.5, None)
    ],
}
NULLABLE = {RunSort.FINISHED_AT, RunSort.SCORE, RunSort.BEST_SCORE}


def _add_all(database: Database, sort: RunSort) -> list[str]:
    return [add_run(database, listed, **columns) for listed, columns in RISING[sort]]


def _walk(database: Database, query: RunListQuery) -> list[str]:
    """Return the ids of all pages, one after the other."""
    ids: list[str] = []
    while True:
        with database.read() as session:
            page = listing.list_page(session, query)
        ids += [item.id for item in page.items]
        if page.next_cursor is None:
            return ids
        query = query.model_copy(update={"cursor": page.next_cursor})


def _ids(database: Database, **filters: Any) -> set[str]:
    return set(_walk(database, RunListQuery(**filters)))


@pytest.mark.parametrize("sort", list(RunSort))
@pytest.mark.parametrize("limit", [1, 2, 200])
def test_pages_under_every_sort_hold_each_run_once_and_those_without_a_value_last(
    any_database: Database, sort: RunSort, limit: int
) -> None:
    rising = _add_all(any_database, sort)
    valued, empty = (rising[:3], rising[3:]) if sort in NULLABLE else (rising, [])

    up = _walk(any_database, RunListQuery(sort=sort, order="asc", limit=limit))
    down = _walk(any_database, RunListQuery(sort=sort, order="desc", limit=limit))

    assert up == valued + empty
    assert down == valued[::-1] + empty


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 200])
def test_a_score_of_an_earlier_step_is_not_ranked_beside_final_ones(
    any_database: Database, order: Literal["asc", "desc"], limit: int
) -> None:
    states = ["running", "succeeded", "failed", "succeeded", "running"]
    scores = (0.9, 0.5, 0.1, 0.4, None)
    of = {
        score: add_run(any_database, last_score=score, state=state) for state, score in zip(states, scores, strict=True)
    }

    walked = _walk(any_database, RunListQuery(sort=RunSort.SCORE, order=order, limit=limit))

    finished, others = ([0.4, 0.5], [0.1, 0.9])
    wanted = [*finished, *others] if order == "asc" else [*finished[::-1], *others[::-1]]
    assert walked == [of[score] for score in [*wanted, None]]


@pytest.mark.parametrize("sort", list(RunSort))
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_rows_inserted_between_pages_make_neither_doubles_nor_gaps_among_the_others(
    database: Database, sort: RunSort, order: Literal["asc", "desc"]
) -> None:
    before = _add_all(database, sort)
    with database.read() as session:
        first = listing.list_page(session, RunListQuery(sort=sort, order=order, limit=2))
    _add_all(database, sort)

    rest = _walk(database, RunListQuery(sort=sort, order=order, limit=2, cursor=first.next_cursor))

    seen = [item.id for item in first.items] + [run_id for run_id in rest if run_id in before]
    assert sorted(seen) == sorted(before)
    assert len(rest) == len(set(rest))


@pytest.mark.parametrize(
    "value", ["1", '"x"', "null x", '"\\u0000"', '"\\ud800"', "NaN", "-1", "9007199254740993", "[]"]
)
@pytest.mark.parametrize("sort", list(RunSort))
def test_cursor_with_a_value_that_no_row_has_is_refused_or_ends_the_list(
    database: Database, sort: RunSort, value: str
) -> None:
    add_run(database)
    cursor = encode_cursor(f"runs {sort} desc", (f"[0, {value}]", "id"))

    with database.read() as session:
        try:
            assert len(listing.list_page(session, RunListQuery(sort=sort, cursor=cursor)).items) <= 1
        except InvalidRequestError as error:
            assert error.errors[0].pointer == "/cursor"


def test_cursor_of_one_order_is_none_of_another(database: Database) -> None:
    _add_all(database, RunSort.SEED)
    with database.read() as session:
        cursor = listing.list_page(session, RunListQuery(sort=RunSort.SEED, limit=1)).next_cursor
        with pytest.raises(InvalidRequestError):
            listing.list_page(session, RunListQuery(sort=RunSort.SEED, order="asc", cursor=cursor))


def test_filters_narrow_together(any_database: Database) -> None:
    eir = add_run(any_database, Listed(method="eir", dataset="voc"), state="failed")
    other = add_run(any_database, Listed(method="finetune", dataset="voc"), state="queued")

    assert _ids(any_database, dataset="voc") == {eir, other}
    assert _ids(any_database, dataset="voc", method="eir") == {eir}
    assert _ids(any_database, dataset="voc", state=["failed", "queued"]) == {eir, other}
    assert _ids(any_database, dataset="voc", state=["failed"], method="finetune") == set()


def test_tag_filter_takes_a_key_with_any_value_or_the_exact_pair_and_all_of_several(any_database: Database) -> None:
    ada = add_run(any_database, Listed(tags=("owner=ada", "baseline")))
    bob = add_run(any_database, Listed(tags=("owner=bob",)))
    plain = add_run(any_database, Listed(tags=("owner", "paper=a=b")))

    assert _ids(any_database, tag=["owner"]) == {ada, bob, plain}
    assert _ids(any_database, tag=["owner=ada"]) == {ada}
    assert _ids(any_database, tag=["owner", "baseline"]) == {ada}
    assert _ids(any_database, tag=["paper=a=b"]) == {plain}
    assert _ids(any_database, tag=["own"]) == set()


def test_wildcards_and_quotes_of_a_search_are_plain_characters(any_database: Database) -> None:
    percent = add_run(any_database, Listed(name="100% of classes"))
    under = add_run(any_database, Listed(name="lr_high"))
    slash = add_run(any_database, Listed(name="a/b\\c"))
    markup = add_run(any_database, Listed(notes="<b>it's</b>"))

    assert _ids(any_database, q="%") == {percent}
    assert _ids(any_database, q="r_h") == {under}
    assert _ids(any_database, q="a/b\\") == {slash}
    assert _ids(any_database, q="<b>it's</b>") == {markup}
    assert _ids(any_database, q="' OR 1=1 --") == set()


def test_search_looks_in_name_notes_dataset_and_the_beginning_of_the_id_for_every_word(any_database: Database) -> None:
    first = add_run(any_database, Listed(name="Warm start", dataset="camvid"))
    second = add_run(any_database, Listed(name="warm", notes="second Try"))

    assert _ids(any_database, q="WARM") == {first, second}
    assert _ids(any_database, q="warm camvid") == {first}
    assert _ids(any_database, q="try warm") == {second}
    assert _ids(any_database, q=second.upper()) == {second}
    assert _ids(any_database, q=second[1:]) == set()


def test_archived_and_deleted_runs_are_left_out(database: Database) -> None:
    kept = add_run(database)
    archived = add_run(database, is_archived=True)
    add_run(database, deleted_at=NOON)

    assert _ids(database) == {kept}
    assert _ids(database, archived=True) == {archived}


def test_total_counts_what_the_filters_leave_and_only_when_asked(database: Database) -> None:
    for seed in range(3):
        add_run(database, Listed(seed=seed, name="even" if seed % 2 == 0 else "odd"))

    with database.read() as session:
        counted = listing.list_page(session, RunListQuery(q="even", count="exact", limit=1))
        uncounted = listing.list_page(session, RunListQuery(q="even", limit=1))

    assert (counted.total, uncounted.total) == (2, None)


def out_of_the_queue(database: Database, *run_ids: str) -> None:
    """Let runs wait for a retry: they have no place in the queue that could change."""
    with database.write() as session:
        session.execute(update(Stage).where(Stage.run_id.in_(run_ids)).values(state="retry_wait"))


def test_changes_bring_the_runs_in_the_queue_since_their_places_change(any_database: Database) -> None:
    queued = add_run(any_database, changed_at=utc_now() - timedelta(hours=1))

    with any_database.read() as session:
        changes = listing.changes(session, RunFilters(), utc_now())

    assert [item.id for item in changes.items] == [queued]
    assert changes.items[0].queue is not None
    assert changes.left == []


def test_changes_name_new_and_changed_runs_and_those_that_left_the_list(any_database: Database) -> None:
    with any_database.read() as session:
        start = listing.list_page(session, RunListQuery()).as_of
    old = start - timedelta(hours=1)
    quiet = add_run(any_database, changed_at=old)
    touched = add_run(any_database, changed_at=old)
    out_of_the_queue(any_database, quiet, touched)
    finished = add_run(any_database, state="succeeded")
    with any_database.write() as session:
        append_event(session, touched, "progress", {})
    new = add_run(any_database)

    with any_database.read() as session:
        changes = listing.changes(session, RunFilters(state=["queued"]), start)

    assert [item.id for item in changes.items] == [new, touched]
    assert changes.left == [finished]
    assert (changes.is_complete, changes.total) == (True, 3)
    assert quiet not in changes.left
    assert changes.as_of >= start


def test_more_changes_than_are_told_ask_for_the_list_anew(database: Database) -> None:
    for _ in range(listing.MAX_CHANGES + 1):
        add_run(database)

    with database.read() as session:
        changes = listing.changes(session, RunFilters(), NOON - timedelta(days=365))

    assert (changes.is_complete, changes.items, changes.total) == (False, [], listing.MAX_CHANGES + 1)
    assert MAX_LEFT >= listing.MAX_CHANGES


def test_choices_are_the_datasets_and_tags_in_use(database: Database) -> None:
    add_run(database, Listed(dataset="voc", tags=("b", "owner=ada")))
    add_run(database, Listed(dataset="camvid", tags=("owner=ada",)))
    add_run(database, Listed(dataset="gone", tags=("gone",)), deleted_at=NOON)

    with database.read() as session:
        found = listing.choices(session)

    assert (found.datasets, found.tags) == (["camvid", "voc"], ["owner=ada", "b"])


def test_a_page_costs_the_same_few_statements_for_one_run_and_for_many(database: Database) -> None:
    add_run(database, Listed(tags=("a",)))
    one = _statements(database)
    for _ in range(10):
        add_run(database, Listed(tags=("a",)))

    # Five of them place the queued runs.
    assert _statements(database) == one <= 12


@pytest.mark.parametrize("sort", sorted(set(RunSort) - {RunSort.NAME, RunSort.METHOD, RunSort.DATASET}))
def test_order_by_a_column_of_the_run_needs_no_sorting(database: Database, sort: RunSort) -> None:
    order = listing.RunOrder(sort, is_descending=True)
    with database.read() as session:
        statement = select(Run.id).order_by(order.column.desc(), Run.id.desc()).limit(50)
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {statement.compile(compile_kwargs={'literal_binds': True})}"))

        assert "B-TREE" not in " ".join(row[3] for row in plan)


def _statements(database: Database) -> int:
    seen: list[str] = []
    with database.read() as session:
        connection = session.connection()
        event.listen(connection, "before_cursor_execute", lambda *args: seen.append(args[2]))
        listing.list_page(session, RunListQuery())
    return len(seen)
