"""Detect kills by the kernel for lack of memory: the evidence for `host_out_of_memory` (REC-12)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CGROUP_ROOT = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")
KERNEL_COUNTERS = Path("/proc/vmstat")
COUNTER = "oom_kill"


@dataclass(frozen=True)
class OomKills:
    """Number of processes killed for lack of memory so far; only differences are meaningful.

    Attributes:
        where: owner of the counter, in words.
        count: 0 if there is no counter.
    """

    where: str
    count: int

    def since(self, before: OomKills) -> str | None:
        """Return the evidence of a kill between two readings, in words; None without a kill."""
        if self.count <= before.count:
            return None
        return f"meanwhile the kernel killed for want of memory {self.where}"


def count_oom_kills(
    *, cgroup_root: Path = CGROUP_ROOT, own_cgroup: Path = OWN_CGROUP, kernel_counters: Path = KERNEL_COUNTERS
) -> OomKills:
    """Read the number of processes killed for lack of memory, in our control group or else on the machine."""
    for path in _group_files(cgroup_root, own_cgroup):
        if (count := _read_counter(path)) is not None:
            return OomKills(f"in the worker's control group ({path})", count)
    return OomKills(f"on this machine ({kernel_counters})", _read_counter(kernel_counters) or 0)


def _group_files(root: Path, own_cgroup: Path) -> list[Path]:
    """Return the files with our group's kill counters, for cgroup versions 2 and 1."""
    try:
        lines = own_cgroup.read_text().splitlines()
    except OSError:
        return []
    files = []
    for line in lines:
        _, controllers, group = line.split(":", 2)
        below = group.lstrip("/")
        if controllers == "":
            files.append(root / below / "memory.events")
        elif "memory" in controllers.split(","):
            files.append(root / "memory" / below / "memory.oom_control")
    return files


def _read_counter(path: Path) -> int | None:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return None
    counts = [int(line.split()[1]) for line in lines if line.split()[:1] == [COUNTER]]
    return counts[0] if counts else None
