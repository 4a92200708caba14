"""The core and the dialects know no engine by name, and the check notices one that does."""

from __future__ import annotations

from pathlib import Path

from jackfield.testing import boundaries


def test_no_engine_is_named() -> None:
    assert boundaries.problems() == []


def test_a_name_is_noticed(tmp_path: Path) -> None:
    for room in ("core", "dialects", "worker", "cli"):
        (tmp_path / room).mkdir()
    (tmp_path / "ingress.py").write_text("")
    (tmp_path / "core" / "sends.py").write_text(
        '"""Not for telegram_bot, says this text."""\nif engine == "telegram_bot":\n    import simulator\n'
    )
    (tmp_path / "dialects" / "shop.py").write_text('config = example(engine="simulator")\n')
    (tmp_path / "cli" / "serving.py").write_text('def simulator():\n    if engine == "simulator":\n        pass\n')
    (tmp_path / "cli" / "hidden.py").write_text(
        'BOT = "telegram_bot"\nBOTS: set[str] = {BOT}\nmade(engine=BOT)\nif engine in BOTS:\n    pass\n'
    )
    assert boundaries.problems(tmp_path) == [
        'core/sends.py:2: if engine == "telegram_bot":',
        "core/sends.py:3: import simulator",
        "cli/hidden.py:4: if engine in BOTS:",
        'cli/serving.py:2: if engine == "simulator":',
    ]
