"""Nobody but the owner reads the data folder, whatever the umask, also one that an older version left open."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from jackfield.app import Server
from jackfield.server.private import make_private
from jackfield.settings import Settings


@pytest.fixture(autouse=True)
def loose() -> Iterator[None]:
    """The umask of a careless shell."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode)
        for path in (folder, *folder.rglob("*"))
        if not path.is_symlink()
    }


async def test_all_that_a_server_writes_is_its_owners(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with Server(Settings(data_dir=data)) as server:
        assert server.made is not None
        await server.core.media.store(server.made.workspace_id, b"%PDF-1.4 x")
        found = modes(data)
    for wanted in ("jackfield.db", "jackfield.db-wal", "secret.key", "worker.lock", "media"):
        assert wanted in found
    assert any(name.startswith("media/1/") for name in found)
    for name, mode in found.items():
        assert mode == (0o700 if (data / name).is_dir() else 0o600), name


def test_what_an_older_version_left_open_is_corrected_with_a_note(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("jackfield.db", "media/1/ab/abcd", "channels/3/whatsapp_web/device.db", "channels/3/spool"):
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("private")
    outside = tmp_path / "outside"
    outside.write_text("not ours")
    (data / "link").symlink_to(outside)
    with capture_logs() as said:
        assert make_private(data) == 11
    assert [one["files"] for one in said] == [11]
    assert {mode for name, mode in modes(data).items()} == {0o700, 0o600}
    assert stat.S_IMODE(outside.stat().st_mode) == 0o666
    with capture_logs() as said:
        assert make_private(data) == 0
    assert said == []


def test_a_start_that_was_cut_off_goes_on_with_the_files_of_media(tmp_path: Path) -> None:
    data = tmp_path / "data"
    left = data / "media" / "1" / "left"
    left.parent.mkdir(parents=True)
    left.write_text("private")
    data.chmod(0o700)
    make_private(data)
    assert stat.S_IMODE(left.stat().st_mode) == 0o600


def test_a_database_elsewhere_is_closed_and_its_folder_left(tmp_path: Path) -> None:
    database = tmp_path / "elsewhere" / "messages.db"
    database.parent.mkdir()
    for end in ("", "-wal", "-shm"):
        database.with_name(database.name + end).write_text("private")
    make_private(tmp_path / "data", str(database))
    assert stat.S_IMODE(database.parent.stat().st_mode) == 0o777
    assert {stat.S_IMODE(path.stat().st_mode) for path in database.parent.iterdir()} == {0o600}


async def test_an_empty_folder_begins_with_a_simulated_phone_only_where_it_is_asked_for(tmp_path: Path) -> None:
    for asked, engines in ((False, []), (True, ["simulator"])):
        settings = Settings(data_dir=tmp_path / str(asked), simulator=asked, api_key=SecretStr("test-key-0123456789"))
        async with Server(settings) as server:
            assert [one.engine for one in await server.core.channels.list(1)] == engines
            if not asked:
                made = await server.core.channels.create(1, name="First", engine="simulator")
                assert (await server.core.channels.default(1)).id == made.id
