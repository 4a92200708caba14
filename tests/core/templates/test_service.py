"""The caches of templates and catalogs against the simulator's account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from jackfield.core import Core
from jackfield.core.ground.errors import Conflict, Invalid, NotFound, Rejected, SendError, Unavailable, Unsupported
from jackfield.core.ground.events import TemplateChanged, load
from jackfield.core.models import Channel
from jackfield.core.port import ChannelInfo
from jackfield.core.port.content import Template as TemplateContent
from jackfield.core.templates import Values


async def connect(core: Core, workspace_id: int, folder: Path, engine: str = "simulator") -> Channel:
    """A connected channel whose session lives in this process, as its runner would have it."""
    channel = await core.channels.create(workspace_id, name="One", engine=engine, config={"autoScan": True})

    async def nothing(_: object) -> None:
        return None

    info = ChannelInfo(
        id=channel.id,
        name="One",
        config=core.channels.config_of(channel),
        save_state=nothing,
        data_dir=str(folder / str(channel.id)),
    )
    core.channels.live[channel.id] = await core.channels.engine(engine).open(info, nothing)
    await core.channels.set_status(channel.id, "connected")
    return await core.channels.get(workspace_id, channel.id)


async def until(check: Callable[[], object], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not check():
            await asyncio.sleep(0.01)


async def test_connecting_fills_the_caches(core: Core, workspace: int, tmp_path: Path) -> None:
    channel = await connect(core, workspace, tmp_path)
    # The status that `connect` published is enough.
    await until(lambda: channel.id in core.refresh._read_at)
    page = await core.templates.list(workspace, channel_id=channel.id, limit=10, page=1, total=True)
    assert page.total is not None
    assert page.total >= 16
    assert [one.name for one in page.items][:2] == ["market_bros", "interactive_marketing"]
    second = await core.templates.list(workspace, channel_id=channel.id, limit=10, page=2)
    assert not {one.id for one in page.items} & {one.id for one in second.items}
    assert [one.name for one in (await core.templates.list(workspace, search="SUMMER")).items] == ["summer_time"]
    good = await core.templates.list(workspace, quality="green", limit=200)
    assert {one.quality for one in good.items} == {"GREEN"}
    assert not (await core.templates.list(workspace, quality="RED")).items
    assert await core.templates.count(workspace, channel.id) == page.total
    catalogs = await core.catalogs.list(workspace, channel.id, total=True)
    assert [one.name for one in catalogs.items if one.selected] == ["Shoes_Catalog"]
    assert [one.product_count for one in catalogs.items] == [0, 6, 0, 1, 5, 6]
    shoes = await core.catalogs.selected(workspace, channel.id)
    assert shoes is not None
    products = await core.catalogs.products(workspace, shoes.id, limit=4, page=1, total=True)
    assert (len(products.items), products.total) == (4, 6)
    assert products.items[0].group_id == "GROUP-TRAIL"
    found = await core.catalogs.products(workspace, shoes.id, search="shoe-002")
    assert [one.retailer_id for one in found.items] == ["SHOE-002"]
    assert (await core.catalogs.find(workspace, channel.id, shoes.provider_id)).id == shoes.id
    with pytest.raises(NotFound):
        await core.catalogs.find(workspace, channel.id, "nothing")
    # Reading again changes nothing.
    before = [(one.id, one.updated_at) for one in (await core.templates.list(workspace, limit=200)).items]
    await core.templates.sync_channel(channel.id)
    await core.catalogs.sync_channel(channel.id)
    assert [(one.id, one.updated_at) for one in (await core.templates.list(workspace, limit=200)).items] == before
    assert [one.id for one in (await core.catalogs.list(workspace, channel.id)).items] == [
        one.id for one in catalogs.items
    ]


async def test_made_changed_found_and_deleted(lite: Core, tmp_path: Path) -> None:
    core = lite
    made = await core.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    workspace = made.workspace_id
    channel = await connect(core, workspace, tmp_path)
    body = [{"type": "BODY", "text": "Hello {{1}}", "example": {"body_text": [["Ana"]]}}]
    row = await core.templates.create(
        workspace, channel.id, name="hello", language="en", category="utility", components=body
    )
    assert (row.name, row.category) == ("hello", "UTILITY")
    assert (await core.templates.find(workspace, channel.id, "hello")).id == row.id
    with pytest.raises(Invalid) as refused:
        await core.templates.create(
            workspace, channel.id, name="Not Good!", language="en", category="UTILITY", components=body
        )
    assert refused.value.code == "TEMPLATE_REJECTED"
    with pytest.raises(Invalid):
        await core.templates.create(workspace, channel.id, name="x", language="en", category="UTILITY", components=[])
    with pytest.raises(NotFound, match="it exists in en"):
        await core.templates.find(workspace, channel.id, "hello", "de")
    content = core.templates.compose(row, Values(body=["Ana"]))
    assert core.templates.preview(row, content).body == "Hello Ana"
    with pytest.raises(Invalid) as missing:
        await core.templates.check_content(workspace, channel.id, TemplateContent(name="hello", language="en"))
    assert missing.value.code == "TEMPLATE_PARAMS"
    events: list[object] = []
    core.bus.subscribe("events", lambda rows: events.extend(load(one.type, one.data) for one in rows))
    changed = await core.templates.edit(workspace, row.id, components=[{"type": "BODY", "text": "Bye"}])
    assert (changed.id, changed.components[0]["text"]) == (row.id, "Bye")
    assert [one.name for one in events if isinstance(one, TemplateChanged)] in ([], ["hello"])
    await core.templates.delete(workspace, row.id)
    with pytest.raises(NotFound):
        await core.templates.get(workspace, row.id)
    with pytest.raises(NotFound):
        await core.templates.get(workspace, 10**30)


async def test_a_name_that_is_new_at_the_provider_is_found(lite: Core, tmp_path: Path) -> None:
    made = await lite.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    channel = await connect(lite, made.workspace_id, tmp_path)
    row = await lite.templates.find(made.workspace_id, channel.id, "summer_time")
    assert lite.templates.lane(row) == "marketing"
    assert [one.key for one in lite.templates.required(row)] == ["1", "1", "2"]


async def test_who_cannot(lite: Core, tmp_path: Path) -> None:
    made = await lite.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    bot = await lite.channels.create(
        made.workspace_id, name="Bot", engine="telegram_bot", config={"token": "123456:" + "A" * 35}
    )
    with pytest.raises(Unsupported):
        await lite.templates.list(made.workspace_id, channel_id=bot.id)
    with pytest.raises(Unsupported):
        await lite.catalogs.list(made.workspace_id, bot.id)
    idle = await lite.channels.create(made.workspace_id, name="Idle")
    with pytest.raises(Conflict):
        await lite.templates.sync_channel(idle.id)
    with pytest.raises(NotFound):
        await lite.templates.sync_channel(99)
    with pytest.raises(NotFound):
        await lite.catalogs.products(made.workspace_id, 99)


async def test_a_name_is_found_while_the_first_reading_is_under_way(lite: Core, tmp_path: Path) -> None:
    made = await lite.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    channel = await connect(lite, made.workspace_id, tmp_path)
    session = lite.channels.live[channel.id]
    begun, go_on, read = asyncio.Event(), asyncio.Event(), session.list_templates  # type: ignore[attr-defined]

    async def slowly() -> object:
        begun.set()
        await go_on.wait()
        return await read()

    session.list_templates = slowly  # type: ignore[attr-defined]
    reading = asyncio.create_task(lite.templates.sync_channel(channel.id))
    await begun.wait()
    finding = asyncio.create_task(lite.templates.find(made.workspace_id, channel.id, "summer_time"))
    await asyncio.sleep(0)
    go_on.set()
    assert (await finding).name == "summer_time"
    await reading


@pytest.mark.parametrize(
    "error",
    [
        Rejected("100", "The channel has no WhatsApp Business Account id (wabaId), which templates need"),
        Rejected("http:404", "There is no WhatsApp Business Account 7 (wabaId) that the access token may read"),
        Unavailable("connection", "No connection in time"),
    ],
    ids=["no account id", "a wrong one", "no answer"],
)
async def test_a_template_that_cannot_be_read_is_sent_unchecked_and_the_reason_is_told(
    lite: Core, tmp_path: Path, error: SendError
) -> None:
    made = await lite.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    ws = made.workspace_id
    channel = await connect(lite, ws, tmp_path)
    await until(lambda: channel.id in lite.refresh._read_at)
    session = lite.channels.live[channel.id]

    async def none() -> list[object]:
        return []

    async def fail() -> list[object]:
        raise error

    session.list_templates = none  # type: ignore[attr-defined]
    await lite.templates.sync_channel(channel.id)
    with pytest.raises(NotFound):
        await lite.templates.find(ws, channel.id, "hello", "en", to_send=True)
    session.list_templates = fail  # type: ignore[attr-defined]
    with pytest.raises(SendError):
        await lite.templates.sync_channel(channel.id)
    with pytest.raises(Conflict) as caught:
        await lite.templates.find(ws, channel.id, "hello", "en")
    assert caught.value.code == "TEMPLATES_UNREADABLE"
    assert error.message in caught.value.message
    found = await lite.templates.find(ws, channel.id, "hello", "en", to_send=True)
    values = Values(header=["Hi"], body=["Ann", "7"], urls=["x"], quick_replies=["yes"])
    content = lite.templates.compose(found, values)
    assert [one.text for one in content.body] == ["Ann", "7"]
    assert [(one.index, one.kind, one.text) for one in content.buttons] == [(0, "url", "x"), (1, "quick_reply", "yes")]
    assert (await lite.templates.check_content(ws, channel.id, content)).name == "hello"
    assert lite.templates.lane(found) == "marketing"
