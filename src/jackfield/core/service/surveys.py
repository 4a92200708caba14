"""`Surveys`: after a chat is done the person is asked how it was, if they were answered, may be written to, and were not asked
lately. Off until it is switched on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from sqlalchemy import delete, func, or_, select, update

from ...db.base import now_ms
from ..accounts.audit import Audit
from ..accounts.principal import Principal
from ..contacts.consent.may_send import Consent, ConsentQuestion
from ..ground import fields
from ..ground.acting import automatically
from ..ground.errors import JackfieldError
from ..ground.listing import page_by_id
from ..ground.paging import Page
from ..ground.store import Store
from ..ground.unit import Unit
from ..ground.views import view_of
from ..ledger import Messages
from ..ledger.submit import Submission
from ..models import Channel, Chat, ChatSurvey, Contact, Member, Message, Survey
from ..port import Networks
from ..port import content as c
from .clocks import Place
from .ratings import WAKE, button_id, tell_answer
from .survey_report import SurveySums, report_surveys

DAY_MS: Final = 86_400_000
DELAY_MS: Final = 15_000
"""A chat that was set done by mistake is opened again within this time, and nobody is asked."""
COMMENT_MS: Final = DAY_MS
MAX_COMMENT: Final = 2000
BATCH: Final = 20
_NEXT: Final = select(func.min(ChatSurvey.send_at)).where(ChatSurvey.send_at.is_not(None))


class SurveyView(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, as the model says."""

    enabled: bool = False
    scale: str = "stars"
    text: str = "How was our service?"
    thanks: str = "Thank you!"
    comment_text: str = "We are sorry. What could we have done better?"
    low_rating: int = 3
    rest_days: int = 7
    answer_hours: int = 24


class SurveyAnswerView(msgspec.Struct, frozen=True, kw_only=True):
    """A rating with who had the chat; times in Unix ms."""

    id: int
    chat_id: int
    contact_id: int
    contact_name: str
    channel_id: int
    member_id: int | None
    department_id: int | None
    scale: str
    rating: int
    comment: str | None
    answered_at: int


