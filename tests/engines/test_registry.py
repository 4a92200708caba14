"""An engine is imported only when a channel uses it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jackfield.engines import ENGINES, load_engines

PROBE = """
import sys
from jackfield.engines import load_engines
engines = load_engines()
assert len(engines) == 4 and "telegram_bot" in engines
engines["simulator"]
loaded = {name for name in ("aiogram", "neonize", "jackfield.engines.whatsapp_cloud.engine") if name in sys.modules}
assert not loaded, loaded
"""


def test_only_what_is_used_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", list(ENGINES))
def test_each_is_called_what_the_registry_says(name: str) -> None:
    assert load_engines()[name].name == name
