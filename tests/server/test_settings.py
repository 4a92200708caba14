"""Settings are checked at start, by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs
from typer.testing import CliRunner

from jackfield.cli import app
from jackfield.server.startup import bootstrap, open_core
from jackfield.settings import Settings, from_files, unknown_names


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("roles", "api,wroker", "'wroker' is no role (did you mean worker?)"),
        ("roles", " , ", "name at least one role"),
        ("log_level", "wanring", "did you mean warning?"),
        ("log_format", "xml", "write text or json"),
        ("public_url", "messages.example.com", "write it as https://"),
        ("simulator_url", "localhost:4004", "write it as https://"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(**{name: value})  # type: ignore[arg-type]
    assert said in str(caught.value)
    monkeypatch.setenv(f"JACKFIELD_{name.upper()}", value)
    done = CliRunner().invoke(app, ["migrate"])
    assert done.exit_code == 2
    assert f"JACKFIELD_{name.upper()}: " in done.output
    assert "Value error" not in done.output


def test_right_values_are_taken() -> None:
    given = Settings(roles="api, worker", log_level="WARNING", public_url="https://messages.example.com")
    assert (given.role_set, given.log_level) == ({"api", "worker"}, "warning")


def test_an_unknown_name_is_warned_of_with_the_nearest() -> None:
    said = unknown_names(
        {"JACKFIELD_ROLE": "api", "JACKFIELD_XYZZY": "1", "JACKFIELD_URL": "x", "JACKFIELD_PORT": "1", "HOME": "/"}
    )
    assert said == ["JACKFIELD_ROLE is no setting; did you mean JACKFIELD_ROLES?", "JACKFIELD_XYZZY is no setting."]


def test_secrets_come_from_files(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("from a file\n")
    given = from_files({"JACKFIELD_SECRET_KEY_FILE": str(file)})
    assert given == {"secret_key": "from a file"}
    assert unknown_names({"JACKFIELD_SECRET_KEY_FILE": str(file)}) == []
    with pytest.raises(ValueError, match="are both set"):
        from_files({"JACKFIELD_SECRET_KEY_FILE": str(file), "JACKFIELD_SECRET_KEY": "x"})
    with pytest.raises(ValueError, match=r"JACKFIELD_API_KEY_FILE: .* cannot be read"):
        from_files({"JACKFIELD_API_KEY_FILE": str(tmp_path / "none")})


async def test_a_key_that_changes_nothing_is_said_to_be_ignored(migrated_sqlite: str, tmp_path: Path) -> None:
    def settings(key: str) -> Settings:
        return Settings(data_dir=tmp_path, database_url=migrated_sqlite, api_key=key)  # type: ignore[arg-type]

    async with open_core(settings("test-key-0123456789")) as core:
        with capture_logs() as said:
            assert await bootstrap(core, settings("test-key-0123456789")) is not None
            assert await bootstrap(core, settings("test-key-0123456789")) is None
        assert said == []
        with capture_logs() as said:
            await bootstrap(core, settings("another-key-0123456789"))
        assert ["JACKFIELD_API_KEY is ignored" in one["event"] for one in said] == [True]
