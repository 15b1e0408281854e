from __future__ import annotations

import httpx


def test_storage_is_told_by_part_with_the_room_that_is_left(http: httpx.Client) -> None:
    use = http.get("/storage").json()

    assert [part["name"] for part in use["parts"]] == ["blobs", "runs", "cache", "database"]
    assert 0 < use["free_bytes"] <= use["disk_bytes"]
