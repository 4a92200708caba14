"""Import: rows per second, peak memory over the idle process, and how long other requests wait meanwhile; then
listing with three attribute filters and the total, over what was imported.

    python -m bench.import_contacts --rows 1000000 [--database postgresql://...] [--again]

The file is made first: an address book with tags, e-mail addresses, a city, a plan and a language, one row in fifty
refused and one in a hundred repeated.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine

from jackfield.cli.serving import settle_memory
from jackfield.core import Core, Options
from jackfield.core.models import Workspace
from jackfield.db.base import Base
from jackfield.db.database import Database, sqlite_url
from jackfield.db.secrets import use_key

from ._kit import Figure

CITIES = [f"City {i}" for i in range(50)]
PLANS = ("free", "basic", "plus", "pro", "team")
LANGUAGES = ("en", "de", "id", "pt", "es", "he", "hi", "fr", "it", "nl")


def write_file(path: Path, rows: int) -> None:
    """The same file for the same number of rows."""
    chance = random.Random(7)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["Name", "Phone", "E-mail", "Labels", "City", "Plan", "Language"])
        for i in range(rows):
            number = i if i % 100 != 7 else i // 2
            phone = f"+91 {98_00_000_000 + number}" if i % 50 else "ask reception"
            labels = "VIP ::: Leads ::: * myContacts" if i % 10 == 0 else "Leads" if i % 3 == 0 else ""
            writer.writerow(
                [
                    f"Person {i}", phone, f"person{i}@example.com", labels, chance.choice(CITIES),
                    chance.choice(PLANS), chance.choice(LANGUAGES),
                ]
            )  # fmt: skip


class Memory(threading.Thread):
    """The most memory that this process had while it runs, in MB: resident, and its own (without mapped files).

    SQLite maps up to 256 MB of the database file per connection; those pages count as resident and are the system's
    to take back.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process()
        self.idle = self.now()
        self.peak = self.idle
        self.ended = threading.Event()

    def now(self) -> tuple[float, float]:
        memory = self._process.memory_info()
        return float(memory.rss) / 1e6, float(memory.rss - getattr(memory, "shared", 0)) / 1e6

    def run(self) -> None:
        while not self.ended.wait(0.1):
            resident, own = self.now()
            self.peak = max(self.peak[0], resident), max(self.peak[1], own)

    def over_idle(self) -> tuple[int, int]:
        return round(self.peak[0] - self.idle[0]), round(self.peak[1] - self.idle[1])


async def others(stand: Core, workspace_id: int, waits: list[float]) -> None:
    """What another request would see: a contact listed, every 50 ms."""
    while True:
        await asyncio.sleep(0.05)
        start = time.perf_counter()
        await stand.contacts.list(workspace_id, limit=1)
        waits.append(time.perf_counter() - start)


