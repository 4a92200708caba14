"""Build the documentation as a site from docs/ into `src/jackfield/web/site`: `python -m tools.docsite`.

The pages stay plain Markdown that reads as well in an editor. docs/README.md is the table of contents: its headings and
lists are the site's navigation, and pages that it does not name come last. Nothing is done twice: the site is built
again when a page, a picture or this folder has changed.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tools import web

ROOT = web.ROOT
DOCS = ROOT / "docs"
HERE = Path(__file__).parent
SITE = ROOT / "src" / "jackfield" / "web" / "site"
FAVICON = web.SOURCE / "public" / "favicon.svg"
LIBRARIES = ["jinja2>=3.1", "markdown-it-py>=3", "pygments>=2.19"]
"""What the build needs; the server needs none of them."""
PROJECT = ("CHANGELOG.md", "CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "ROADMAP.md", "SECURITY.md")
"""Pages beside docs/ that belong to the site."""


class SiteError(Exception):
    """The site cannot be built; the message names the page."""


def source_files() -> list[Path]:
    """Every file that the site depends on."""
    found = [*(ROOT / name for name in PROJECT), ROOT / "src" / "jackfield" / "__init__.py", FAVICON]
    for folder in (DOCS, HERE):
        found += [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc"]
    return found


def is_current() -> bool:
    """Whether the built site is that of docs/ as it is now."""
    stamp = SITE / web.STAMP
    return stamp.exists() and stamp.read_text(encoding="utf-8") == web.fingerprint(*source_files())


def build() -> None:
    """Build the site, unless it is current. Raises SiteError."""
    if is_current():
        return
    with web.alone():
        if not is_current():
            _build()


def _build() -> None:
    from .pages import write

    print("Building the documentation (a few seconds, only when docs/ has changed)...", flush=True)
    wanted = web.fingerprint(*source_files())
    SITE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SITE.parent, prefix=".site-") as folder:
        made = Path(folder) / "made"
        write(made)
        web.compress(made)
        (made / web.STAMP).write_text(wanted, encoding="utf-8")
        if SITE.exists():
            os.replace(SITE, Path(folder) / "old")
        os.replace(made, SITE)
