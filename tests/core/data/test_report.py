"""The report of a check, cut short for storage and written for a terminal."""

from __future__ import annotations

from core.data.faults import FaultKind
from core.data.report import DataReport, Fault, count_kinds

FAULTS = tuple(Fault(kind=FaultKind.UNREADABLE, path=f"/d/{n}.png", message=f"/d/{n}.png: damaged") for n in range(3))
OTHER = Fault(kind=FaultKind.EMPTY, path="/d/val.txt", message="/d/val.txt: lists no image")


def report() -> DataReport:
    faults = (*FAULTS, OTHER)
    return DataReport(
        root="/d", adapter="folder", classes=None, splits=(), faults=faults, fault_counts=count_kinds(faults)
    )


def test_shortened_report_keeps_the_first_of_each_kind_and_counts_them_all() -> None:
    short = report().shortened(1)

    assert short.faults == (FAULTS[0], OTHER)
    assert short.fault_counts == {FaultKind.UNREADABLE: 3, FaultKind.EMPTY: 1}


def test_report_survives_its_json() -> None:
    assert DataReport.model_validate_json(report().model_dump_json()) == report()


def test_text_says_how_many_lines_are_left_out() -> None:
    assert "… and 2 more" in report().to_text(of_a_kind=1)


def test_codes_are_for_programs() -> None:
    assert [kind.code for kind in (FaultKind.UNKNOWN_ID, FaultKind.TOO_LARGE)] == ["unknown_id", "too_large"]
