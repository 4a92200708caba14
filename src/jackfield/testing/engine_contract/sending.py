"""Messages out: every declared kind, receipts, and each way of failing with its certainty."""

from __future__ import annotations

import asyncio
from collections import Counter

import msgspec
import pytest

from jackfield.core.ground.errors import OutcomeUnknown, Rejected, SendError, Throttled, Unavailable
from jackfield.core.port import CanLookUp, CanSendMany, Sent, Session, Status
from jackfield.core.port.content import Content, Reaction, Text

from .adapter import Failure
from .claiming import require_or_skip
from .line import Line
from .samples import OUTGOING

_ORDER = {"sent": 1, "delivered": 2, "read": 3}


def declared(line: Line) -> dict[str, Content]:
    """The samples that the adapter declares, its own in their places."""
    unknown = line.adapter.sends - set(OUTGOING)
    assert not unknown, f"no samples of these names: {unknown}"
    return {name: line.adapter.samples.get(name, OUTGOING[name]) for name in OUTGOING if name in line.adapter.sends}


async def _failing(line: Line, session: Session, how: Failure) -> SendError:
    """Send one message that fails so; gives the error."""
    if how not in line.adapter.failures:
        pytest.skip(f"the adapter cannot make sends fail as {how}")
    await line.adapter.fail(how)
    with pytest.raises(SendError) as failed:
        await session.send(line.message(Text(text="Will it arrive?")))
    await line.adapter.fail(None)
    error = failed.value
    assert error.code, "a failure has a code"
    assert len(error.message) > 3, "and words"
    assert not any(secret in f"{error!r} {error}" for secret in line.adapter.secrets)
    return error


