"""The whole site: which pages there are, in which order, and what stands around each."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import DOCS, FAVICON, HERE, PROJECT, ROOT, SITE, SiteError
from .render import Rendered, render

INDEX = DOCS / "README.md"
SCRIPTS = ("site.css", "site.js", "search.js", "theme.js")
ENTRY = re.compile(r"^- \[([^\]]+)\]\(([^)\s]+)\)", re.MULTILINE)
MOST_CONTENTS = 60
"""Entries of the list beside a page; a longer page shows its main headings there."""
MORE = "More"
"""The section of pages that docs/README.md does not name."""
DECISIONS = "adr"
"""The folder whose pages stand in one entry of the navigation: they have an order of their own."""


@dataclass
class Page:
    """A page: where it comes from, where it goes, and how the navigation calls it."""

    source: Path
    address: str
    name: str = ""
    rendered: Rendered = field(default_factory=lambda: Rendered("", "", []))


@dataclass
class Section:
    """A part of the navigation."""

    title: str
    pages: list[Page]


def address_of(source: Path) -> str:
    """Where the site has a page or a file: docs/engines/README.md is engines/index.html."""
    if source.is_relative_to(DOCS):
        path = source.relative_to(DOCS).as_posix()
    else:
        path = f"project/{source.name.lower().replace('_', '-')}"
    if path.endswith(".md"):
        path = path[:-3] + ".html"
    return re.sub(r"(^|/)README\.html$", r"\1index.html", path)


def sections() -> list[Section]:
    """The navigation, as docs/README.md has it; pages that it does not name come last. Raises SiteError for one that it names
    twice, or that is not there."""
    found: list[Section] = []
    text = INDEX.read_text(encoding="utf-8")
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        pages = []
        for name, target in ENTRY.findall(body):
            source = (DOCS / target.partition("#")[0]).resolve()
            if source.is_dir():
                source /= "README.md"
            if source.suffix == ".md":
                pages.append(Page(source, address_of(source), name))
        found.append(Section(title.strip(), pages))
    named = [page.source for section in found for page in section.pages]
    twice = sorted({source.name for source in named if named.count(source) > 1})
    if twice:
        raise SiteError(f"docs/README.md names {', '.join(twice)} twice.")
    there = {source for source in DOCS.rglob("*.md") if source != INDEX and source.parent.name != DECISIONS}
    there |= {ROOT / name for name in PROJECT} | {DOCS / DECISIONS / "README.md"}
    if unknown := sorted(str(source) for source in set(named) - there):
        raise SiteError(f"docs/README.md names {', '.join(unknown)}, which is not there.")
    if rest := sorted(there - set(named)):
        found.append(Section(MORE, [Page(source, address_of(source), _title(source)) for source in rest]))
    return found


def decisions() -> str:
    """The list of the decisions: their folder has no page of its own."""
    lines = ["# Decisions", "", "Why things are as they are: one page for each decision that was hard to make.", ""]
    for source in sorted((DOCS / DECISIONS).glob("*.md")):
        lines.append(f"- [{_title(source)}]({source.name})")
    return "\n".join(lines) + "\n"


def _title(source: Path) -> str:
    if not source.exists():
        return DECISIONS
    return source.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ").strip()


class Links:
    """Addresses as the site has them, seen from one page. Keeps which files are to be copied."""

    def __init__(self, page: Page, pages: dict[Path, Page], files: set[Path]) -> None:
        self._page = page
        self._pages = pages
        self._files = files

    def __call__(self, target: str) -> str | None:
        """The address of a link's target; None for what the site does not have."""
        path, mark, anchor = target.partition("#")
        if not path or "://" in target or target.startswith("mailto:"):
            return target
        source = (self._page.source.parent / path).resolve()
        if source == ROOT / "README.md":
            source = INDEX
        if source.is_dir():
            source /= "README.md"
        if source in self._pages:
            return self.to(self._pages[source].address) + mark + anchor
        if source.is_relative_to(DOCS) and source.is_file():
            self._files.add(source)
            return self.to(address_of(source)) + mark + anchor
        return None

    def to(self, address: str) -> str:
        """An address of the site, relative to the page."""
        return os.path.relpath(address, os.path.dirname(self._page.address) or ".").replace(os.sep, "/")


def version() -> str:
    """The version of what is documented, read from the source: the build imports no Jackfield."""
    text = (ROOT / "src" / "jackfield" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    return found[1] if found else ""


def write(target: Path = SITE) -> None:
    """Write the site into a folder that does not exist. Raises SiteError."""
    navigation = sections()
    order = [page for section in navigation for page in section.pages]
    extra = [Page(source, address_of(source), _title(source)) for source in sorted((DOCS / DECISIONS).glob("*.md"))]
    start = Page(INDEX, "index.html", "Documentation")
    pages = {page.source: page for page in (start, *order, *extra)}
    files: set[Path] = set()
    for page in pages.values():
        is_list = page.source == DOCS / DECISIONS / "README.md"
        text = decisions() if is_list else page.source.read_text(encoding="utf-8")
        # The reference's examples are one for each call: the search finds the calls by their names.
        searched = page.source.parent.name != "reference"
        page.rendered = render(text, Links(page, pages, files), code_is_searched=searched)
    index = json.dumps([*_search_index(pages.values())], ensure_ascii=False, separators=(",", ":"))
    # One name for all of them, of their contents: browsers keep them until they change.
    total = hashlib.sha256(index.encode())
    for name in SCRIPTS:
        total.update((HERE / name).read_bytes())
    assets = f"assets/{total.hexdigest()[:12]}"
    (target / assets).mkdir(parents=True)
    (target / assets / "search.json").write_text(index, encoding="utf-8")
    for name in SCRIPTS:
        shutil.copyfile(HERE / name, target / assets / name)
    shutil.copyfile(FAVICON, target / "favicon.svg")
    for file in files:
        copy = target / address_of(file)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    loader = FileSystemLoader(HERE)
    template = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    ).get_template("page.html")
    reading = [start, *order]
    for page in pages.values():
        place = reading.index(page) if page in reading else -1
        headings = page.rendered.headings[1:]
        shown = [one for one in headings if one.level <= 3]
        if len(shown) > MOST_CONTENTS:
            shown = [one for one in headings if one.level == 2]
        made = template.render(
            page=page,
            title=page.rendered.title,
            to=Links(page, pages, files).to,
            navigation=navigation,
            here=next((section.title for section in navigation if page in section.pages), ""),
            contents=shown,
            before=reading[place - 1] if place > 0 else None,
            after=reading[place + 1] if 0 <= place < len(reading) - 1 else None,
            assets=assets,
            version=version(),
            source=_source(page),
        )
        path = target / page.address
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made, encoding="utf-8")


def _source(page: Page) -> str:
    return escape(page.source.relative_to(ROOT).as_posix()) if page.source.exists() else f"docs/{DECISIONS}/"


def _search_index(pages: Iterable[Page]) -> Iterator[dict[str, str]]:
    """What can be found: each heading with the text under it. u: address, p: page, t: heading, b: text."""
    for page in pages:
        for number, heading in enumerate(page.rendered.headings):
            text = " ".join(" ".join(heading.text).split())
            yield {
                "u": page.address + (f"#{heading.anchor}" if number else ""),
                "p": page.rendered.title,
                "t": heading.title,
                "b": text,
            }
