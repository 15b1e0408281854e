"""Queries: what is to be labelled, who has it, and how it is answered."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from core.acquisition.catalog import QueryUnit
from server.auth.people import own_name, refuse_replacing, refuse_reviewing
from server.db.states import AssignmentState, QueryState
from server.schemas.classes import ClassLabel
from server.schemas.page import Page
from server.schemas.stages import TransitionEntry
from server.schemas.values import MAX_SAFE_INTEGER, LongText, Moment, NoBoolean, PlainText

AuthorName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$"),
    BeforeValidator(own_name),
    Field(description="Who works: with accounts whoever has signed in, so it can be left out; without, any name."),
]
NAMED: Any = Field(default_factory=lambda: None, validate_default=True)
"""Default of an author: the account's name, or without accounts the fault that it is missing."""
Seconds = Annotated[float, NoBoolean, Field(ge=0, le=1e9, description="Active time spent, in seconds.")]
Clicks = Annotated[int, NoBoolean, Field(ge=0, le=MAX_SAFE_INTEGER, description="Clicks and strokes spent.")]


class QuerySort(StrEnum):
    """What queries can be ordered by (AL-3)."""

    RANK = "rank"
    IMAGE = "image"
    GROUP = "group"
    PIXELS = "pixels"
    CLASS = "class"


class QueryCounts(BaseModel):
    """Queries of a round by state."""

    open: int
    leased: int
    submitted: int
    in_review: int
    accepted: int
    rejected: int
    skipped: int
    withdrawn: int


class QueryListQuery(BaseModel):
    """Which queries of a round are wanted, and one page of them."""

    state: list[QueryState] | None = Field(None, max_length=8, description="Only in these states.")
    image_contains: PlainText | None = Field(None, max_length=1000, description="Only with this text in the image id.")
    sort: QuerySort = Field(QuerySort.RANK, description="`class` is `main_class`. The id breaks ties.")
    cursor: str | None = Field(
        None, max_length=1000, description="`next_cursor` of the page before; leave it out for the first page."
    )
    limit: int = Field(50, ge=1, le=200, description="Most items in the answer.")


class SuperpixelUrls(BaseModel):
    """Addresses of the superpixels of an image: 16-bit grey PNGs of its size, the number of each pixel's piece."""

    fine: str
    medium: str
    coarse: str