class Sending:
    """Part of the contract."""

    async def test_every_declared_kind_goes_out(self, line: Line) -> None:
        """Each is taken once, for the right person, under the id that the engine gives."""
        session = await line.open()
        first = await session.send(line.message(Text(text="First")))
        ids = [first.provider_id]
        for name, content in declared(line).items():
            if isinstance(content, Reaction):
                content = msgspec.structs.replace(content, target=first.provider_id)
            try:
                sent = await session.send(line.message(content))
            except SendError as error:
                raise AssertionError(f"{name} was not sent: {error}") from error
            assert sent.provider_id, f"{name}: the network's id is needed for receipts"
            ids.append(sent.provider_id)
        assert len(set(ids)) == len(ids), "every message has an id of its own"
        taken = await line.adapter.taken()
        assert {one.to for one in taken} == {line.adapter.peer}
        # On some networks a reaction is no message of its own.
        assert len(ids) - 1 <= len(taken) <= len(ids)
        known = {one.id for one in taken}
        assert first.provider_id in known
        assert len(known & set(ids)) >= len(ids) - 1

    async def test_answers_quote(self, line: Line) -> None:
        """An answer to what the peer wrote goes out as one message."""
        session = await line.open()
        came = await line.heard.incoming(await line.adapter.write("text"))
        await session.send(line.message(Text(text="An answer"), came.chat, reply_to=came.provider_id))
        await line.taken(1)

    async def test_many_at_once(self, line: Line) -> None:
        """Sends are called concurrently; each message goes out once."""
        session = await line.open()
        messages = [line.message(Text(text=f"Number {n}")) for n in range(30)]
        answers = await asyncio.gather(*(session.send(message) for message in messages))
        taken = await line.taken(30)
        assert Counter(one.id for one in taken) == Counter(answer.provider_id for answer in answers)

    async def test_a_batch_has_one_answer_each(self, line: Line) -> None:
        """`send_many` gives one answer per message, in order; failures are returned and not raised."""
        session = await line.open()
        sender = require_or_skip(session, CanSendMany)
        answers = await sender.send_many([line.message(Text(text=f"Number {n}")) for n in range(5)])
        taken = await line.taken(5)
        assert [answer.provider_id for answer in answers if isinstance(answer, Sent)] == [one.id for one in taken]
        await line.adapter.fail("rejected")
        refused = await sender.send_many([line.message(Text(text="No")), line.message(Text(text="No"))])
        assert all(isinstance(answer, Rejected) for answer in refused)
        assert len(refused) == 2
        await line.adapter.fail(None)

    async def test_receipts(self, line: Line) -> None:
        """What the network tells of a message arrives in full, with our ref where it is echoed. No more is made up."""
        session = await line.open()
        message = line.message(Text(text="Seen?"))
        sent = await session.send(message)
        (taken,) = await line.taken(1)
        await line.adapter.read(taken)
        wanted = line.adapter.receipts
        await line.heard.until(
            lambda: {one.state for one in line.heard.statuses(sent.provider_id)} >= set(wanted), f"{wanted}"
        )
        # Whatever else was on its way has come before what is written now.
        await line.heard.incoming(await line.adapter.write("text"))
        statuses = line.heard.statuses(sent.provider_id)
        assert sorted({one.state for one in statuses}, key=lambda state: _ORDER[state]) == list(wanted)
        if line.adapter.echoes_ref:
            assert {one.ref for one in statuses} <= {message.ref}
        assert all(one.timestamp > 1_000_000_000_000 for one in statuses), "times are Unix ms"
        if not wanted:
            assert line.heard.of(Status) == [], "this network is declared to have no receipts"

    async def test_rejected(self, line: Line) -> None:
        """The network says no: certain, final, nothing taken, and the next message goes out."""
        session = await line.open()
        error = await _failing(line, session, "rejected")
        assert isinstance(error, Rejected)
        await line.taken(0)
        await session.send(line.message(Text(text="The next one")))
        await line.taken(1)

    async def test_throttled(self, line: Line) -> None:
        """Too fast: certain, with a time to wait, and whose limit it is."""
        session = await line.open()
        error = await _failing(line, session, "throttled")
        assert isinstance(error, Throttled)
        assert error.certain
        assert error.retry_after > 0
        assert error.scope in ("channel", "recipient")
        await line.taken(0)
        await session.send(line.message(Text(text="Later"), attempt=2))
        await line.taken(1)

    async def test_unavailable(self, line: Line) -> None:
        """The network cannot take it now: certain, so it may be tried again."""
        session = await line.open()
        error = await _failing(line, session, "unavailable")
        assert isinstance(error, Unavailable)
        assert error.certain
        await line.taken(0)
        await session.send(line.message(Text(text="Again"), attempt=2))
        await line.taken(1)

    async def test_a_lost_answer_is_never_taken_for_a_failure(self, line: Line) -> None:
        """The network took it and the answer was lost: unknown, and settled as the adapter declares."""
        session = await line.open()
        error = await _failing(line, session, "lost")
        assert isinstance(error, OutcomeUnknown), "anything else would send it twice, or drop it"
        assert not error.certain
        (taken,) = await line.taken(1)
        ref = str(line.last)
        if line.adapter.settles == "receipt":
            await line.adapter.read(taken)
            await line.heard.until(
                lambda: any(one.ref == ref for one in line.heard.of(Status)), "a receipt that carries our ref"
            )
            told = next(one for one in line.heard.of(Status) if one.ref == ref)
            assert told.provider_id == taken.id
        elif line.adapter.settles == "look_up":
            assert isinstance(session, CanLookUp)
            assert await session.look_up([ref, "987654321"]) == {ref: taken.id}
        else:
            assert not isinstance(session, CanLookUp), "an engine that can ask need not leave it to a policy"

    async def test_closing_leaves_nothing_unsaid(self, line: Line) -> None:
        """Sends that are open when the session closes end, each as sent or as an error of the port."""
        session = await line.open()
        sends = [asyncio.ensure_future(session.send(line.message(Text(text=f"Number {n}")))) for n in range(10)]
        await asyncio.sleep(0)
        await line.close(session)
        async with asyncio.timeout(line.adapter.patience_s):
            answers = await asyncio.gather(*sends, return_exceptions=True)
        strange = [answer for answer in answers if not isinstance(answer, Sent | SendError)]
        assert not strange
        certain = {answer.provider_id for answer in answers if isinstance(answer, Sent)}
        doubtful = sum(isinstance(answer, OutcomeUnknown) for answer in answers)
        taken = await line.adapter.taken()
        assert certain <= {one.id for one in taken}
        assert len(taken) <= len(certain) + doubtful, "what surely failed was not taken"
