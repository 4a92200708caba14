"""Messages of automations: what a step says, whether it may go out, and putting it into the ledger."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from sqlalchemy import select

from ..contacts.consent.cap import cap_of_channel, heard
from ..contacts.consent.may_send import MARKETING
from ..ground.errors import Forbidden, NotFound
from ..ground.unit import Unit
from ..ledger import Messages, states
from ..ledger.submit import Origin, Submission
from ..models import Media, Message
from ..port import Networks
from ..port import content as c
from .facts import Facts, Place
from .steps import Button, Says, Send, TemplateUse

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
AUTOMATION: Final = "automation"
"""The source of a message that an automation sends."""
_NOT_HEARD: Final = (states.FAILED, states.CANCELLED, states.SKIPPED)
LOOKED_AT: Final = 300
"""Messages of a chat that the caps look at."""


class Sent(msgspec.Struct, kw_only=True):
    """What became of a message: its id, or why there is none; or `later` (Unix ms), when it may be tried again."""

    message_id: int | None = None
    reason: str | None = None
    later: int | None = None
    ends: bool = False
    """Whether the run ends by it."""


class Writer:
    """Writes for one run."""

    def __init__(
        self,
        unit: Unit,
        messages: Messages,
        networks: Networks,
        facts: Facts,
        *,
        is_sequence: bool,
        per_chat_hour: int,
        per_person_day: int,
    ) -> None:
        self._unit = unit
        self._messages = messages
        self._networks = networks
        self._facts = facts
        self._is_sequence = is_sequence
        self._per_chat_hour = per_chat_hour
        self._per_person_day = per_person_day

    async def may_answer(self) -> Sent | None:
        """Why the person may not be answered now; None where they may."""
        place = await self._facts.place()
        is_open = await self._is_open()
        refused = await self._refused(place, "service", is_open=is_open)
        if refused is None and place is not None and not is_open:
            return Sent(reason="window_closed") if self._networks.of(place.engine).has_service_window else None
        return refused

    async def _is_open(self) -> bool:
        chat = await self._facts.chat()
        return chat is not None and chat.window_until > self._unit.now

    async def _refused(self, place: Place | None, category: str, *, is_open: bool) -> Sent | None:
        person = await self._facts.person()
        if place is None or person is None:
            return Sent(reason="no_address")
        if person.blocked:
            return Sent(reason="blocked", ends=True)
        # Who refused marketing gets answers to what they wrote, and nothing that they have not asked for.
        refused = await self._facts.refusal()
        if refused is not None and (category == MARKETING or (category != "utility" and not is_open)):
            return Sent(reason=refused, ends=self._is_sequence)
        return await self._capped(place)

    async def write(
        self, step: Says, origin: Origin, visit: int, text: str | None = None, *, literal: bool = False
    ) -> Sent:
        """Send what a step says (`text`: this instead; `literal`: with no placeholders). Raises Invalid, NotFound for what
        cannot be made of it."""
        place = await self._place(step)
        category = MARKETING if self._is_sequence else getattr(step, "category", "service")
        is_open = await self._is_open()
        refused = await self._refused(place, category, is_open=is_open)
        if refused is not None or place is None:
            return refused or Sent(reason="no_address")
        content: c.Content
        if text is not None:
            content = c.Text(text=text)
        else:
            content = await self._content(step, place)
        if not isinstance(content, c.Template) and self._networks.of(place.engine).has_service_window and not is_open:
            if step.outside_window is None:
                return Sent(reason="window_closed")
            content = _template(step.outside_window)
        if not literal:
            content = await self._facts.said(content, step.fallbacks)
        try:
            accepted = await self._messages.submit(
                Submission(
                    workspace_id=self._facts.workspace_id,
                    channel_id=place.channel_id,
                    peer=place.peer,
                    content=content,
                    category=category,
                    contact_id=self._facts.contact_id,
                    source=AUTOMATION,
                    idempotency_key=f"automation:{origin.run}:{origin.step}:{visit}",
                    automation=origin,
                )
            )
        except Forbidden as error:
            return Sent(reason=str((error.details or {}).get("reason") or "refused"), ends=self._is_sequence)
        return Sent(message_id=accepted.id)

    async def _place(self, step: Says) -> Place | None:
        wanted = step.channel_id if isinstance(step, Send) else None
        if wanted is None:
            return await self._facts.place()
        return await self._facts.place(int(wanted)) if str(wanted).isdigit() else None

    async def _capped(self, place: Place) -> Sent | None:
        """Why no more may be written for now: too much in this chat and hour, or to this person and day."""
        latest = (
            select(Message.created_at, Message.source, Message.category, Message.direction, Message.state)
            .where(Message.channel_id == place.channel_id, Message.peer == place.peer)
            .order_by(Message.id.desc())
            .limit(LOOKED_AT)
        )
        now = self._unit.now
        rows = (await self._unit.conn.execute(latest)).all()
        if sum(row.source == AUTOMATION and row.created_at > now - HOUR_MS for row in rows) >= self._per_chat_hour:
            return Sent(reason="too_many_messages", ends=True)
        # A person hears from the workspace, not from one of its sequences: what campaigns sent counts too.
        today = [
            row.created_at
            for row in rows
            if row.direction == "out"
            and row.category == MARKETING
            and row.state not in _NOT_HEARD
            and row.created_at > now - DAY_MS
        ]
        if self._is_sequence and len(today) >= self._per_person_day:
            return Sent(reason="cap_of_the_day", later=sorted(today)[-self._per_person_day] + DAY_MS + 1)
        return await self._heard_enough(place) if self._is_sequence else None

    async def _heard_enough(self, place: Place) -> Sent | None:
        """Whether the person has had as much marketing as the workspace allows: then a sequence waits."""
        found = await cap_of_channel(self._unit.conn, place.channel_id)
        if found is None:
            return None
        workspace_id, cap = found
        span = cap.days * DAY_MS
        since = self._unit.now - span
        contact_id = self._facts.contact_id
        asked = await heard(self._unit.conn, workspace_id, [(place.peer, contact_id)], since, on_its_way=True)
        times = asked[contact_id]
        if len(times) < cap.messages:
            return None
        return Sent(reason="heard_enough", later=times[-cap.messages] + span + 1)

    # -- contents ------------------------------------------------------------------------------------

    async def _content(self, step: Says, place: Place) -> c.Content:
        if step.template is not None:
            return _template(step.template)
        if step.file is not None:
            return await self._file(step)
        kinds = self._networks.of(place.engine).kinds
        if step.menu is not None:
            if "list" in kinds:
                rows = [c.Row(id=id_of(one), title=one.title, description=one.description) for one in step.menu.rows]
                return c.ListMenu(body=step.text, button=step.menu.button, sections=[c.Section(rows=rows)])
            return _choices(step.text, step.menu.rows, kinds)
        if step.buttons:
            if "buttons" in kinds:
                buttons = [c.ReplyButton(id=id_of(one), title=one.title) for one in step.buttons]
                return c.Buttons(body=step.text, buttons=buttons)
            return _choices(step.text, step.buttons, kinds)
        return c.Text(text=step.text)

    async def _file(self, step: Says) -> c.Content:
        file = step.file
        assert file is not None
        kind = {"image": c.Image, "video": c.Video, "audio": c.Audio, "document": c.Document}[file.kind]
        facts: dict[str, Any] = {"caption": step.text or None, "filename": file.filename, "url": file.url}
        if file.media_id is not None:
            wanted = int(file.media_id) if str(file.media_id).isdigit() else 0
            row = (
                await self._unit.conn.execute(
                    select(Media.id, Media.mime, Media.size, Media.filename).where(
                        Media.id == wanted, Media.workspace_id == self._facts.workspace_id
                    )
                )
            ).first()
            if row is None:
                raise NotFound("There is no such file.", code="MEDIA_NOT_FOUND")
            facts |= {"url": f"media:{row.id}", "mime": row.mime, "size": row.size}
            facts["filename"] = file.filename or row.filename
        made: Any = kind(**facts)
        content: c.Content = made
        return content


def id_of(button: Button) -> str:
    """What is told when a button is pressed."""
    return button.id or button.title


def _template(use: TemplateUse) -> c.Template:
    return c.Template(name=use.name, language=use.language, body=[c.Param(text=one, fold=True) for one in use.values])


def _choices(text: str, options: list[Button], kinds: frozenset[str]) -> c.Content:
    """What can be chosen, on a network without lists: its own buttons, else numbered lines."""
    if "inline_keyboard" in kinds:
        rows = [[c.InlineButton(text=one.title, data=id_of(one)[:64])] for one in options]
        return c.InlineKeyboard(text=text, rows=rows)
    lines = [f"{number}. {one.title}" for number, one in enumerate(options, 1)]
    return c.Text(text="\n".join([text, *lines]))
