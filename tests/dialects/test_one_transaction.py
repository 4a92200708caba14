"""A request that is several commands leaves nothing when one in the middle fails.

The dialects run in this process on a real database; a later command of each request is made to fail. What the database
holds is compared row by row before and after, and then the request is made once more, unharmed, so that no test passes
because its request does nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from jackfield.core import ContactInput, Core, Forbidden, Submission, Text
from jackfield.core import content as contents
from jackfield.core.models import Template
from jackfield.core.port import Incoming
from jackfield.db.base import Base, now_ms
from jackfield.dialects import DIALECTS, DialectOptions

KEY = "test-key-0123456789"
EMAIL, PASSWORD = "owner@example.com", "correct horse battery"
PHONE = "6281234567890"
NOT_COMPARED = {"api_uses", "rate_windows", "idempotency_keys"}
"""Counters of requests, which count those that fail too."""


class House:
    """Every dialect on one core."""

    def __init__(self, core: Core, workspace: int, channel: int, token: str) -> None:
        self.core = core
        self.workspace = workspace
        self.channel = channel
        self.token = token
        formats: dict[str, Any] = {}
        for dialect in DIALECTS:
            formats |= dialect.webhook_formats()
        core.webhooks.use(formats)
        self._apps = {one.name: one.build(core, DialectOptions(phone_engine="simulator")) for one in DIALECTS}

    async def call(self, dialect: str, method: str, path: str, *, login: bool = False, **fields: Any) -> httpx.Response:
        """One request with the workspace's key, and as its owner where `login` says so."""
        headers = {"apikey" if dialect == "chatly" else "x-api-key": KEY}
        if login:
            headers["Authorization"] = f"Bearer {self.token}"
            if dialect != "chatly":
                del headers["x-api-key"]
        transport = httpx.ASGITransport(app=self._apps[dialect])
        async with httpx.AsyncClient(transport=transport, base_url="http://jackfield.test") as client:
            return await client.request(method, path, headers=headers, **fields)

    async def rows(self) -> dict[str, list[Any]]:
        """All that the database holds."""
        found: dict[str, list[Any]] = {}
        async with self.core.db.read() as session:
            for table in Base.metadata.sorted_tables:
                if table.name not in NOT_COMPARED:
                    columns = [one for one in table.columns if one.name not in ("last_used_at", "last_login_at")]
                    found[table.name] = sorted(map(repr, await session.execute(select(*columns))))
        return found

    async def person(self) -> int:
        """A contact."""
        return (await self.core.contacts.save(self.workspace, ContactInput(phone=PHONE, name="Ann"))).contact.id

    async def chats(self) -> int:
        """A contact who has written on two channels."""
        other = (await self.core.channels.create(self.workspace, name="Two", key="two")).id
        for channel in (self.channel, other):
            report = Incoming(
                provider_id=f"in-{channel}", chat=PHONE, sender=PHONE, content=Text(text="hi"), timestamp=now_ms()
            )
            await self.core.intake.ingest(channel, self.workspace, "simulator", [report])
        contact = await self.core.contacts.find(self.workspace, "phone", PHONE)
        assert contact is not None
        return contact.id


@pytest.fixture
async def house(lite: Core) -> House:
    made = await lite.accounts.bootstrap("Test", EMAIL, PASSWORD, KEY)
    assert made is not None
    channel = await lite.channels.create(made.workspace_id, name="One", key="one")
    _, token = await lite.accounts.login(EMAIL, PASSWORD)
    return House(lite, made.workspace_id, channel.id, token)


