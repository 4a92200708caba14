"""The documentation page names every code and every template."""

from __future__ import annotations

from pathlib import Path

from jackfield.engines.simulator import seeddata
from jackfield.engines.simulator.control import _ACTIONS
from jackfield.engines.simulator.faults import TABLE

PAGE = (Path(__file__).parents[3] / "docs" / "engines" / "simulator.md").read_text()


def test_every_code_is_on_the_page() -> None:
    assert not [code for code in TABLE if code != "299" and code not in PAGE]


def test_every_template_and_control_is_on_the_page() -> None:
    assert not [template.name for template in seeddata.templates() if template.name not in PAGE]
    assert not [action for action in _ACTIONS if action not in PAGE]
