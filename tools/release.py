"""Make what a release publishes, and try it as a stranger would: `python -m tools.release [--rehearsal]`.

Into `dist/` go the wheel, the source archive, the notes of the version and the checksums. The wheel is then installed into
an environment of its own, without the repository or node, and serves the dashboard. `--rehearsal` lets the version be
unreleased and files be uncommitted.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import venv
import zipfile
from pathlib import Path

from jackfield import __version__
from jackfield.migrations import chain, head
from jackfield.testing.server import free_port, until

from . import web

DIST = web.ROOT / "dist"
READY_S = 120.0
"""How long a server may take to start in a new environment, whose modules are compiled on the way."""


class ReleaseError(Exception):
    """It cannot be released; the message says why."""


def notes(changelog: str, version: str, *, rehearsal: bool = False) -> str:
    """A version's section of the changelog. Raises ReleaseError when there is none, or it says "unreleased"."""
    found = re.search(
        rf"^## {re.escape(version)}( \(([^)]*)\))?\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    if found is None or not found[3].strip():
        raise ReleaseError(f"CHANGELOG.md has no section for {version}.")
    if found[2] == "unreleased" and not rehearsal:
        raise ReleaseError(f"CHANGELOG.md calls {version} unreleased: put the date there, and commit it.")
    return found[3].strip() + "\n"


def check_clean() -> None:
    """Raises ReleaseError when something is not committed."""
    changed = subprocess.run(["git", "status", "--porcelain"], cwd=web.ROOT, capture_output=True, text=True, check=True)
    if changed.stdout.strip():
        raise ReleaseError(f"These files are not committed:\n{changed.stdout}")


def check_steps() -> None:
    """Raises ReleaseError when servers of the release before could not be replaced one by one."""
    wrong = chain.misplaced()
    if wrong:
        raise ReleaseError("The migrations since the last release are not in order:\n" + "\n".join(wrong))


def note_schema(file: Path, revision: str) -> None:
    """Write into the source where this release leaves the schema: the next version's steps begin there."""
    text = file.read_text(encoding="utf-8")
    changed, count = re.subn(r'^(RELEASED: Final = )"\w+"$', rf'\g<1>"{revision}"', text, flags=re.MULTILINE)
    if count != 1:
        raise ReleaseError(f"{file.name} does not say where the last release left the schema (RELEASED).")
    file.write_text(changed, encoding="utf-8")


def build(target: Path, *kinds: str) -> list[Path]:
    """Build the wheel and the source archive (`wheel`, `sdist`) into a folder; gives the files. Raises ReleaseError."""
    wanted = [part for kind in kinds for part in ("-t", kind)]
    done = subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(target), *wanted], cwd=web.ROOT)
    if done.returncode:
        raise ReleaseError("The build failed.")
    return sorted(target.glob("jackfield-*"))


def check_wheel(wheel: Path) -> None:
    """Raises ReleaseError when something is missing in a wheel, or there that should not be."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    for wanted in (
        r"jackfield/web/assets/index\.html",
        r"jackfield/web/site/index\.html",
        r"jackfield/py\.typed",
        r".*\.dist-info/sboms/.*\.cdx\.json",
    ):
        if not any(re.fullmatch(wanted, name) for name in names):
            raise ReleaseError(f"{wheel.name} has no file {wanted}.")
    foreign = [name for name in names if not re.match(r"jackfield/|jackfield-[^/]*\.dist-info/", name)]
    if foreign:
        raise ReleaseError(f"{wheel.name} has files of others: {', '.join(foreign[:5])}")


def try_out(wheel: Path) -> None:
    """Install a wheel into an environment of its own and serve from it. Raises ReleaseError."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        venv.create(home / "venv", with_pip=True)
        python = home / "venv" / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel], check=True)
        port = free_port()
        # Neither the repository nor node is to be found.
        env = {name: value for name, value in os.environ.items() if name in ("HOME", "LANG", "TMPDIR")}
        env |= {"PATH": f"{home / 'venv' / 'bin'}:/usr/bin:/bin", "JACKFIELD_DATA_DIR": str(home / "data")}
        env |= {"JACKFIELD_PORT": str(port), "JACKFIELD_HOST": "127.0.0.1"}
        command = str(home / "venv" / "bin" / "jackfield")
        subprocess.run([command, "init", "--simulator"], cwd=home, env=env, check=True)
        server = subprocess.Popen([command, "serve"], cwd=home, env=env)
        try:
            page = until(lambda: _page(f"http://127.0.0.1:{port}/", server), READY_S, "the wheel's server answers")
            if b"<title>Jackfield</title>" not in page:
                raise ReleaseError("The wheel's server does not serve the dashboard.")
            if b"<title>Jackfield" not in (_page(f"http://127.0.0.1:{port}/docs/", server) or b""):
                raise ReleaseError("The wheel's server does not serve the documentation.")
        finally:
            server.terminate()
            server.wait(30)


def _page(url: str, server: subprocess.Popen[bytes]) -> bytes | None:
    """What an address has; None while nobody answers there. Raises ReleaseError when the server has ended."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - a server of our own
            found: bytes = answer.read()
            return found
    except OSError:
        if server.poll() is not None:
            raise ReleaseError("The wheel's server ended at once.") from None
        return None


def release(*, rehearsal: bool) -> None:
    """All of it. Raises ReleaseError."""
    told = notes((web.ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), __version__, rehearsal=rehearsal)
    if not rehearsal:
        check_clean()
        check_steps()
    shutil.rmtree(DIST, ignore_errors=True)
    made = build(DIST, "sdist", "wheel")
    wheel = next(file for file in made if file.suffix == ".whl")
    check_wheel(wheel)
    try_out(wheel)
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in made]
    (DIST / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    (DIST / "NOTES.md").write_text(told, encoding="utf-8")
    print(f"Jackfield {__version__} is in {DIST}:", *[f"  {file.name}" for file in made], sep="\n")
    if not rehearsal:
        note_schema(Path(chain.__file__), head())
        print(f"The schema of this release ends with {head()}: commit {Path(chain.__file__).name} after the tag.")


def main(arguments: list[str]) -> int:
    """The command line; gives the exit status."""
    if arguments not in ([], ["--rehearsal"]):
        print("usage: python -m tools.release [--rehearsal]", file=sys.stderr)
        return 2
    try:
        release(rehearsal=bool(arguments))
    except (ReleaseError, subprocess.CalledProcessError, AssertionError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
