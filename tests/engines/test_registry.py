"""An engine is imported when a channel uses it, and the product stands without the extras."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import jackfield

SCRIPT = """
import sys

class Missing:
    # As if neonize and its companions had never been installed.
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"neonize", "magic"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
import jackfield.app
from jackfield.engines import load_engines

engines = load_engines()
assert len(engines) >= 4 and "telegram_bot" in engines
assert engines["simulator"].name == "simulator"
assert not {"aiogram", "neonize"} & set(sys.modules), "nobody asked for these"
from jackfield.core.port import claims
for engine in engines.values():
    assert claims(engine.session_type), engine.name
assert "aiogram" not in sys.modules, "2 s of CPU, which the first bot pays"
assert "neonize" not in sys.modules, "the server never loads it, not even to read the claims"
"""


def test_engines_are_imported_when_asked_for() -> None:
    env = {**os.environ, "PYTHONPATH": str(Path(jackfield.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-3000:]