@pytest.fixture
def broken(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Make a request with a method that fails when it is called for the nth time; then the same request unharmed."""

    async def check(service: Any, method: str, dialect: str, *request: Any, nth: int = 1, **fields: Any) -> None:
        whole = getattr(service, method)
        calls = 0

        async def fails(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls >= nth:
                raise Forbidden("broken by the test", code="BROKEN")
            return await whole(*args, **kwargs)

        before = await house.rows()
        with monkeypatch.context() as patched:
            patched.setattr(service, method, fails)
            answer = await house.call(dialect, *request, **fields)
        assert calls == nth, answer.text
        assert answer.status_code == 403, answer.text
        assert await house.rows() == before
        answer = await house.call(dialect, *request, **fields)
        assert answer.status_code in (200, 201), answer.text
        assert await house.rows() != before

    return check


# -- Chatly ------------------------------------------------------------------------------------------


async def test_chatly_makes_a_list_with_its_contacts(house: House, broken: Any) -> None:
    fields = {"name": "Customers", "contact_ids": [await house.person()]}
    lists = house.core.contacts.lists
    path = "/auth/api/whatsapp-contact-list-store"
    await broken(lists, "add_members", "chatly", "POST", path, login=True, json=fields)


async def test_chatly_renames_a_list_and_fills_it(house: House, broken: Any) -> None:
    lists = house.core.contacts.lists
    made = await lists.create(house.workspace, "Customers")
    fields = {"name": "Friends", "contact_ids": [await house.person()]}
    path = f"/auth/api/whatsapp-contact-list-update/{made.id}"
    await broken(lists, "add_members", "chatly", "POST", path, login=True, json=fields)


async def test_chatly_assigns_all_conversations_of_a_contact(house: House, broken: Any) -> None:
    member = await house.core.accounts.create_member(house.workspace, "agent@example.com", PASSWORD, role="agent")
    fields = {"contact_id": await house.chats(), "staff_id": member.id}
    await broken(
        house.core.chats, "update_chat", "chatly", "POST", "/auth/api/assign-staff", nth=2, login=True, json=fields
    )


async def test_chatly_clears_all_conversations_of_a_contact(house: House, broken: Any) -> None:
    path = f"/auth/api/chat/clear/{await house.chats()}"
    await broken(house.core.chats, "clear", "chatly", "GET", path, nth=2, login=True)


async def test_chatly_cancels_and_hides_a_message(house: House, broken: Any) -> None:
    item = Submission(workspace_id=house.workspace, channel_id=house.channel, peer=PHONE, content=Text(text="hi"))
    made = await house.core.messages.submit(item)
    path = f"/auth/api/chat/delete/{made.id}"
    await broken(house.core.chats, "hide", "chatly", "DELETE", path, login=True)


async def test_chatly_makes_the_first_department_with_the_ticket(house: House, broken: Any) -> None:
    fields = {"department_id": 1, "subject": "Help", "priority": "high"}
    path = "/auth/api/ticket-store"
    await broken(house.core.tickets, "create", "chatly", "POST", path, login=True, json=fields)


async def test_chatly_s_webhook_is_two_endpoints_or_none(house: House, broken: Any) -> None:
    fields = {"webhook_url": "http://127.0.0.1:9/hook", "events": ["message.sent", "whatsapp.status"]}
    path = "/auth/client/webhook"
    await broken(house.core.webhooks, "create", "chatly", "POST", path, nth=2, login=True, json=fields)
    fields["webhook_url"] = "http://127.0.0.1:9/other"
    await broken(house.core.audit, "record", "chatly", "POST", path, login=True, json=fields)
    # With one event the second endpoint goes.
    await broken(house.core.audit, "record", "chatly", "POST", path, login=True, json={"events": ["whatsapp.status"]})
    assert len((await house.core.webhooks.list(house.workspace)).items) == 1


# -- Chattu ------------------------------------------------------------------------------------------


async def test_chattu_adds_a_number_with_its_key(house: House, broken: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jackfield.dialects.chattu.routes.clients.QR_WAIT_S", 0.0)
    body = {"clientId": "shop", "phoneNumber": PHONE}
    await broken(house.core.channels, "connect", "chattu", "POST", "/api/add-number", json=body)
    assert len((await house.core.accounts.keys(house.workspace)).items) == 2


async def test_chattu_sets_and_removes_a_webhook(house: House, broken: Any) -> None:
    body = {"clientId": "one", "webhookUrl": "http://127.0.0.1:9/hook"}
    await broken(house.core.channels, "update", "chattu", "POST", "/api/update-webhook", json=body)
    body["webhookUrl"] = ""
    await broken(house.core.channels, "update", "chattu", "POST", "/api/update-webhook", json=body)
    assert (await house.core.webhooks.list(house.workspace)).items == []


async def test_chattu_deletes_a_client_with_its_keys(house: House, broken: Any) -> None:
    await house.core.accounts.create_key(house.workspace, "Client", scopes=["chats:*"], channel_id=house.channel)
    body = {"password": PASSWORD}
    await broken(house.core.channels, "delete", "chattu", "DELETE", "/clients/one", login=True, json=body)
    assert await house.core.channels.find(house.channel) is None


# -- Pabbly ------------------------------------------------------------------------------------------


@pytest.fixture
async def template(house: House) -> str:
    row = Template(
        workspace_id=house.workspace,
        channel_id=house.channel,
        name="hello",
        language="en",
        category="UTILITY",
        status="APPROVED",
        components=[{"type": "BODY", "text": "Hello"}],
        created_at=now_ms(),
        updated_at=now_ms(),
    )
    async with house.core.unit() as unit:
        unit.session.add(row)
    return "hello"


@pytest.fixture
async def at_once(house: House) -> None:
    """The number is to be connected, but nobody sends here: answers need not wait for a network."""
    await house.core.channels.connect(house.workspace, house.channel)
    house.core.options.outcome_wait_seconds = 0.0


@pytest.mark.usefixtures("at_once")
async def test_pabbly_saves_the_contact_of_a_message_with_it(house: House, broken: Any) -> None:
    body = {"to": PHONE, "type": "text", "message": "hi", "contact": {"name": "Ann", "tags": ["new"]}}
    await broken(house.core.store, "submit", "pabbly", "POST", "/api/v1/messages", json=body)
    contact = await house.core.contacts.find(house.workspace, "phone", PHONE)
    assert contact is not None
    (message,) = (await house.core.messages.list(house.workspace)).items
    assert message.contact_id == contact.id


@pytest.mark.usefixtures("at_once")
async def test_pabbly_saves_the_destination_of_an_api_campaign_with_its_message(
    house: House, broken: Any, template: str
) -> None:
    await house.core.campaigns.create(
        house.workspace,
        house.channel,
        name="Welcome",
        content=contents.Template(name=template, language="en"),
        kind="api",
        category="utility",
    )
    body = {
        "templateName": template,
        "campaignName": "Welcome",
        "destination": PHONE,
        "userName": "Ann",
        "source": "api",
    }
    await broken(house.core.store, "submit", "pabbly", "POST", "/api/v1/broadcasts/send", json=body)
    assert await house.core.contacts.find(house.workspace, "phone", PHONE) is not None


# -- ours --------------------------------------------------------------------------------------------


async def test_native_changes_a_webhook_and_its_secret(house: House, broken: Any) -> None:
    row = await house.core.webhooks.create(house.workspace, url="http://127.0.0.1:9/hook")
    body = {"url": "http://127.0.0.1:9/other", "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"}
    await broken(house.core.webhooks, "rotate", "native", "PATCH", f"/webhooks/{row.id}", json=body)


async def test_native_changes_a_profile_s_webhook_and_its_secret(house: House, broken: Any) -> None:
    path, body = f"/profiles/{house.channel}/webhook", {"url": "http://127.0.0.1:9/hook"}
    assert (await house.call("native", "POST", path, json=body)).status_code == 200
    body = {"url": "http://127.0.0.1:9/other", "secret": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"}
    await broken(house.core.webhooks, "rotate", "native", "POST", path, json=body)


async def test_native_suppresses_all_addresses_or_none(house: House, broken: Any) -> None:
    body = {"addresses": [PHONE, "628999999999"]}
    await broken(house.core.contacts.suppressions, "add", "native", "POST", "/suppressions", nth=2, json=body)


async def test_native_changes_and_schedules_a_campaign(house: House) -> None:
    made = await house.core.campaigns.create(
        house.workspace, house.channel, name="Old", content=Text(text="hi"), audience={"all": True}, start=False
    )
    before = await house.rows()
    body = {"name": "New", "scheduledAt": "2020-01-01T00:00:00Z"}
    answer = await house.call("native", "PATCH", f"/campaigns/{made.id}", json=body)
    assert answer.status_code == 400, answer.text
    assert await house.rows() == before
    body["scheduledAt"] = "2030-01-01T00:00:00Z"
    answer = await house.call("native", "PATCH", f"/campaigns/{made.id}", json=body)
    assert answer.status_code == 200, answer.text
    assert (await house.core.campaigns.get(house.workspace, made.id)).name == "New"


async def test_native_makes_the_contact_of_a_triggered_message_with_it(house: House, broken: Any) -> None:
    made = await house.core.campaigns.create(
        house.workspace, house.channel, name="Api", content=Text(text="hi"), kind="api"
    )
    body = {"phone": "+" + PHONE, "name": "Ann"}
    await broken(house.core.store, "submit", "native", "POST", f"/campaigns/{made.id}/trigger", json=body)


async def test_native_configures_and_connects_a_profile(
    house: House, broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jackfield.dialects.native.routes.profiles.QR_WAIT_S", 0.0)
    body = {"config": {"phone": PHONE}}
    path = f"/profiles/{house.channel}/connect"
    await broken(house.core.channels, "connect", "native", "POST", path, json=body)
