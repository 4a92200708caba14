"""Ratings are taken out of what comes in, in its transaction: a chat that is done stays done, whatever somebody thinks of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from ...db.bulk import among
from ..ground.service_events import SurveyAnswered
from ..ground.unit import Unit
from ..models import Chat, ChatSurvey
from ..port.content import ButtonReply, Content, ListReply, Text

log = structlog.get_logger(__name__)
WAKE = "service"
"""Topic of the bus: something of the service is due."""
_PREFIX = "survey:"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wrote in a private chat: `message_id` names it in the answer."""

    message_id: int
    channel_id: int
    peer: str
    content: Content


def button_id(survey_id: int, rating: int) -> str:
    """What a button of a survey answers with."""
    return f"{_PREFIX}{survey_id}:{rating}"


def _choice(content: Content) -> tuple[int | None, int] | None:
    """The survey (None: whichever is open) and the number that somebody chose; None for anything else."""
    if isinstance(content, ButtonReply | ListReply) and content.id.startswith(_PREFIX):
        survey_id, _, number = content.id.removeprefix(_PREFIX).partition(":")
        return (int(survey_id), int(number)) if survey_id.isdecimal() and number.isdecimal() else None
    text = content.text.strip() if isinstance(content, Text) else ""
    return (None, int(text)) if len(text) == 1 and text.isdecimal() else None


async def take_ratings(unit: Unit, said: Sequence[Said]) -> dict[int, int]:
    """The messages that are ratings: their ids to their surveys'. What fails here costs no message."""
    chosen = [(one, choice) for one in said if (choice := _choice(one.content)) is not None]
    if not chosen:
        return {}
    try:
        async with unit.part():
            return await _take(unit, chosen)
    except DBAPIError:
        raise
    except Exception as error:
        log.error("ratings could not be taken", error=type(error).__name__)
        return {}


async def _take(unit: Unit, chosen: Sequence[tuple[Said, tuple[int | None, int]]]) -> dict[int, int]:
    keys = list({(one.channel_id, one.peer) for one, _ in chosen})
    query = (
        select(ChatSurvey.__table__, Chat.peer)
        .join(Chat, Chat.id == ChatSurvey.chat_id)
        .where(among((Chat.channel_id, Chat.peer), keys), ChatSurvey.rating.is_(None), ChatSurvey.until > unit.now)
        .order_by(ChatSurvey.id)
    )
    waiting: dict[tuple[int, str], Any] = {(row.channel_id, row.peer): row for row in await unit.conn.execute(query)}
    found: dict[int, int] = {}
    for one, (survey_id, number) in chosen:
        row = waiting.get((one.channel_id, one.peer))
        if row is None or (survey_id is not None and survey_id != row.id):
            continue
        rating = number
        if row.scale == "thumbs" and survey_id is None:
            # As text the choices are numbered.
            rating = {1: 5, 2: 1}.get(number, 0)
        if not 1 <= rating <= 5:
            continue
        values = {"rating": rating, "answered_at": unit.now, "send_at": unit.now}
        await unit.conn.execute(update(ChatSurvey).where(ChatSurvey.id == row.id).values(**values))
        tell_answer(unit, row, rating, None)
        unit.notify(WAKE)
        found[one.message_id] = row.id
        del waiting[one.channel_id, one.peer]
    return found


def tell_answer(unit: Unit, row: Any, rating: int, comment: str | None) -> None:
    """Say what somebody answered."""
    told = SurveyAnswered(
        id=row.id,
        chat_id=row.chat_id,
        contact_id=row.contact_id,
        member_id=row.member_id,
        rating=rating,
        comment=comment,
    )
    unit.emit(row.workspace_id, told, row.channel_id)
