"""The core's face: every name of it is there, and nobody pays for those that they do not ask for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import jackfield.core


def test_every_name_is_there() -> None:
    for name in jackfield.core.__all__:
        assert getattr(jackfield.core, name) is getattr(jackfield.core, name)


def test_a_name_that_is_not_there_says_so() -> None:
    with pytest.raises(AttributeError, match=r"module 'jackfield\.core' has no attribute 'Nonsense'"):
        _ = jackfield.core.Nonsense
    with pytest.raises(ImportError, match="cannot import name 'Nonsense'"):
        exec("from jackfield.core import Nonsense")


HEAVY = "'sqlalchemy', 'aiohttp', 'starlette', 'babel', 'jackfield.core.core', 'jackfield.core.models'"


@pytest.mark.parametrize("module", ["jackfield.core.port", "jackfield.engines.whatsapp_web.child"])
def test_an_engine_and_its_processes_pay_for_the_port_alone(module: str) -> None:
    """One process for each WhatsApp Web number: what it imports is paid for a hundred times."""
    code = f"import {module}, sys; print([name for name in ({HEAVY}) if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
