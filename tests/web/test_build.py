"""What the build promises apart from its result."""

from __future__ import annotations

import json
import re

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
    assert web.TYPES not in files
    assert not [file for file in files if "node_modules" in file.parts]
    assert web.fingerprint(*files) == web.fingerprint(*reversed(files))
    assert web.fingerprint(*files[1:]) != web.fingerprint(*files)
