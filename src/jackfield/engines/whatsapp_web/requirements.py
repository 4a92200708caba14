"""What the engine needs beyond Python, checked without loading any of it into the server."""

from __future__ import annotations

import ctypes.util
import importlib.util
import re
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

TESTED = "0.5.2"
"""The version of neonize that the tests run on; older ones lose numbers."""
UPGRADE = "pip install -U neonize"
INSTALL = "pip install 'jackfield[whatsapp-web]'"
_MAGIC = {
    "linux": "apt-get install -y libmagic1",
    "darwin": "brew install libmagic",
    "win32": "pip install python-magic-bin",
}
_FFMPEG = {
    "linux": "apt-get install -y ffmpeg",
    "darwin": "brew install ffmpeg",
    "win32": "winget install ffmpeg",
}


def missing(
    *,
    find_module: Callable[[str], object] = importlib.util.find_spec,
    find_library: Callable[[str], str | None] = ctypes.util.find_library,
    platform: str = sys.platform,
) -> str | None:
    """What cannot be done without, in words with the exact line that installs it; None when all is there."""
    if find_module("neonize") is None:
        return f"WhatsApp Web needs the package neonize, which is not installed. Install it with: {INSTALL}"
    if platform != "win32" and find_library("magic") is None:
        line = _MAGIC.get(platform, _MAGIC["linux"])
        return f"WhatsApp Web needs the system library libmagic, which was not found. Install it with: {line}"
    return None


def missing_converter(*, which: Callable[[str], str | None] = shutil.which, platform: str = sys.platform) -> str | None:
    """What is needed only to convert voice notes, in words with the exact line; None when it is there."""
    if which("ffmpeg") is not None:
        return None
    line = _FFMPEG.get(platform, _FFMPEG["linux"])
    return f"ffmpeg was not found; it turns sound files into voice notes. Install it with: {line}"


def outdated(*, version_of: Callable[[str], str] = version) -> str | None:
    """In words when the installed library is older than the tested one; None when it is not, or not there at all."""
    try:
        installed = version_of("neonize")
    except PackageNotFoundError:
        return None
    if _parts(installed) >= _parts(TESTED):
        return None
    return f"neonize {installed} is installed; Jackfield was tested with {TESTED} and needs at least that."


def _parts(of: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", of)[:3]]
