"""What doctor says of the library that a channel's engine needs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jackfield.cli import doctor
from jackfield.engines.simulator.engine import SimulatorEngine
from jackfield.engines.whatsapp_web import requirements
from jackfield.engines.whatsapp_web.engine import WhatsAppWebEngine

ROW: Any = SimpleNamespace(id=3, engine="whatsapp_web")


def examined(engine: object) -> doctor.Finding | None:
    core: Any = SimpleNamespace(channels=SimpleNamespace(engine=lambda name: engine))
    return doctor._library(ROW, core)


def phones() -> doctor.Finding:
    found = examined(WhatsAppWebEngine())
    assert found is not None
    return found


def test_an_engine_that_needs_nothing_is_not_asked() -> None:
    assert examined(SimulatorEngine()) is None


def test_the_tested_version_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "missing", lambda: None)
    assert phones().state == "ok"


def test_an_outdated_library_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "missing", lambda: None)
    monkeypatch.setattr(requirements, "outdated", lambda: "neonize 0.3.10 is installed.")
    found = phones()
    assert (found.check, found.state) == ("channel 3 (library)", "warning")
    assert found.remedy is not None
    assert found.remedy.startswith("pip install -U neonize")


def test_a_missing_library_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "missing", lambda: "It is not there.")
    assert phones().state == "problem"