class Surveys:
    """The service. `now` gives Unix ms."""

    def __init__(
        self,
        store: Store,
        networks: Networks,
        consent: Consent,
        messages: Messages,
        now: Callable[[], int] = now_ms,
    ) -> None:
        self._store = store
        self._networks = networks
        self._consent = consent
        self._messages = messages
        self._audit = Audit(store)
        self._now = now

    async def get(self, workspace_id: int) -> SurveyView:
        """What is asked; what a new survey would ask where there is none yet."""
        async with self._store.db.read() as session:
            row = await session.get(Survey, workspace_id)
        return SurveyView() if row is None else view_of(SurveyView, row)

    async def put(
        self, workspace_id: int, survey: SurveyView, *, by: Principal | None = None, ip: str | None = None
    ) -> SurveyView:
        """Set all of it. Raises Invalid."""
        values = {
            **msgspec.structs.asdict(survey),
            "scale": fields.choice("scale", survey.scale, ("stars", "thumbs")),
            "text": fields.text("text", survey.text, maximum=500),
            "thanks": fields.text("thanks", survey.thanks, maximum=500, required=False),
            "comment_text": fields.text("commentText", survey.comment_text, maximum=500, required=False),
        }
        for name, value, most in (
            ("lowRating", survey.low_rating, 4),
            ("restDays", survey.rest_days, 365),
            ("answerHours", survey.answer_hours, 720),
        ):
            least = 0 if name == "restDays" else 1
            if not least <= value <= most:
                raise fields.refuse(name, f"Must be from {least} to {most}.")
        async with self._store.unit() as unit:
            made = unit.upsert(Survey).values(workspace_id=workspace_id, updated_at=unit.now, **values)
            await unit.conn.execute(
                made.on_conflict_do_update(index_elements=["workspace_id"], set_={**values, "updated_at": unit.now})
            )
            actor = "system" if by is None else by.actor
            target = f"workspace:{workspace_id}"
            await self._audit.record(
                unit, workspace_id, actor, "survey.changed", target, ip, {"enabled": survey.enabled}
            )
            unit.notify(WAKE)
        return await self.get(workspace_id)

    async def answers(
        self,
        workspace_id: int,
        *,
        commented: bool = False,
        channel_id: int | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Page[SurveyAnswerView]:
        """Ratings, newest first; `commented`: those with a comment."""
        query = select(ChatSurvey).where(ChatSurvey.workspace_id == workspace_id, ChatSurvey.rating.is_not(None))
        if commented:
            query = query.where(ChatSurvey.comment.is_not(None))
        if channel_id is not None:
            query = query.where(ChatSurvey.channel_id == channel_id)
        async with self._store.db.read() as session:
            page: Page[ChatSurvey] = await page_by_id(
                session, query, ChatSurvey.id, lambda row: row, limit=limit, cursor=cursor
            )
            people = {one.contact_id for one in page.items}
            rows = await session.execute(select(Contact.id, Contact.name).where(Contact.id.in_(people)))
            names = {row.id: row.name for row in rows}
        items = [view_of(SurveyAnswerView, one, contact_name=names.get(one.contact_id, "")) for one in page.items]
        return Page(items=items, cursor=page.cursor)

    async def report(
        self, workspace_id: int, *, by: str, since: int, until: int, zone: str = "UTC", channel_id: int | None = None
    ) -> SurveySums:
        """What people think (`report_surveys`). Raises Invalid."""
        return await report_surveys(
            self._store, workspace_id, by=by, since=since, until=until, zone=zone, channel_id=channel_id
        )

    # -- what the reader finds ---------------------------------------------------------------------------

    async def closed(self, unit: Unit, place: Place) -> None:
        """A chat was set done: plan to ask, where the person may be asked."""
        survey = await unit.session.get(Survey, place.workspace_id)
        if survey is None or not survey.enabled or place.contact_id is None:
            return
        lately = select(ChatSurvey.id).where(
            ChatSurvey.contact_id == place.contact_id,
            or_(ChatSurvey.send_at.is_not(None), ChatSurvey.sent_at > unit.now - survey.rest_days * DAY_MS),
        )
        if (await unit.conn.execute(lately.limit(1))).first() is not None:
            return
        answered = (
            select(Message.member_id)
            .where(
                Message.channel_id == place.channel_id,
                Message.peer == place.peer,
                Message.direction == "out",
                Message.created_at > unit.now - 7 * DAY_MS,
                Message.member_id.is_not(None) | (Message.source == "phone"),
            )
            .order_by(Message.id.desc())
            .limit(1)
        )
        last = (await unit.conn.execute(answered)).first()
        if last is None:
            # Nobody of us said anything: there is nothing to rate.
            return
        member_id = place.member_id if place.member_id is not None else last.member_id
        department_id = place.department_id
        if department_id is None:
            department_id = await unit.conn.scalar(select(Member.department_id).where(Member.id == (member_id or 0)))
        unit.session.add(
            ChatSurvey(
                workspace_id=place.workspace_id,
                chat_id=place.id,
                contact_id=place.contact_id,
                channel_id=place.channel_id,
                member_id=member_id,
                department_id=department_id,
                scale=survey.scale,
                send_at=unit.now + DELAY_MS,
                created_at=unit.now,
            )
        )
        await unit.session.flush()

    async def heard(self, unit: Unit, place: Place, text: str) -> None:
        """A person wrote something: the comment that they were asked for, if they were."""
        query = select(ChatSurvey.__table__).where(
            ChatSurvey.chat_id == place.id, ChatSurvey.comment_until > unit.now, ChatSurvey.comment.is_(None)
        )
        row = (await unit.conn.execute(query.order_by(ChatSurvey.id.desc()).limit(1))).first()
        comment = text.strip()[:MAX_COMMENT]
        if row is None or not comment:
            return
        values = {"comment": comment, "comment_until": None}
        await unit.conn.execute(update(ChatSurvey).where(ChatSurvey.id == row.id).values(**values))
        tell_answer(unit, row, row.rating, comment)

    # -- what is due ------------------------------------------------------------------------------------

    async def step(self) -> int | None:
        """Send what is due. Gives when something is due next (Unix ms), None for never."""
        async with self._store.db.read() as session:
            due: int | None = await session.scalar(_NEXT)
        if due is None or due > self._now():
            return due
        with automatically():
            async with self._store.transaction(), self._store.unit() as unit:
                query = select(ChatSurvey.__table__).where(ChatSurvey.send_at <= self._now())
                query = query.order_by(ChatSurvey.send_at, ChatSurvey.id).limit(BATCH)
                if unit.conn.dialect.name == "postgresql":
                    query = query.with_for_update(skip_locked=True)
                for row in (await unit.conn.execute(query)).all():
                    await (self._ask(unit, row) if row.rating is None else self._reply(unit, row))
                following: int | None = await unit.conn.scalar(_NEXT)
        return following

    async def _ask(self, unit: Unit, row: Any) -> None:
        survey = await unit.session.get(Survey, row.workspace_id)
        chat = await unit.session.get(Chat, row.chat_id, populate_existing=True)
        sent = (
            survey is not None
            and survey.enabled
            and chat is not None
            and chat.status == "done"
            and await self._send(unit, row, chat, survey.text, choices=True)
        )
        if not sent or survey is None:
            await unit.conn.execute(delete(ChatSurvey).where(ChatSurvey.id == row.id))
            return
        until = unit.now + survey.answer_hours * 3_600_000
        values = {"send_at": None, "sent_at": unit.now, "until": until}
        await unit.conn.execute(update(ChatSurvey).where(ChatSurvey.id == row.id).values(**values))

    async def _reply(self, unit: Unit, row: Any) -> None:
        """Thank for a rating; after a low one ask what was wrong."""
        survey = await unit.session.get(Survey, row.workspace_id)
        chat = await unit.session.get(Chat, row.chat_id, populate_existing=True)
        values: dict[str, Any] = {"send_at": None}
        if survey is not None and chat is not None:
            asks = row.rating <= survey.low_rating and survey.comment_text != ""
            text = survey.comment_text if asks else survey.thanks
            if text and await self._send(unit, row, chat, text, choices=False) and asks:
                values["comment_until"] = unit.now + COMMENT_MS
        await unit.conn.execute(update(ChatSurvey).where(ChatSurvey.id == row.id).values(**values))

    async def _send(self, unit: Unit, row: Any, chat: Chat, text: str, *, choices: bool) -> bool:
        """Send within the service window, to who has not refused to be written to. Gives whether it was sent."""
        if chat.window_until <= unit.now:
            return False
        asked = ConsentQuestion(
            workspace_id=row.workspace_id,
            channel_id=row.channel_id,
            peer=chat.peer,
            category="marketing",
            contact_id=row.contact_id,
        )
        # Nobody asked for a survey: who refused marketing gets none.
        if choices and not await self._consent.may_send(unit.conn, asked):
            return False
        engine = await unit.conn.scalar(select(Channel.engine).where(Channel.id == row.channel_id))
        kinds = self._networks.of(engine or "").kinds
        content: c.Content = question(text, row.scale, row.id, kinds) if choices else c.Text(text=text)
        try:
            await self._messages.submit(
                Submission(
                    workspace_id=row.workspace_id,
                    channel_id=row.channel_id,
                    peer=chat.peer,
                    content=content,
                    contact_id=row.contact_id,
                    source="automation",
                    idempotency_key=f"survey:{row.id}:{'ask' if choices else 'reply'}",
                )
            )
        except JackfieldError:
            return False
        return True


def question(text: str, scale: str, survey_id: int, kinds: frozenset[str]) -> c.Content:
    """The question with what can be chosen: a list or buttons where the network has them, else numbers to answer with."""
    options = [(rating, "★" * rating) for rating in range(5, 0, -1)] if scale == "stars" else [(5, "👍"), (1, "👎")]
    ids = [(button_id(survey_id, rating), title) for rating, title in options]
    if scale == "stars" and "list" in kinds:
        rows = [c.Row(id=id_, title=title) for id_, title in ids]
        return c.ListMenu(body=text, button="★", sections=[c.Section(rows=rows)])
    if scale == "thumbs" and "buttons" in kinds:
        return c.Buttons(body=text, buttons=[c.ReplyButton(id=id_, title=title) for id_, title in ids])
    if "inline_keyboard" in kinds:
        return c.InlineKeyboard(text=text, rows=[[c.InlineButton(text=title, data=id_)] for id_, title in ids])
    if scale == "stars":
        lines = [f"{rating}: {title}" for rating, title in options]
    else:
        lines = [f"{number}. {title}" for number, (_, title) in enumerate(options, 1)]
    return c.Text(text="\n".join([text, *lines]))
