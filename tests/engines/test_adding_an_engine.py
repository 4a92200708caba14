"""The engine of docs/adding-an-engine.md passes the contract as it is printed, and fails it once it is spoilt."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import jackfield

PAGE = Path(__file__).parents[2] / "docs" / "adding-an-engine.md"

SPOILT = {
    "a lost answer is called a failure": (
        "raise OutcomeUnknown(",
        "raise Unavailable(",
        "test_a_lost_answer_is_never_taken_for_a_failure",
    ),
    "what is not durable is forgotten": (
        "continue\n            self._loft.forget",
        "pass\n            self._loft.forget",
        "test_what_is_not_durable_is_told_again",
    ),
    "other kinds are sent as something else": (
        "if not isinstance(content, Text):",
        "content = content if isinstance(content, Text) else Text(text='?')\n        if False:",
        "test_content_that_the_engine_cannot_send_is_refused_in_words",
    ),
    "receipts are made up": ('state="delivered"', 'state="read"', "test_receipts"),
    "a receipt carries another message's ref": ('ref=note["ref"]', 'ref="77"', "test_receipts"),
    "nobody is told that the door is locked": (
        'raise LoginRequired("locked", why)',
        'raise Unavailable("locked", why)',
        "test_a_log_out_needs_a_person",
    ),
    "a claimed method takes something else": (
        "look_up(self, refs: Sequence[str])",
        "look_up(self, refs: Sequence[str], deep: bool = False)",
        "test_claims_are_methods",
    ),
}
"""What to spoil in the example (right, wrong), each a mistake that engines make, and the test that must notice."""


def _examples() -> dict[str, str]:
    """The page's files by name."""
    blocks = re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return dict(blocks)


def _run(folder: Path, files: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """pytest over these files, in a process of its own as a third party would run it."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    source = str(Path(jackfield.__file__).parents[1])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((source, str(folder)))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    command += ["--tb=line", "-rfE", str(folder)]
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=150)


def test_the_example_passes_the_contract(tmp_path: Path) -> None:
    done = _run(tmp_path / "example", _examples())
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_the_contract_notices_what_is_wrong(tmp_path: Path) -> None:
    page = _examples()
    # What must come and does not is waited for; these mistakes need no more than a moment to show.
    test = page["test_pigeon.py"].replace("    connection = False\n", "    connection = False\n    patience_s = 1.0\n")
    assert test != page["test_pigeon.py"]
    files = {"network.py": page["network.py"]}
    for number, (right, wrong, _) in enumerate(SPOILT.values()):
        assert page["engine.py"].count(right) == 1, f"the page no longer says {right!r}"
        files[f"engine_{number}.py"] = page["engine.py"].replace(right, wrong)
        files[f"test_pigeon_{number}.py"] = test.replace("from engine import", f"from engine_{number} import")
    done = _run(tmp_path / "spoilt", files)
    for number, (mistake, (_, _, noticed)) in enumerate(SPOILT.items()):
        failed = re.findall(rf"^FAILED \S*test_pigeon_{number}\.py::\w+::(\w+)", done.stdout, re.MULTILINE)
        assert noticed in failed, f"the contract did not notice that {mistake}; {failed} failed:\n{done.stdout[-3000:]}"
        assert len(failed) <= 4, f"{mistake}: this breaks more than it should: {failed}"