class QuerySummary(BaseModel):
    """One image, or parts of one, that somebody is to label; its pictures are at the addresses."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    run_id: str
    stage_id: str = Field(description="The `label` stage that waits for the answer.")
    state: QueryState
    rank: int = Field(description="From 0; the first is the most wanted.")
    image: str = Field(description="Id of the image in the target's training split.")
    unit: QueryUnit
    value: float = Field(description="What the acquisition function gave it.")
    group: str = Field(description="Such as the city; empty where the layout knows none.")
    width: int
    height: int
    pixels: int = Field(description="Queried pixels.")
    clicks: int = Field(description="Separate queried places.")
    main_class: int = Field(description="Raw id of the class that the teacher gives most of the queried pixels.")
    author: str | None = Field(description="Who has it, skipped it, or gave the present answer.")
    lease_until: Moment | None
    message: str | None = Field(description="Of the last change of state, such as why it was skipped.")
    version: int = Field(description="Of the answer, which counts while the query is `accepted`; 0 = none.")
    answers_wanted: int = Field(description="Independent answers that it gets; of several the label is the majority's.")
    answers: int = Field(description="Independent answers that are there.")
    revision: int
    picture_url: str
    region_url: str | None = Field(description="8-bit PNG, 255 = queried; null = the whole image.")
    proposal_url: str = Field(description="Index PNG of raw ids: the teacher's prediction.")
    uncertainty_url: str = Field(description="8-bit PNG, 255 = the most uncertain that there can be.")
    superpixels_url: SuperpixelUrls | None = Field(
        description="Connected pieces of similar colour in three sizes; null where no people were to answer."
    )
    answer_url: str | None = Field(description="Index PNG of that answer.")


CLOSES_AT = "When the round, now complete, closes by itself unless an answer is taken back; null while it is not."


class QueryPage(Page[QuerySummary]):
    """One page of the queries of a round."""

    counts: QueryCounts
    closes_at: Moment | None = Field(description=CLOSES_AT)
    classes: list[ClassLabel] = Field(description="With which a pixel may be answered; none where nothing is queried.")
    ignore_id: int = Field(description="Raw id of a pixel that nobody can tell, and of every one that is not queried.")


class AnnotationDetail(BaseModel):
    """One version of an answer."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    query_id: str
    version: int
    author: str
    source: Literal["person", "oracle", "import", "consensus"]
    parents: list[int] = Field(description="Versions from which a consensus was made.")
    mask_sha256: str
    pixels: int = Field(description="Labelled; ignored ones are not counted.")
    class_pixels: dict[str, int] = Field(description="Raw class id -> labelled pixels.")
    agreement: float | None = Field(description="Share of the labelled pixels that are as the teacher proposed.")
    clicks: int
    seconds: float
    sources: SourcePixels | None = Field(description="Null where nobody noted them, as of a mask painted elsewhere.")
    sources_url: str | None = Field(
        description="Index PNG of the source of each pixel: 0 none, 1 model, 2 person, 3 assisted."
    )
    regions: list[RegionEffort] = Field(description="What single regions took, where that was counted.")
    is_late: bool = Field(description="Made after its round was closed: no checkpoint has seen it.")
    created_at: Moment
    mask_url: str


class SourcePixels(BaseModel):
    """Labelled pixels by where the label comes from."""

    model_config = ConfigDict(from_attributes=True)

    person: int = Field(description="Painted by a person.")
    model: int = Field(description="Proposed by the teacher, and left as it is.")
    assisted: int = Field(description="Drawn by a model that a person guided.")


class RegionEffort(BaseModel):
    """What one queried region took (AL-2)."""

    model_config = ConfigDict(extra="forbid")

    x: int = Field(ge=0, le=65_535, strict=True, description="Column of any pixel of the region.")
    y: int = Field(ge=0, le=65_535, strict=True, description="Its row.")
    clicks: Clicks
    seconds: Seconds


Regions = Annotated[list[RegionEffort], Field(max_length=10_000)]


class DraftInfo(BaseModel):
    """Unfinished work of one person."""

    author: str
    revision: int
    seconds: float
    clicks: int
    saved_at: Moment
    tiles: int = Field(description="Tiles of 256 x 256 pixels that differ from the proposal.")


class AssignmentEntry(BaseModel):
    """What one person does with a query."""

    model_config = ConfigDict(from_attributes=True)

    author: str
    state: AssignmentState
    lease_until: Moment | None
    version: int = Field(description="Of their newest answer; 0 = none.")
    reason: str | None = Field(description="Why they skipped it.")


class QueryDetail(QuerySummary):
    """One query with its classes, drafts, versions and history."""

    classes: list[ClassLabel] = Field(description="With which a pixel may be answered.")
    ignore_id: int = Field(description="Raw id of a pixel that nobody can tell, and of every one that is not queried.")
    is_frozen: bool = Field(description="Whether its round is closed: an answer would be a late version.")
    assignments: list[AssignmentEntry] = Field(description="By name; an author sees no others while these are awaited.")
    drafts: list[DraftInfo]
    annotations: list[AnnotationDetail] = Field(
        description="Oldest first; while independent answers are awaited, an author is shown no one else's."
    )
    history: list[TransitionEntry] = Field(description="Oldest first; the last 500.")


