"""What people keep for the inbox: canned replies, drafts, saved views; and the places of a chat's history."""

from __future__ import annotations

import pytest

from jackfield.core import ChatView, Core, Image, Submission, Text, now_ms
from jackfield.core.ground.errors import Conflict, Invalid, NotFound
from jackfield.core.port.content import Content
from jackfield.core.port.reports import Incoming

PERSON = "628123456789"


async def chat_with(core: Core, workspace: int, *contents: Content, peer: str = PERSON) -> tuple[ChatView, list[int]]:
    """A chat with messages that came in, and their ids."""
    channel = (await core.channels.create(workspace, name="Phone", engine="simulator", config=None)).id
    for number, content in enumerate(contents):
        message = Incoming(
            provider_id=f"in-{channel}-{number}",
            chat=peer,
            sender=peer,
            sender_name="Budi Santoso",
            content=content,
            timestamp=now_ms() + number,
            identities={"phone": peer},
        )
        await core.intake.ingest(channel, workspace, "simulator", [message])
    found = await core.chats.chat_by_peer(workspace, channel, peer)
    assert found is not None
    page = await core.chats.history(workspace, channel, peer, limit=200)
    return found, [one.id for one in page.items][::-1]


async def test_canned_replies_are_found_by_the_beginning_of_their_shortcut(core: Core, workspace: int) -> None:
    replies = core.canned_replies
    for shortcut in ("thanks", "Hours", "/hi", "100%", "100x"):
        await replies.create(workspace, shortcut, f"text of {shortcut}")
    shortcuts = [one.shortcut for one in (await replies.list(workspace)).items]
    assert shortcuts == ["100%", "100x", "hi", "Hours", "thanks"]
    for begin, found in (("H", ["hi", "Hours"]), ("/ho", ["Hours"]), ("100%", ["100%"]), ("x", []), ("_", [])):
        assert [one.shortcut for one in (await replies.list(workspace, q=begin)).items] == found, begin
    page = await replies.list(workspace, limit=2)
    rest = await replies.list(workspace, limit=3, cursor=page.cursor)
    assert ([one.shortcut for one in [*page.items, *rest.items]], rest.cursor) == (shortcuts, None)


async def test_canned_replies_are_changed_and_refused(core: Core, workspace: int) -> None:
    replies = core.canned_replies
    upload = await core.media.store(workspace, b"%PDF-1.4 x", filename="list.pdf")
    other = await core.media.store(workspace, b"%PDF-1.4 y", filename="map.pdf")
    made = await replies.create(workspace, "prices", "", media_ids=[other.id, upload.id, other.id])
    assert [one.filename for one in made.media] == ["map.pdf", "list.pdf"]
    with pytest.raises(Conflict) as exists:
        await replies.create(workspace, "PRICES", "x")
    assert exists.value.code == "CANNED_REPLY_EXISTS"
    for shortcut in ("", "/", "two words", "a/b", "x" * 41):
        with pytest.raises(Invalid):
            await replies.create(workspace, shortcut, "x")
    with pytest.raises(Invalid):
        await replies.create(workspace, "empty", "  ")
    for missing in (10**6, 10**30):
        with pytest.raises(NotFound):
            await replies.create(workspace, "lost", "x", media_ids=[missing])
    with pytest.raises(Invalid):
        await replies.update(workspace, made.id, media_ids=[])
    changed = await replies.update(workspace, made.id, text="Our prices:", shortcut="Price")
    assert (changed.shortcut, changed.text, len(changed.media)) == ("Price", "Our prices:", 2)
    # A file that is deleted is missing from the reply, which stays.
    await core.media.delete(workspace, other.id)
    assert [one.id for one in (await replies.get(workspace, made.id)).media] == [upload.id]
    for step in (replies.get, replies.delete):
        with pytest.raises(NotFound):
            await step(workspace + 1, made.id)
    await replies.delete(workspace, made.id)
    assert (await replies.list(workspace)).items == []


async def test_a_file_that_came_in_is_no_canned_reply_s(core: Core, workspace: int) -> None:
    view, _ = await chat_with(core, workspace, Text(text="hi"))
    came = await core.media.store(
        workspace, b"%PDF-1.4 z", filename="theirs.pdf", channel_id=view.chat.channel_id, provider_media_id="p-1"
    )
    with pytest.raises(NotFound):
        await core.canned_replies.create(workspace, "theirs", "x", media_ids=[came.id])


async def test_a_canned_reply_reads_as_its_chat(core: Core, workspace: int) -> None:
    view, _ = await chat_with(core, workspace, Text(text="hi"))
    text = "Hello {first_name} ({{name}}, {phone}){email}: {order} - {agent}"
    made = await core.canned_replies.create(workspace, "hello", text)
    filled = await core.canned_replies.filled(workspace, made.id, view.chat.id, agent="Ayu")
    assert filled == f"Hello Budi (Budi Santoso, {PERSON}): {{order}} - Ayu"
    with pytest.raises(NotFound):
        await core.canned_replies.filled(workspace, made.id, 10**6, agent="Ayu")


