"""The AI step: when a model is asked, what it is told, and what becomes of its answer (docs/adr/0019).

A run that wants an answer waits as for a program's: the call is counted and noted in one transaction, made outside any, and
its answer kept in a second one, from which the run goes on. What is sent is a message of the ledger, in the transaction of
the step's record. After a crash a call is made again, and nothing is sent twice.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from sqlalchemy import select

from ..ai.contract import Line, messages, read, wants_person
from ..ai.endpoint import TRANSIENT, complete
from ..ai.finding import find_passages
from ..ai.settings import target_of
from ..ai.uses import cost_of, count, reserve
from ..desk.drafts import Drafts
from ..desk.notes import Notes
from ..egress import SafeClient
from ..ground.events import AnswerSource
from ..ground.store import Store
from ..ground.unit import Unit
from ..ledger.submit import Origin
from ..models import AiSetting, Chat, Message
from ..search.index import text_of
from .conditions import number_of
from .facts import Facts
from .run import Run
from .states import DONE
from .steps import AskAi, Send
from .took import Took
from .writing import AUTOMATION, Writer

MAX_TRIES: Final = 4
"""Calls that fail for now until a person takes over."""
MAX_CALLS: Final = 8
"""Calls for one step in all: after crashes, and when the person goes on writing meanwhile."""
BACK_OFF_S: Final = (2, 8, 30)
MAX_LINE: Final = 2000
"""Characters of a message that a model is given."""
SPARE_S: Final = 20
"""What is added to twice the time-out until a call is thought lost with its process."""
_UNTOLD: Final = ("reaction", "system")

_REASONS: Final = {
    "asked_for_person": "the person asks for a person",
    "unsure": "it is not sure of the answer",
    "no_source": "the answer names no source",
    "too_long": "the answer is too long",
    "malformed": "the model did not answer in the form that was asked for",
    "no_text": "the message has no text",
    "not_set": "no endpoint is set",
    "limit_of_chat": "the chat's limit of the day is reached",
    "limit_of_day": "the workspace's limit of the day is reached",
}


class AiCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call of the endpoint that a run waits for; see `calling.Call`."""

    run_id: int
    visit: int
    workspace_id: int
    automation_id: int
    channel_id: int
    peer: str
    step: AskAi

    def __repr__(self) -> str:
        """Without the instructions."""
        return f"AiCall(run_id={self.run_id}, visit={self.visit})"


async def ask_model(store: Store, client: SafeClient, call: AiCall) -> dict[str, Any]:
    """What came of a call: a `text` with its `sources`, a `reason` why a person must take over, or an `error` (with
    `transient`: whether the same call may do better later); and the tokens with what they cost."""
    step = call.step
    async with store.db.read() as session:
        settings = await session.get(AiSetting, call.workspace_id)
        if settings is None:
            return {"error": "not_set", "transient": False}
        lines = await _conversation(session, call)
        asked = "\n".join([one.text for one in lines if one.by == "customer"][-2:])
        passages = await find_passages(
            session,
            call.workspace_id,
            asked,
            sources=[number_of(one) or 0 for one in step.knowledge],
            limit=step.passages,
        )
    told = messages(step.instructions, passages, lines, most=step.max_characters)
    done = await complete(client, target_of(settings), told)
    cost = cost_of(settings.price_in, settings.price_out, done.tokens_in, done.tokens_out)
    answer = {"tokens_in": done.tokens_in, "tokens_out": done.tokens_out, "cost": cost}
    if done.error is not None:
        return {**answer, "error": done.error, "transient": done.error in TRANSIENT}
    said = read(done.content, passages=len(passages), most=step.max_characters, needs_source=step.needs_source)
    if said.text is None:
        return {**answer, "reason": said.reason}
    named = [passages[place] for place in said.sources]
    return {
        **answer,
        "text": said.text,
        "sources": [{"id": str(one.source_id), "title": one.title} for one in named],
    }


async def count_tokens(unit: Unit, call: AiCall, answer: dict[str, Any]) -> None:
    """Add what a call took to the figures, whatever becomes of its answer."""
    more = {name: answer[name] for name in ("tokens_in", "tokens_out", "cost") if answer.get(name)}
    if more:
        await count(unit, call.workspace_id, call.automation_id, **more)


async def _conversation(session: Any, call: AiCall) -> list[Line]:
    """The latest messages of the chat, oldest first."""
    query = (
        select(Message.direction, Message.kind, Message.content, Message.extra)
        .join(Chat, (Chat.channel_id == Message.channel_id) & (Chat.peer == Message.peer))
        .where(
            Message.channel_id == call.channel_id,
            Message.peer == call.peer,
            Message.campaign_id == 0,
            Message.kind.not_in(_UNTOLD),
            Message.id > Chat.cleared_before,
        )
        .order_by(Message.id.desc())
        .limit(call.step.turns)
    )
    rows = [row for row in (await session.execute(query)).all() if not (row.extra or {}).get("hidden")]
    return [
        Line(
            by="customer" if row.direction == "in" else "business",
            text=(text_of(row.content) or f"[{row.kind}]")[:MAX_LINE],
        )
        for row in reversed(rows)
    ]


