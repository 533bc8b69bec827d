"""What a fault of ours means: one to report, or new files of the program under an old worker."""

import time

import pytest

from clonebox_tui.engine import breakage
from clonebox_tui.model.problem import Code


def test_a_fault_after_an_update_asks_for_a_restart(monkeypatch: pytest.MonkeyPatch) -> None:
    error = ImportError("cannot import name 'new' from 'old'")
    monkeypatch.setattr(breakage, "_STARTED", time.time() + 3600)
    assert breakage.explained(error).code is Code.INTERNAL
    monkeypatch.setattr(breakage, "_STARTED", 0.0)
    told = breakage.explained(error)
    assert told.code is Code.VERSION_MISMATCH
    assert "worker restart" in told.next
    assert "cannot import name" in told.why