async def test_a_draft_is_its_member_s_alone(core: Core, workspace: int) -> None:
    view, (message, *_) = await chat_with(core, workspace, Text(text="hi"))
    chat = view.chat.id
    ann = (await core.accounts.create_member(workspace, "ann@example.org", "correct horse battery")).id
    bob = (await core.accounts.create_member(workspace, "bob@example.org", "correct horse battery")).id
    drafts = core.drafts
    assert await drafts.get(workspace, chat, ann) is None
    await drafts.save(workspace, chat, ann, "Hello, ", reply_to=message)
    await drafts.save(workspace, chat, bob, "Good morning")
    kept = await drafts.save(workspace, chat, ann, "Hello, Budi ")
    assert kept is not None
    assert (kept.text, kept.reply_to) == ("Hello, Budi ", None)
    assert await drafts.get(workspace, chat, ann) == kept
    assert [one.text for one in (await drafts.list(workspace, bob)).items] == ["Good morning"]
    assert await drafts.save(workspace, chat, ann, "  ") is None
    assert await drafts.get(workspace, chat, ann) is None
    await drafts.delete(workspace, chat, bob)
    await drafts.delete(workspace, chat, bob)
    assert (await drafts.list(workspace, bob)).items == []
    with pytest.raises(NotFound):
        await drafts.save(workspace + 1, chat, ann, "x")
    with pytest.raises(Invalid):
        await drafts.save(workspace, chat, ann, "x" * 65_537)
    await drafts.save(workspace, chat, bob, "left behind")
    await core.accounts.delete_member(workspace, bob)
    assert (await drafts.list(workspace, bob)).items == []


async def test_saved_views_are_one_s_own_or_everybody_s(core: Core, workspace: int) -> None:
    ann = (await core.accounts.create_member(workspace, "ann@example.org", "correct horse battery")).id
    bob = (await core.accounts.create_member(workspace, "bob@example.org", "correct horse battery")).id
    views = core.saved_views
    shared = await views.create(workspace, "VIPs", {"tag": "vip"}, member_id=None)
    own = await views.create(workspace, " Mine ", {"assigneeId": "me"}, member_id=ann)
    names = {who: [one.name for one in (await views.list(workspace, who)).items] for who in (ann, bob, None)}
    assert names == {ann: ["VIPs", "Mine"], bob: ["VIPs"], None: ["VIPs"]}
    for who in (bob, None):
        with pytest.raises(NotFound):
            await views.update(workspace, own.id, who, name="x")
    changed = await views.update(
        workspace, shared.id, bob, name="Very important", filter={"tag": "vip", "unread": True}
    )
    assert (changed.name, changed.filter) == ("Very important", {"tag": "vip", "unread": True})
    await views.delete(workspace, own.id, ann)
    with pytest.raises(NotFound):
        await views.get(workspace, own.id, ann)
    with pytest.raises(Invalid):
        await views.create(workspace, " ", {}, member_id=ann)


async def test_the_history_around_a_message(core: Core, workspace: int) -> None:
    view, ids = await chat_with(core, workspace, *[Text(text=f"n{n}") for n in range(10)])
    channel, other = view.chat.channel_id, await core.channels.create(workspace, name="B", engine="simulator")

    async def page(**place: int) -> tuple[list[int], str | None]:
        found = await core.chats.history(workspace, channel, PERSON, limit=4, **place)
        return [one.id for one in found.items], found.cursor

    middle, cursor = await page(around=ids[5])
    assert middle == [ids[7], ids[6], ids[5], ids[4]]
    older = await core.chats.history(workspace, channel, PERSON, limit=4, cursor=cursor)
    assert [one.id for one in older.items] == ids[3::-1]
    assert (await page(around=ids[9]))[0] == ids[9:5:-1]
    first, none = await page(around=ids[0])
    assert (first, none) == ([ids[2], ids[1], ids[0]], None)
    assert await page(newer_than=ids[2]) == ([ids[6], ids[5], ids[4], ids[3]], None)
    assert (await page(newer_than=ids[8]))[0] == [ids[9]]
    with pytest.raises(NotFound):
        await core.chats.history(workspace, other.id, PERSON, around=ids[5])
    await core.chats.clear(workspace, view.chat.id)
    with pytest.raises(NotFound):
        await page(around=ids[5])


async def test_the_files_of_a_chat(core: Core, workspace: int) -> None:
    view, ids = await chat_with(
        core, workspace, Text(text="a"), Image(media_id="p-1", caption="x"), Text(text="b"), Image(media_id="p-2")
    )
    upload = await core.media.store(workspace, b"\x89PNG\r\n\x1a\n", filename="c.png")
    item = Submission(
        workspace_id=workspace, channel_id=view.chat.channel_id, peer=PERSON, content=Image(url=f"media:{upload.id}")
    )
    sent = (await core.messages.submit(item)).id
    found = await core.chats.history(
        workspace, view.chat.channel_id, PERSON, kinds=("image", "document"), limit=2, total=True
    )
    assert ([one.id for one in found.items], found.total) == ([sent, ids[3]], 3)
    rest = await core.chats.history(
        workspace, view.chat.channel_id, PERSON, kinds=("image", "document"), cursor=found.cursor
    )
    assert [one.id for one in rest.items] == [ids[1]]
