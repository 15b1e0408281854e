"""Why a small job's process ended without its result, in words for people."""

from __future__ import annotations

from pathlib import Path

from worker.memory_limit import OomKills, count_oom_kills
from worker.plain_text import plain
from worker.process import killed_by

LOG_TAIL_BYTES = 2000


def ending_in_words(what: str, way_out: str, returncode: int, output: Path, oom_kills: OomKills) -> str:
    """Return the signal that killed a process, or its last printed lines.

    Args:
        what: noun of the process.
        way_out: what to do then.
        returncode: of the process; negative = minus the signal.
        output: file with what it printed.
        oom_kills: the kernel's count before the process began.
    """
    if returncode < 0:
        evidence = count_oom_kills().since(oom_kills)
        if evidence is not None:
            return f"the {what} was {killed_by(-returncode)}; {evidence}; free some memory, then {way_out}"
        return f"the {what} was {killed_by(-returncode)}, reason unknown; {way_out}"
    tail = plain(output.read_bytes()[-LOG_TAIL_BYTES:].decode(errors="replace")).strip()
    return f"the {what} ended with status {returncode}: {tail or 'it printed nothing'}"
