"""How `pytest -n` shares the tests out between processes."""

from __future__ import annotations

import pytest
from xdist.scheduler import LoadFileScheduling

# Folders whose tests start servers, workers and browsers: two at once would wait for one another.
HEAVY = ("tests/flows/", "tests/pages/")


def is_heavy(nodeid: str) -> bool:
    """Whether a test starts whole installations."""
    return nodeid.startswith(HEAVY)


class HeavyTogether(LoadFileScheduling):
    """Give each file to one process, and all heavy files to the same."""

    def _split_scope(self, nodeid: str) -> str:
        return "heavy" if is_heavy(nodeid) else super()._split_scope(nodeid)


def heavy_first(items: list[pytest.Item]) -> None:
    """Order tests so that the heavy ones begin at once, and the quick ones fill the other process until the end."""
    items.sort(key=lambda item: not is_heavy(item.nodeid))
