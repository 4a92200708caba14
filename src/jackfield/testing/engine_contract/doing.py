"""What people do besides writing: reactions, votes, edits, deletions, calls, and what is said in groups."""

from __future__ import annotations

import pytest

from jackfield.core.port import CanCall, Incoming, IncomingCall, MessageDeleted, MessageEdited
from jackfield.core.port.content import Poll, PollVote, Reaction, Text

from .adapter import Doing
from .line import Line


def _declared(line: Line, what: Doing) -> None:
    if what not in line.adapter.doings:
        pytest.skip(f"nobody can {what} on this network, or it is not told")


async def _came(line: Line, kind: type[Reaction] | type[PollVote]) -> Incoming:
    """The first incoming message with such a content."""

    def found() -> list[Incoming]:
        return [one for one in line.heard.of(Incoming) if isinstance(one.content, kind)]

    await line.heard.until(found, kind.__name__)
    return found()[0]


class DoingThings:
    """Part of the contract."""

    async def test_a_reaction_names_our_message(self, line: Line) -> None:
        """By the id that `send` gave."""
        _declared(line, "reaction")
        session = await line.open()
        sent = await session.send(line.message(Text(text="Do you like it?")))
        await line.adapter.do("reaction", sent.provider_id)
        came = await _came(line, Reaction)
        assert isinstance(came.content, Reaction)
        assert came.content.target == sent.provider_id
        assert came.content.emoji
        assert came.sender == line.adapter.peer

    async def test_a_vote_names_the_answers(self, line: Line) -> None:
        """In words, and the poll by the id that `send` gave."""
        _declared(line, "vote")
        session = await line.open()
        sent = await session.send(line.message(Poll(question="Tea?", options=["yes", "no"])))
        await line.adapter.do("vote", sent.provider_id)
        came = await _came(line, PollVote)
        assert isinstance(came.content, PollVote)
        assert came.content.target == sent.provider_id
        assert came.content.options == ["yes"]

    async def test_an_edit_and_a_deletion_name_their_message(self, line: Line) -> None:
        """By the id under which it came in."""
        if not line.adapter.doings & {"edit", "delete"}:
            pytest.skip("nobody can edit or delete on this network, or it is not told")
        await line.open()
        came = await line.heard.incoming(await line.adapter.write("text"))
        if "edit" in line.adapter.doings:
            await line.adapter.do("edit", came.provider_id)
            await line.heard.until(lambda: line.heard.of(MessageEdited), "the edit")
            (edited,) = line.heard.of(MessageEdited)
            assert edited.provider_id == came.provider_id
            assert isinstance(edited.content, Text)
            assert edited.content != came.content
        if "delete" in line.adapter.doings:
            await line.adapter.do("delete", came.provider_id)
            await line.heard.until(lambda: line.heard.of(MessageDeleted), "the deletion")
            assert line.heard.of(MessageDeleted)[0].provider_id == came.provider_id

    async def test_a_call_rings_and_is_refused(self, line: Line) -> None:
        """Who calls is told; refusing it is for those who claim it."""
        _declared(line, "call")
        session = await line.open()
        await line.adapter.do("call")
        await line.heard.until(lambda: line.heard.of(IncomingCall), "the call")
        call = line.heard.of(IncomingCall)[0]
        assert call.call_id
        assert call.caller == line.adapter.peer
        assert call.ended_at is None
        assert call.started_at > 1_000_000_000_000, "times are Unix ms"
        assert isinstance(session, CanCall), "who hears calls can refuse them"
        await session.reject_call(call.call_id, call.caller)

    async def test_a_group_is_a_chat_of_its_own(self, line: Line) -> None:
        """What is said in a group names the group as the chat and the person as the sender; answers go to the group."""
        group = line.adapter.group
        if group is None:
            pytest.skip("this network has no groups")
        session = await line.open()
        came = await line.heard.incoming(await line.adapter.write_in_group())
        assert (came.chat, came.sender, came.chat_kind) == (group, line.adapter.peer, "group")
        assert line.adapter.peer in came.identities.values()
        await session.send(line.message(Text(text="To all"), group, reply_to=came.provider_id))
        (taken,) = await line.taken(1)
        assert taken.to == group
