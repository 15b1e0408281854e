"""Keep refused masks as drafts: work is not lost when somebody else answers first (ANN-4)."""

from __future__ import annotations

from dataclasses import dataclass

from core.data.samples import LabelMap
from server.db import annotations as db
from server.db.lifecycle import Cause
from server.db.session import Database
from server.errors import AlreadyAnsweredError, DomainError, LeaseLostError, RoundClosedError
from server.schemas.queries import Submission
from server.services.revisions import etag
from server.services.rounds import queries
from server.services.rounds.answer_masks import cut
from server.services.rounds.query_problems import as_problems
from server.storage import Storage

OVERTAKEN = (LeaseLostError, AlreadyAnsweredError, RoundClosedError)


@dataclass(frozen=True)
class SentMask:
    """A whole mask: its labels (H, W), the answer made from them, and warnings."""

    labels: LabelMap
    answer: db.NewAnswer
    warnings: list[str]


def submit_or_keep(database: Database, storage: Storage, sent: SentMask, cause: Cause, *, lease_s: float) -> Submission:
    """Store an answer. If others' work makes it invalid, keep its labels as the author's draft.

    Raises:
        LeaseLostError, AlreadyAnsweredError, RoundClosedError: each says where the labels are kept.
        NotFoundError: when the query does not exist any more.
    """
    try:
        return queries.submit(database, storage, sent.answer, sent.warnings, cause)
    except OVERTAKEN as error:
        where, headers = _keep(database, sent, lease_s)
        raise _with(error, where, headers) from error


def _keep(database: Database, sent: SentMask, lease_s: float) -> tuple[str, dict[str, str]]:
    """Keep the labels unless a version holds them; return their place in words, and headers that name it."""
    answer = sent.answer
    with as_problems(), database.write() as session:
        # Keeping a mask that is sent twice would overwrite its author's newer draft.
        version = db.version_with(session, answer.query_id, answer.author, answer.facts.mask_sha256)
        if version is not None:
            return f"these labels are kept as version {version} of the answer", {}
        save = db.DraftSave(answer.query_id, answer.author, None, cut(sent.labels), answer.seconds, answer.clicks)
        tag = etag(db.save_draft(session, save, lease_s=lease_s).draft.revision)
    address = f"/queries/{answer.query_id}/draft"
    where = f"these labels are kept as your draft, whose ETag is {tag}: GET {address} reads it, POST {address}/submit"
    return f"{where} with If-Match sends it once the query can be answered", {"ETag": tag}


def _with(error: DomainError, where: str, headers: dict[str, str]) -> DomainError:
    return type(error)(f"{error.detail}. Nothing is lost: {where}", headers=headers)
