"""Simulated people who label over HTTP, as many at once as a test wants, and who crash like real ones (ACC-9)."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.label_rounds import CLASSES, filled, png

PATIENCE_S = 240.0
"""Longest that somebody waits for a query that others have."""
POLL_S = 0.05
IMPATIENT = httpx.Timeout(5, read=0.001)


@dataclass
class Annotator:
    """Somebody who answers queries of a round until none is left for them.

    Attributes:
        address: of the service.
        stage_id: the round.
        name: who it is.
        crash_share: share of the queries at which they crash: they forget what they have, save and then forget it, or
            lose the connection while they answer.
        acknowledged: query -> version that the service said it stored.
        refused: how often an answer was refused because somebody else had the query by then.
        crashes: how often they crashed.
    """

    address: str
    stage_id: str
    name: str
    crash_share: float
    acknowledged: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    crashes: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.name)
        self._value = sorted(CLASSES)[sum(self.name.encode()) % len(CLASSES)]
        self._mask = png(filled(self._value))
        self._me = {"author": self.name}
        self._pause = threading.Event()

    def work(self) -> None:
        """Answer everything; raises TimeoutError when the round does not come to its end."""
        deadline = time.monotonic() + PATIENCE_S
        with httpx.Client(base_url=f"{self.address}/api/v1", trust_env=False, timeout=30) as http:
            while time.monotonic() < deadline:
                answer = http.post(f"/stages/{self.stage_id}/queries/next", json=self._me)
                if answer.status_code == 409:
                    return  # the round is closed
                query = answer.raise_for_status().json()["query"]
                if query is None:
                    self._pause.wait(POLL_S)
                elif self._random.random() < self.crash_share:
                    self._crash(http, query["id"])
                else:
                    self._answer(http, query["id"])
        raise TimeoutError(f"{self.name} has waited {PATIENCE_S:g} s for the round to end")

    def _crash(self, http: httpx.Client, key: str) -> None:
        self.crashes += 1
        how = self._random.choice(("forgets", "saves", "answers"))
        if how == "saves":
            http.put(f"/queries/{key}/draft", json={**self._me, "tiles": []}, headers={"If-Match": '"0"'})
        if how == "answers":
            try:
                self._send(http, key, timeout=IMPATIENT)
            except httpx.TimeoutException:
                return  # whether it was stored they cannot know, and `next` tells
        # Somebody else must get it, unless nobody asks before they are back.
        self._until_lost(http, key)

    def _until_lost(self, http: httpx.Client, key: str) -> None:
        until = time.monotonic() + 3.0
        while time.monotonic() < until:
            shown = http.get(f"/queries/{key}", params={"viewer": self.name}).json()
            if not any(row["author"] == self.name and row["state"] == "leased" for row in shown["assignments"]):
                return
            self._pause.wait(POLL_S)

    def _answer(self, http: httpx.Client, key: str) -> None:
        sent = self._send(http, key)
        if sent.status_code == 409:
            self.refused += 1
            return
        self.acknowledged[key] = sent.raise_for_status().json()["annotation"]["version"]

    def _send(self, http: httpx.Client, key: str, **options: Any) -> httpx.Response:
        address, headers = f"/queries/{key}/annotations", {"Content-Type": "image/png"}
        params = {**self._me, "seconds": 1.0}
        return http.post(address, content=self._mask, headers=headers, params=params, **options)
