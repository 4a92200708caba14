"""What the build promises apart from its result."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import pytest

from tools import web

PAGES = re.compile(r"path: '/?([a-z]+)")


def test_the_lock_file_names_no_download_address() -> None:
    web.check_lock()


def test_the_server_knows_every_address_of_the_router() -> None:
    known = set(json.loads((web.SOURCE / "public" / "pages.json").read_text()))
    router = (web.SOURCE / "src" / "router.ts").read_text() + (web.SOURCE / "src" / "shell" / "pages.ts").read_text()
    used = set(PAGES.findall(router))
    assert used, "the pattern finds no route"
    assert used == known


def test_no_component_is_longer_than_300_lines() -> None:
    long = [str(file) for file in (web.SOURCE / "src").rglob("*.vue") if len(file.read_text().splitlines()) > 300]
    assert long == []


def test_a_change_of_any_source_file_makes_the_build_stale() -> None:
    files = web.source_files()
    assert web.SOURCE / "src" / "main.ts" in files
    assert web.SOURCE / "public" / "pages.json" in files
    # What a build writes into `web/` would make the next one stale.
    assert not web.GENERATED & set(files)
    assert not [file for file in files if "node_modules" in file.parts]
    assert web.fingerprint(*files) == web.fingerprint(*reversed(files))
    assert web.fingerprint(*files[1:]) != web.fingerprint(*files)


def test_two_that_find_it_stale_build_it_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test process looks; two that wrote into the same folder spoiled it for both."""
    both_looked = threading.Barrier(2)
    looks = threading.local()
    built: list[int] = []

    def is_current() -> bool:
        if not getattr(looks, "first", False):
            looks.first = True
            both_looked.wait(10)
            return False
        return bool(built)

    monkeypatch.setattr(web, "SOURCE", tmp_path)
    monkeypatch.setattr(web, "is_current", is_current)
    monkeypatch.setattr(web, "_build", lambda: built.append(1))
    jobs = [threading.Thread(target=web.build) for _ in range(2)]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join(10)
    assert built == [1]