async def listing(stand: Core, workspace_id: int) -> dict[str, Any]:
    """Pages of 25 with three attributes and the total, after a warm-up: each combination is new."""
    chance = random.Random(1)
    took: list[float] = []
    for i in range(320):
        wanted = {
            "City": chance.choice(CITIES), "Plan": chance.choice(PLANS), "Language": chance.choice(LANGUAGES),
        }  # fmt: skip
        start = time.perf_counter()
        await stand.contacts.list(workspace_id, {"attributes": wanted}, limit=25, page=1, total=True)
        if i >= 20:
            took.append(time.perf_counter() - start)
    took.sort()
    return {
        "three_attributes_p50_ms": round(took[len(took) // 2] * 1000, 1),
        "three_attributes_p99_ms": round(took[int(len(took) * 0.99)] * 1000, 1),
    }


async def prepare(db: Database) -> int:
    """Empty tables and a workspace."""
    if db.is_sqlite:
        engine = create_engine(f"sqlite:///{db.url.database}")
        Base.metadata.create_all(engine)
        engine.dispose()
    else:
        async with db.transaction() as session:
            connection = await session.connection()
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
    async with db.transaction() as session:
        row = Workspace(name="Bench", default_country="IN", settings={}, created_at=1)
        session.add(row)
        await session.flush()
        return row.id


async def run(rows: int, url: str | None, folder: Path, again: bool) -> dict[str, Any]:
    """Import the file once (or twice, the second time onto itself) and say what it took."""
    use_key("bench")
    path = folder / "contacts.csv"
    write_file(path, rows)
    db = Database(url or sqlite_url(folder / "bench.db"))
    workspace_id = await prepare(db)
    stand = Core(db, options=Options(data_dir=folder))
    await stand.contacts.list(workspace_id)
    settle_memory()  # as the server does when it starts
    figures: dict[str, Any] = {"rows": rows, "database": "postgresql" if url else "sqlite"}
    for name in ("", "again_") if again else ("",):
        memory = Memory()
        memory.start()
        waits: list[float] = []
        beside = asyncio.create_task(others(stand, workspace_id, waits))
        cpu, start = time.process_time(), time.perf_counter()
        report = await stand.contacts.import_file(workspace_id, path, filename=path.name, list_name="All")
        took = time.perf_counter() - start
        beside.cancel()
        memory.ended.set()
        memory.join()
        waits.sort()
        figures |= {
            f"{name}created": report.created,
            f"{name}merged": report.merged,
            f"{name}refused": report.refused_total,
            f"{name}seconds": round(took, 1),
            f"{name}rows_per_second": round(rows / took),
            f"{name}cpu_us_per_row": round((time.process_time() - cpu) / rows * 1e6),
            f"{name}idle_mb": round(memory.idle[0]),
            f"{name}peak_over_idle_mb": memory.over_idle()[0],
            f"{name}own_peak_over_idle_mb": memory.over_idle()[1],
            f"{name}list_p50_ms": round(waits[len(waits) // 2] * 1000, 1) if waits else None,
            f"{name}list_p99_ms": round(waits[int(len(waits) * 0.99)] * 1000, 1) if waits else None,
        }
    figures |= await listing(stand, workspace_id)
    figures["max_rss_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    await db.close()
    return figures


def measure() -> list[Figure]:
    """The figures for `make bench`, from a process of its own so that memory is its own."""
    rows = int(os.environ.get("BENCH_ROWS", "1000000"))
    command = [sys.executable, "-m", "bench.import_contacts", "--rows", str(rows), "--json"]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
    with tempfile.TemporaryDirectory(prefix="jackfield-bench-") as folder:
        path = Path(folder) / "contacts.csv"
        write_file(path, 100_000)
        begun = time.perf_counter()
        with open(path, newline="", encoding="utf-8") as file:
            lines = sum(1 for _ in csv.reader(file))
        bare = lines / (time.perf_counter() - begun)
    rate, memory, p99 = found["rows_per_second"], found["peak_over_idle_mb"], found["three_attributes_p99_ms"]
    return [
        Figure(f"import: {rows:,} rows", rate, "rows/s", bare, "csv.reader rows/s", rate / bare),
        Figure("import: peak over idle", memory, "MB", None, "", None, "<= 300", memory <= 300),
        Figure("contacts: three attributes + total", p99, "ms p99", None, "", None, "<= 100", p99 <= 100),
    ]


def main() -> None:
    """Parse the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--database", help="a PostgreSQL URL; its tables are dropped")
    parser.add_argument("--again", action="store_true", help="import the same file a second time")
    parser.add_argument("--keep", type=Path, help="a folder for the file and the database, kept afterwards")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jackfield-bench-") as folder:
        place = arguments.keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        figures = asyncio.run(run(arguments.rows, arguments.database, place, arguments.again))
    if arguments.json:
        print(json.dumps(figures))
        return
    for key, value in figures.items():
        print(f"{key:>24}  {value}")


if __name__ == "__main__":
    main()
