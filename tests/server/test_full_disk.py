"""With the disk full nothing is lost in silence: 503 in each envelope, /readyz says so, and the log stays readable."""

from __future__ import annotations

import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import structlog
from sqlalchemy import text

from jackfield.app import build_app
from jackfield.core import CommitUnknown, Core, StorageUnavailable, storage_problem
from jackfield.dialects import DIALECTS, DialectOptions
from jackfield.dialects._access import requirements
from jackfield.server.log import configure_logging
from jackfield.server.startup import open_core
from jackfield.settings import Settings


@pytest.fixture
def settings(migrated_sqlite: str, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, database_url=migrated_sqlite)


@pytest.fixture
async def core(settings: Settings) -> AsyncIterator[Core]:
    async with open_core(settings) as core:
        yield core


@pytest.fixture
async def client(core: Core, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    made = await core.accounts.bootstrap()
    assert made is not None
    transport = httpx.ASGITransport(app=build_app(core, settings))
    headers = {"X-API-Key": made.api_key}
    async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test", headers=headers) as client:
        yield client


async def fill(core: Core) -> None:
    """Let the database grow no more, and use up what it has free."""
    async with core.db.writer.connect() as connection:
        await connection.execute(text("PRAGMA max_page_count = 1"))
    while True:
        try:
            async with core.db.transaction() as session:
                await session.execute(text("INSERT INTO rate_windows VALUES (hex(randomblob(500)), 0, 0, 0)"))
        except StorageUnavailable:
            return


async def let_grow(core: Core) -> None:
    async with core.db.writer.connect() as connection:
        await connection.execute(text("PRAGMA max_page_count = 1000000"))


@contextmanager
def file_size(maximum: int) -> Iterator[None]:
    """No file of this process may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (maximum, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_database_answers_503_until_there_is_room(client: httpx.AsyncClient, core: Core) -> None:
    assert (await client.get("/readyz")).status_code == 200
    await fill(core)
    answer = await client.post(
        "/api/contacts", json={"name": "N" * 200, "attributes": {f"long {n}": "x" * 900 for n in range(20)}}
    )
    assert answer.status_code == 503, answer.text
    assert answer.headers["Retry-After"] == "30"
    body = answer.json()
    assert (body["success"], body["error"]["code"]) == (False, "STORAGE_UNAVAILABLE")
    assert "disk is full" in body["error"]["message"]
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
    assert "disk is full" in ready.json()["reason"]
    assert (await client.get("/api/contacts")).status_code == 200
    await let_grow(core)
    assert (await client.get("/readyz")).status_code == 200
    assert (await client.post("/api/contacts", json={"name": "N" * 200})).status_code == 201


async def test_what_waits_together_fails_together(client: httpx.AsyncClient, core: Core) -> None:
    await fill(core)
    before = core.writer.batches

    async def handler(unit: object, items: object) -> list[None]:
        raise StorageUnavailable(StorageUnavailable.FULL)

    futures = [core.writer.submit(handler, number) for number in range(50)]
    for future in futures:
        with pytest.raises(StorageUnavailable):
            await future
    assert core.writer.batches - before == 1


async def test_the_use_of_the_api_is_counted_once_there_is_room(client: httpx.AsyncClient, core: Core) -> None:
    """What cannot be written waits, and ends neither the task that counts nor the server's end."""
    await core.api_uses.flush()
    await fill(core)
    operations = [f"GET /{n}/{'x' * 100}" for n in range(500)]
    for operation in operations:
        core.api_uses.count(1, "native", operation)
    await core.api_uses.close()
    assert not {one.operation for one in await core.api_uses.list(1)} & set(operations)
    await let_grow(core)
    await core.api_uses.flush()
    assert {one.operation for one in await core.api_uses.list(1)} >= set(operations)


async def test_no_room_for_a_file_answers_503(client: httpx.AsyncClient, core: Core, tmp_path: Path) -> None:
    with file_size(16_384):
        answer = await client.post("/api/media", files={"file": ("a.pdf", b"%PDF" + b"x" * 200_000)})
        ready = await client.get("/readyz")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "STORAGE_UNAVAILABLE")
    assert ready.status_code == 503
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []
    assert (await client.get("/readyz")).status_code == 200
    assert (await client.post("/api/media", files={"file": ("a.pdf", b"%PDF" + b"x" * 200_000)})).status_code == 201


