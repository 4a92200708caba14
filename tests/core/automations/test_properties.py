"""Whatever rules a workspace has and whatever happens: everything comes to rest, nobody who refused is written to, and nobody
is in a sequence twice."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from jackfield.core.models import AutomationRun, Message
from jackfield.engines.simulator.engine import forget_worlds

from ...conftest import make_core
from .conftest import Play

PEOPLE = ("491700000001", "491700000002", "491700000003")
WORDS = ("menu", "order", "yes", "stop talking")
TAGS = ("a", "b")

_next = st.one_of(st.none(), st.sampled_from(["s1", "s2", "s3", "end"]))
_steps = st.one_of(
    st.fixed_dictionaries({"type": st.just("send"), "text": st.sampled_from(WORDS)}, optional={"next": _next}),
    st.fixed_dictionaries({"type": st.just("ask"), "text": st.just("?"), "timeoutSeconds": st.just(5)}),
    st.fixed_dictionaries({"type": st.just("wait"), "seconds": st.integers(1, 30)}, optional={"next": _next}),
    st.fixed_dictionaries(
        {"type": st.just("tag"), "add": st.sampled_from([["a"], ["b"], []])}, optional={"next": _next}
    ),
    st.fixed_dictionaries({"type": st.just("start"), "automationId": st.integers(1, 4)}),
    st.fixed_dictionaries({"type": st.just("stop")}),
    st.fixed_dictionaries({"type": st.just("hand_over"), "seconds": st.just(20)}),
)
_triggers = st.one_of(
    st.just({"type": "message"}),
    st.builds(lambda word: {"type": "message", "match": "contains", "words": [word]}, st.sampled_from(WORDS)),
    st.builds(lambda tag: {"type": "tag", "tag": tag}, st.sampled_from(TAGS)),
    st.just({"type": "no_answer", "by": "us", "minutes": 1}),
    st.just({"type": "consent", "given": False}),
)
_rules = st.lists(
    st.tuples(st.sampled_from(["rule", "sequence"]), _triggers, st.lists(_steps, min_size=3, max_size=5)),
    min_size=1,
    max_size=4,
)
_events = st.lists(
    st.one_of(
        st.tuples(st.just("says"), st.sampled_from(PEOPLE[:2]), st.sampled_from(WORDS)),
        st.tuples(st.just("tag"), st.sampled_from(PEOPLE), st.sampled_from(TAGS)),
        st.tuples(st.just("later"), st.just(""), st.integers(1, 60)),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rules=_rules, events=_events)
def test_whatever_happens(sqlite_template: Path, rules: list[Any], events: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(sqlite_template, Path(folder) / "jackfield.db")
        asyncio.run(_play(Path(folder), rules, events))
    forget_worlds()


async def _play(folder: Path, rules: list[Any], events: list[Any]) -> None:
    core = make_core(f"sqlite:///{folder / 'jackfield.db'}", folder)
    async with core:
        made = await core.accounts.bootstrap("T", "o@example.com", "correct horse battery", "test-key-0123456789")
        assert made is not None
        play = Play(core, made.workspace_id, await core.channels.create(made.workspace_id, name="Line"))
        ids = {
            peer: (await core.contacts.create(play.workspace, phone=f"+{peer}", optin=peer != PEOPLE[2] or False)).id
            for peer in PEOPLE
        }
        for kind, trigger, steps in rules:
            await play.rule(*steps, kind=kind, trigger=trigger)
        for what, who, value in events:
            if what == "says":
                await play.says(value, peer=who)
            elif what == "tag":
                await core.contacts.update(play.workspace, ids[who], tags=[])
                await core.contacts.update(play.workspace, ids[who], tags_to_add=[value])
                await play.settle()
            else:
                await play.later(value)
        # A person who refused and has not written hears nothing at all.
        assert await play.sent(PEOPLE[2]) == []
        async with core.db.read() as session:
            live = AutomationRun.state.in_(("waiting", "running"))
            pairs = select(func.count()).where(live).group_by(AutomationRun.automation_id, AutomationRun.contact_id)
            assert max(await session.scalars(pairs), default=0) <= 1
            assert (
                int(await session.scalar(select(func.count(Message.id)).where(Message.direction == "out")) or 0) <= 40
            )
