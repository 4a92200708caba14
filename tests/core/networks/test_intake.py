"""What networks report is kept once, and the latest counts in whatever order it comes."""

from __future__ import annotations

from sqlalchemy import select

from jackfield.core import Core
from jackfield.core.models import Channel, Chat, Contact, Message
from jackfield.core.networks.intake.messages import WINDOW_MS
from jackfield.core.port import Disconnected, Done, Incoming, LoginChanged
from jackfield.core.port.content import PollVote, Reaction, Text

NOON = 1_790_000_000_000
HOUR = 3_600_000
PEER = "628111222333"


def said(id_: str, at: int, **fields: object) -> Incoming:
    """A text from the peer."""
    known = {"chat": PEER, "sender": PEER, "identities": {"phone": PEER}, **fields}
    return Incoming(provider_id=id_, content=Text(text=id_), timestamp=at, **known)  # type: ignore[arg-type]


async def _chat(core: Core, channel_id: int) -> tuple[Chat, str | None, str | None]:
    """The peer's chat with the provider ids of its last message and of the last one that came in."""
    async with core.db.read() as session:
        chat = (await session.execute(select(Chat).where(Chat.channel_id == channel_id))).scalar_one()
        names = {row.id: row.provider_id for row in await session.execute(select(Message.id, Message.provider_id))}
    return chat, names.get(chat.last_message_id or 0), names.get(chat.last_in_id or 0)


async def test_history_that_comes_late_takes_nothing_back(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")

    async def ingest(*reports: Incoming) -> None:
        await core.intake.ingest(channel.id, workspace, channel.engine, reports)

    async def last_seen() -> int | None:
        async with core.db.read() as session:
            seen: int | None = await session.scalar(select(Contact.last_seen_at))
        return seen

    await ingest(said("new", NOON))
    assert await last_seen() == NOON
    await ingest(said("old", NOON - HOUR, history=True), said("older", NOON - 2 * HOUR, history=True))
    assert await last_seen() == NOON
    chat, last, last_in = await _chat(core, channel.id)
    assert (chat.last_at, chat.window_until) == (NOON, NOON + WINDOW_MS)
    assert (last, last_in) == ("new", "new")
    # In one batch too, the latest by its time counts and not the last that was told.
    await ingest(said("newest", NOON + HOUR), said("between", NOON + HOUR // 2, history=True))
    assert await last_seen() == NOON + HOUR
    chat, last, last_in = await _chat(core, channel.id)
    assert (chat.last_at, chat.window_until) == (NOON + HOUR, NOON + HOUR + WINDOW_MS)
    assert (last, last_in) == ("newest", "newest")


async def test_a_message_from_staff_does_not_open_the_window(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    await core.intake.ingest(channel.id, workspace, channel.engine, [said("in", NOON)])
    echo = said("echo", NOON + HOUR, from_me=True, sender="628999", identities={})
    await core.intake.ingest(channel.id, workspace, channel.engine, [echo])
    chat, last, last_in = await _chat(core, channel.id)
    assert (chat.last_at, chat.window_until) == (NOON + HOUR, NOON + WINDOW_MS)
    assert (last, last_in) == ("echo", "in")


async def test_the_sender_is_known_by_the_address(core: Core, workspace: int) -> None:
    """Where the engine names no identities, the network's addressing tells who it is."""
    channel = await core.channels.create(workspace, name="One")
    for sender, identity in (
        (PEER, ("phone", PEER)),
        ("99887766554433@lid", ("lid", "99887766554433")),
        ("IN.abc123", ("bsuid", "IN.abc123")),
    ):
        message = said(f"from {sender}", NOON, chat=sender, sender=sender, identities={})
        await core.intake.ingest(channel.id, workspace, channel.engine, [message])
        found = await core.contacts.find(workspace, *identity)
        assert found is not None
        assert found.source == "wa"


async def test_a_login_that_ended_asks_for_a_person(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One", engine="simulator")

    async def row() -> Channel:
        async with core.db.read() as session:
            return await session.get_one(Channel, channel.id)

    await core.intake.ingest(
        channel.id, workspace, "simulator", [LoginChanged(step=Done(address="62800", name="Shop"))]
    )
    assert ((await row()).status, (await row()).address) == ("connected", "62800")
    await core.intake.ingest(channel.id, workspace, "simulator", [Disconnected(reason="logged out", permanent=True)])
    found = await row()
    assert (found.status, found.status_reason, found.wanted) == ("logged_out", "logged out", "down")
    assert found.login is None, "a phone pairs with a fresh code"


async def test_reactions_and_votes_of_a_topic_stand_in_the_topic(core: Core, workspace: int) -> None:
    """The network names the group alone; the chat of the message that they are of is known, and keeps its name."""
    channel = await core.channels.create(workspace, name="One")
    group, topic = "-1001", "-1001~45"
    where: dict[str, object] = {"chat_kind": "group"}
    await core.intake.ingest(
        channel.id, workspace, channel.engine, [said("-1001:7", NOON, chat=topic, chat_name="Shop: Orders", **where)]
    )
    for number, content in enumerate(
        (
            Reaction(target="-1001:7", emoji="x"),
            PollVote(target="-1001:7", options=["a"]),
            Reaction(target="-1001:9", emoji="x"),
        )
    ):
        told = Incoming(
            provider_id=f"r{number}", chat=group, sender=PEER, content=content, timestamp=NOON + 1 + number,
            identities={"phone": PEER}, chat_kind="group", chat_name="Shop",
        )  # fmt: skip
        await core.intake.ingest(channel.id, workspace, channel.engine, [told])
    async with core.db.read() as session:
        peers = list(await session.scalars(select(Message.peer).order_by(Message.id)))
        names = {row.peer: row.name for row in await session.execute(select(Chat.peer, Chat.name))}
    assert peers == [topic, topic, topic, group]
    assert names == {topic: "Shop: Orders", group: "Shop"}
