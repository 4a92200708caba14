"""One run takes its steps, in one transaction: what a step does and that it was taken commit together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from sqlalchemy import insert, select

from ...db.base import now_ms
from ..campaigns.recipients import placeholders
from ..contacts import Contacts
from ..contacts.consent.may_send import Consent
from ..contacts.people.countries import country_of_workspace
from ..desk.chats import ChatChanges, Chats
from ..desk.notes import Notes
from ..desk.tickets import Tickets
from ..ground.errors import Invalid, JackfieldError
from ..ground.store import Store
from ..ground.unit import Unit
from ..ledger import Messages
from ..ledger.submit import Origin
from ..models import Automation, AutomationRest, AutomationRun, AutomationStep
from ..port import Networks
from ..port.content import fill
from . import awaiting
from . import steps as s
from .answering import Answering
from .answers import answer_of
from .conditions import number_of
from .document import department_of
from .facts import Facts
from .matching import Rule
from .owners import members_of, pick_member
from .path import Path, way
from .rulebook import Rulebook
from .run import Run
from .starting import begin, end_runs, rests_until
from .states import DONE, FAILED, STOPPED
from .telling import tell_members
from .took import Took
from .writing import Sent, Writer

MAX_VISITS: Final = 500
"""Steps that a run may take in all."""
AT_ONCE: Final = 50
"""Steps that a run takes in one transaction; more without a wait are a circle."""
CALL_LEASE_MS: Final = 60_000
"""How long a call of a webhook may take until it is thought lost with its process, and made again."""


class Services(msgspec.Struct, frozen=True):
    """What steps use."""

    store: Store
    networks: Networks
    consent: Consent
    contacts: Contacts
    messages: Messages
    chats: Chats
    notes: Notes
    tickets: Tickets
    rulebook: Rulebook
    now: Callable[[], int] = now_ms


_DONE: Final = Took()


class Walk:
    """The way of one run."""

    def __init__(self, services: Services, unit: Unit, run: Run, rule: Rule) -> None:
        self._services = services
        self._unit = unit
        self._run = run
        self._rule = rule
        self._path = Path(rule.document.steps)
        self.variables: dict[str, Any] = dict(run.variables)
        self._facts = Facts(
            unit.conn,
            services.networks,
            services.consent,
            workspace_id=run.workspace_id,
            contact_id=run.contact_id,
            channel_id=run.channel_id,
            peer=run.peer,
            variables=self.variables,
            now=unit.now,
            department_id=department_of(rule.document),
        )
        limits = rule.document.limits
        self._writer = Writer(
            unit,
            services.messages,
            services.networks,
            self._facts,
            is_sequence=rule.is_sequence,
            per_chat_hour=limits.per_chat_hour,
            per_person_day=limits.per_person_day,
        )
        self._takers: dict[type[Any], Callable[[Any], Awaitable[Took]]] = {
            s.Send: self._send,
            s.Ask: self._ask,
            s.Wait: self._wait,
            s.Branch: self._branch,
            s.TagContact: self._tag,
            s.ListContact: self._list,
            s.SetAttribute: self._attribute,
            s.Assign: self._assign,
            s.SetChat: self._chat,
            s.Note: self._note,
            s.Notify: self._notify,
            s.OpenTicket: self._ticket,
            s.CallWebhook: self._call,
            s.AskAi: self._ask_ai,
            s.Start: self._start,
            s.Stop: self._stop,
            s.HandOver: self._hand_over,
            s.End: self._end,
        }

    async def go(self) -> None:
        """Take steps until the run waits or ends. `run` is changed; the caller writes it in the same unit."""
        run = self._run
        if run.waits_for == "silence" and await awaiting.was_answered(self._unit, run, self._rule.document.trigger):
            self._finish(STOPPED, "answered")
            return
        timed_out = run.waits_for if run.waits_for in ("answer", "reply") else None
        if timed_out is not None:
            self.variables["_late"] = True
        run.waits_for = None
        for _ in range(AT_ONCE):
            step = self._path.step(run.step)
            if step is None or run.visit >= MAX_VISITS:
                self._finish(*((DONE, None) if run.step == s.END else (FAILED, "too_many_steps")))
                return
            took = await self._take(step)
            if took.outcome is not None:
                await self._log(step.id, took)
            if took.state is not None:
                self._finish(took.state, took.reason)
                return
            if took.outcome is not None:
                run.step = self._path.following(step, took.goto)
                self._forget_step()
            if took.due_at is not None or took.waits_for is not None:
                self._rest(took)
                return
            if run.step == s.END:
                self._finish(DONE, None)
                return
        self._finish(FAILED, "circle")

    async def _take(self, step: Any) -> Took:
        try:
            async with self._services.store.unit():
                return await self._takers[type(step)](step)
        except JackfieldError as error:
            self._facts.forget()
            return Took(outcome="failed", reason=error.code.lower(), state=FAILED)

    def _forget_step(self) -> None:
        """What a step noted for itself is not the next one's."""
        for name in [name for name in self.variables if name.startswith("_")]:
            del self.variables[name]

    def _rest(self, took: Took) -> None:
        run = self._run
        run.state = "waiting" if took.waits_for is not None or (took.due_at or 0) > self._unit.now else "running"
        run.due_at, run.waits_for = took.due_at, took.waits_for
        run.variables, run.updated_at = dict(self.variables), self._unit.now

    def _finish(self, state: str, reason: str | None) -> None:
        run = self._run
        self._forget_step()
        run.state, run.reason, run.due_at, run.waits_for = state, reason, None, None
        run.variables = dict(self.variables)
        run.ended_at = run.updated_at = self._unit.now

    async def _log(self, step: str, took: Took) -> None:
        """Note that the step was taken. The number of the visit makes it unique: it is noted once."""
        run = self._run
        await self._unit.conn.execute(
            insert(AutomationStep).values(
                workspace_id=run.workspace_id,
                automation_id=run.automation_id,
                run_id=run.id,
                visit=run.visit,
                step=step,
                outcome=took.outcome,
                reason=took.reason,
                message_id=took.message_id,
                created_at=self._unit.now,
            )
        )
        run.visit += 1

    # -- writing -------------------------------------------------------------------------------------

    @property
    def _origin(self) -> Origin:
        return Origin(id=self._run.automation_id, step=self._run.step, run=self._run.id)

    async def _held(self) -> int:
        """Until when nothing may be written (Unix ms): quiet hours, or a person who has the chat; 0 for now."""
        now = self._unit.now
        quiet = self._rule.document.limits.quiet_hours
        if self._rule.is_sequence and quiet is not None and quiet.contains(now):
            return quiet.next_end(now)
        place = await self._facts.place()
        return 0 if place is None else await rests_until(self._unit.conn, place.channel_id, place.peer, now)

    async def _write(self, step: s.Says, text: str | None = None) -> Sent:
        held = await self._held()
        if held:
            return Sent(later=held)
        await self._settle_down()
        return await self._writer.write(step, self._origin, self._run.visit, text)

    async def _settle_down(self) -> None:
        """From here on the run writes to one place, and what comes from there is its answer."""
        place = await self._facts.place() if self._run.peer is None else None
        if place is not None:
            self._run.channel_id, self._run.peer = place.channel_id, place.peer

    async def _send(self, step: s.Send) -> Took:
        sent = await self._write(step)
        if sent.later is not None:
            return Took(outcome=None, due_at=sent.later)
        if sent.message_id is None:
            return Took(outcome="skipped", reason=sent.reason, state=STOPPED if sent.ends else None)
        return Took(message_id=sent.message_id)

    async def _ask(self, step: s.Ask) -> Took:
        said = self.variables.pop("_reply", None)
        asked = self.variables.get("_asked")
        if asked is None:
            return await self._put(step, None)
        if said is None:
            late = self.variables.pop("_late", False)
            if not late:
                return Took(outcome=None, due_at=self.variables.get("_until"), waits_for="answer")
            return self._unanswered(step, "no_answer", asked)
        country = await country_of_workspace(self._services.store, self._run.workspace_id)
        answer = answer_of(step, said, country)
        if answer is not None:
            self.variables["answer"] = answer
            if step.variable is not None:
                self.variables[step.variable] = answer
            if step.attribute is not None:
                await self._services.contacts.update(
                    self._run.workspace_id, self._run.contact_id, attributes={step.attribute: answer}
                )
                self._facts.forget()
            return Took(message_id=asked)
        self.variables["_tries"] = int(self.variables.get("_tries") or 0) + 1
        if self.variables["_tries"] >= step.tries:
            return self._unanswered(step, "wrong_answer", asked)
        return await self._put(step, step.again or None)

    async def _put(self, step: s.Ask, text: str | None) -> Took:
        """Put the question, and wait for the answer."""
        sent = await self._write(step, text)
        if sent.later is not None:
            return Took(outcome=None, due_at=sent.later)
        if sent.message_id is None:
            if sent.ends:
                return Took(outcome="skipped", reason=sent.reason, state=STOPPED)
            return Took(outcome="skipped", reason=sent.reason, goto=step.otherwise or s.END)
        self.variables["_asked"] = sent.message_id
        # Each putting of a question is a message of its own.
        self._run.visit += 1
        until = self._unit.now + step.timeout_seconds * 1000
        self.variables["_until"] = until
        return Took(outcome=None, due_at=until, waits_for="answer")

    @staticmethod
    def _unanswered(step: s.Ask, reason: str, asked: int) -> Took:
        return Took(outcome="skipped", reason=reason, message_id=asked, goto=step.otherwise or s.END)

    async def _wait(self, step: s.Wait) -> Took:
        now = self._unit.now
        if self.variables.pop("_reply", None) is not None:
            return Took(reason="replied", goto=step.on_reply)
        if self.variables.pop(awaiting.HAPPENED, None):
            return Took(reason="happened", goto=step.on_event)
        if step.reply:
            await self._settle_down()
        until = self.variables.get("_until")
        if until is None:
            until = now + (step.seconds or 0) * 1000
            until = until if step.until is None else step.until.next_start(until)
            if until > now or step.reply:
                self.variables["_until"] = until
            if step.event is not None:
                noted, already = await awaiting.begin_wait(self._unit, self._run, step, self._facts)
                self.variables.update(noted)
                if already:
                    return Took(reason="happened", goto=step.on_event)
        if until <= now and step.until_open:
            # Asked again each time: the hours may have been changed meanwhile.
            opens = (await self._facts.calendar(number_of(step.department_id))).opens_at(now)
            if opens is None:
                return Took(outcome="skipped", reason="never_open")
            until = opens
        if until > now:
            return Took(
                outcome=None,
                due_at=until,
                waits_for="reply" if step.reply else None if step.event is None else awaiting.EVENT,
            )
        return _DONE

    async def _branch(self, step: s.Branch) -> Took:
        return Took(goto=await way(step, self._facts))

    # -- the contact ---------------------------------------------------------------------------------

    async def _tag(self, step: s.TagContact) -> Took:
        await self._change(tags_to_add=step.add, tags_to_remove=step.remove)
        return _DONE

    async def _list(self, step: s.ListContact) -> Took:
        await self._change(lists_to_add=step.add, lists_to_remove=step.remove)
        return _DONE

    async def _attribute(self, step: s.SetAttribute) -> Took:
        await self._change(attributes={step.attribute: (await self._text(step.value))[:1000]})
        return _DONE

    async def _change(self, **changes: Any) -> None:
        await self._services.contacts.update(self._run.workspace_id, self._run.contact_id, **changes)
        self._facts.forget()

    async def _text(self, text: str) -> str:
        names = placeholders(text)
        return fill(text, await self._facts.values(names, {})) if names else text

    # -- the chat ------------------------------------------------------------------------------------

    async def _change_chat(self, **changes: Any) -> Took:
        chat = await self._facts.chat()
        if chat is None:
            return Took(outcome="skipped", reason="no_chat")
        await self._services.chats.update_chats(self._run.workspace_id, [chat.id], ChatChanges(**changes))
        self._facts.forget()
        return _DONE

    async def _assign(self, step: s.Assign) -> Took:
        changes: dict[str, Any] = {}
        members = step.member_ids
        if step.department_id is not None:
            changes["department_id"] = number_of(step.department_id)
            members = members or await members_of(self._unit, self._run, changes["department_id"])
        changes["assignee_id"] = (
            None if step.how == "nobody" else await pick_member(self._unit, self._run, members, step.how)
        )
        return await self._change_chat(**changes)

    async def _chat(self, step: s.SetChat) -> Took:
        if step.status == "snoozed":
            until = self._unit.now + step.seconds * 1000
            return await self._change_chat(status="open", snoozed_until=until)
        return await self._change_chat(status=step.status, snoozed_until=0)

    async def _note(self, step: s.Note) -> Took:
        chat = await self._facts.chat()
        if chat is None:
            return Took(outcome="skipped", reason="no_chat")
        text = await self._text(step.text)
        await self._services.notes.add_chat_note(self._run.workspace_id, chat.id, text[:10_000])
        return _DONE

    async def _notify(self, step: s.Notify) -> Took:
        await tell_members(self._unit, self._run, self._facts, await self._text(step.text), step.member_ids)
        return _DONE

    async def _ticket(self, step: s.OpenTicket) -> Took:
        chat = await self._facts.chat()
        department = str(step.department_id) if step.department_id is not None else ""
        if step.department_id is not None and not department.isdigit():
            raise Invalid("departmentId: there is no such department")
        await self._services.tickets.create(
            self._run.workspace_id,
            (await self._text(step.subject))[:300] or "-",
            body=(await self._text(step.body)) or None,
            priority=step.priority,
            department_id=int(department) if department else None,
            contact_id=self._run.contact_id,
            chat_id=chat.id if chat is not None else None,
            source="automation",
        )
        return _DONE

    async def _hand_over(self, step: s.HandOver | s.AskAi) -> Took:
        chat = await self._facts.chat()
        if chat is None:
            return Took(outcome="skipped", reason="no_chat", state=DONE)
        changes: dict[str, Any] = {"status": "open", "snoozed_until": 0}
        if isinstance(step, s.HandOver) and step.department_id is not None:
            changes |= {"department_id": number_of(step.department_id), "assignee_id": None}
        if step.member_ids:
            changes["assignee_id"] = await pick_member(self._unit, self._run, step.member_ids)
        await self._change_chat(**changes)
        until = self._unit.now + step.seconds * 1000
        values = {"chat_id": chat.id, "workspace_id": self._run.workspace_id, "until": until}
        rest = self._unit.upsert(AutomationRest).values(**values)
        await self._unit.conn.execute(rest.on_conflict_do_update(index_elements=["chat_id"], set_={"until": until}))
        await self._end_others(AutomationRun.waits_for.is_not(None), reason="handed_over")
        return Took(state=DONE)

    # -- programs and other automations --------------------------------------------------------------

    async def _call(self, step: s.CallWebhook) -> Took:
        answer = self.variables.pop("_called", None)
        if answer is None:
            # Made after the commit (see calling.py); after a crash it is due again when the lease is over.
            return Took(outcome=None, due_at=self._unit.now + CALL_LEASE_MS, waits_for="call")
        for name, value in (answer.get("variables") or {}).items():
            self.variables[name] = value
        if answer.get("error"):
            return Took(outcome="failed", reason=str(answer["error"])[:200], goto=step.otherwise)
        return _DONE

    async def _ask_ai(self, step: s.AskAi) -> Took:
        held, services = bool(await self._held()), self._services
        return await Answering(
            services.store, services.notes, self._unit, self._run, self._facts, self._writer, self._hand_over, held=held
        ).take(step, self.variables)

    async def _start(self, step: s.Start) -> Took:
        row = await self._other(step.automation_id)
        if row is None or not row.enabled or row.rest_reason is not None:
            return Took(outcome="skipped", reason="off")
        variables = {name: value for name, value in self.variables.items() if not name.startswith("_")}
        _, refused = await begin(
            self._unit,
            self._services.rulebook.rule(row),
            self._run.contact_id,
            channel_id=self._run.channel_id,
            peer=self._run.peer,
            variables=variables,
        )
        return _DONE if refused is None else Took(outcome="skipped", reason=refused)

    async def _stop(self, step: s.Stop) -> Took:
        if step.automation_id is None:
            await self._end_others(reason="by_automation")
            return _DONE
        row = await self._other(step.automation_id)
        if row is None:
            return Took(outcome="skipped", reason="off")
        await self._end_others(AutomationRun.automation_id == row.id, reason="by_automation")
        return _DONE

    async def _end_others(self, *where: Any, reason: str) -> None:
        mine = (AutomationRun.contact_id == self._run.contact_id, AutomationRun.id != self._run.id)
        await end_runs(self._unit, reason, *mine, *where)

    async def _other(self, given: str | int) -> Automation | None:
        if not str(given).isdigit():
            return None
        query = select(Automation).where(Automation.id == int(given), Automation.workspace_id == self._run.workspace_id)
        found: Automation | None = await self._unit.session.scalar(query)
        return found

    async def _end(self, _: s.End) -> Took:
        return Took(state=DONE)
