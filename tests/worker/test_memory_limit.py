"""Counting the kills at the memory limit."""

from __future__ import annotations

from pathlib import Path

from worker.memory_limit import OomKills, count_oom_kills


def _count(tmp_path: Path, own_cgroup: str) -> OomKills:
    (tmp_path / "cgroup").write_text(own_cgroup)
    (tmp_path / "vmstat").write_text("nr_free_pages 7\noom_kill 5\n")
    return count_oom_kills(
        cgroup_root=tmp_path / "root", own_cgroup=tmp_path / "cgroup", kernel_counters=tmp_path / "vmstat"
    )


def test_the_control_group_of_version_2_counts_its_own(tmp_path: Path) -> None:
    group = tmp_path / "root" / "service"
    group.mkdir(parents=True)
    (group / "memory.events").write_text("low 0\noom 4\noom_kill 3\n")
    kills = _count(tmp_path, "0::/service\n")
    assert (kills.count, kills.where) == (3, f"in the worker's control group ({group / 'memory.events'})")


def test_the_memory_controller_of_version_1_counts_its_own(tmp_path: Path) -> None:
    group = tmp_path / "root" / "memory" / "job"
    group.mkdir(parents=True)
    (group / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n")
    assert _count(tmp_path, "5:cpu,cpuacct:/job\n4:memory:/job\n").count == 2


def test_without_a_control_group_the_machine_counts(tmp_path: Path) -> None:
    kills = _count(tmp_path, "0::/gone\n")
    assert (kills.count, kills.where) == (5, f"on this machine ({tmp_path / 'vmstat'})")


def test_where_nobody_counts_the_answer_is_zero(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert count_oom_kills(cgroup_root=missing, own_cgroup=missing, kernel_counters=missing).count == 0


def test_a_kill_between_two_readings_is_evidence_and_an_old_one_is_none() -> None:
    before, after = OomKills("here", 3), OomKills("here", 4)
    assert after.since(before) == "meanwhile the kernel killed for want of memory here"
    assert before.since(before) is None
