"""When a round waits for nobody any more, and so closes by itself (AL-4)."""

from __future__ import annotations

from collections.abc import Mapping

from server.db.models import QueryBatch
from server.db.states import UNANSWERED_QUERY_STATES, QueryState


def is_complete(counts: Mapping[str, int]) -> bool:
    """Whether nobody has anything left to do, and something was answered; a round that asks nothing is complete."""
    if not any(counts.values()):
        return True
    return not any(counts[state] for state in UNANSWERED_QUERY_STATES) and counts[QueryState.ACCEPTED] > 0


def closes_by_itself(batch: QueryBatch, counts: Mapping[str, int]) -> bool:
    """Whether a waiting round is to be closed now; one that was complete when it was opened again never is."""
    return not batch.closes_by_hand and is_complete(counts)
