from __future__ import annotations

import sys

import pytest

from palimpsest.service import command


def test_a_missing_extra_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "palimpsest.service.cli", raising=False)
    monkeypatch.setitem(sys.modules, "typer", None)

    with pytest.raises(SystemExit) as ended:
        command.main()

    assert ended.value.code == (
        "The command needs the package 'typer'; install it with: pip install 'palimpsest[server,train]'"
    )


def test_a_fault_of_our_own_is_not_called_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "palimpsest.service.cli", raising=False)
    monkeypatch.setitem(sys.modules, "palimpsest.service.run_commands", None)

    with pytest.raises(ModuleNotFoundError, match=r"palimpsest\.service\.run_commands"):
        command.main()
