"""Pages and files, found by their words; on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from jackfield.core import Conflict, Core, Invalid, LimitReached, NotFound
from jackfield.core.ai import knowledge as module
from jackfield.core.models import KnowledgePassage

SHOP = """# Delivery
Deliveries inside the city take two days. Parcels abroad take a week.

# Opening hours
We open at nine and close at five, never on Sundays.

# Returns
Send it back within 30 days; we pay the postage.

# Payment
You pay by card or by bank transfer. We take no cheques.

# Gift wrapping
Each parcel can be wrapped as a gift for 2 dollars.

# Workshop
Courses in pottery begin each month.
"""


async def test_the_best_passages_come_first(core: Core, workspace: int) -> None:
    made = await core.knowledge.add(workspace, "Shop", SHOP)
    assert (made.passages, made.characters, made.format) == (6, len(SHOP.strip()), "markdown")
    other = await core.knowledge.add(workspace, "Pottery", "Clay is baked at 1000 degrees.", format="text")

    async def titles(question: str, **more: int) -> list[str]:
        return [one.title for one in await core.knowledge.find(workspace, question, limit=more.pop("limit", 2), **more)]

    assert (await titles("When do you open on Sunday?"))[0] == "Shop › Opening hours"
    assert (await titles("how long does a delivery take"))[0] == "Shop › Delivery"
    assert (await titles("can i pay by a cheque?"))[0] == "Shop › Payment"
    assert await titles("quantum") == []
    assert await titles("'\" & | :* !") == []
    assert await titles("clay", limit=1) == ["Pottery"]
    # Where there is little, all of it is given.
    few = await core.knowledge.find(workspace, "quantum", sources=[other.id], limit=3)
    assert [(one.source_id, one.text) for one in few] == [(other.id, "Clay is baked at 1000 degrees.")]
    assert await core.knowledge.find(workspace, "clay", sources=[other.id + 100]) == []
    assert await core.knowledge.find(workspace + 1, "clay") == []


async def test_replaced_renamed_and_deleted(core: Core, workspace: int) -> None:
    made = await core.knowledge.add(workspace, "Shop", SHOP)
    with pytest.raises(Conflict):
        await core.knowledge.add(workspace, " shop ", "x")
    renamed = await core.knowledge.replace(workspace, made.id, name="Store")
    assert (renamed.name, renamed.passages, renamed.text) == ("Store", 6, SHOP.strip())
    replaced = await core.knowledge.replace(workspace, made.id, text="<h1>New</h1><p>Only this.</p>", format="html")
    assert (replaced.passages, replaced.text, replaced.format) == (1, "# New\n\nOnly this.", "html")
    (found,) = await core.knowledge.find(workspace, "cheques")
    assert (found.title, found.text) == ("Store › New", "Only this.")
    listed = await core.knowledge.list(workspace)
    assert [(one.id, one.text) for one in listed.items] == [(made.id, None)]
    assert (await core.knowledge.get(workspace, made.id)).text == replaced.text
    await core.knowledge.delete(workspace, made.id)
    async with core.db.read() as session:
        assert await session.scalar(select(func.count()).select_from(KnowledgePassage)) == 0
    assert await core.knowledge.find(workspace, "this") == []
    for gone in (core.knowledge.get, core.knowledge.delete):
        with pytest.raises(NotFound):
            await gone(workspace, made.id)


async def test_files(core: Core, workspace: int) -> None:
    add = core.knowledge.add_file
    made = await add(workspace, b"\xef\xbb\xbfItem,Price\nMug,5\n", filename="prices.csv", mime=None)
    assert (made.name, made.format, made.text) == ("prices.csv", "csv", "Item: Mug; Price: 5")
    typed = await add(workspace, b"<p>Hi</p>", filename="page", mime="text/html; charset=utf-8")
    assert typed.text == "Hi"
    new = await core.knowledge.replace_file(workspace, typed.id, b"Two", filename="b.txt", mime=None)
    assert (new.name, new.text, new.filename) == ("page", "Two", "b.txt")
    for data, filename in ((b"%PDF", "a.pdf"), (b"\xff\xfe", "a.txt"), (b"  ", "b.md"), (b"x" * 2_100_000, "c.txt")):
        with pytest.raises(Invalid):
            await add(workspace, data, filename=filename, mime=None)


async def test_it_is_bounded(core: Core, workspace: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid, match="500000"):
        await core.knowledge.add(workspace, "Long", "word " * 120_000)
    monkeypatch.setattr(module, "MAX_TOTAL", 100)
    await core.knowledge.add(workspace, "One", "x" * 90)
    with pytest.raises(LimitReached):
        await core.knowledge.add(workspace, "Two", "x" * 11)
    monkeypatch.setattr(module, "MAX_SOURCES", 1)
    with pytest.raises(LimitReached):
        await core.knowledge.add(workspace, "Two", "x")
