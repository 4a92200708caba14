"""What people do is a pure function of seed, number and ordinal."""

from __future__ import annotations

from collections import Counter

from jackfield.core.port import Incoming
from jackfield.engines.simulator import people
from jackfield.engines.simulator.people import LIVELY, PLAIN, Behaviour
from jackfield.engines.simulator.world import Account, Parcel, World

NUMBERS = [str(628_000_000_000 + n) for n in range(4000)]


def test_the_same_seed_gives_the_same_people() -> None:
    first = [people.plan(7, number, 1, "marketing", LIVELY) for number in NUMBERS]
    again = [people.plan(7, number, 1, "marketing", LIVELY) for number in reversed(NUMBERS)]
    assert first == again[::-1]
    assert first != [people.plan(8, number, 1, "marketing", LIVELY) for number in NUMBERS]
    assert first != [people.plan(7, number, 2, "marketing", LIVELY) for number in NUMBERS]


def test_plain_people_get_and_read_everything() -> None:
    for number in NUMBERS:
        plan = people.plan(0, number, 1, "marketing", PLAIN)
        assert plan.fail is None
        assert plan.reply is None
        assert 50 <= plan.deliver <= 250
        assert plan.read is not None
        assert 300 <= plan.read <= 900


def test_lively_people_in_about_the_right_shares() -> None:
    plans = [people.plan(1, number, 1, "marketing", LIVELY) for number in NUMBERS]
    failed = Counter(plan.fail for plan in plans)
    total = len(plans)
    assert 0.02 < failed["131026"] / total < 0.04
    assert 0.005 < failed["131049"] / total < 0.016
    assert failed["131047"]
    assert failed["130472"]
    assert failed["131050"]
    assert 0.07 < sum(plan.read is None and plan.fail is None for plan in plans) / total < 0.13
    answers = Counter(plan.text for plan in plans if plan.reply is not None)
    assert 0.004 < answers["STOP"] / total < 0.016
    assert len(answers) > 12
    assert any(plan.call for plan in plans)


def test_who_is_not_there_is_never_there() -> None:
    missing = [number for number in NUMBERS if not people.exists(1, number, LIVELY)]
    assert missing
    for number in missing:
        assert {people.plan(1, number, n, "service", LIVELY).fail for n in range(1, 5)} == {"131026"}


def test_some_codes_hit_only_what_they_hit_in_life() -> None:
    everybody = Behaviour(failures={"131049": 0.5, "131047": 0.5})
    for number in NUMBERS[:200]:
        assert people.plan(1, number, 1, "utility", everybody, template=True).fail is None
        assert people.plan(1, number, 1, "marketing", everybody, template=True).fail in ("131049", None)


def run(seed: int) -> tuple[list[tuple[str, str | None]], int]:
    """A campaign at once, without an event loop: nothing here needs one."""
    world = World(seed, behaviour=Behaviour(scale=0, missing=0.1, unread=0.1, failures={"131049": 0.1}, replies=0.2))
    account: Account = world.account("1", paired=True)
    account.take([Parcel(ref=n, to=n, kind="text", category="marketing") for n in NUMBERS[:500]])
    while len(world.clock):
        world.clock._fire()
    return [(entry.state, entry.code) for entry in account.outbox.entries], len(account.inbox)


def test_a_campaign_ends_the_same_way_every_time() -> None:
    assert run(3) == run(3)
    assert run(3) != run(4)
    states, replies = run(3)
    assert {state for state, _ in states} == {"read", "delivered", "failed"}
    assert replies


async def test_replies_and_calls_arrive() -> None:
    heard: list[object] = []

    async def hear(reports: list[object]) -> None:
        heard.extend(reports)

    world = World(1, behaviour=Behaviour(scale=0, stops=0.3, replies=0.3, calls=0.3, ring_ms=(1, 1)))
    account = world.account("1", paired=True)
    subscription = account.subscribe(hear)  # type: ignore[arg-type]
    account.take([Parcel(ref=n, to=n, kind="text") for n in NUMBERS[:60]])
    await account.settle()
    texts = [report.content for report in heard if isinstance(report, Incoming)]
    assert len(texts) == len(account.inbox) > 20
    assert any(getattr(text, "text", "") == "STOP" for text in texts)
    assert not account.calls.ringing
    await subscription.close()
