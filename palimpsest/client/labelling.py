"""Answer queries from Python: `client.labelling.next_query(stage_id, "ann")`, then `answer` with an index PNG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from palimpsest.client.models import Query, Rounds, RoundState, Submission, WaitingRound

if TYPE_CHECKING:
    from palimpsest.client.client import Client

_PREFIX = "/api/v1"


class Labelling:
    """Rounds, queries and answers of a service; raises the errors of `Client`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def rounds(self, run_id: str) -> Rounds:
        """Return the rounds of a run, with their queries, costs and gains."""
        return Rounds.model_validate(self._client.request("GET", f"/runs/{run_id}/rounds").json())

    def waiting(self) -> Iterator[WaitingRound]:
        """Yield the rounds of all runs that wait for people."""
        yield from (WaitingRound.model_validate(item) for item in self._client.pages("/label-stages", {}))

    def queries(self, stage_id: str, *, states: Sequence[str] = (), sort: str = "rank") -> Iterator[Query]:
        """Yield the queries of a `label` stage, highest rank first; filtered by `states` if given.

        `sort` may also be `class` (the teacher's most frequent class), `image`, `group` or `pixels`.
        """
        params: dict[str, Any] = {"sort": sort} | ({"state": list(states)} if states else {})
        yield from (Query.model_validate(item) for item in self._client.pages(f"/stages/{stage_id}/queries", params))

    def next_query(self, stage_id: str, author: str) -> Query | None:
        """Return the author's leased query, or else lease the best free one; None if there is none."""
        answer = self._act(f"/stages/{stage_id}/queries/next", author)
        return Query.model_validate(answer["query"]) if answer["query"] is not None else None

    def picture(self, address: str) -> bytes:
        """Return the bytes at one of a query's addresses, such as `query.picture_url`."""
        return self._client.request("GET", address.removeprefix(_PREFIX)).content

    def answer(
        self,
        query_id: str,
        png: bytes,
        author: str,
        *,
        seconds: float = 0.0,
        allow_unsure: bool = False,
        replaces: int | None = None,
    ) -> Submission:
        """Answer a query with an index PNG of raw class ids, of the image's size.

        Args:
            query_id: id of the query.
            png: the index PNG; it has the ignore id outside the queried pixels.
            author: name of the annotator.
            seconds: active time spent.
            allow_unsure: accept queried pixels with the ignore id.
            replaces: version of another person's answer to replace. Without it, ApiError says `already-answered`, and
                the mask is kept as the author's draft, as with every other 409.
        """
        params: dict[str, Any] = {"author": author, "seconds": seconds, "allow_unsure": allow_unsure}
        if replaces is not None:
            params["replaces"] = replaces
        headers = {"Content-Type": "image/png"}
        path = f"/queries/{query_id}/annotations"
        sent = self._client.request("POST", path, params=params, headers=headers, content=png)
        return Submission.model_validate(sent.json())

    def accept_proposal(self, query_id: str, author: str, *, replaces: int | None = None) -> Submission:
        """Answer a query with the author's draft, or without a draft with the teacher's proposal.

        A draft that is saved at the same moment is not lost: ApiError then says `revision-mismatch`. For `replaces`,
        see `answer`.
        """
        drafts = self._client.request("GET", f"/queries/{query_id}").json()["drafts"]
        revision = next((draft["revision"] for draft in drafts if draft["author"] == author), 0)
        headers = {"If-Match": f'"{revision}"'}
        path = f"/queries/{query_id}/draft/submit"
        body = {"author": author, "replaces": replaces}
        return Submission.model_validate(self._client.request("POST", path, json=body, headers=headers).json())

    def revise(self, query_id: str, author: str) -> Query:
        """Revise an answered query: its answer becomes the author's draft and does not count any more."""
        return Query.model_validate(self._act(f"/queries/{query_id}/revise", author))

    def send_back(self, query_id: str, author: str, note: str) -> Query:
        """Reject an answer with a note: the query is open again for everybody."""
        return Query.model_validate(self._act(f"/queries/{query_id}/reject", author, note=note))

    def skip(self, query_id: str, author: str, reason: str) -> None:
        """Skip a leased query with a reason."""
        self._act(f"/queries/{query_id}/skip", author, reason=reason)

    def close_round(self, stage_id: str, author: str, *, allow_empty: bool = False) -> RoundState:
        """Close a round early: its answers are frozen, and the next stage begins."""
        return RoundState.model_validate(self._act(f"/stages/{stage_id}/close", author, allow_empty=allow_empty))

    def extend_round(self, stage_id: str, author: str, deadline_hours: float | None) -> RoundState:
        """Set a waiting round's deadline in hours from now; None removes the deadline."""
        return RoundState.model_validate(self._act(f"/stages/{stage_id}/extend", author, deadline_hours=deadline_hours))

    def hand_to_oracle(self, stage_id: str, author: str) -> RoundState:
        """Let ground truth answer the open queries."""
        return RoundState.model_validate(self._act(f"/stages/{stage_id}/oracle", author))

    def _act(self, path: str, author: str, **fields: Any) -> Any:
        return self._client.request("POST", path, json={"author": author, **fields}).json()
