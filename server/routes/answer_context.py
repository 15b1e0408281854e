"""What the routes of answers and drafts need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from server.db.lifecycle import Cause
from server.db.session import Database
from server.dependencies import DatabaseDep, RequestId, SettingsDep, StorageDep
from server.storage import Storage


@dataclass(frozen=True)
class AnswerContext:
    """What a route needs to store an answer or a draft."""

    database: Database
    storage: Storage
    lease_s: float
    request_id: str

    def cause(self, author: str) -> Cause:
        """Return the cause of what an author does in this request."""
        return Cause(f"user:{author}", request_id=self.request_id)


async def get_answer_context(
    database: DatabaseDep, storage: StorageDep, settings: SettingsDep, request_id: RequestId
) -> AnswerContext:
    """Return what a route needs to store an answer or a draft."""
    return AnswerContext(database, storage, settings.item_lease_s, request_id)


AnswerContextDep = Annotated[AnswerContext, Depends(get_answer_context)]
