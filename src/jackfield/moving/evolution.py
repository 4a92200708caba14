"""Evolution API v2, as its documentation shows it (doc.evolution-api.com/v2: fetchInstances, findContacts, findChats, webhook).

The documentation prints no contact and no chat, and its OpenAPI has no labels: fields are taken under the names that its
source code gives them, and `/label/findLabels` is asked as its router has it. What is not there is said in the report.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, ClassVar, Final
from urllib.parse import quote

from .phones import LID, address, equal_events, parts_of, person_of, phone_of, place
from .records import Batch, Hook, Labels, Number, Person
from .source import ABSENT, Source, SourceError, flag, text, texts

AT_ONCE: Final = 100
"""Contacts that are given together. All come in one answer: the documentation knows no pages."""
EVENTS: Final[dict[str, tuple[str, ...]]] = {
    "QRCODE_UPDATED": ("session.qr",),
    "CONNECTION_UPDATE": ("session.connected", "session.disconnected"),
    "MESSAGES_UPSERT": ("message.received",),
    "SEND_MESSAGE": ("message.sent",),
    "MESSAGES_UPDATE": ("message.delivered", "message.read", "message.failed"),
    "SEND_MESSAGE_UPDATE": ("message.edited",),
    "MESSAGES_EDITED": ("message.edited",),
    "MESSAGES_DELETE": ("message.deleted",),
    "CONTACTS_UPSERT": ("contact.created",),
    "CONTACTS_UPDATE": ("contact.updated",),
    "CHATS_UPSERT": ("chat.updated",),
    "CHATS_UPDATE": ("chat.updated",),
    **dict.fromkeys(
        ("GROUPS_UPSERT", "GROUP_UPDATE", "GROUPS_UPDATE", "GROUP_PARTICIPANTS_UPDATE"), ("group.changed",)
    ),
    "LABELS_ASSOCIATION": ("contact.updated",),
    "CALL": ("call.received",),
}
"""Events of Evolution API, and ours that say the same."""


class Evolution(Source):
    """See Source. Each instance is a number; its people are those it knows a name of and whoever it has a chat with."""

    dialect: ClassVar[str] = "evolution"
    vendor: ClassVar[str] = "Evolution API"
    not_shown: ClassVar[tuple[str, ...]] = (
        "lists, attributes, e-mail addresses and consent: Evolution API has none",
        "blocks: Evolution API sets them and shows none",
        "templates, campaigns, scheduled messages and team members: Evolution API's documentation has none",
        "instances: a phone is linked here anew, a number on the Cloud API is connected with its token",
        "groups and channels: they belong to the phone, and appear when it is linked here",
        "webhooks of the whole server (WEBHOOK_GLOBAL_URL), and RabbitMQ, SQS, NATS, Kafka and the websocket: make "
        "webhooks here for what is needed",
        "headers of webhooks, an address for each event (webhookByEvents) and files in them (webhookBase64)",
        "what webhooks post: it is Jackfield's here. Change a receiver written for Evolution API before you enable its webhook",
        "bots (Typebot, Dify, OpenAI, n8n, Flowise): make automations here, or let them hear webhooks",
        "the history of messages: it is not moved, though Evolution API shows what it has saved",
    )

    @staticmethod
    def base_of(url: str) -> str:
        """See Source. The manager's address is one too."""
        return url.partition("/manager")[0]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._instances: dict[str, Number] = {}

    async def begin(self) -> str:
        """See Source. Instances stand in an object of their own (as documented), or plainly (as 2.x answers)."""
        self.web.set("apikey", self._key)
        path = "/instance/fetchInstances"
        for row in self.web.rows(await self.web.get(path), path):
            one = row["instance"] if isinstance(row.get("instance"), dict) else row
            name = text(one.get("instanceName")) or text(one.get("name"))
            if name is None:
                raise SourceError(self.web.strange(path, "there are instances without a name"))
            owner = address(one.get("owner") or one.get("ownerJid"))
            self._instances[name] = Number(id=name, phone=phone_of(owner), name=text(one.get("profileName")))
        if not self._instances:
            raise SourceError(f"{self.web.base} has no instance that this key sees. Is --key right?")
        return f"{len(self._instances)} instances at {self.web.base}"

    async def numbers(self) -> list[Number]:
        """See Source."""
        return list(self._instances.values())

    async def labels(self) -> Labels:
        """See Source."""
        found = Labels()
        for name in self._instances:
            found.tags.extend((await self._labels(name)).values())
        return found

    async def _labels(self, instance: str) -> dict[str, str]:
        """Names of an instance's labels by id; none, and a note, where it does not show them."""
        rows = _rows(await self.web.find(f"/label/findLabels/{quote(instance, safe='')}"))
        if rows is None:
            self.note(f"labels of the instance {instance}: Evolution API does not show them")
            return {}
        return {str(one.get("id")): name for one in rows for name in texts([one])}

    async def hooks(self) -> list[Hook]:
        """See Source. An instance has one, or none."""
        found: list[Hook] = []
        for name in self._instances:
            one = await self.web.find(f"/webhook/find/{quote(name, safe='')}")
            inner = one.get("webhook") if isinstance(one, dict) else None
            one = inner if isinstance(inner, dict) else one
            url = text(one.get("url")) if isinstance(one, dict) else None
            if url is not None:
                events, unknown = equal_events(one.get("events") or [], EVENTS)
                found.append(Hook(id=name, url=url, events=events, number=name, unknown=unknown))
        return found

    async def people(self, cursor: str | None) -> AsyncIterator[Batch[Person]]:
        """See Source. Sorted by address within an instance, so that a run goes on where one was cut short."""
        instance, last = [*parts_of(cursor), "", ""][:2]
        for name in sorted(self._instances):
            if name < str(instance):
                continue
            people = await self._people(name)
            rows = [people[one] for one in sorted(people) if name > str(instance) or one > str(last)]
            for start in range(0, len(rows), AT_ONCE):
                batch = rows[start : start + AT_ONCE]
                yield Batch(rows=batch, cursor=place(name, batch[-1].id))

    async def _people(self, instance: str) -> dict[str, Person]:
        """Who is known to one instance, by address."""
        path = f"/chat/findContacts/{quote(instance, safe='')}"
        contacts = self.web.rows(await self.web.post(path, json={"where": {}}), path)
        path = f"/chat/findChats/{quote(instance, safe='')}"
        chats = _rows(await self.web.post(path, json={"where": {}}, absent=ABSENT))
        if chats is None:
            self.note(f"people of the instance {instance} without a name: it shows no chats")
        named = await self._labels(instance)
        phones: dict[str, str] = {}
        tags: dict[str, list[str]] = {}
        talking: dict[str, str | None] = {}
        for one in chats or ():
            found = address(one.get("remoteJid") or one.get("id"))
            if found is None:
                continue
            # Its own name for the chat, never that of the last message's sender, who may be this number.
            talking[found] = text(one.get("name")) or text(one.get("pushName"))
            last = one.get("lastMessage")
            key = last.get("key") if isinstance(last, dict) else None
            other = phone_of(address(key.get("remoteJidAlt"))) if isinstance(key, dict) else None
            if found.endswith(LID) and other is not None:
                phones[found] = other
            labels = one.get("labels")
            if isinstance(labels, list):
                tags[found] = [named[str(id_)] for id_ in labels if str(id_) in named]
        if named and not any("labels" in one for one in chats or ()):
            self.note("which contact has which label: this Evolution API does not show it; the labels come as tags")
        people: dict[str, Person] = {}
        for one in contacts:
            found = address(one.get("remoteJid") or one.get("id"))
            if found is None or flag(one.get("isGroup")):
                continue
            name = text(one.get("pushName")) or talking.get(found)
            if found not in talking and (one.get("type") == "group_member" or name is None):
                self.note("people of shared groups: those without a name and a chat are left")
                continue
            person = person_of(found, phones, name, tags=tags.get(found, []))
            if person is not None:
                people[found] = person
        for found, name in talking.items():
            person = person_of(found, phones, name, tags=tags.get(found, []))
            if person is not None:
                people.setdefault(found, person)
        own = self._instances[instance].phone
        return {found: one for found, one in people.items() if one.phone is None or one.phone != own}


def _rows(found: Any) -> list[dict[str, Any]] | None:
    """The objects of a list; None for anything else."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else None
