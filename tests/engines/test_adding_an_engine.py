"""The engine of docs/adding-an-engine.md passes the contract as it is printed, and fails it once it is spoilt."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import jackfield
from jackfield.core import Core, Image, Invalid, Options, Submission, Text, Unsupported
from jackfield.core.models import Message
from jackfield.db.database import Database
from jackfield.db.secrets import use_key
from jackfield.engines import ENGINES, Engines
from jackfield.worker.worker import Worker

PAGE = Path(__file__).parents[2] / "docs" / "adding-an-engine.md"

SPOILT = {
    "a lost answer is called a failure": (
        "raise OutcomeUnknown(",
        "raise Unavailable(",
        "test_a_lost_answer_is_never_taken_for_a_failure",
    ),
    "what is not durable is forgotten": (
        "continue\n            self._loft.forget",
        "pass\n            self._loft.forget",
        "test_what_is_not_durable_is_told_again",
    ),
    "other kinds are sent as something else": (
        "if not isinstance(content, Text):",
        "content = content if isinstance(content, Text) else Text(text='?')\n        if False:",
        "test_content_that_the_engine_cannot_send_is_refused_in_words",
    ),
    "receipts are made up": ('state="delivered"', 'state="read"', "test_receipts"),
    "a receipt carries another message's ref": ('ref=note["ref"]', 'ref="77"', "test_receipts"),
    "nobody is told that the door is locked": (
        'raise LoginRequired("locked", why)',
        'raise Unavailable("locked", why)',
        "test_a_log_out_needs_a_person",
    ),
    "a claimed method takes something else": (
        "look_up(self, refs: Sequence[str])",
        "look_up(self, refs: Sequence[str], deep: bool = False)",
        "test_claims_are_methods",
    ),
}
"""What to spoil in the example (right, wrong), each a mistake that engines make, and the test that must notice."""


def _examples() -> dict[str, str]:
    """The page's files by name."""
    blocks = re.findall(r"```python\n# (\w+\.py)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return dict(blocks)


def _run(folder: Path, files: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """pytest over these files, in a process of its own as a third party would run it."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    source = str(Path(jackfield.__file__).parents[1])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((source, str(folder)))}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(folder)]
    command += ["--tb=line", "-rfE", str(folder)]
    return subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True, timeout=150)


def test_the_example_passes_the_contract(tmp_path: Path) -> None:
    done = _run(tmp_path / "example", _examples())
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_the_contract_notices_what_is_wrong(tmp_path: Path) -> None:
    page = _examples()
    # What must come and does not is waited for; these mistakes need no more than a moment to show.
    test = page["test_pigeon.py"].replace("    connection = False\n", "    connection = False\n    patience_s = 1.0\n")
    assert test != page["test_pigeon.py"]
    files = {"network.py": page["network.py"]}
    for number, (right, wrong, _) in enumerate(SPOILT.values()):
        assert page["engine.py"].count(right) == 1, f"the page no longer says {right!r}"
        files[f"engine_{number}.py"] = page["engine.py"].replace(right, wrong)
        files[f"test_pigeon_{number}.py"] = test.replace("from engine import", f"from engine_{number} import")
    done = _run(tmp_path / "spoilt", files)
    for number, (mistake, (_, _, noticed)) in enumerate(SPOILT.items()):
        failed = re.findall(rf"^FAILED \S*test_pigeon_{number}\.py::\w+::(\w+)", done.stdout, re.MULTILINE)
        assert noticed in failed, f"the contract did not notice that {mistake}; {failed} failed:\n{done.stdout[-3000:]}"
        assert len(failed) <= 4, f"{mistake}: this breaks more than it should: {failed}"


@pytest.fixture
async def pigeons(migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Core]:
    """A core in whose registry the page's engine has its one line."""
    package = tmp_path / "pigeon"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for name, text in _examples().items():
        (package / name).write_text(
            re.sub(r"^from (network|engine) import", r"from .\1 import", text, flags=re.MULTILINE)
        )
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in [name for name in sys.modules if name.partition(".")[0] == "pigeon"]:
        monkeypatch.delitem(sys.modules, name)
    use_key("secret key of the tests")
    engines = Engines({**ENGINES, "pigeon": "pigeon"})
    core = Core(Database(migrated_url), engines=engines, options=Options(data_dir=tmp_path, poll_seconds=0.05))
    await core.open()
    worker = Worker(core)
    worker.start()
    try:
        yield core
    finally:
        await worker.close()
        await core.close()


async def test_the_product_speaks_with_letters_for_addresses(pigeons: Core) -> None:
    """A message, a reply, a group, a contact and a campaign, on a network that the core has never heard of."""
    core = pigeons
    made = await core.accounts.bootstrap("Test", "owner@example.com", "correct horse battery", "test-key-0123456789")
    assert made is not None
    workspace = made.workspace_id
    engine, played = import_module("pigeon.engine"), import_module("pigeon.test_pigeon")
    loft = engine.LOFTS["home"] = played.Loft()
    channel = await core.channels.create(
        workspace, name="Roof", engine="pigeon", config={"loft": "home", "key": "oats"}
    )
    assert channel.network == "pigeon"
    await core.channels.connect(workspace, channel.id)

    async def send(to: str, text: str, **fields: Any) -> None:
        peer, kind = core.networks.parse("pigeon", to)
        content = Text(text=text)
        core.networks.check("pigeon", content)
        item = Submission(
            workspace_id=workspace, channel_id=channel.id, peer=peer, chat_kind=kind, content=content, **fields
        )
        async with asyncio.timeout(60):
            _, settled = await core.messages.submit_and_wait(item, 20)
        assert settled is not None
        assert settled.state in ("sent", "delivered"), settled

    async def until(ready: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(60):
            while not await ready():
                await asyncio.sleep(0.02)

    # A message, as a person types the address.
    await send(" alice ", "Coo?")
    assert [one["to"] for one in loft.flown] == ["ALICE"]
    with pytest.raises(Invalid, match="2 to 30 letters"):
        core.networks.parse("pigeon", "+62 811")
    with pytest.raises(Invalid, match="too heavy"):
        core.networks.check("pigeon", Text(text="x" * 501))
    with pytest.raises(Unsupported):
        core.networks.check("pigeon", Image(url="https://example.com/a.png"))

    # She answers, and is a contact from then on; the chat that we began is hers.
    loft.note({"id": "letter-1", "from": "ALICE", "text": "Coo!"})

    async def alice() -> bool:
        return await core.contacts.find(workspace, "loft", "ALICE") is not None

    await until(alice)
    contact = await core.contacts.find(workspace, "loft", "ALICE")
    assert contact is not None
    (chat,) = (await core.chats.chats(workspace)).items
    assert (chat.chat.peer, chat.chat.contact_id) == ("ALICE", contact.id)
    await send("ALICE", "How are you?", reply_to="letter-1")

    # A flock: what is said there is a chat of its own, and answers go to it.
    loft.note({"id": "flock-1", "from": "ALICE", "to_flock": "FRIENDS!", "text": "Coo, all"})

    async def flock() -> bool:
        return len((await core.chats.chats(workspace)).items) == 2

    await until(flock)
    await send("friends!", "Coo, both of you")
    assert loft.flown[-1]["to"] == "FRIENDS!"

    # A campaign finds her by the network's kind of identity, and leaves out who has none.
    await core.contacts.create(workspace, name="Bob", phone="628111222333")
    await core.contacts.create(workspace, name="Carol", identities={"loft": "CAROL"})
    campaign = await core.campaigns.create(
        workspace, channel.id, name="News", content=Text(text="Oats are here"), audience={"all": True}
    )

    async def finished() -> bool:
        return (await core.campaigns.get(workspace, campaign.id)).state == "finished"

    await until(finished)
    async with core.db.read() as session:
        query = select(Message.peer, Message.error_code).where(Message.campaign_id == campaign.id)
        rows = {row.peer: row.error_code for row in await session.execute(query)}
    assert rows == {"ALICE": None, "CAROL": None, "": "no_address"}
    assert {one["to"] for one in loft.flown[-2:]} == {"ALICE", "CAROL"}
