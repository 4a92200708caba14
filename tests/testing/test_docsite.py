"""The documentation as a site: every link leads somewhere inside it, nothing comes from another host, and it can be searched."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest
import typer.main
from starlette.applications import Starlette
from starlette.testclient import TestClient

from jackfield.cli import app, walk
from jackfield.web import docs_routes
from tools import docsite, web
from tools.docsite import pages as build
from tools.docsite.render import anchor_of, render

HOME = "http://docs.test/docs/"
LOADS = {"img", "script", "link", "source", "video", "audio", "iframe", "object", "embed"}
"""Elements whose addresses a browser fetches by itself."""


class Read(HTMLParser):
    """What a page has: ids, links, what it loads, and what its policy would refuse."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.refused: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.append(given["id"])
        for name in ("href", "src"):
            if name in given:
                (self.loads if tag in LOADS else self.links).append(given[name])
        if "style" in given or tag == "style" or any(name.startswith("on") for name in given):
            self.refused.append(f"{tag} {given}")
        if tag == "script" and "src" not in given:
            self.refused.append("a script without an address")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of docs/ as it is now."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    build.write(folder)
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Read]:
    """Every page, by its address."""
    return {file.relative_to(site).as_posix(): Read(file.read_text(encoding="utf-8")) for file in site.rglob("*.html")}


def test_every_link_leads_to_a_page_and_to_a_heading_of_it(site: Path, pages: dict[str, Read]) -> None:
    broken = []
    for name, page in pages.items():
        for link in [*page.links, *page.loads]:
            target = urljoin(HOME + name, link)
            if not target.startswith(HOME):
                continue
            path, _, anchor = target.removeprefix(HOME).partition("#")
            path = unquote(path) + ("index.html" if not path or path.endswith("/") else "")
            if not (site / path).is_file() or (anchor and unquote(anchor) not in pages[path].ids):
                broken.append(f"{name}: {link}")
    assert broken == []
    assert len(pages) > 60


def test_nothing_comes_from_another_host_and_nothing_breaks_the_policy(pages: dict[str, Read]) -> None:
    for name, page in pages.items():
        assert page.refused == [], name
        assert [one for one in page.loads if not urljoin(HOME + name, one).startswith(HOME)] == [], name
    for file in build.SCRIPTS:
        text = (docsite.HERE / file).read_text(encoding="utf-8")
        assert "http" not in text.replace("https://", "http://").replace("http-equiv", ""), file
        assert "@import" not in text
        assert "url(" not in text


def test_a_page_has_each_anchor_once_and_one_title(pages: dict[str, Read], site: Path) -> None:
    for name, page in pages.items():
        assert len(page.ids) == len(set(page.ids)), name
        assert (site / name).read_text(encoding="utf-8").count("<h1") == 1, name


def test_every_page_is_reached_from_the_first(pages: dict[str, Read]) -> None:
    reached, todo = set(), ["index.html"]
    while todo:
        name = todo.pop()
        if name in reached:
            continue
        reached.add(name)
        targets = [urljoin(HOME + name, link).partition("#")[0] for link in pages[name].links]
        todo += [one.removeprefix(HOME) for one in targets if one.startswith(HOME) and one.endswith(".html")]
    assert set(pages) == reached


def test_a_page_that_the_contents_do_not_name_comes_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "README.md"
    text = build.INDEX.read_text(encoding="utf-8")
    monkeypatch.setattr(build, "INDEX", other)
    other.write_text(text.replace("- [Words](glossary.md)", "- Words"), encoding="utf-8")
    last = build.sections()[-1]
    assert last.title == build.MORE
    assert "glossary.html" in [page.address for page in last.pages]
    for wrong, said in (("- [Twice](glossary.md)", "twice"), ("- [None](none.md)", "not there")):
        other.write_text(f"{text}\n{wrong}\n", encoding="utf-8")
        with pytest.raises(docsite.SiteError, match=said):
            build.sections()


def test_a_change_of_a_page_makes_the_build_stale() -> None:
    files = docsite.source_files()
    assert {docsite.DOCS / "quickstart.md", docsite.DOCS / "pictures" / "inbox.png", docsite.HERE / "site.css"} <= set(
        files
    )
    assert web.fingerprint(*files) != web.fingerprint(*files[1:])


def test_markdown_becomes_what_the_policy_allows() -> None:
    made = render(
        "# Title\n\n<!-- a note -->\n\n## A `b`: c\n\n| a | b |\n|:-:|--:|\n| 1 | <script>x</script> |\n\n"
        "```sh\nls <file>\n```\n\n[in](page.md) [out](../deploy/x) ![p](p.png)\n\n## A `b`: c\n",
        lambda target: None if "deploy" in target else "to-" + target,
    )
    assert [one.anchor for one in made.headings] == ["title", "a-b-c", "a-b-c-1"]
    assert "note" not in made.html
    assert "<script" not in made.html
    assert "style=" not in made.html
    assert '<td class="right">' in made.html
    assert "&lt;file" in made.html
    assert '<a href="to-page.md">in</a>' in made.html
    assert '<span class="repository" title="In the repository: deploy/x">out</span>' in made.html
    assert '<img src="to-p.png" alt="p" loading="lazy"' in made.html
    assert anchor_of("What's new? (2)", {}) == "whats-new-2"


