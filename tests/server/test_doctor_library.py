"""What doctor says of a paired phone's library."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jackfield.cli import doctor

ROW: Any = SimpleNamespace(id=3, engine="whatsapp_web")


def test_the_tested_version_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.paired_phones, "missing", lambda: None)
    assert doctor._library(ROW).state == "ok"


def test_an_outdated_library_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.paired_phones, "missing", lambda: None)
    monkeypatch.setattr(doctor.paired_phones, "outdated", lambda: "neonize 0.3.10 is installed.")
    found = doctor._library(ROW)
    assert (found.check, found.state) == ("channel 3 (library)", "warning")
    assert found.remedy is not None
    assert found.remedy.startswith("pip install -U neonize")


def test_a_missing_library_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.paired_phones, "missing", lambda: "It is not there.")
    assert doctor._library(ROW).state == "problem"
