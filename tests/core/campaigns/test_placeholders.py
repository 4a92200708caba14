"""Nobody reads a placeholder: what a contact lacks is filled as the sender chose, and what nothing fills is refused."""

from __future__ import annotations

from typing import Any

import pytest

from jackfield.core import Core, Forbidden, Invalid, UnknownPlaceholders
from jackfield.core.campaigns import BulkMessage, CampaignChanges
from jackfield.core.port.content import Album, Entity, Image, Text, encode, personalise

from .test_expand import campaign_to_all, rows_of, step

ANA, BEN = "38640700001", "38640700002"


async def two_people(core: Core, workspace: int) -> None:
    await core.contacts.create(workspace, name="Ana Kos", phone=ANA, attributes={"Order No": "A-17"})
    await core.contacts.create(workspace, name="", phone=BEN)


async def texts(core: Core, workspace: int, text: str, **options: Any) -> list[str]:
    """What each recipient reads, or the reason why nothing."""
    campaign, _ = await campaign_to_all(core, workspace, text, options=options)
    await step(core, campaign)
    return [
        row.error_code or str((await core.messages.get(workspace, row.id)).content)
        for row in await rows_of(core, campaign)
    ]


@pytest.mark.parametrize(
    ("options", "second"),
    [
        ({}, "Hi , order !"),
        ({"missing": "blank"}, "Hi , order !"),
        ({"missing": "blank", "fallbacks": {"name": "friend"}}, "Hi friend, order !"),
        ({"missing": "fallback", "fallbacks": {"Name": "friend", "order no": "?"}}, "Hi friend, order ?!"),
        ({"missing": "skip"}, "missing_value"),
        ({"missing": "skip", "fallbacks": {"name": "friend"}}, "missing_value"),
        ({"missing": "skip", "fallbacks": {"name": "friend", "order no": "?"}}, "Hi friend, order ?!"),
    ],
    ids=[
        "nothing chosen",
        "blank",
        "a fallback before blank",
        "fallback",
        "skip",
        "one fallback of two",
        "all fallbacks",
    ],
)
async def test_who_lacks_a_value_never_reads_the_braces(
    core: Core, workspace: int, options: dict[str, Any], second: str
) -> None:
    await two_people(core, workspace)
    seen = await texts(core, workspace, "Hi {name}, order {{Order No}}!", **options)
    wanted = second if second == "missing_value" else encode(Text(text=second))
    assert seen == [encode(Text(text="Hi Ana Kos, order A-17!")), wanted]


@pytest.mark.parametrize("text", ["Hi {nmae}", "Order {{order no}}", "{first_name} {size}"])
async def test_a_placeholder_that_nothing_fills_is_refused_by_name(core: Core, workspace: int, text: str) -> None:
    name = text.replace("{{", "{").rpartition("{")[2].rstrip("}")
    with pytest.raises(Invalid, match=f"{{{name}}}"):
        await campaign_to_all(core, workspace, text)
    made, _ = await campaign_to_all(core, workspace, text, start=False, options={"fallbacks": {name.title(): "x"}})
    with pytest.raises(Invalid, match="other"):
        await core.campaigns.update(workspace, made, CampaignChanges(content=Text(text="{other}")))


async def test_a_campaign_that_is_changed_is_held_to_the_same(core: Core, workspace: int) -> None:
    made, _ = await campaign_to_all(core, workspace, "Hi", start=False)
    with pytest.raises(Invalid, match=r"\{size\}"):
        await core.campaigns.update(workspace, made, CampaignChanges(content=Text(text="{size}")))
    changes = CampaignChanges(content=Text(text="{size}"), fallbacks={"size": "L"}, missing="skip")
    changed = await core.campaigns.update(workspace, made, changes)
    assert (changed.options["fallbacks"], changed.options["missing"]) == ({"size": "L"}, "skip")


async def test_fallback_needs_one_for_every_placeholder(core: Core, workspace: int) -> None:
    with pytest.raises(Invalid, match=r"\{last_name\}"):
        await campaign_to_all(
            core, workspace, "{name} {last_name}", options={"missing": "fallback", "fallbacks": {"name": "friend"}}
        )
    with pytest.raises(Invalid, match="missing"):
        await campaign_to_all(core, workspace, "Hi", options={"missing": "guess"})


async def test_a_bulk_message_without_a_value_of_its_own_is_refused(core: Core, workspace: int) -> None:
    channel = await core.channels.create(workspace, name="One")
    ready = BulkMessage(peer=ANA, content=Text(text="Hi {Name}"), variables={"name": "Ana"})
    lacks = BulkMessage(peer=BEN, content=Text(text="Hi {name}"), variables={"city": "Graz"})
    with pytest.raises(Invalid, match=r"\{name\}"):
        await core.campaigns.create_bulk(workspace, channel.id, [ready, lacks])
    bare = BulkMessage(peer=BEN, content=Text(text="Hi {name}"))
    with pytest.raises(UnknownPlaceholders) as caught:
        await core.campaigns.create_bulk(workspace, channel.id, [ready, bare])
    assert (caught.value.marks, caught.value.index) == (("{name}",), 1)
    meant = BulkMessage(peer=BEN, content=Text(text="Use {code}"), variables={"code": "{code}"})
    made = await core.campaigns.create_bulk(workspace, channel.id, [ready, meant])
    assert made.total == 2