async def test_a_disk_that_is_nearly_full_is_not_ready(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage:
        free = 1_000_000

    monkeypatch.setattr("jackfield.core.ground.room.shutil.disk_usage", lambda _path: Usage)
    assert (await client.get("/readyz")).status_code == 503


@pytest.mark.parametrize("name", [one.name for one in DIALECTS])
@pytest.mark.parametrize(
    ("failure", "status", "words", "retry_after"),
    [
        (StorageUnavailable(StorageUnavailable.FULL), 503, "disk is full", "30"),
        (StorageUnavailable(StorageUnavailable.AWAY), 503, "cannot reach its database", "2"),
        (CommitUnknown(), 504, "as a whole, or not at all", None),
    ],
    ids=["full", "away", "unknown"],
)
async def test_every_dialect_says_it_in_its_envelope(
    client: httpx.AsyncClient,
    core: Core,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    failure: Exception,
    status: int,
    words: str,
    retry_after: str | None,
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise failure

    for service, method in (("accounts", "authenticate"), ("accounts", "authenticate_key")):
        monkeypatch.setattr(getattr(core, service), method, fail)
    (dialect,) = (one for one in DIALECTS if one.name == name)
    paths = [
        dialect.prefixes[0] + one.path
        for one in requirements(dialect.build(core, DialectOptions()).routes)
        if one.method == "GET" and one.who != "anybody" and "{" not in one.path and one.path not in ("/events",)
    ]
    headers = {"Authorization": "Bearer k", "x-access-token": "k", "apikey": "k", "api-key": "k"}
    answers = [await client.get(path, headers=headers, params={"apikey": "k"}) for path in paths[:3]]
    assert answers
    for answer in answers:
        assert answer.status_code == status, (name, answer.text)
        assert answer.headers.get("Retry-After") == retry_after
        assert words in answer.text


def test_a_full_disk_is_one_line_a_minute(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    configure_logging(Settings(log_format="json"))
    try:
        log = structlog.get_logger("test")
        for _ in range(50):
            try:
                raise StorageUnavailable(StorageUnavailable.FULL)
            except StorageUnavailable:
                log.exception("worker step failed", step="look")
        log.error("unexpected failure", exc_info=OSError(28, "No space left on device"))
        log.warning("something else")
        try:
            raise ValueError("a fault of ours")
        except ValueError:
            log.exception("worker step failed")
    finally:
        structlog.reset_defaults()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3, lines
    assert "disk is full" in lines[0]
    assert "Traceback" not in lines[0]
    assert "Traceback" in lines[2]


@pytest.mark.parametrize(
    ("error", "is_full"),
    [
        (OSError(28, "no space"), True),
        (OSError(122, "quota"), True),
        (OSError(2, "no file"), None),
        (OSError(5, "io"), False),
    ],
)
def test_failures_of_the_system_are_told_apart(error: OSError, is_full: bool | None) -> None:
    problem = storage_problem(error)
    assert (problem is None) if is_full is None else (problem is not None and ("full" in problem.message) is is_full)


async def test_postgresql_says_it_by_its_code(postgres_url: str, tmp_path: Path) -> None:
    core = open_core(Settings(data_dir=tmp_path, database_url=postgres_url))
    try:
        with pytest.raises(StorageUnavailable, match="full"):
            async with core.db.transaction() as session:
                await session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$"))
        assert core.db.problem is not None
    finally:
        await core.close()
