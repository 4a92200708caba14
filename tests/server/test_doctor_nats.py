"""The doctor's look at NATS."""

from __future__ import annotations

from pathlib import Path

import pytest

from jackfield.cli import doctor
from jackfield.settings import Settings
from jackfield.testing.nats import NatsServer, nats_server


async def look(url: str, **more: str) -> tuple[str, str]:
    """State and text of the finding."""
    found = await doctor._nats(Settings(nats_url=url, **more))  # type: ignore[arg-type]
    assert "secret-word" not in found.text + (found.remedy or "")
    return found.state, found.text


async def test_a_server_that_answers_is_well(nats: NatsServer) -> None:
    state, text = await look(nats.url)
    assert state == "ok"
    assert text.startswith("NATS 2.")


async def test_a_server_that_is_away_is_a_warning(tmp_path: Path) -> None:
    away = NatsServer(tmp_path / "nats")
    state, text = await look(away.url.replace("nats://", "nats://jackfield:secret-word@"))
    assert state == "warning"
    assert "by polling" in text


async def test_a_wrong_password_is_a_warning(tmp_path: Path) -> None:
    with nats_server(tmp_path / "nats", ["--user", "jackfield", "--pass", "another"]) as server:
        state, _ = await look(server.url.replace("nats://", "nats://jackfield:secret-word@"))
        assert state == "warning"


async def test_tls_that_the_server_does_not_offer_is_a_warning(
    nats: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "ANSWER_S", 2.0)
    state, _ = await look(nats.url.replace("nats://", "tls://jackfield:secret-word@"))
    assert state == "warning"
