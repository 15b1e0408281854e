"""Whether the kernel killed for want of memory: the evidence behind `host_out_of_memory` (REC-12)."""

from __future__ import annotations

from pathlib import Path

CGROUP_ROOT = Path("/sys/fs/cgroup")
OWN_CGROUP = Path("/proc/self/cgroup")
KERNEL_COUNTERS = Path("/proc/vmstat")
COUNTER = "oom_kill"


def count_oom_kills(
    *, cgroup_root: Path = CGROUP_ROOT, own_cgroup: Path = OWN_CGROUP, kernel_counters: Path = KERNEL_COUNTERS
) -> int:
    """Return how many processes were killed for want of memory: in our control group, else on the machine.

    0 where neither counts; only differences mean something.
    """
    for path in (*_group_files(cgroup_root, own_cgroup), kernel_counters):
        count = _read_counter(path)
        if count is not None:
            return count
    return 0


def _group_files(root: Path, own_cgroup: Path) -> list[Path]:
    """Return the files in which version 2 and version 1 of control groups count the kills of our group."""
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
