"""What one device knows of people, messages and polls, so that events can be told in the core's terms.

Imported in child processes only. All of it is bounded; what matters after a restart is in files or can be asked again.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from neonize.exc import NeonizeError
from neonize.proto.Neonize_pb2 import JID
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from . import jids
from .phone import Phone
from .recent import Recent


class Poll(msgspec.Struct):
    """A poll seen or sent: its answers in order."""

    provider_id: str
    options: list[str]


class Known:
    """One device's memory."""

    POLLS_KEPT = 500

    def __init__(self, phone: Phone, polls: Path) -> None:
        self.phone = phone
        self.refs: Recent[str, str] = Recent(20_000)
        """WhatsApp ids of messages that this process sent, to our refs. Older ones the server looks up (`seal`)."""
        self.messages: Recent[str, e2e.Message] = Recent(1_000)
        self._people: Recent[str, JID] = Recent(20_000)
        self._file = polls
        self.polls: dict[str, Poll] = self._read_polls()

    # -- people

    async def number_of(self, jid: JID, alternative: JID | None = None) -> JID:
        """The phone number's JID of somebody, where it is known; else the JID as it is, without its device."""
        bare = jids.make(jid.User, jid.Server)
        if jid.Server != jids.LID:
            return bare
        if alternative is not None and jids.is_set(alternative) and alternative.Server == jids.PEOPLE:
            number = jids.make(alternative.User)
            self._people.put(jid.User, number)
            return number
        found = self._people.get(jid.User)
        if found is None:
            try:
                found = await self.phone.get_pn_from_lid(bare)
            except NeonizeError:
                return bare
            if not jids.is_set(found):
                return bare
            found = jids.make(found.User)
            self._people.put(jid.User, found)
        return found

    @staticmethod
    def identities(jid: JID, number: JID) -> dict[str, str]:
        """The names by which somebody is known: phone, lid."""
        found = {}
        if number.Server == jids.PEOPLE:
            found["phone"] = number.User
        if jid.Server == jids.LID:
            found["lid"] = jid.User
        return found

    # -- polls

    def _read_polls(self) -> dict[str, Poll]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, Poll])
        except (OSError, msgspec.DecodeError):
            return {}

    def keep_poll(self, message_id: str, poll: Poll) -> None:
        """Remember a poll's answers: votes name them by hash only."""
        self.polls[message_id] = poll
        while len(self.polls) > self.POLLS_KEPT:
            del self.polls[next(iter(self.polls))]
        spare = self._file.with_suffix(".new")
        spare.write_bytes(msgspec.json.encode(self.polls))
        spare.replace(self._file)
