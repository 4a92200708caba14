"""Chromium for the browser tests: found, or installed by the means that the machine has."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from . import web

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
"""The one without windows first: a new page costs it 0.07 s of CPU, and 0.4 s a browser that draws its own bars unseen."""
PACKAGES = ("chromium-headless-shell", "chromium")
"""Debian's packages, the better first; not every release has it."""
CARRIED = "@sparticuz/chromium@141"
"""An npm package that carries the browser itself, for machines where no package can be installed."""


class NoBrowser(Exception):
    """No Chromium is there and none can be installed; the message says what to do."""


def find() -> Path | None:
    """The Chromium of JACKFIELD_CHROMIUM, or of the machine."""
    given = os.environ.get("JACKFIELD_CHROMIUM")
    if given:
        return Path(given)
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return Path(found) if found else None


def _apt() -> None:
    """Debian's package, where this process may install it."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update"], check=False, env=environment, **quiet)  # type: ignore[call-overload]
    for package in PACKAGES:
        command = ["apt-get", "install", "-y", "--no-install-recommends", package, "fonts-noto-color-emoji"]
        subprocess.run(command, check=False, env=environment, **quiet)  # type: ignore[call-overload]
        if find() is not None:
            return


def _npm() -> tuple[Path, dict[str, str]] | None:
    """The browser that npm carries, with the libraries that it brings along."""
    folder = web.SOURCE / "node_modules" / ".chromium"
    if not (folder / "chromium").exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            web.npm("install", "--prefix", str(folder), "--no-save", CARRIED)
            web.node("--input-type=module", "-e", _UNPACK.replace("FOLDER", str(folder)))
        except web.BuildError:
            return None
    libraries = folder / "al2023" / "lib"
    return folder / "chromium", {"LD_LIBRARY_PATH": str(libraries), "FONTCONFIG_PATH": str(folder / "fonts")}


_UNPACK = """
import { createRequire } from 'node:module'
import { readFileSync, writeFileSync, mkdirSync, chmodSync } from 'node:fs'
import { brotliDecompressSync } from 'node:zlib'
import { execFileSync } from 'node:child_process'
const bin = 'FOLDER/node_modules/@sparticuz/chromium/bin'
writeFileSync('FOLDER/chromium', brotliDecompressSync(readFileSync(`${bin}/chromium.br`)))
chmodSync('FOLDER/chromium', 0o755)
for (const name of ['al2023', 'fonts', 'swiftshader']) {
  const tar = `FOLDER/${name}.tar`
  mkdirSync(`FOLDER/${name}`, { recursive: true })
  writeFileSync(tar, brotliDecompressSync(readFileSync(`${bin}/${name}.tar.br`)))
  execFileSync('tar', ['xf', tar, '-C', `FOLDER/${name}`])
}
"""


def find_or_install() -> tuple[Path, dict[str, str]]:
    """The browser's program, and what its environment needs besides. Raises NoBrowser."""
    found = find()
    if found is None:
        _apt()
        found = find()
    if found is not None:
        return found, {}
    carried = _npm()
    if carried is not None:
        return carried
    raise NoBrowser("The browser tests need Chromium: install it, or set JACKFIELD_CHROMIUM to its path.")
