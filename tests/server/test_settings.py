"""Settings are checked at start, by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError
from structlog.testing import capture_logs
from typer.testing import CliRunner

from jackfield.cli import app
from jackfield.core.egress import parse_url
from jackfield.core.ground.errors import Invalid
from jackfield.server.startup import bootstrap, open_core
from jackfield.server.startup_error import StartupError
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
        ("trusted_proxies", "proxy.internal", "write addresses and ranges, such as 127.0.0.1, 10.0.0.0/8"),
        ("trusted_proxies", "127.0.0.1, 10.0.0.1/8", "did you mean 10.0.0.0/8?"),
        ("secret_key", "hunter2", "has 7 characters; use 32 or more, such as `openssl rand -base64 32` gives"),
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


def test_a_wrong_list_of_hosts_ends_the_start_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match=r"JACKFIELD_EGRESS_ALLOW: '10.0.0.5/8' .* did you mean 10.0.0.0/8\?"):
        open_core(Settings(data_dir=tmp_path, egress_allow="crm.internal, 10.0.0.5/8"))


async def test_the_switch_for_all_addresses_still_works_and_is_warned_of(migrated_sqlite: str, tmp_path: Path) -> None:
    with capture_logs() as said:
        async with open_core(
            Settings(data_dir=tmp_path, database_url=migrated_sqlite, allow_private_webhooks=True)
        ) as core:
            assert core.options.egress_allow.refusal("10.0.0.1", 80) is None
    assert sum("is deprecated" in one["event"] for one in said) == 1


@pytest.mark.parametrize("url", ["http://10.0.0.7:8700", "http://[fd00::7]:8700/", "http://sim.internal:8700"])
async def test_the_operators_own_simulator_is_listed_by_itself(migrated_sqlite: str, tmp_path: Path, url: str) -> None:
    chosen = Settings(data_dir=tmp_path, database_url=migrated_sqlite, simulator_url=url)
    async with open_core(chosen) as core:
        allow = core.options.egress_allow
        parse_url(url, allow=allow)
        with pytest.raises(Invalid):
            parse_url("http://10.0.0.8:8700", allow=allow)


def test_proxies_are_addresses_and_ranges() -> None:
    proxies = Settings(trusted_proxies="127.0.0.1, 10.0.0.0/8 fd00::/8").proxies
    for address in ("127.0.0.1", "10.255.0.7", "::ffff:10.0.0.1", "fd00::7"):
        assert address in proxies
    for address in ("127.0.0.2", "11.0.0.1", "::1", "", "unix", "10.0.0.1:443"):
        assert address not in proxies
    assert "127.0.0.1" not in Settings().proxies


def test_a_secret_key_does_not_show_in_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JACKFIELD_SECRET_KEY", "hunter2")
    done = CliRunner().invoke(app, ["migrate"])
    assert done.exit_code == 2
    assert "JACKFIELD_SECRET_KEY: has 7 characters" in done.output
    assert "hunter2" not in done.output
    # One that is in use is replaced: as the old key it may be short.
    assert Settings(secret_key="x" * 32, secret_key_old="hunter2")  # type: ignore[arg-type]