SEARCH = """
import { readFileSync } from 'node:fs';
import { excerpt, makeIndex } from '%s/search.js';
const index = makeIndex(JSON.parse(readFileSync('%s/search.json', 'utf-8')));
const found = (query) => index.find(query).map((one) => one.u);
const parts = excerpt('one two three <b> Four', 'four');
console.log(JSON.stringify({ pause: found('campaign paused'), code: found('131047'), half: found('troubl'),
  accent: found('Quíckstart'), none: found('zzzz'), empty: found(''), parts }));
"""


def test_the_search_finds_pages_headings_codes_and_beginnings_of_words(site: Path) -> None:
    (folder,) = (site / "assets").iterdir()
    code = SEARCH % (folder.as_uri(), folder)
    node = web.node_home() / "bin" / "node"
    told = subprocess.run(
        [node, "--input-type=module", "-e", code], capture_output=True, text=True, check=True, timeout=60
    )
    found = json.loads(told.stdout)
    assert "troubleshooting.html#a-campaign-does-not-go-on" in found["pause"]
    assert {"troubleshooting.html#a-message-does-not-go-out", "error-book.html"} & set(found["code"])
    assert found["half"][0] == "troubleshooting.html"
    assert found["accent"][0].startswith("quickstart.html")
    assert found["none"] == found["empty"] == []
    assert found["parts"] == [["one two three <b> ", False], ["Four", True]]
    entries = json.loads((folder / "search.json").read_text(encoding="utf-8"))
    assert all((site / entry["u"].partition("#")[0]).is_file() for entry in entries)


@pytest.fixture(scope="module")
def client(site: Path) -> Iterator[TestClient]:
    """A client of the pages."""
    with TestClient(Starlette(routes=docs_routes(site)), follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("path", ["/docs/", "/docs/index.html", "/docs/engines/", "/docs/reference/native.html"])
def test_pages_are_sent_with_a_policy_and_asked_for_anew(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "img-src", "connect-src")} == {"'self'"}


def test_the_address_without_a_slash_leads_to_the_pages(client: TestClient) -> None:
    answer = client.get("/docs")
    assert answer.status_code == 308
    assert urljoin("http://x/under/docs", answer.headers["location"]) == "http://x/under/docs/"


def test_assets_are_kept_for_ever_and_other_names_are_nothing(client: TestClient, site: Path) -> None:
    (folder,) = (site / "assets").iterdir()
    assert "immutable" in client.get(f"/docs/assets/{folder.name}/site.js").headers["cache-control"]
    for path in ("/docs/none.html", "/docs/.stamp", "/docs/../pyproject.toml", "/docs/quickstart", "/doc"):
        assert client.get(path).status_code == 404, path


def test_without_a_build_the_page_says_what_to_do(tmp_path: Path) -> None:
    with TestClient(Starlette(routes=docs_routes(tmp_path))) as client:
        answer = client.get("/docs/")
        assert answer.status_code == 503
        assert answer.text == "The documentation is not built: run make docs.\n"


def test_commands_that_the_pages_name_are_there() -> None:
    """Each `jackfield ...` of every page, with its options."""
    commands = {" ".join(words): command for words, command in walk(typer.main.get_command(app), ("jackfield",))}
    everywhere = {name for one in commands["jackfield"].params for name in one.opts}
    wrong, seen = [], 0
    for file in sorted([*docsite.DOCS.rglob("*.md"), docsite.ROOT / "README.md"]):
        text = file.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in re.findall(r"(?:^|`|bin/)(jackfield [a-z][^`\n|;]*)", text, re.MULTILINE):
            words = re.sub(r"\s#.*", "", line).split()
            name = max((one for one in commands if f"{line} ".startswith(f"{one} ")), key=len)
            known = everywhere | {
                one for param in commands[name].params for one in [*param.opts, *param.secondary_opts]
            }
            named = {word.partition("=")[0] for word in words if word.startswith("--")}
            group = getattr(commands[name], "commands", None)
            if not named <= known | {"--help"} or (group and words[-1] != name.split()[-1] and "--help" not in named):
                wrong.append(f"{file.name}: {line}")
            seen += 1
    assert wrong == []
    assert seen > 100


def test_calls_that_the_pages_name_are_there() -> None:
    """Each `GET /api/...` of every page, by the table of all routes in security.md, which is generated."""
    call = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) /api(?:/v1)?(/[^`?\s]*)")
    pages = {file: file.read_text(encoding="utf-8") for file in docsite.DOCS.rglob("*.md")}
    table = pages.pop(docsite.DOCS / "security.md").partition("<!-- generated: access -->")[2]
    del pages[docsite.DOCS / "dialects" / "chattu.md"]  # whose own addresses begin with /api
    there = [
        (method, re.compile(re.sub(r"\\\{[^/]*\\\}", "[^/]+", re.escape(path)) + r"\Z"))
        for method, path in call.findall(table)
    ]
    assert len(there) > 200
    named = [
        (file.name, method, path.rstrip("/")) for file, text in pages.items() for method, path in call.findall(text)
    ]
    wrong = [one for one in named if not any(one[1] == method and path.match(one[2]) for method, path in there)]
    assert wrong == []
    assert len(named) > 300
