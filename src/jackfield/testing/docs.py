"""Write the generated pages of docs/: `make docs`. Tests hold the pages and their sources together."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jackfield.core import Core, Options, errorbook
from jackfield.dialects import DIALECTS, DialectOptions
from jackfield.dialects.native.events import asyncapi as live_events
from jackfield.dialects.native.reference import markdown
from jackfield.engines import load_engines

from . import engine_docs
from .client_code import client_files
from .docsections import cli_page, events_page, fill


def document_of(name: str) -> dict[str, Any]:
    """The OpenAPI document of a dialect. Raises StopIteration where there is no such dialect."""
    dialect = next(one for one in DIALECTS if one.name == name)
    with TemporaryDirectory() as folder:
        core = Core.at(
            "", "no secrets are written here", engines=load_engines(), options=Options(data_dir=Path(folder))
        )
        document: dict[str, Any] = dialect.build(core, DialectOptions()).openapi()
        return document


def native_document() -> dict[str, Any]:
    """The OpenAPI document of the native API."""
    return document_of("native")


def native_reference() -> str:
    """docs/reference/native.md."""
    return markdown(native_document())


def asyncapi() -> str:
    """docs/reference/asyncapi.json."""
    return json.dumps(live_events(), indent=1, ensure_ascii=False) + "\n"


def openapi() -> str:
    """web/openapi.json, of which the dashboard's types are made."""
    return json.dumps(native_document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "engines/README.md": engine_docs.readme,
    "error-book.md": errorbook.as_markdown,
    "reference/asyncapi.json": asyncapi,
    "reference/cli.md": cli_page,
    "reference/events.md": events_page,
    "reference/native.md": native_reference,
}
"""Page to what writes it."""


def wanted(docs: Path) -> dict[Path, str]:
    """Every page that is generated, whole or in sections, as it should be; the document that `web/` is built from, and
    the generated part of the Python client."""
    pages = {docs / name: write() for name, write in PAGES.items()}
    pages[docs.parent / "web" / "openapi.json"] = openapi()
    pages |= client_files(native_document(), docs.parent / "src" / "jackfield" / "client" / "operations")
    for page in sorted(docs.rglob("*.md")):
        if page not in pages and (text := page.read_text(encoding="utf-8")) != (filled := fill(text)):
            pages[page] = filled
    return pages


def main(docs: Path = Path("docs")) -> None:
    """Write every page that differs."""
    for page, text in wanted(docs).items():
        if not page.exists() or page.read_text(encoding="utf-8") != text:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
