"""A conversation arrives as it was written: who waits for a peer stands in line, and goes out one at a time."""

from __future__ import annotations

from jackfield.core.ledger.claim import Claimed
from jackfield.core.port import Limits
from jackfield.worker.channel.pacing import Pacer
from jackfield.worker.channel.peers import GONE_AFTER_MS, Peers

START = 1_000_000.0


class Clock:
    """Seconds that the test moves; `ms` is the same as Unix ms."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now

    @property
    def ms(self) -> int:
        return int(self.now * 1000)


def made(number: int, peer: str = "a", lane: int = 0) -> Claimed:
    """A claimed message."""
    return Claimed(
        id=number, workspace_id=1, campaign_id=0, peer=peer, kind="text", content=None, variables=None,
        category="service", lane=lane, tag=None, template=None, source=None, reply_to=None, contact_id=None,
        attempts=1, provider_id=None, due_at=0, created_at=0,
    )  # fmt: skip


def peers(clock: Clock, **limits: float) -> Peers:
    """Peers of a channel with a pace of one message per second each."""
    return Peers(Pacer(Limits(rate=1000, per_recipient_s=1, **limits), clock=clock, wall=clock))  # type: ignore[arg-type]


def run(clock: Clock, one: Peers, messages: list[Claimed], seconds: float = 60) -> list[int]:
    """Play the queue: claim what is due in the order of its time; gives the ids in the order in which they went."""
    queue = {message.id: (clock.ms, message) for message in messages}
    gone: list[int] = []
    until = clock.now + seconds
    while queue and clock.now < until:
        for number, (due, message) in sorted(queue.items(), key=lambda item: (item[1][0], item[0])):
            if due > clock.ms:
                continue
            later = one.due(message, clock.ms)
            if later is None:
                gone.append(number)
                del queue[number]
            else:
                assert later > clock.ms, "else the queue would spin"
                queue[number] = (later, message)
        clock.now += 0.013
    return gone


def test_what_waits_for_a_peer_goes_in_order() -> None:
    clock = Clock()
    assert run(clock, peers(clock), [made(number) for number in range(1, 9)]) == list(range(1, 9))
    assert 6.9 < clock.now - START < 8.5, "one a second, and no slower than that"


def test_a_newcomer_does_not_pass() -> None:
    clock = Clock()
    one = peers(clock)
    assert one.due(made(1), clock.ms) is None
    second = one.due(made(2), clock.ms)
    assert second is not None
    clock.now += 1.1
    # The peer is free, but the second message has not come back yet.
    third = one.due(made(3), clock.ms)
    assert third is not None
    assert one.due(made(2), clock.ms) is None
    assert third > second


def test_a_reply_passes_a_campaign() -> None:
    clock = Clock()
    one = peers(clock)
    assert one.due(made(1, lane=3), clock.ms) is None
    assert one.due(made(2, lane=3), clock.ms) is not None
    clock.now += 1.1
    assert one.due(made(3, lane=0), clock.ms) is None


def test_who_does_not_come_loses_the_place() -> None:
    clock = Clock()
    one = peers(clock)
    assert one.due(made(1), clock.ms) is None
    due = one.due(made(2), clock.ms)
    assert due is not None
    clock.now = (due + GONE_AFTER_MS + 50) / 1000
    assert one.due(made(3), clock.ms) is None, "the second was cancelled"


def test_one_peer_gets_one_at_a_time() -> None:
    one = peers(Clock(), per_recipient_burst=10)
    assert one.begin(made(1))
    assert not one.begin(made(2))
    assert not one.begin(made(3))
    assert one.begin(made(4, peer="b")), "others are not held up"
    assert [found.id if (found := one.after("a")) else None for _ in range(3)] == [2, 3, None]
    assert one.begin(made(5))
    assert not one.begin(made(6))
    assert [message.id for message in one.take_waiting()] == [6]
    assert one.after("a") is None


def test_who_was_throttled_goes_first_again() -> None:
    clock = Clock()
    one = peers(clock, per_recipient_burst=3)
    for number in (1, 2, 3):
        assert one.due(made(number), clock.ms) is None
        one.begin(made(number))
    assert one.due(made(4), clock.ms) is not None
    behind = one.again(made(1), clock.ms + 5000)
    assert [message.id for message, _ in behind] == [2, 3]
    assert clock.ms + 5000 < behind[0][1] < behind[1][1]
    assert one.after("a") is None
    clock.now += 4.5
    assert one.due(made(5), clock.ms) is not None, "nobody passes"
    clock.now += 0.6
    assert run(clock, one, [made(number) for number in (1, 2, 3, 4, 5)]) == [1, 2, 3, 4, 5]