async def test_a_triggered_message_is_held_to_the_same(core: Core, workspace: int) -> None:
    await two_people(core, workspace)
    made, _ = await campaign_to_all(core, workspace, "Hi {name}", kind="api", options={"missing": "skip"})
    campaign = await core.campaigns.get(workspace, made)
    ben = await core.contacts.find(workspace, "phone", BEN)
    assert ben is not None
    with pytest.raises(Forbidden) as skipped:
        await core.campaigns.trigger(campaign, ben, Text(text="Hi {name}"))
    assert skipped.value.details == {"reason": "missing_value"}
    with pytest.raises(Invalid, match=r"\{size\}"):
        await core.campaigns.trigger(campaign, ben, Text(text="{size}"))
    sent = await core.campaigns.trigger(campaign, ben, Text(text="Hi {name}"), fallbacks={"name": "Ben"})
    assert (await core.messages.get(workspace, sent.id)).content == encode(Text(text="Hi Ben"))


async def test_a_single_message_is_held_to_the_same(core: Core, workspace: int) -> None:
    await two_people(core, workspace)
    filled = await core.campaigns.fill(workspace, Text(text="{Name}, {email}, {Order No}!"), {"name": "Ana"})
    assert filled == Text(text="Ana, , !")
    with pytest.raises(Invalid, match=r"\{size\}"):
        await core.campaigns.fill(workspace, Text(text="{size}"), {"name": "Ana"})


async def test_how_many_lack_what_is_told_before_the_start(core: Core, workspace: int) -> None:
    await two_people(core, workspace)
    await core.contacts.create(workspace, name="Cleo", phone="38640700003", attributes={"order no": ""})
    channel = await core.channels.create(workspace, name="One")
    text = Text(text="Hi {first name}, order {order no}")

    async def seen(**options: Any) -> Any:
        return await core.campaigns.preview(workspace, channel.id, text, {}, options)

    first = await seen()
    assert (first.contacts, first.groups, first.missing) == (3, 0, "blank")
    assert first.lacking == {"first name": 1, "order no": 2}
    assert first.incomplete == 2
    assert (await seen(fallbacks={"order no": "?"}, missing="skip")).incomplete == 1
    assert (await seen(fallbacks={"order no": "?", "first name": "friend"})).incomplete == 0
    with pytest.raises(Invalid, match=r"\{size\}"):
        await core.campaigns.preview(workspace, channel.id, Text(text="{size}"), {})


# -- formatted texts ---------------------------------------------------------------------------------


def test_formatted_pieces_move_with_what_is_filled_in() -> None:
    text = Text(
        text="Hi {name}, see here 😀 now",
        entities=[
            Entity(type="bold", offset=3, length=6),
            Entity(type="text_link", offset=15, length=4, url="https://example.com"),
            Entity(type="italic", offset=23, length=3),
        ],
    )
    filled = personalise(text, {"name": "Ana 😀"})
    assert isinstance(filled, Text)
    assert filled.text == "Hi Ana 😀, see here 😀 now"
    units = filled.text.encode("utf-16-le")
    pieces = [units[one.offset * 2 : (one.offset + one.length) * 2].decode("utf-16-le") for one in filled.entities]
    assert pieces == ["Ana 😀", "here", "now"]
    gone = personalise(text, {"name": ""})
    assert isinstance(gone, Text)
    assert [one.type for one in gone.entities] == ["text_link", "italic"], "an empty piece is none"


@pytest.mark.parametrize(
    ("format_", "text", "wanted"),
    [
        ("html", "<b>{name}</b>", "<b>&lt;A &amp; B&gt;_*</b>"),
        ("markdown", "*{name}*", r"*<A & B\>\_\**"),
        (None, "{name}", "<A & B>_*"),
    ],
)
def test_a_value_is_no_mark_of_a_formatted_text(format_: str | None, text: str, wanted: str) -> None:
    filled = personalise(Text(text=text, format=format_), {"name": "<A & B>_*"})
    assert isinstance(filled, Text)
    assert (filled.text, filled.format) == (wanted, format_)
    picture = personalise(
        Image(url="https://example.com/{name}.jpg", caption=text, format=format_), {"name": "<A & B>_*"}
    )
    assert isinstance(picture, Image)
    assert picture.caption == wanted
    album = personalise(Album(items=[Image(caption=text, format=format_)]), {"name": "<A & B>_*"})
    assert isinstance(album, Album)
    assert album.items[0].caption == wanted
