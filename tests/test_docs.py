"""The documentation is true: what is generated is in step with its sources, and nothing that exists goes unsaid."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import jackfield
from jackfield.core.errorbook import entries
from jackfield.core.ground.events import BY_TYPE
from jackfield.dialects import DIALECTS
from jackfield.engines import ENGINES
from jackfield.settings import FROM_FILES, Settings
from jackfield.testing.docs import wanted
from jackfield.testing.docsections import SECTION, SECTIONS

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
SOURCE = Path(jackfield.__file__).parent
CODE = re.compile(r"[A-Z][A-Z0-9_]{2,}\Z")


def text(name: str) -> str:
    """A page of docs/."""
    return (DOCS / name).read_text(encoding="utf-8")


def pages() -> list[Path]:
    """All Markdown that is ours."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def test_generated_pages_are_in_step() -> None:
    behind = [
        str(page.relative_to(ROOT))
        for page, wants in wanted(DOCS).items()
        if not page.exists() or page.read_text(encoding="utf-8") != wants
    ]
    assert not behind, f"`make docs` (python -m jackfield.testing.docs) rewrites {behind}"


def test_every_section_stands_somewhere() -> None:
    placed = {name for page in pages() for _, name, _ in SECTION.findall(page.read_text(encoding="utf-8"))}
    assert placed == set(SECTIONS)


def test_every_setting_is_documented() -> None:
    operating = text("operating.md")
    for name, field in Settings.model_fields.items():
        assert f"`JACKFIELD_{name.upper()}`" in operating
        assert field.description, name
        assert field.description.endswith("."), name
    named = {
        name for page in pages() for name in re.findall(r"JACKFIELD_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8"))
    }
    known = {f"JACKFIELD_{name.upper()}" for name in Settings.model_fields}
    known |= {f"JACKFIELD_{name.upper()}_FILE" for name in FROM_FILES}
    # Of make run, of the commands, and of the test suite.
    others = {
        "JACKFIELD_DEMO_EXIT",
        "JACKFIELD_INSTALLER",
        "JACKFIELD_MOVE_TO",
        "JACKFIELD_URL",
        "JACKFIELD_BACKUP_PASSPHRASE",
        "JACKFIELD_TEST_POSTGRES",
        "JACKFIELD_SOURCE_KEY",
        "JACKFIELD_SOURCE_PASSWORD",
        "JACKFIELD_CHAOS",
        *(f"JACKFIELD_CHAOS_{name}" for name in ("SEED", "KINDS", "FAULTS", "MINUTES", "STAGES")),
    }
    assert named <= known | others, "documented, but not there"


def test_every_event_is_documented() -> None:
    events = text("reference/events.md")
    for name, kind in BY_TYPE.items():
        assert f"`{name}`" in events
        assert kind.__doc__


def test_every_provider_code_is_documented() -> None:
    book = text("error-book.md")
    for entry in entries():
        assert f"| `{entry.code}` |" in book


def raised(path: Path) -> Iterator[str]:
    """Error codes that a source file names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            value = keyword.value
            if keyword.arg == "code" and isinstance(value, ast.Constant) and CODE.match(str(value.value)):
                yield str(value.value)


@pytest.mark.parametrize("dialect", [dialect.name for dialect in DIALECTS])
def test_every_error_code_of_an_api_is_documented(dialect: str) -> None:
    """The core's codes stand on the native API's page; each other API's page has its own."""
    parts = [SOURCE / "dialects" / dialect, *([SOURCE / "core"] if dialect == "native" else [])]
    codes = {code for part in parts for path in part.rglob("*.py") for code in raised(path)}
    said = text("reference/native.md")
    if dialect != "native":
        said += text(f"dialects/{dialect}.md")
    missing = {code for code in codes if not re.search(rf"\b{code}\b", said)}
    assert not missing


def test_every_dialect_and_engine_has_its_page() -> None:
    for dialect in DIALECTS:
        name = "reference/native.md" if dialect.name == "native" else f"dialects/{dialect.name}.md"
        assert any(prefix in text(name) for prefix in dialect.prefixes)
    said = {path.stem for path in (DOCS / "engines").glob("*.md")}
    for name in ENGINES:
        assert name.removesuffix("_bot").replace("_", "-") in said, name


def test_links_lead_somewhere() -> None:
    broken = []
    for page in pages():
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
            path = target.partition("#")[0]
            if "://" in target or target.startswith("mailto:") or not path:
                continue
            if not (page.parent / path).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")
    assert not broken


def test_decisions_are_one_page_each_and_numbered() -> None:
    records = sorted((DOCS / "adr").glob("*.md"))
    assert len(records) >= 9
    for number, record in enumerate(records, 1):
        assert record.name.startswith(f"{number:04d}-"), record.name
        written = record.read_text(encoding="utf-8")
        heads = re.findall(r"^## (.+)$", written, re.MULTILINE)
        assert heads == ["Context", "Decision", "Consequences", "Alternatives"], record.name
        assert len(written.split()) < 700, f"{record.name} is longer than a page"
