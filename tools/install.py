"""Set up `.venv`: `python3 -m tools.install run` for what `make run` needs, `dev` for the test suite as well.

It runs on any Python from 3.11 with nothing installed. Packages come from a lock file, which pins each by its hash. uv
installs them; it is fetched with pip first, pinned as well. Where uv cannot be had or fails, pip does it: slower, the same
packages. `JACKFIELD_INSTALLER=pip` takes pip from the start.

Where packages come from is the machine's own configuration: what pip is told (index, further indexes, folders of wheels,
certificate) uv is told too, since uv does not read it by itself.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
VENV: Final = ROOT / ".venv"
OLDEST: Final = (3, 11)
LOCKS: Final = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
"""What each kind of installation installs. The second contains the first, in the same versions."""
INSTALLER_LOCK: Final = "requirements-uv.lock"
STAMPS: Final = {"run": (".run",), "dev": (".run", ".dev")}
"""Empty files in .venv, by which make knows what is there."""
PIP: Final = ("-m", "pip", "--disable-pip-version-check")
OPTIONS: Final = {
    "index-url": "--default-index",
    "extra-index-url": "--index",
    "find-links": "--find-links",
    "trusted-host": "--allow-insecure-host",
}
"""What pip calls a source of packages, and what uv calls it."""

Run = Callable[[list[str], Mapping[str, str]], int]


def run(command: list[str], environment: Mapping[str, str]) -> int:
    """Run a command in the root of the repository; its exit code, 127 when there is no such program."""
    try:
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode
    except OSError:
        return 127


def settings_of_pip(listed: str) -> dict[str, list[str]]:
    """What `pip config list` says, each setting by its name; the environment comes after the files and wins."""
    found: dict[str, list[str]] = {}
    for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:")):
        name, separator, value = line.partition("=")
        section, _, key = name.strip().rpartition(".")
        if separator and section in ("global", "install", ":env:"):
            words = shlex.split(value)
            found[key.replace("_", "-")] = [word for text in words for word in text.replace("\\n", " ").split()]
    return found


def sources(settings: Mapping[str, list[str]]) -> tuple[list[str], dict[str, str]]:
    """uv's options and environment for where pip takes packages from."""
    options: list[str] = []
    for key, option in OPTIONS.items():
        for value in settings.get(key, []):
            options += [option, value]
    if settings.get("extra-index-url"):
        # As pip does: every index is asked for every package. The hashes keep a stranger's package of the same name out.
        options += ["--index-strategy", "unsafe-best-match"]
    if settings.get("no-index", ["0"])[0].lower() in ("1", "true", "yes", "on"):
        options.append("--no-index")
    certificate = settings.get("cert", [])
    return options, {"SSL_CERT_FILE": certificate[0]} if certificate else {}


def with_uv(python: str, kind: str, run: Run, *, quiet: bool) -> bool:
    """Install with uv; whether it went well."""
    started = run([python, *PIP, "install", "--quiet", "--require-hashes", "-r", INSTALLER_LOCK], {})
    if started != 0:
        return False
    listed = subprocess.run([python, *PIP, "config", "list"], cwd=ROOT, capture_output=True, text=True, check=False)
    options, environment = sources(settings_of_pip(listed.stdout))
    # A cache on another disk than .venv cannot be linked to: that is no reason for a warning.
    environment.setdefault("UV_LINK_MODE", os.environ.get("UV_LINK_MODE", "copy"))
    install = [str(Path(python).with_name("uv")), "pip", "install", "--python", python, *(["--quiet"] if quiet else [])]
    return (
        run([*install, *options, "--require-hashes", "-r", LOCKS[kind]], environment) == 0
        and run([*install, "--quiet", "--no-deps", "--no-build-isolation", "-e", "."], environment) == 0
    )


def with_pip(python: str, kind: str, run: Run) -> bool:
    """Install with pip; whether it went well."""
    install = [python, *PIP, "install", "--quiet"]
    return (
        run([*install, "--require-hashes", "-r", LOCKS[kind]], {}) == 0
        and run([*install, "--no-deps", "--no-build-isolation", "-e", "."], {}) == 0
    )


def main(words: list[str], run: Run = run, folder: Path = VENV) -> int:
    """Set up `.venv`; 1 when it cannot be done, with a line that says why."""
    kind = words[0] if words else "run"
    if kind not in LOCKS:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.version_info < OLDEST:
        print("Jackfield needs Python 3.11 or newer; set PYTHON=...", file=sys.stderr)
        return 1
    started = time.monotonic()
    python = str(folder / "bin" / "python")
    if not Path(python).exists():
        venv.create(folder, with_pip=True, symlinks=True)
    print("Installing what Jackfield needs (the first time only)...", flush=True)
    by_pip = os.environ.get("JACKFIELD_INSTALLER") == "pip"
    if not by_pip and not with_uv(python, kind, run, quiet=not sys.stderr.isatty()):
        print("uv could not install the packages. Now with pip, which takes some minutes...", flush=True)
        by_pip = True
    if by_pip and not with_pip(python, kind, run):
        print("The packages could not be installed. The lines above say why; run it again after that.", file=sys.stderr)
        return 1
    for stamp in STAMPS[kind]:
        (folder / stamp).touch()
    print(f"Installed in {time.monotonic() - started:.0f} s.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
