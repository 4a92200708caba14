"""The process is killed again and again while people are in a sequence: every step is taken once, nobody is lost, and who waits
goes on waiting. With JACKFIELD_CHAOS=1 5,000 people and twenty kills."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jackfield.core import Core, now_ms
from jackfield.core.automations.starting import begin
from jackfield.core.models import Automation, AutomationRun, AutomationStep, Contact, Identity, Message

from .conftest import Play

LONG = bool(os.environ.get("JACKFIELD_CHAOS"))
PEOPLE = 5000 if LONG else 30
KILLS = 20 if LONG else 2
BATCH = 20 if LONG else 3
DAY = 86_400
_DRIVE = """
import asyncio, sys
from pathlib import Path
from jackfield.core import Core, Options
from jackfield.core.automations import running
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.engines import load_engines

async def main():
    running.BATCH = int(sys.argv[3])
    use_key("secret key of the tests")
    core = Core(Database(sys.argv[1]), engines=load_engines(), options=Options(data_dir=Path(sys.argv[2])))
    async with core:
        print("ready", flush=True)
        while (await core.automation_runs.step()).taken:
            print("taken", flush=True)

asyncio.run(main())
"""


async def _people(play: Play, automation_id: int) -> None:
    """So many people at the beginning of a sequence."""
    async with play.core.unit() as unit:
        automation = play.core.rulebook.rule(await unit.session.get_one(Automation, automation_id))
        for number in range(PEOPLE):
            phone = str(491700000000 + number)
            contact = Contact(workspace_id=play.workspace, name="P", phone=phone, created_at=1, updated_at=1)
            unit.session.add(contact)
            await unit.session.flush()
            unit.session.add(
                Identity(workspace_id=play.workspace, contact_id=contact.id, kind="phone", value=phone, created_at=1)
            )
            await begin(unit, automation, contact.id, channel_id=play.channel.id, peer=phone)


@pytest.mark.timeout(7200 if LONG else 400)
async def test_every_step_once_through_kills(play: Play, migrated_url: str, tmp_path: Path) -> None:
    sends = [{"type": "send", "text": str(number), "category": "utility"} for number in range(2)]
    rule = await play.rule(sends[0], {"type": "wait", "seconds": DAY}, sends[1], trigger={"type": "manual"})
    begun = now_ms()
    await _people(play, rule.id)
    dice = random.Random(7)
    command = [sys.executable, "-c", _DRIVE, migrated_url, str(tmp_path), str(BATCH)]
    await _killed(play.core, command, dice)
    await _rest(play)
    async with play.core.db.read() as session:
        runs = AutomationRun
        waits = (
            await session.execute(select(runs.state, func.count(), func.min(runs.due_at)).group_by(runs.state))
        ).all()
        assert [(row[0], row[1]) for row in waits] == [("waiting", PEOPLE)]
        assert waits[0][2] >= begun + DAY * 1000
        assert await _sent(play.core) == {1: PEOPLE}
    async with play.core.unit() as unit:
        # The day is over for all of them.
        for row in await unit.session.scalars(select(AutomationRun)):
            row.due_at = begun
            row.variables = {**row.variables, "_until": begun}
    await _killed(play.core, command, dice)
    await _rest(play)
    async with play.core.db.read() as session:
        steps = select(func.count()).select_from(AutomationStep).group_by(AutomationStep.run_id)
        assert [*await session.scalars(steps)] == [3] * PEOPLE
        assert [*await session.scalars(select(AutomationRun.state).distinct())] == ["done"]
    assert await _sent(play.core) == {2: PEOPLE}


async def _killed(core: Core, command: list[str], dice: random.Random) -> None:
    """Half of the kills, each after some turns and somewhere within the next: few enough that people are left in it."""
    for _ in range(KILLS // 2):
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        for _ in range(dice.randint(1, 20 if LONG else 3)):
            assert process.stdout.readline() == b"taken\n"
        with suppress(subprocess.TimeoutExpired):
            process.wait(dice.uniform(0.0, 0.03))
        assert process.poll() is None, "it was done before the kill"
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert await _left(core), "the kills came while people were in it"


async def _rest(play: Play) -> None:
    """Until nothing is due."""
    while await _left(play.core):
        await play.core.automation_runs.step()


async def _sent(core: Core) -> dict[int, int]:
    """How many people got how many messages."""
    each = select(func.count().label("n")).where(Message.direction == "out").group_by(Message.peer).subquery()
    async with core.db.read() as session:
        rows = await session.execute(select(each.c.n, func.count()).group_by(each.c.n))
        return {row[0]: row[1] for row in rows}


async def _left(core: Core) -> int:
    async with core.db.read() as session:
        query = select(func.count()).select_from(AutomationRun).where(AutomationRun.due_at <= now_ms())
        return int(await session.scalar(query) or 0)
