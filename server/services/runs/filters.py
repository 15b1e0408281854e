"""Convert filters of the run list to SQL conditions; user input is always a bound parameter (EXP-13)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, or_, select

from server.db.models import Experiment, Run, Tag
from server.schemas.run_list import RunFilters

_TEXTS = (Experiment.name, Experiment.notes, Experiment.method, Experiment.preset, Experiment.dataset, Run.reason)


def conditions(filters: RunFilters) -> list[ColumnElement[bool]]:
    """Return the conditions on a run joined with its experiment; they always exclude deleted runs."""
    found: list[ColumnElement[bool]] = [Run.deleted_at.is_(None), Run.is_archived.is_(filters.archived)]
    if filters.state:
        found.append(Run.state.in_([state.value for state in filters.state]))
    if filters.method is not None:
        found.append(Experiment.method == filters.method)
    if filters.dataset is not None:
        found.append(Experiment.dataset == filters.dataset)
    if filters.experiment_id is not None:
        found.append(Run.experiment_id == filters.experiment_id)
    found += [_has_tag(tag) for tag in filters.tag]
    found += [_has_word(word) for word in filters.q.split()]
    return found


def _has_tag(tag: str) -> ColumnElement[bool]:
    key, sign, value = tag.partition("=")
    tagged = select(Tag.experiment_id).where(Tag.key == key)
    return Run.experiment_id.in_(tagged.where(Tag.value == value) if sign else tagged)


def _has_word(word: str) -> ColumnElement[bool]:
    within = [column.icontains(word, autoescape=True) for column in _TEXTS]
    return or_(*within, Run.id.startswith(word.lower(), autoescape=True))
