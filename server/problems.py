"""The API's kinds of problem (RFC 9457), with cause and remedy; `/problems/<slug>` shows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ProblemKind:
    """One kind of problem.

    Attributes:
        slug: last part of the `type` URI `/problems/<slug>`; it never changes.
        status: HTTP status.
        title: the same for every problem of the kind.
        cause, remedy: explanations for people.
    """

    slug: str
    status: int
    title: str
    cause: str
    remedy: str

    @property
    def type(self) -> str:
        """The URI path that identifies the kind."""
        return f"/problems/{self.slug}"


_KINDS = (
    ProblemKind(
        "bad-request",
        400,
        "The request cannot be read",
        "The request breaks the rules of HTTP or of JSON, for example by nesting thousands of brackets.",
        "Send well-formed JSON with the header Content-Type: application/json.",
    ),
    ProblemKind(
        "unauthenticated",
        401,
        "Nobody has signed in",
        "Accounts are on, and the request brings neither a session nor a valid token, or name and password do not "
        "belong together.",
        "Sign in on the pages, or send a token in the header `Authorization: Bearer plm_...`; one is made on the page "
        "Tokens, or with `palimpsest admin token create`.",
    ),
    ProblemKind(
        "forbidden",
        403,
        "Refused",
        "The request comes from a web page of another origin, its session token is missing, or the role of the account "
        "or the scopes of the token do not allow it; the detail says which.",
        "Open the pages that this service delivers; send requests of scripts with a token and without an Origin "
        "header; ask an admin for the role.",
    ),
    ProblemKind(
        "not-found",
        404,
        "There is no such thing",
        "Nothing has this id or address, or it was deleted.",
        "List the collection to see what there is; every address is in /api/v1/openapi.json.",
    ),
    ProblemKind(
        "method-not-allowed",
        405,
        "This address does not take this method",
        "The address exists, but not with this HTTP method.",
        "Use a method that the Allow header names.",
    ),
    ProblemKind(
        "illegal-transition",
        409,
        "The present state does not allow this",
        "The run or stage is in a state from which the wanted one cannot be reached.",
        "Read its present state; the answer names it and the states that can follow.",
    ),
    ProblemKind(
        "run-is-shared",
        409,
        "Another run shares stages of this run",
        "A run that branched from this one has its first stages by reference.",
        "Delete the run that the answer names first; or restore it, if this run is to be restored.",
    ),
    ProblemKind(
        "conflict",
        409,
        "Another request was quicker",
        "Two requests changed the same thing at the same moment.",
        "Read the present state and try again.",
    ),
    ProblemKind(
        "lease-lost",
        409,
        "Somebody else has the query",
        "The query is leased to another author, or the lease that was to be renewed or given back is not the author's.",
        "Ask for the next query with POST /stages/{id}/queries/next. A mask that was refused is kept as the author's "
        "draft: GET /queries/{id}/draft reads it, and POST /queries/{id}/draft/submit sends it once the query is free.",
    ),
    ProblemKind(
        "already-answered",
        409,
        "Somebody else has answered the query",
        "The accepted answer is another author's, and the request does not name it as the one to be replaced.",
        "Look at the version that the detail names, and send the answer again with that version as the one to replace "
        "(`replaces`). A mask that was refused is kept as the author's draft, and may be sent with "
        "POST /queries/{id}/draft/submit.",
    ),
    ProblemKind(
        "assistant-not-ready",
        409,
        "The assistant is not ready",
        "No model is chosen for the round, a worker has not embedded the query's image yet, or that failed.",
        "GET /queries/{id}/assistant says which; PUT /stages/{id}/assistant chooses a model.",
    ),
    ProblemKind(
        "round-closed",
        409,
        "The round takes no answers",
        "The round was closed or cancelled, has not begun, or is answered by the oracle.",
        "A mask that was refused is kept as the author's draft: GET /queries/{id}/draft reads it. Until the next stage "
        "begins, the round may be opened again with POST /stages/{id}/reopen, and the draft be sent.",
    ),
    ProblemKind(
        "round-empty",
        409,
        "Nothing is answered",
        "A round was to be closed without a single answer: the next training would learn nothing new.",
        "Answer a query first, or say that the round is to be closed without an answer (`allow_empty`).",
    ),
    ProblemKind(
        "ground-truth-missing",
        409,
        "There is no ground truth to answer with",
        "The oracle was to answer a round, but some of the queried images have no label file.",
        "Go on answering, close the round with POST /stages/{id}/close, or put the labels into the dataset's folder.",
    ),
    ProblemKind(
        "name-taken",
        409,
        "The name is taken",
        "Something of the same kind has this name already.",
        "Choose another name, or delete or rename the one that has it.",
    ),
    ProblemKind(
        "last-admin",
        409,
        "It is the last admin",
        "The account is the only one that may look after the others, and was to lose its role or to be disabled.",
        "Give another account the role admin first.",
    ),
    ProblemKind(
        "data-error",
        409,
        "A file of the dataset cannot be read",
        "The root or a file of a registered dataset vanished, changed, or cannot be decoded.",
        "Put back what the detail names, or scan the dataset again with POST /datasets/{id}/scan.",
    ),
    ProblemKind(
        "request-timeout",
        408,
        "The request did not arrive",
        "The body came too slowly, or stopped coming: 30 s are given, and one more for each 16 KiB.",
        "Send it again over a better connection; an import can be sent in several parts.",
    ),
    ProblemKind(
        "content-missing",
        410,
        "The bytes are no longer in storage",
        "The record exists, but its file is missing from storage or has another size than was recorded.",
        "Restore the storage folder from a backup, or run the stage again.",
    ),
    ProblemKind(
        "revision-mismatch",
        412,
        "It has changed since you read it",
        "The If-Match header names another revision than the present one.",
        "Read the thing again, and send the change with the ETag of that answer.",
    ),
    ProblemKind(
        "payload-too-large",
        413,
        "The request is too large",
        "A JSON body may have at most 2 MiB, a mask 50 MiB, an import 512 MiB.",
        "Send less; several experiments are several requests, and so are several imports.",
    ),
    ProblemKind(
        "too-costly",
        413,
        "It takes more memory or time than it may",
        "An import or an export runs in a process of its own, whose memory and time are limited.",
        "Import or export in parts, or raise PALIMPSEST_EXCHANGE_MEMORY_MIB.",
    ),
    ProblemKind(
        "unsupported-media",
        415,
        "The body is of another type than expected",
        "The Content-Type header is missing, or names no form of JSON; for a mask, no PNG; for an import, no ZIP.",
        "Send JSON with the header Content-Type: application/json; a mask as image/png, an import as application/zip.",
    ),
    ProblemKind(
        "range-not-satisfiable",
        416,
        "The range lies outside the file",
        "The Range header asks for bytes behind the end of the file.",
        "Take the length from the Content-Range header of the answer.",
    ),
    ProblemKind(
        "host-not-allowed",
        421,
        "This service does not answer to that name",
        "The Host header names a host that is not allowed; that protects against DNS rebinding.",
        "Use localhost or 127.0.0.1; behind a proxy, or from another machine, set PALIMPSEST_PUBLIC_URL to the address "
        "that people use.",
    ),
    ProblemKind(
        "validation-failed",
        422,
        "The request is not valid",
        "At least one value is unknown, missing, of the wrong type or out of range.",
        "The list `errors` has one entry a fault, with its place, the allowed range and the nearest known name.",
    ),
    ProblemKind(
        "idempotency-mismatch",
        422,
        "The key belongs to another request",
        "The header Idempotency-Key names a key under which another body was sent to the same address in the last day.",
        "Send a new key with a new request; send the old key only to repeat the same one.",
    ),
    ProblemKind(
        "stream-mismatch",
        422,
        "Different task streams or test sets",
        "Scores that were learned or tested on different data, steps or classes were to be compared. An overlapped and "
        "a disjoint setting are different, too.",
        "The list `errors` has one entry for each setting that differs. Compare runs that share all of them.",
    ),
    ProblemKind(
        "precondition-required",
        428,
        "The change needs an If-Match header",
        "A change of something that others may change too has to say which revision it means.",
        'Send If-Match with the ETag of the answer that you read, such as "3".',
    ),
    ProblemKind(
        "rate-limited",
        429,
        "Too many requests",
        "A token may ask 600 times a minute and import 60 times; names and passwords may be tried 5 times a minute, "
        "and an account pauses for 15 minutes after 10 wrong passwords.",
        "Try again after the seconds in the Retry-After header.",
    ),
    ProblemKind(
        "internal",
        500,
        "The service failed",
        "A fault of the service itself; the request id finds it in the log.",
        "Try again; if it stays, report it with the request id.",
    ),
    ProblemKind(
        "dependency-unavailable",
        503,
        "Something that the service needs does not answer",
        "The database or the storage cannot be reached, or the database is busy for longer than the service waits.",
        "Try again after the time in the Retry-After header; /readyz says which part is missing.",
    ),
)

PROBLEMS: dict[str, ProblemKind] = {kind.slug: kind for kind in _KINDS}
"""Slug -> kind."""

_OF_STATUS = {kind.status: kind for kind in reversed(_KINDS)}


def kind_of_status(status: int) -> ProblemKind:
    """Return the kind for an error of which only the HTTP status is known."""
    return _OF_STATUS.get(status, PROBLEMS["bad-request"] if status < 500 else PROBLEMS["internal"])
