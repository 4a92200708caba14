"""What people say of marketing: words that stop and start it (see `consent.keywords`), and the workspace's answers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ...contacts.consent.keywords import MAX_MESSAGE, Keywords, opt_in, opt_out
from ...ground.unit import Unit
from ...ledger.submit import Submission, submit_batch
from ...models import Workspace
from ...port.content import ButtonReply, Content, ListReply, MediaContent, Text
from ..source import Source


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a contact said in a chat of its own; `answered` is false for whom nothing is written to."""

    source: Source
    chat: str
    contact_id: int
    content: Content
    answered: bool = True


def _words(content: Content) -> str | None:
    """What the person said in words. A button or row that says "Stop", as marketing templates have it, is their word as much
    as text is, and so is what stands under a picture."""
    if isinstance(content, Text):
        return content.text
    if isinstance(content, ButtonReply | ListReply):
        return content.title
    return content.caption if isinstance(content, MediaContent) else None


async def heed(unit: Unit, said: Sequence[Said]) -> None:
    """Opt out and in who said so, and answer as the workspace does."""
    known: dict[int, Keywords] = {}
    answers: list[Submission] = []
    for one in said:
        words = _words(one.content)
        if words is None or len(words) > MAX_MESSAGE:
            continue
        workspace_id, channel_id = one.source.workspace_id, one.source.channel_id
        if workspace_id not in known:
            known[workspace_id] = Keywords((await unit.session.get_one(Workspace, workspace_id)).settings)
        meant = known[workspace_id].meaning_of(words)
        if meant is None:
            continue
        reason = f"keyword {meant[1]!r}"
        if meant[0] == "stop":
            await opt_out(unit, workspace_id, one.chat, one.contact_id, reason, channel_id)
            answer = known[workspace_id].stop_reply
        elif await opt_in(unit, workspace_id, one.chat, one.contact_id, reason, channel_id):
            answer = known[workspace_id].start_reply
        else:
            continue
        if answer is not None and one.answered:
            answers.append(
                Submission(
                    workspace_id=workspace_id,
                    channel_id=channel_id,
                    peer=one.chat,
                    content=Text(text=answer),
                    category="service",
                    contact_id=one.contact_id,
                    source="keyword",
                )
            )
    if answers:
        await submit_batch(unit, answers)
