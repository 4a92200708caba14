"""Automations that are started from outside: by a program at their secret address, or by hand for one contact."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select

from ..contacts import Contacts, ContactView
from ..contacts.consent.may_send import Consent
from ..ground import fields
from ..ground.acting import automatically
from ..ground.errors import Conflict, Invalid, NotFound
from ..ground.store import Store
from ..ground.views import view_of
from ..models import Automation, AutomationRun
from ..port import Networks
from .calling import at, mapped
from .document import OnWebhook
from .facts import Facts
from .matching import Rule
from .rulebook import Rulebook
from .service import hook_hash
from .starting import begin
from .views import RunView

WHY: Final = {
    "running": "The contact is in this automation already.",
    "again": "The contact was in this automation and may not come in again yet.",
    "too_often": "The contact came into this automation too often in the last hour.",
    "full": "As many people as may within 24 hours came into this automation.",
    "resting": "A person has the chat; no automation writes there now.",
    "conditions": "The conditions of the automation do not hold for the contact.",
}
"""Why nobody came in, by code."""


class Triggers:
    """The service."""

    def __init__(
        self, store: Store, contacts: Contacts, networks: Networks, consent: Consent, rulebook: Rulebook
    ) -> None:
        self._store = store
        self._contacts = contacts
        self._networks = networks
        self._consent = consent
        self._rulebook = rulebook

    async def by_hand(self, workspace_id: int, automation_id: int, contact_id: int) -> RunView:
        """Start an automation for a contact. Raises NotFound, Conflict (AUTOMATION_OFF, or NOT_STARTED with the reason's
        code in `details`)."""
        query = select(Automation).where(
            Automation.workspace_id == workspace_id, Automation.id == fields.row_id(automation_id)
        )
        async with self._store.db.read() as session:
            row = await session.scalar(query)
        if row is None:
            raise NotFound("There is no such automation.", code="AUTOMATION_NOT_FOUND")
        contact = await self._contacts.get(workspace_id, contact_id)
        return await self._start(self._on(row), contact, {})

    async def by_hook(self, token: str, data: Any) -> tuple[int, RunView]:
        """Start the automation of a secret address for the person that the data names; a number that is new becomes a
        contact. Gives its workspace and the run. Raises NotFound for no such address, Invalid for data without a phone
        number, and as `by_hand`."""
        async with self._store.db.read() as session:
            row = await session.scalar(select(Automation).where(Automation.hook_hash == hook_hash(token)))
        if row is None:
            raise NotFound("There is no such address.")
        rule = self._on(row)
        trigger = rule.document.trigger
        if not isinstance(trigger, OnWebhook):
            raise NotFound("There is no such address.")
        phone = at(data, trigger.phone)
        if phone is None:
            raise Invalid(
                f"{trigger.phone}: there is no phone number at this path of the data",
                details={trigger.phone: ["There is no phone number here."]},
            )
        name = None if trigger.name is None else at(data, trigger.name)
        variables = mapped(data, trigger.variables)
        async with self._store.transaction():
            contact = await self._contacts.create(
                rule.workspace_id, phone=phone, name=name and name[:200], source="automation", on_duplicate="merge"
            )
            return rule.workspace_id, await self._start(rule, contact, variables)

    def _on(self, row: Automation) -> Rule:
        if not row.enabled:
            raise Conflict(f"The automation {row.name!r} is off.", code="AUTOMATION_OFF")
        if row.rest_reason is not None:
            raise Conflict(
                f"The automation {row.name!r} rests after too many failures: {row.rest_reason}", code="AUTOMATION_OFF"
            )
        return self._rulebook.rule(row)

    async def _start(self, rule: Rule, contact: ContactView, variables: dict[str, Any]) -> RunView:
        with automatically():
            async with self._store.unit() as unit:
                facts = Facts(
                    unit.conn,
                    self._networks,
                    self._consent,
                    workspace_id=rule.workspace_id,
                    contact_id=contact.id,
                    channel_id=None,
                    peer=None,
                    variables=variables,
                    now=unit.now,
                )
                why: str | None = None
                run_id: int | None = None
                if not await facts.hold(rule.document.conditions):
                    why = "conditions"
                else:
                    place = await facts.place()
                    run_id, why = await begin(
                        unit,
                        rule,
                        contact.id,
                        channel_id=None if place is None else place.channel_id,
                        peer=None if place is None else place.peer,
                        variables=variables,
                    )
                if run_id is None:
                    raise Conflict(WHY[why or "running"], code="NOT_STARTED", details={"reason": why})
                return view_of(RunView, await unit.session.get_one(AutomationRun, run_id))
