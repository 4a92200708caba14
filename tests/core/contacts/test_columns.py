"""The table of a contact's columns: a column that is added to it works everywhere, and so do those that are there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import jackfield
from jackfield.core.contacts.columns import COLUMNS, FURTHER, MERGEABLE, combined
from jackfield.core.models import Contact

SOURCE = Path(jackfield.__file__).parent

PROBE = """
import asyncio, io
from pathlib import Path
from sqlalchemy import text
from jackfield.core.contacts import ContactInput, Contacts
from jackfield.core.ground.store import Store
from jackfield.core.models import Workspace
from jackfield.core.port import Networks
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.migrations import upgrade

async def main():
    use_key("a key for tests")
    db = Database("sqlite:///probe.db")
    await upgrade(db)
    store = Store(db)
    contacts = Contacts(store, Networks({}))
    async with store.unit() as unit:
        row = Workspace(name="A", default_country="IN", settings={}, created_at=1)
        unit.session.add(row)
        await unit.session.flush()
        ws = row.id
    made = await contacts.create(ws, phone="+919845012345", company="  Acme   Ltd ")
    assert made.company == "Acme Ltd", made
    changed = await contacts.update(ws, made.id, company="Bolt")
    assert changed.company == "Bolt"
    other = await contacts.create(ws, name="Bo")
    assert (await contacts.merge(ws, other.id, made.id)).company == "Bolt"
    file = io.BytesIO("Phone;Firma\\n+4915135905159;Nord\\n".encode())
    await contacts.import_file(ws, file)
    page = await contacts.list(ws, {"equals": {"company": "nord"}})
    assert [one.phone for one in page.items] == ["4915135905159"]
    text_ = b"".join([piece async for piece in contacts.export(ws)]).decode()
    assert '"company"' in text_ and '"Nord"' in text_
    saved = await contacts.save(ws, ContactInput(phone="+4915135905159", company="Sued"), on_duplicate="overwrite")
    assert saved.contact.company == "Sued"
    await db.close()

asyncio.run(main())
"""


@pytest.mark.slow
def test_a_field_is_a_migration_a_model_line_and_a_line_of_the_table(tmp_path: Path) -> None:
    """What docs/adding-a-field.md says, carried out on a copy of the source: three files, and it works everywhere."""
    package = tmp_path / "src" / "jackfield"
    _copy(SOURCE, package)
    _change(
        package / "core/models/contact.py", "    country: Mapped[str | None]\n", "    company: Mapped[str | None]\n"
    )
    _change(
        package / "core/contacts/columns.py",
        "    country: Annotated[",
        '    company: Annotated[str | None, Column(words="company, firma")] = None\n',
        before=True,
    )
    versions = package / "migrations/versions"
    last = max(path.name[:4] for path in versions.glob("[0-9]*.py"))
    (versions / "9990_company.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f'revision = "9990"\ndown_revision = "{last}"\nbranch_labels = None\ndepends_on = None\n'
        'def upgrade() -> None:\n    op.add_column("contacts", sa.Column("company", sa.Text(), nullable=True))\n'
    )
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _copy(source: Path, target: Path) -> None:
    for path in source.rglob("*.py"):
        if "dialects" in path.parts or "web" in path.parts:
            continue
        there = target / path.relative_to(source)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(path.read_bytes())


def _change(path: Path, line: str, new: str, *, before: bool = False) -> None:
    text = path.read_text()
    assert text.count(line) == 1, f"{line!r} must stand once in {path.name}"
    path.write_text(text.replace(line, new + line if before else line + new))


def test_every_column_of_the_table_is_a_column_of_the_model() -> None:
    assert set(COLUMNS) <= set(Contact.__table__.c.keys())
    # When and by what the consent was given or refused goes with `optin` (people/consents.py), never by itself.
    beside = {"id", "workspace_id", "updated_at", "optin_at", "optin_source"}
    assert set(Contact.__table__.c.keys()) - set(COLUMNS) == beside
    assert set(FURTHER) < set(MERGEABLE) < set(COLUMNS)


@pytest.mark.parametrize(
    ("column", "old", "new", "kept", "overwritten"),
    [
        ("name", "Ann", "Bob", "Ann", "Bob"),
        ("name", "", "Bob", "Bob", "Bob"),
        ("email", "a@x.org", None, "a@x.org", "a@x.org"),
        ("phone", "1", "2", "1", "1"),
        ("country", "DE", "IN", "DE", "DE"),
        ("country", None, "IN", "IN", "IN"),
        ("optin", True, False, False, False),
        ("optin", False, True, False, True),
        ("optin", None, True, True, True),
        ("blocked", True, None, True, True),
        ("blocked", True, False, True, False),
        ("source", "api", "csv", "api", "api"),
    ],
)
def test_two_values_become_one(column: str, old: object, new: object, kept: object, overwritten: object) -> None:
    assert combined(column, old, new) == kept
    assert combined(column, old, new, overwrite=True) == overwritten
