"""`make check` tells of known vulnerabilities, and of not having asked; the first fails where it is asked to."""

from __future__ import annotations

import json
import socket
import subprocess
from importlib.machinery import ModuleSpec

import pytest

from tools import advisories


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(advisories, "find_spec", lambda name: ModuleSpec(name, None))


def report(*vulnerabilities: str) -> str:
    found = [{"id": one, "fix_versions": ["2.0"]} for one in vulnerabilities]
    return json.dumps(
        {"dependencies": [{"name": "a", "version": "1.0", "vulns": found}, {"name": "b", "skip_reason": "c"}]}
    )


def test_a_known_vulnerability_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert advisories.main(lambda: True, lambda: report("PYSEC-1", "PYSEC-2"), strict=True) == 1
    assert "a 1.0: PYSEC-1, mended in 2.0" in capsys.readouterr().out
    assert advisories.main(lambda: True, lambda: report("PYSEC-1")) == 0
    assert "a 1.0: PYSEC-1" in capsys.readouterr().out
    assert advisories.main(lambda: True, report, strict=True) == 0
    assert "audited: 0 known" in capsys.readouterr().out


def test_what_was_not_asked_is_told_and_fails_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow() -> str:
        raise subprocess.TimeoutExpired("pip_audit", 1)

    for reach, audit in ((lambda: False, report), (lambda: True, slow), (lambda: True, lambda: "a traceback")):
        assert advisories.main(reach, audit) == 0
        assert "were not audited" in capsys.readouterr().out
    monkeypatch.setattr(advisories, "find_spec", lambda name: None)
    assert advisories.main(lambda: True, report) == 0
    assert "not installed" in capsys.readouterr().out


def test_an_unreachable_source_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert not advisories.reachable()
