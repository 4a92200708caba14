"""Commands of the command line, run as a person would, without paying for the start of each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ZYGOTE = Path(__file__).with_name("cli_zygote.py")


class Ended:
    """What a command left behind."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err
        assert "Traceback" not in out + err, out + err

    @property
    def json(self) -> Any:
        """Standard output as JSON: nothing else may be there."""
        assert self.status == 0, self
        return json.loads(self.out)

    def __repr__(self) -> str:
        return f"<{self.status} out={self.out!r} err={self.err!r}>"


class Zygote:
    """Starts commands; see cli_zygote.py."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen([sys.executable, str(ZYGOTE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, env: dict[str, str], args: tuple[str, ...]) -> Ended:
        """Run one command to its end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        out, err = self._folder / "out", self._folder / "err"
        order = {"env": env, "args": args, "out": str(out), "err": str(err)}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return Ended(status, out.read_text(), err.read_text())

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        assert self._process.stdout is not None
        self._process.stdout.close()


class Shell:
    """A data folder, and commands on it: `shell("key", "list", "--json").json`."""

    def __init__(self, zygote: Zygote, data_dir: Path, **env: str) -> None:
        self._zygote = zygote
        self.data_dir = data_dir
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("JACKFIELD_")},
            "JACKFIELD_DATA_DIR": str(data_dir),
            "COLUMNS": "200",
            **env,
        }

    def __call__(self, *args: str, **env: str) -> Ended:
        return self._zygote.run(self.env | env, args)

    def refused(self, *args: str, status: int = 1, **env: str) -> str:
        """Run a command that must end with this status; gives what it said on standard error."""
        ended = self(*args, **env)
        assert ended.status == status, ended
        assert ended.err.strip(), "an error says what is wrong"
        return ended.err
