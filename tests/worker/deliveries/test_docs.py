"""docs/webhooks.md: the verification code in it verifies, and the schedule in it is the schedule."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from jackfield.core.webhooks import new_secret, standard_headers
from jackfield.worker.deliveries import Pace

PAGE = (Path(__file__).parents[3] / "docs" / "webhooks.md").read_text()


def code(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found.group(1)


def cases() -> list[tuple[str, dict[str, str], bytes, bool]]:
    new, old, now, body = new_secret(), "chosen by hand", int(time.time()), '{"a": "ä"}'.encode()
    both = standard_headers(new, old, 1, 2, now, body)
    return [
        (new, both, body, True),
        (old, both, body, True),
        (new_secret(), both, body, False),
        (new, both, body + b" ", False),
        (new, standard_headers(new, None, 1, 2, now - 400, body), body, False),
        (new, standard_headers(old, None, 1, 2, now, body), body, False),
    ]


def test_the_python_code_verifies() -> None:
    scope: dict[str, Any] = {}
    exec(code("python"), scope)
    assert [scope["genuine"](secret, headers, body) for secret, headers, body, _ in cases()] == [
        wanted for *_, wanted in cases()
    ]


@pytest.mark.parametrize(
    ("program", "language", "frame"),
    [
        (
            ["node", "-"],
            "javascript",
            "%s\nconst cases = JSON.parse(%s);\n"
            "console.log(JSON.stringify(cases.map(([s, h, b]) => genuine(s, h, Buffer.from(b)))));",
        ),
        (
            ["php"],
            "php",
            "<?php\n%s\n$cases = json_decode(%s, true);\n"
            "echo json_encode(array_map(fn($c) => genuine($c[0], $c[1], $c[2]), $cases));",
        ),
    ],
)
def test_the_other_code_verifies(program: list[str], language: str, frame: str) -> None:
    if shutil.which(program[0]) is None:
        pytest.skip(f"there is no {program[0]} here")
    given = json.dumps([(secret, headers, body.decode()) for secret, headers, body, _ in cases()], ensure_ascii=False)
    quoted = (
        json.dumps(given, ensure_ascii=False) if language == "javascript" else "'" + given.replace("\\", "\\\\") + "'"
    )
    script = frame % (code(language), quoted)
    done = subprocess.run(program, input=script, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [wanted for *_, wanted in cases()]


def test_the_schedule_is_the_one_in_force() -> None:
    def words(seconds: float) -> str:
        for size, unit in ((3600, "h"), (60, "min")):
            if seconds >= size:
                return f"{seconds / size:g} {unit}"
        return f"{seconds:g} s" if seconds else "at once"

    row = "| after | " + " | ".join(words(pause) for pause in Pace().retries) + " |"
    assert row in PAGE
