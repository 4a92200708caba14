"""Shared fixtures: real SQLite, real PostgreSQL, a real server process.

PostgreSQL comes from the package pgserver where it has a wheel, else from `JACKFIELD_TEST_POSTGRES` (a URL whose user
may create databases) or a server on PATH. Where none can be had, the tests that need it fail and say so.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import itertools
import multiprocessing
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import settings

from jackfield.core import Bus, Core, Options
from jackfield.core.egress import LOOPBACK
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.engines import load_engines
from jackfield.engines.simulator.config import defaults
from jackfield.engines.simulator.engine import forget_worlds
from jackfield.migrations import upgrade
from jackfield.testing.nats import NatsServer, nats_server
from jackfield.testing.server import JackfieldServer, free_port, running_server

from .cheaper import hash_passwords_cheaply, keep_files_in_memory, share_compiled_statements

# Every run tries the same examples, so that it says something about the change and not about luck; `make chaos` looks
# for new ones. A deadline would measure the machine.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("chaos", max_examples=3000, deadline=None)
settings.load_profile("chaos" if os.environ.get("JACKFIELD_CHAOS") else "steady")

keep_files_in_memory()
share_compiled_statements()
hash_passwords_cheaply()

_numbers = itertools.count(1)

SERVERS = ("server", "native", "meta", "simulator", "postgres", "nats", "browser", "vendor", "dashboard")
"""What the name of a fixture that starts a process has in it."""
ROOMS = (
    *("db", "core", "worker", "migrations", "engines", "ingress", "client", "dialects", "server", "web"),
    *("cluster", "load", "e2e", "chaos"),
)
"""The folders of tests/ from the inside out."""
LONGEST = ("test_accessibility.py", "test_crash.py", "test_fuzz.py", "test_access.py")
"""Files that run for a minute and more. They go first among those that start processes: at the end of a run on two
cores one of them would run alone."""
INNER = ROOMS[:3]
"""The folders that `make test-fast` names: reading the others takes longer than running these."""


def _needs_a_process(item: pytest.Item) -> bool:
    """Whether a test starts a server, a database server or a browser, or runs beside one. Tests of the inner rooms say
    so by their fixtures; those of the outer rooms start processes in many ways."""
    if item.path.relative_to(Path(__file__).parent).parts[0] not in INNER:
        return True
    given = getattr(item, "fixturenames", ())
    params = getattr(getattr(item, "callspec", None), "params", {})
    return "postgresql" in map(str, params.values()) or any(word in name for name in given for word in SERVERS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first: a mistake shows within seconds. Tests that need a process of their own are marked `slow`.

    The order is by folder, then as written: the same in every run.
    """
    slow_files = set()
    for item in items:
        if _needs_a_process(item):
            item.add_marker("slow")
            slow_files.add(item.path)
    place = {room: number for number, room in enumerate(ROOMS)}
    here = Path(__file__).parent

    def rank(item: pytest.Item) -> tuple[bool, bool, int]:
        parts = item.path.relative_to(here).parts
        return item.path in slow_files, item.path.name not in LONGEST, place.get(parts[0], -1)

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Take what was imported out of the garbage collector's sight, as a server does (`settle_memory`): a third of the
    CPU of some tests went into looking through a million objects of modules, which stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _initdb_server(folder: Path) -> Iterator[str]:
    """A PostgreSQL found on PATH (or where Debian keeps it), run for this session."""
    found = shutil.which("initdb") or next(
        (str(one) for one in sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)), None
    )
    if found is None:
        pytest.fail(
            "PostgreSQL is needed: install the package pgserver (Python 3.11, 3.12), put PostgreSQL's initdb on PATH, "
            "or set JACKFIELD_TEST_POSTGRES to a server's URL."
        )
    data, port = folder / "pg", free_port()
    run = [] if os.geteuid() != 0 else ["runuser", "-u", "postgres", "--"]
    if run:
        shutil.chown(folder, "postgres")
        folder.chmod(0o755)
    subprocess.run([*run, found, "-D", str(data), "-U", "postgres", "-A", "trust"], check=True, capture_output=True)
    binary = str(Path(found).parent / "pg_ctl")
    options = f"-p {port} -k {folder} -c fsync=off"
    subprocess.run([*run, binary, "-D", str(data), "-w", "-o", options, "-l", str(folder / "log"), "start"], check=True)
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*run, binary, "-D", str(data), "-m", "immediate", "stop"], check=False)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL server's maintenance database."""
    given = os.environ.get("JACKFIELD_TEST_POSTGRES")
    if given:
        yield given
        return
    try:
        import pgserver
    except ImportError:
        yield from _initdb_server(tmp_path_factory.mktemp("postgres"))
        return
    # A folder of its own right under the temporary one: as root the server runs as another user, who may not enter
    # pytest's folders; and names of Unix sockets hold about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="jf-pg-"))
    folder.chmod(0o755)
    server = pgserver.get_server(folder / "data", cleanup_mode="stop")
    # A machine that loses power during the tests loses nothing. Measured: a database is copied in 19 ms instead of 173
    # and dropped in 9 instead of 130, for each of several hundred tests.
    _on(
        server.get_uri(),
        "ALTER SYSTEM SET fsync = off",
        "ALTER SYSTEM SET full_page_writes = off",
        "ALTER SYSTEM SET max_wal_size = '1GB'",
        "SELECT pg_reload_conf()",
    )
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _on(server: str, *statements: str) -> None:
    """Run statements on a server's maintenance database, each in a transaction of its own."""
    import asyncpg

    async def run() -> None:
        connection = await asyncpg.connect(server)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


