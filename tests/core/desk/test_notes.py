from __future__ import annotations

import pytest

from jackfield.core.ground.errors import Invalid, NotFound

from .conftest import SmallCore, on_both

WRONG = (10**6, 10**30, 0, -1)


async def test_notes_about_a_contact(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    member = await core.accounts.create_member(workspace_id, "ann@example.org", "correct horse")
    contact_id, other = await core.contact(workspace_id), await core.contact(workspace_id)
    first = await core.notes.add_contact_note(workspace_id, contact_id, " VIP ", title="", member_id=member.id)
    assert (first.text, first.title, first.member_id) == ("VIP", None, member.id)
    second = await core.notes.add_contact_note(workspace_id, other, "Line one\nline two", title="Call")
    assert [one.id for one in (await core.notes.contact_notes(workspace_id)).items] == [second.id, first.id]
    only = await core.notes.contact_notes(workspace_id, contact_id=contact_id, total=True)
    assert ([one.id for one in only.items], only.total) == ([first.id], 1)
    by = await core.notes.contact_notes(workspace_id, member_id=member.id)
    assert [one.id for one in by.items] == [first.id]
    changed = await core.notes.update_contact_note(workspace_id, second.id, text="New", title=None)
    assert (changed.text, changed.title) == ("New", None)
    assert (await core.notes.contact_note(workspace_id, second.id)).text == "New"
    await core.notes.delete_contact_note(workspace_id, second.id)
    await core.accounts.delete_member(workspace_id, member.id)
    (left,) = (await core.notes.contact_notes(workspace_id)).items
    assert (left.id, left.member_id) == (first.id, None)


async def test_notes_inside_a_conversation(core: SmallCore) -> None:
    workspace_id = await core.workspace()
    channel_id = await core.channel(workspace_id)
    chat_id = await core.chat(workspace_id, channel_id)
    other = await core.chat(workspace_id, channel_id, "492")
    notes = [await core.notes.add_chat_note(workspace_id, chat_id, f"N{n}") for n in range(3)]
    await core.notes.add_chat_note(workspace_id, other, "Else")
    page = await core.notes.chat_notes(workspace_id, chat_id, limit=2, total=True)
    assert ([one.text for one in page.items], page.total) == (["N2", "N1"], 3)
    rest = await core.notes.chat_notes(workspace_id, chat_id, limit=2, cursor=page.cursor)
    assert [one.text for one in rest.items] == ["N0"]
    assert (await core.notes.update_chat_note(workspace_id, chat_id, notes[0].id, "Nil")).text == "Nil"
    await core.notes.delete_chat_note(workspace_id, chat_id, notes[1].id)
    left = await core.notes.chat_notes(workspace_id, chat_id)
    assert [one.text for one in left.items] == ["N2", "Nil"]


@pytest.mark.parametrize("text", ["", "  ", "x" * 10_001, "a\x00b", 7, None])
async def test_texts_that_will_not_do(core: SmallCore, text: str) -> None:
    workspace_id = await core.workspace()
    contact_id = await core.contact(workspace_id)
    chat_id = await core.chat(workspace_id, await core.channel(workspace_id))
    for attempt in (
        core.notes.add_contact_note(workspace_id, contact_id, text),
        core.notes.add_chat_note(workspace_id, chat_id, text),
    ):
        with pytest.raises(Invalid) as caught:
            await attempt
        assert list(caught.value.details) == ["text"]


@on_both
async def test_nothing_of_another_workspace_is_found_or_taken(core: SmallCore) -> None:
    ours, theirs = await core.workspace(), await core.workspace()
    member = (await core.accounts.create_member(theirs, "o@example.org", "correct horse")).id
    my_contact = await core.contact(ours)
    my_chat = await core.chat(ours, await core.channel(ours))
    contact = await core.contact(theirs)
    chat = await core.chat(theirs, await core.channel(theirs))
    contact_note = (await core.notes.add_contact_note(theirs, contact, "T")).id
    chat_note = (await core.notes.add_chat_note(theirs, chat, "T")).id
    notes = core.notes
    attempts = [notes.add_contact_note(ours, my_contact, "X", member_id=member)]
    attempts += [notes.add_chat_note(ours, my_chat, "X", member_id=member)]  # type: ignore[list-item]
    for attempt in attempts:
        with pytest.raises(NotFound):
            await attempt
    for wrong in (contact, *WRONG):
        for about in (notes.add_contact_note(ours, wrong, "X"), notes.contact_notes(ours, contact_id=wrong)):
            if wrong != my_contact:
                with pytest.raises(NotFound):
                    await about
    for wrong in (chat, *WRONG):
        for inside in (notes.add_chat_note(ours, wrong, "X"), notes.chat_notes(ours, wrong)):
            with pytest.raises(NotFound):
                await inside
    for wrong in (contact_note, *WRONG):
        for one in (
            notes.contact_note(ours, wrong),
            notes.update_contact_note(ours, wrong, text="X"),
            notes.delete_contact_note(ours, wrong),
        ):
            with pytest.raises(NotFound):
                await one
    for wrong in (chat_note, *WRONG):
        for other in (
            notes.update_chat_note(ours, my_chat, wrong, "X"),
            notes.update_chat_note(theirs, my_chat, wrong, "X"),
            notes.delete_chat_note(ours, chat, wrong),
        ):
            with pytest.raises(NotFound):
                await other
    assert (await notes.contact_notes(ours)).items == []
    assert (await notes.contact_note(theirs, contact_note)).text == "T"
