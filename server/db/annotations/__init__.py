"""Queries and their answers: the one path for people and for the oracle.

Each function works in the caller's writing transaction and first locks the run's row, like `server.db.lifecycle`. Only
`close_round` opens its own transactions, because it writes a file between reading and settling.
"""

from server.db.annotations.accepted import AcceptedAnswer, accepted_answers, accepted_rows
from server.db.annotations.answering import (
    AnsweredByAnother,
    NewAnswer,
    Submitted,
    Terms,
    record_oracle_answers,
    require_answerable,
    submit,
    version_with,
)
from server.db.annotations.closing import close_complete_rounds, close_round, hand_to_oracle, reopen_round
from server.db.annotations.completion import closing_time, extend_round
from server.db.annotations.drafts import DraftSave, SavedDraft, StaleDraft, read_tiles, require_revision, save_draft
from server.db.annotations.handing_out import (
    NewHandOut,
    UnknownComment,
    add_comment,
    change_hand_out,
    choose_assistant,
    overlap_of,
    resolve_comment,
)
from server.db.annotations.independent import CONSENSUS, settle_all, settle_round
from server.db.annotations.leasing import (
    LeaseLost,
    expire_leases,
    lease_next,
    lease_query,
    release,
    renew_lease,
)
from server.db.annotations.publishing import BlobOf, publish_queries
from server.db.annotations.reviewing import (
    accept_reviewed,
    leave_reviewed,
    reject_answer,
    reopen_query,
    revise_answer,
    skip,
)
from server.db.annotations.rounds import (
    NothingAnswered,
    RoundClosed,
    RunPaused,
    UnknownQuery,
    UnknownRound,
    earlier_labels,
    lock_query,
    tally,
)
from server.db.annotations.stored_labels import LabelFacts, SourceFacts, store_labels, store_sources
from server.db.annotations.sweeping import sweep_rounds

__all__ = [
    "CONSENSUS",
    "AcceptedAnswer",
    "AnsweredByAnother",
    "BlobOf",
    "DraftSave",
    "LabelFacts",
    "LeaseLost",
    "NewAnswer",
    "NewHandOut",
    "NothingAnswered",
    "RoundClosed",
    "RunPaused",
    "SavedDraft",
    "SourceFacts",
    "StaleDraft",
    "Submitted",
    "Terms",
    "UnknownComment",
    "UnknownQuery",
    "UnknownRound",
    "accept_reviewed",
    "accepted_answers",
    "accepted_rows",
    "add_comment",
    "change_hand_out",
    "choose_assistant",
    "close_complete_rounds",
    "close_round",
    "closing_time",
    "earlier_labels",
    "expire_leases",
    "extend_round",
    "hand_to_oracle",
    "lease_next",
    "lease_query",
    "leave_reviewed",
    "lock_query",
    "overlap_of",
    "publish_queries",
    "read_tiles",
    "record_oracle_answers",
    "reject_answer",
    "release",
    "renew_lease",
    "reopen_query",
    "reopen_round",
    "require_answerable",
    "require_revision",
    "resolve_comment",
    "revise_answer",
    "save_draft",
    "settle_all",
    "settle_round",
    "skip",
    "store_labels",
    "store_sources",
    "submit",
    "sweep_rounds",
    "tally",
    "version_with",
]
