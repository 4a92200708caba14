"""The process is killed again and again while people are in a sequence: every step is taken once, and nobody is lost."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from sqlalchemy import func, select

from jackfield.core import Core, now_ms
from jackfield.core.automations.starting import begin
from jackfield.core.models import Automation, AutomationRun, AutomationStep, Contact, Identity, Message

from .conftest import Play

PEOPLE = 40
KILLS = 2
STEPS = 2
_DRIVE = """
import asyncio, sys
from pathlib import Path
from jackfield.core import Core, Options
from jackfield.core.automations import running
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.engines import load_engines

async def main():
    running.BATCH = 3
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


async def test_every_step_once_through_kills(play: Play, migrated_url: str, tmp_path: Path) -> None:
    sends = [{"type": "send", "text": str(number), "category": "utility"} for number in range(STEPS)]
    rule = await play.rule(*sends, trigger={"type": "manual"})
    await _people(play, rule.id)
    dice = random.Random(7)
    for _ in range(KILLS):
        process = subprocess.Popen([sys.executable, "-c", _DRIVE, migrated_url, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        # After some turns, and somewhere within the next: few enough that all kills together leave people in it.
        for _ in range(dice.randint(1, 3)):
            assert process.stdout.readline() == b"taken\n"
        with suppress(subprocess.TimeoutExpired):
            process.wait(dice.uniform(0.0, 0.03))
        assert process.poll() is None, "it was done before the kill"
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert await _left(play.core), "the kills came while people were in it"
    await play.settle()
    while await _left(play.core):
        await play.settle()
    async with play.core.db.read() as session:
        steps = select(func.count()).select_from(AutomationStep).group_by(AutomationStep.run_id)
        assert [*await session.scalars(steps)] == [STEPS] * PEOPLE
        sent = select(Message.peer, func.count()).where(Message.direction == "out").group_by(Message.peer)
        assert {row[1] for row in await session.execute(sent)} == {STEPS}
        assert [*await session.scalars(select(AutomationRun.state).distinct())] == ["done"]


async def _left(core: Core) -> int:
    async with core.db.read() as session:
        query = select(func.count()).select_from(AutomationRun).where(AutomationRun.due_at <= now_ms())
        return int(await session.scalar(query) or 0)
