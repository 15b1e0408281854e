"""The demo with a small experiment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.service_process import PalimpsestCommand

pytestmark = pytest.mark.slow


def test_the_demo_ends_with_the_table_and_status_0(tmp_path: Path, tiny_experiment: Path) -> None:
    demo = PalimpsestCommand("demo", str(tiny_experiment), "--exit", home=tmp_path / "home")

    status = demo.process.wait(240)

    lines = demo.printed.splitlines()
    table = lines[next(place for place, line in enumerate(lines) if line.startswith("learned at")) :]
    assert status == 0
    assert table[0].split() == ["learned", "at", "class", "after", "step", "0", "after", "step", "1"]
    assert [line.split()[:2] for line in table[1:5]] == [["every", "step"], *[["step", step] for step in "001"]]
    means = [[metric, group] for metric in ("miou_present", "miou") for group in ("all", "old", "new")]
    assert [line.split()[:2] for line in table[5:-1]] == means
    assert table[-1].split()[0] == "forgetting"


def test_a_demo_that_cannot_be_submitted_says_why_and_ends_with_status_1(tmp_path: Path) -> None:
    demo = PalimpsestCommand("demo", "eir/dema", "--exit", home=tmp_path)

    assert demo.process.wait(120) == 1
    assert "did you mean 'eir/demo'" in demo.printed
    assert "Traceback" not in demo.printed
