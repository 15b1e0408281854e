"""All tables; importing this package fills `Base.metadata`."""

from server.db.models.account import ApiToken, AuditEntry, SignInLink, UserAccount, UserSession
from server.db.models.artifact import Artifact, Checkpoint
from server.db.models.assistant import AssistantDecoder, AssistantEmbedding, AssistantJob
from server.db.models.dataset import Dataset
from server.db.models.dispatch import Dispatch, SchedulerLock, Transition
from server.db.models.event import LogLine, RunEvent
from server.db.models.exchange import ExchangeTask
from server.db.models.experiment import Experiment, Tag
from server.db.models.hand_out import Agreement, Assignment, QueryComment
from server.db.models.idempotency import IdempotencyKey
from server.db.models.memory_item import MemoryItem
from server.db.models.memory_use import MemoryDraw, MemoryPaste, MemorySnapshot
from server.db.models.prediction import Prediction
from server.db.models.query import Annotation, Draft, DraftTile, Query, QueryBatch
from server.db.models.reference import StreamReference
from server.db.models.run import Attempt, Run, Stage
from server.db.models.score import Evaluation, EvaluationRecord, Score, SeriesPoint, SeriesSummary
from server.db.models.worker import Worker

__all__ = [
    "Agreement",
    "Annotation",
    "ApiToken",
    "Artifact",
    "Assignment",
    "AssistantDecoder",
    "AssistantEmbedding",
    "AssistantJob",
    "Attempt",
    "AuditEntry",
    "Checkpoint",
    "Dataset",
    "Dispatch",
    "Draft",
    "DraftTile",
    "Evaluation",
    "EvaluationRecord",
    "ExchangeTask",
    "Experiment",
    "IdempotencyKey",
    "LogLine",
    "MemoryDraw",
    "MemoryItem",
    "MemoryPaste",
    "MemorySnapshot",
    "Prediction",
    "Query",
    "QueryBatch",
    "QueryComment",
    "Run",
    "RunEvent",
    "SchedulerLock",
    "Score",
    "SeriesPoint",
    "SeriesSummary",
    "SignInLink",
    "Stage",
    "StreamReference",
    "Tag",
    "Transition",
    "UserAccount",
    "UserSession",
    "Worker",
]
