"""`make test-fast` has tests to run: one fixture's name can take them all away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_inner_rooms_have_fast_tests() -> None:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/db",
        "-m",
        "not slow",
        "-q",
        "--collect-only",
        "-p",
        "no:cacheprovider",
    ]
    told = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stdout[-2000:]
    assert "tests/db/" in told.stdout