class Answering:
    """The step of one run, in one transaction. `held`: a person has the chat."""

    def __init__(
        self,
        store: Store,
        notes: Notes,
        unit: Unit,
        run: Run,
        facts: Facts,
        writer: Writer,
        hand_over: Callable[[AskAi], Awaitable[Took]],
        *,
        held: bool,
    ) -> None:
        self._notes = notes
        self._drafts = Drafts(store)
        self._unit = unit
        self._run = run
        self._facts = facts
        self._writer = writer
        self._hand_over = hand_over
        self._held = held

    async def take(self, step: AskAi, variables: dict[str, Any]) -> Took:
        """Ask, or do what follows from an answer. What is noted between is in `variables`."""
        answer = variables.pop("_called", None)
        place = await self._facts.place()
        chat = await self._facts.chat()
        if place is None or chat is None:
            return Took(outcome="skipped", reason="no_chat")
        self._run.channel_id, self._run.peer = place.channel_id, place.peer
        if self._held:
            return Took(outcome="skipped", reason="handed_over")
        last = await self._last("in")
        if last is None:
            return Took(outcome="skipped", reason="no_message")
        ours = await self._last("out")
        if ours is not None and ours.id > last.id:
            return Took(outcome="skipped", reason="answered")
        refused = await self._writer.may_answer()
        if refused is not None:
            return Took(outcome="skipped", reason=refused.reason)
        is_stale = variables.get("_asked_to") != last.id
        if answer is None or (is_stale and int(variables.get("_made") or 0) < MAX_CALLS):
            return await self._ask(step, variables, chat, last, is_new=is_stale)
        if answer.get("error"):
            tried = int(variables.get("_tried") or 0) + 1
            if answer.get("transient") and tried < MAX_TRIES:
                variables["_tried"] = tried
                return Took(outcome=None, due_at=self._unit.now + BACK_OFF_S[tried - 1] * 1000)
            return await self._give_up(step, chat, str(answer["error"])[:100])
        if answer.get("reason"):
            return await self._give_up(step, chat, str(answer["reason"])[:100])
        if step.mode == "suggest":
            return await self._suggest(chat, answer)
        return await self._send(step, answer)

    async def _ask(self, step: AskAi, variables: dict[str, Any], chat: Any, last: Any, *, is_new: bool) -> Took:
        """Count a call and wait for it, unless a person must take over at once."""
        text = text_of(last.content)
        if not text:
            return await self._give_up(step, chat, "no_text")
        if wants_person(text, step.person_words):
            return await self._give_up(step, chat, "asked_for_person")
        settings = await self._unit.session.get(AiSetting, self._run.workspace_id, populate_existing=True)
        if settings is None:
            return await self._give_up(step, chat, "not_set")
        made = int(variables.get("_made") or 0)
        if made >= MAX_CALLS:
            return await self._give_up(step, chat, "unavailable")
        if is_new:
            limit = await reserve(self._unit, settings, self._run.automation_id, chat.id)
            if limit is not None:
                return await self._give_up(step, chat, limit)
        variables["_asked_to"], variables["_made"] = last.id, made + 1
        lease = (2 * settings.timeout_seconds + SPARE_S) * 1000
        return Took(outcome=None, due_at=self._unit.now + lease, waits_for="call")

    async def _send(self, step: AskAi, answer: dict[str, Any]) -> Took:
        run = self._run
        sources = msgspec.convert(answer.get("sources") or (), tuple[AnswerSource, ...])
        origin = Origin(id=run.automation_id, step=run.step, run=run.id, sources=sources)
        sent = await self._writer.write(Send(id=step.id), origin, run.visit, answer["text"], literal=True)
        if sent.message_id is None:
            return Took(outcome="skipped", reason=sent.reason)
        await count(self._unit, run.workspace_id, run.automation_id, answers=1)
        return Took(message_id=sent.message_id)

    async def _suggest(self, chat: Any, answer: dict[str, Any]) -> Took:
        """For the team: as a note, and as the draft of whom the chat is assigned to, who has not begun one."""
        run = self._run
        text = str(answer["text"])
        titles = "; ".join(dict.fromkeys(one["title"] for one in answer.get("sources") or ()))
        note = f"Suggested answer:\n{text}" + (f"\n\nSources: {titles}" if titles else "")
        await self._notes.add_chat_note(run.workspace_id, chat.id, note[:10_000])
        if chat.assignee_id is not None:
            theirs = await self._drafts.get(run.workspace_id, chat.id, chat.assignee_id)
            if theirs is None:
                await self._drafts.save(run.workspace_id, chat.id, chat.assignee_id, text)
        await count(self._unit, run.workspace_id, run.automation_id, suggestions=1)
        return Took()

    async def _give_up(self, step: AskAi, chat: Any, reason: str) -> Took:
        """A person takes over; a step that only suggests leaves the chat as it is."""
        run = self._run
        if step.mode == "suggest":
            return Took(outcome="skipped", reason=reason, goto=step.otherwise)
        await count(self._unit, run.workspace_id, run.automation_id, hand_overs=1)
        if step.otherwise is not None:
            return Took(outcome="skipped", reason=reason, goto=step.otherwise)
        why = _REASONS.get(reason, f"the endpoint did not answer ({reason})")
        await self._notes.add_chat_note(run.workspace_id, chat.id, f"The AI step handed this chat over: {why}.")
        await self._hand_over(step)
        return Took(outcome="skipped", reason=reason, state=DONE)

    async def _last(self, direction: str) -> Any:
        """The latest message that the person wrote, or that somebody of ours did."""
        query = (
            select(Message.id, Message.content, Message.source)
            .where(
                Message.channel_id == self._run.channel_id,
                Message.peer == self._run.peer,
                Message.campaign_id == 0,
                Message.direction == direction,
                Message.kind.not_in(_UNTOLD),
            )
            .order_by(Message.id.desc())
            .limit(1)
        )
        if direction == "out":
            query = query.where(Message.source.is_distinct_from(AUTOMATION))
        return (await self._unit.conn.execute(query)).first()