class By(BaseModel):
    """Who does it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"author": "ann"}]})

    author: AuthorName = NAMED


class Skip(By):
    """Why a query is left unanswered."""

    reason: LongText = Field(
        min_length=1, max_length=2000, description="`unclear`, `bad image`, `not my expertise`, or any text."
    )
    review: Annotated[bool | None, AfterValidator(refuse_reviewing)] = Field(
        None, description="Decide, as a researcher, that a query in review gets no answer."
    )


class Rejection(By):
    """Why an answer is sent back."""

    note: LongText = Field(min_length=1, max_length=2000)


Replaces = Annotated[
    int | None,
    NoBoolean,
    AfterValidator(refuse_replacing),
    Field(
        ge=1,
        le=MAX_SAFE_INTEGER,
        description="Version of somebody else's accepted answer whose place this one takes; one's own needs none.",
    ),
]


Review = Annotated[
    bool | None,
    AfterValidator(refuse_reviewing),
    Field(description="Decide, as a researcher, about a query in review; the answer is accepted at once."),
]


class AnswerTerms(BaseModel):
    """Who answers with a mask, what it took, and how the mask is meant."""

    author: AuthorName = NAMED
    seconds: Seconds = 0.0
    clicks: Clicks | None = Field(None, description="Clicks spent; by default one for each piece of one class.")
    allow_unsure: bool = Field(False, description="Take pixels that bear the ignore id as meant.")
    replaces: Replaces = None
    review: Review = None


class NextQuery(BaseModel):
    """The query to work on; null when everything is answered, skipped, or leased to others."""

    query: QueryDetail | None
    leased_to_you: bool = Field(description="Whether the author had this query already; it comes before any new one.")
    leased_to_others: int = Field(description="Queries that others have.")
    free_at: Moment | None = Field(
        description="Where there is no query: when the first lease of another runs out unless it is renewed."
    )
    counts: QueryCounts


class Tile(BaseModel):
    """One changed tile."""

    model_config = ConfigDict(extra="forbid")

    row: int = Field(ge=0, le=255, strict=True)
    column: int = Field(ge=0, le=255, strict=True)
    png: str = Field(max_length=400_000, description="Base64 of an index PNG of 256 x 256 pixels, less at the border.")
    sources: str | None = Field(
        None,
        max_length=400_000,
        description="The same of the source of each pixel: 0 none, 1 model, 2 person, 3 assisted. Without it, what is "
        "as the teacher proposed is the model's.",
    )


class DraftBody(By):
    """Work to be kept; `If-Match` names the revision that it changes, "0" for the first save."""

    tiles: list[Tile] = Field(max_length=256, description="Only tiles that changed.")
    seconds: Seconds = 0.0
    clicks: Clicks = 0
    regions: Regions | None = Field(None, description="What single regions took so far; null = as at the last save.")


class DraftSaved(BaseModel):
    """A stored draft."""

    author: str
    revision: int
    saved_at: Moment
    is_held: bool = Field(description="Whether the query is still leased to the author.")
    lease_until: Moment | None


class DraftTiles(DraftInfo):
    """A draft with its tiles."""

    pngs: list[Tile]
    regions: list[RegionEffort]


class DraftSubmit(By):
    """Makes a draft the answer: its tiles laid over the teacher's proposal."""

    allow_unsure: bool = Field(False, description="Take pixels that bear the ignore id as meant.")
    seconds: Seconds | None = Field(None, description="Instead of the draft's.")
    clicks: Clicks | None = Field(None, description="Instead of the draft's.")
    regions: Regions | None = Field(None, description="Instead of the draft's.")
    replaces: Replaces = None
    review: Review = None


class Submission(BaseModel):
    """What became of an answer."""

    annotation: AnnotationDetail
    warnings: list[str] = Field(description="Worth a second look; the answer is stored all the same.")
    counts: QueryCounts
    closes_at: Moment | None = Field(description=CLOSES_AT)
    is_round_closed: bool = Field(description="Whether this was the last answer, so that the next stage begins.")