def _database(server: str, name: str) -> str:
    base, _, query = server.partition("?")
    return base.rsplit("/", 1)[0] + f"/{name}" + (f"?{query}" if query else "")


@functools.cache
def _version(server: str) -> int:
    """The server's major version."""
    import asyncpg

    async def ask() -> int:
        connection = await asyncpg.connect(server)
        try:
            return int(connection.get_server_version().major)
        finally:
            await connection.close()

    return asyncio.run(ask())


@pytest.fixture(autouse=True)
def _forget_settings() -> Iterator[None]:
    """What one test composes its process with does not reach the next."""
    before = msgspec.structs.asdict(defaults)
    yield
    for name, value in before.items():
        setattr(defaults, name, value)


@contextlib.contextmanager
def _fresh(server: str, template: str = "template1") -> Iterator[str]:
    name = f"jackfield_{os.getpid()}_{next(_numbers)}"
    copy = f'CREATE DATABASE "{name}" TEMPLATE "{template}"'
    _on(server, copy + (" STRATEGY FILE_COPY" if _version(server) >= 15 else ""))
    try:
        yield _database(server, name)
    finally:
        with contextlib.suppress(Exception):
            _on(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh, empty PostgreSQL database."""
    with _fresh(postgres_server) as url:
        yield url


@pytest.fixture
def second_postgres_url(postgres_server: str) -> Iterator[str]:
    """Another fresh, empty PostgreSQL database, for what moves from one to the other."""
    with _fresh(postgres_server) as url:
        yield url


async def _migrate(url: str) -> None:
    use_key("secret key of the tests")
    db = Database(url)
    await upgrade(db)
    await db.close()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """Name of a migrated database: a copy of it is there in a tenth of the time that migrating takes."""
    name = f"jackfield_{os.getpid()}_template"
    _on(postgres_server, f'CREATE DATABASE "{name}"')
    asyncio.run(_migrate(_database(postgres_server, name)))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to be copied."""
    path = tmp_path_factory.mktemp("template") / "jackfield.db"
    asyncio.run(_migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session", autouse=True)
def _forked_starts(sqlite_template: Path) -> None:
    """Servers are forks with a migrated database: a start costs 1.3 s of CPU instead of 4."""
    JackfieldServer.template = sqlite_template
    JackfieldServer.forked = "forkserver" in multiprocessing.get_all_start_methods()


@pytest.fixture
def own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers of this test are started as a shell starts them, with an empty folder."""
    monkeypatch.setattr(JackfieldServer, "forked", False)


@pytest.fixture
def migrated_sqlite(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated SQLite database."""
    path = tmp_path / "jackfield.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def migrated_postgres(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """A migrated PostgreSQL database."""
    with _fresh(postgres_server, postgres_template) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of each kind."""
    kind = "migrated_sqlite" if request.param == "sqlite" else "migrated_postgres"
    return str(request.getfixturevalue(kind))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind: a test that takes it runs on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'jackfield.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite database."""
    return f"sqlite:///{tmp_path / 'jackfield.db'}"


@pytest.fixture
def nats(tmp_path: Path) -> Iterator[NatsServer]:
    """A real NATS server with JetStream, of one test."""
    with nats_server(tmp_path / "nats") as running:
        yield running


CoreMaker = Callable[..., Core]


def make_core(url: str, data_dir: Path, *, bus: Bus | None = None, **options: object) -> Core:
    """A core on a database, with every engine and short waits."""
    use_key("secret key of the tests")
    chosen = {"poll_seconds": 0.05, "lease_seconds": 2.0, "egress_allow": LOOPBACK, "node": "test", **options}
    settled = Options(data_dir=data_dir, **chosen)  # type: ignore[arg-type]
    return Core(Database(url), engines=load_engines(), options=settled, bus=bus)


@pytest.fixture
async def core(migrated_url: str, tmp_path: Path) -> AsyncIterator[Core]:
    """The core on each kind of database, migrated, without a worker."""
    made = make_core(migrated_url, tmp_path)
    await made.open()
    try:
        yield made
    finally:
        await made.close()
        forget_worlds()


@pytest.fixture
async def lite(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Core]:
    """The core on SQLite only, for tests whose subject does not touch SQL."""
    shutil.copy(sqlite_template, tmp_path / "jackfield.db")
    made = make_core(f"sqlite:///{tmp_path / 'jackfield.db'}", tmp_path)
    await made.open()
    try:
        yield made
    finally:
        await made.close()
        forget_worlds()


@pytest.fixture
async def workspace(core: Core) -> int:
    """A workspace with its owner."""
    made = await core.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    return made.workspace_id


@pytest.fixture
def server(tmp_path: Path) -> Iterator[JackfieldServer]:
    """A real server process of one test, with a paired simulator channel as profile 1."""
    with running_server(tmp_path / "server") as running:
        yield running


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JackfieldServer]:
    """A real server process that the tests of a module share."""
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running
