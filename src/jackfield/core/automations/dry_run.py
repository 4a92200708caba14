"""What an automation would have done: with messages of the past, or with one that is made up. Nothing is sent or stored."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import select

from ...db.base import now_ms
from ..campaigns.recipients import placeholders
from ..contacts.consent.may_send import Consent
from ..ground import fields
from ..ground.errors import Invalid
from ..ground.events import BY_TYPE, MessageReceived
from ..ground.store import Store
from ..models import Event
from ..port import Networks
from ..port.content import fill
from . import steps as s
from .document import Document, OnMessage, OnRequest, OnSchedule, OnWebhook, department_of
from .facts import Facts
from .matching import Rule, Rules
from .occasions import COLUMNS, Occasion
from .parse import parse
from .path import Path, way

MAX_DAYS: Final = 31
MAX_EVENTS: Final = 20_000
"""Events that are looked at, the newest first."""
MAX_FOUND: Final = 200
MAX_STEPS: Final = 30

NOT_ASKED: Final = "[answered by AI: the endpoint is not asked in a test]"


class TestedStep(msgspec.Struct, kw_only=True):
    """A step that would be taken: its id and type, and the text that would be sent or noted."""

    step: str
    type: str
    text: str | None = None


class TestedEvent(msgspec.Struct, kw_only=True):
    """An event that would have started the automation, and what it would have done until it waits."""

    event_id: int
    at: int
    contact_id: int
    contact_name: str
    message_id: int | None
    text: str
    steps: list[TestedStep]


class Tested(msgspec.Struct, kw_only=True):
    """A dry run over the past: how many events were looked at, how many would have started it (`matched`), for how many
    people, and some of them, the newest first. `complete`: every event of the time was looked at."""

    looked_at: int
    matched: int
    people: int
    complete: bool
    found: list[TestedEvent]


class TestedMessage(msgspec.Struct, kw_only=True):
    """A dry run with one message: whether it would start the automation, why not (`trigger`, `conditions`), and what it
    would do."""

    matches: bool
    why: str | None
    steps: list[TestedStep]


class DryRuns:
    """The service. A document is one that was parsed, or a caller's data. Conditions are asked as things stand now: nobody
    knows what tags somebody had last week."""

    def __init__(self, store: Store, networks: Networks, consent: Consent) -> None:
        self._store = store
        self._networks = networks
        self._consent = consent

    async def past(self, workspace_id: int, kind: str, document: Any, *, days: int = 7) -> Tested:
        """What a document would have done in the last days. Raises Invalid for a wrong document, and for one that no
        stored event starts (a webhook, by hand)."""
        rule = _rule(workspace_id, kind, document)
        if isinstance(rule.document.trigger, OnWebhook | OnSchedule | OnRequest):
            raise Invalid(
                "trigger: only what events start can be tried with the past",
                details={"trigger": ["Only what events start can be tried with the past."]},
            )
        if not 1 <= days <= MAX_DAYS:
            raise fields.refuse("days", f"Must be from 1 to {MAX_DAYS}.")
        rules = Rules([rule])
        since = now_ms() - days * 86_400_000
        types = sorted(rules.types & BY_TYPE.keys())
        tested = Tested(looked_at=0, matched=0, people=0, complete=True, found=[])
        people: set[int] = set()
        query = (
            select(*COLUMNS)
            .where(Event.workspace_id == workspace_id, Event.type.in_(types), Event.created_at >= since)
            .order_by(Event.id.desc())
            .limit(MAX_EVENTS + 1)
        )
        async with self._store.db.read() as session:
            rows = (await session.execute(query)).all()
            tested.complete = len(rows) <= MAX_EVENTS
            conn = await session.connection()
            for row in rows[:MAX_EVENTS]:
                tested.looked_at += 1
                one = Occasion.of(row)
                contact_id = await one.contact(conn) if rules.matching(one.event) else None
                if contact_id is None:
                    continue
                facts = await one.admits(
                    conn, rule, contact_id, networks=self._networks, consent=self._consent, now=one.at
                )
                person = None if facts is None else await facts.person()
                if facts is None or person is None:
                    continue
                tested.matched += 1
                people.add(contact_id)
                if len(tested.found) < MAX_FOUND:
                    tested.found.append(
                        TestedEvent(
                            event_id=one.id,
                            at=one.at,
                            contact_id=contact_id,
                            contact_name=person.name,
                            message_id=getattr(one.event, "id", None) if row.type.startswith("message.") else None,
                            text=one.variables.get("message", ""),
                            steps=await _walk(rule.document, facts),
                        )
                    )
        tested.people = len(people)
        return tested

    async def message(
        self,
        workspace_id: int,
        kind: str,
        document: Any,
        *,
        text: str,
        button: str | None = None,
        contact_id: int | None = None,
        channel_id: int | None = None,
    ) -> TestedMessage:
        """What a document would do with one message. Without a contact, nobody in particular writes it; `first` always
        holds. Raises Invalid for a wrong document."""
        rule = _rule(workspace_id, kind, document)
        event = MessageReceived(
            id=0,
            peer="",
            kind="text" if button is None else "button_reply",
            timestamp=now_ms(),
            body=text if button is None else button,
            direction="in",
            contact_id=contact_id or 0,
            content={} if button is None else {"id": button, "title": button},
        )
        async with self._store.db.read() as session:
            facts = Facts(
                await session.connection(),
                self._networks,
                self._consent,
                workspace_id=workspace_id,
                contact_id=contact_id or 0,
                channel_id=channel_id,
                peer=None,
                variables={"message": event.body},
                now=now_ms(),
                department_id=department_of(rule.document),
            )
            why = None
            if isinstance(rule.document.trigger, OnMessage) and not Rules([rule]).matching(event):
                why = "trigger"
            elif not await facts.hold(rule.document.conditions):
                why = "conditions"
            return TestedMessage(matches=why is None, why=why, steps=[] if why else await _walk(rule.document, facts))


def _rule(workspace_id: int, kind: str, document: Any) -> Rule:
    if not isinstance(document, Document):
        document = parse(document, kind)
    return Rule(id=0, workspace_id=workspace_id, kind=kind, version=1, enabled_at=0, document=document)


async def _walk(document: Document, facts: Facts) -> list[TestedStep]:
    """The steps until one waits for something; branches go the way that they would now."""
    path = Path(document.steps)
    taken: list[TestedStep] = []
    step = path.step(path.first)
    while step is not None and len(taken) < MAX_STEPS:
        taken.append(TestedStep(step=step.id, type=str(step.__struct_config__.tag), text=await _said(step, facts)))
        if isinstance(step, s.Ask | s.Wait | s.CallWebhook | s.AskAi | s.HandOver | s.End):
            break
        step = path.step(path.following(step, await way(step, facts) if isinstance(step, s.Branch) else None))
    return taken


async def _said(step: s.Step, facts: Facts) -> str | None:
    text = None
    fallbacks: dict[str, str] = {}
    if isinstance(step, s.Says):
        fallbacks = dict(step.fallbacks)
        text = f"[template {step.template.name}]" if step.template is not None else step.text
    elif isinstance(step, s.Note):
        text = step.text
    elif isinstance(step, s.OpenTicket):
        text = step.subject
    elif isinstance(step, s.AskAi):
        return NOT_ASKED
    if text is None:
        return None
    return fill(text, await facts.values(placeholders(text), fallbacks))
