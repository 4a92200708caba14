"""The secret key belongs to its database; it can be changed, and a change that is cut off goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from jackfield.core import Core, NotFound
from jackfield.core.ground import sealing
from jackfield.core.ground.sealing import WrongSecretKey, pseudonym_of
from jackfield.core.models import InstanceSecret
from jackfield.db.base import Base, Sealed
from jackfield.db.secrets import SecretKeyFile, is_current, load_or_make, use_key

OLD, NEW = "secret key of the tests", "a new key for the tests"


class Cut(Exception):
    """The process ends here."""


@pytest.fixture(autouse=True)
def old_key() -> Iterator[None]:
    yield
    use_key(OLD)


async def stored(core: Core) -> dict[str, list[bytes]]:
    """Every sealed value, as the database keeps it, by table and column."""
    found: dict[str, list[bytes]] = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Sealed):
                async with core.db.read() as session:
                    rows = await session.execute(text(f"SELECT {column.name} FROM {table.name}"))
                values = [one.encode() if isinstance(one, str) else one for (one,) in rows if one is not None]
                found[f"{table.name}.{column.name}"] = values
    return found


@pytest.fixture
async def filled(core: Core) -> tuple[Core, int]:
    """A core with something in the sealed columns; its workspace."""
    made = await core.accounts.bootstrap()
    assert made is not None
    workspace = made.workspace_id
    await core.channels.create(workspace, name="Line", engine="simulator")
    hook = await core.webhooks.create(workspace, url="https://example.com/hook", events=["*"])
    await core.webhooks.rotate(workspace, hook.id)

    async def answer() -> tuple[str, int]:
        return '{"secret":"whsec_shown_once"}', 200

    await core.accounts.once(workspace, "key", "mark", answer)
    await core.sealing.check()
    sealed = {name for name, values in (await stored(core)).items() if values}
    assert sealed >= {"api_keys.secret", "channels.config", "endpoints.secret", "endpoints.old_secret"}
    assert sealed >= {"idempotency_keys.response", "instance_secrets.value"}
    return core, workspace


async def test_an_answer_with_a_secret_is_not_kept_in_clear(filled: tuple[Core, int]) -> None:
    core, workspace = filled
    async with core.db.read() as session:
        kept = (await session.execute(text("SELECT response FROM idempotency_keys"))).scalar_one()
    assert "whsec_shown_once" not in kept

    async def again() -> tuple[str, int]:
        raise AssertionError("a second effect")

    assert (await core.accounts.once(workspace, "key", "mark", again)).response == '{"secret":"whsec_shown_once"}'


async def test_an_answer_from_before_it_was_sealed_is_given_again(filled: tuple[Core, int]) -> None:
    core, workspace = filled
    async with core.db.transaction() as session:
        await session.execute(text("UPDATE idempotency_keys SET response = '[1]'"))
    answer = await core.accounts.recall(workspace, "key", "mark")
    assert answer is not None
    assert answer.response == "[1]"


async def test_a_database_of_another_key_is_refused(filled: tuple[Core, int]) -> None:
    core, _ = filled
    use_key(NEW)
    with pytest.raises(WrongSecretKey, match="another secret key"):
        await core.migrate()
    # A database from before there was a mark is told by what is sealed in it.
    async with core.db.transaction() as session:
        await session.execute(text("DELETE FROM instance_secrets"))
    with pytest.raises(WrongSecretKey, match="another secret key"):
        await core.migrate()
    use_key(OLD)
    await core.migrate()


async def test_everything_is_sealed_anew_and_opens_the_same(filled: tuple[Core, int]) -> None:
    core, workspace = filled
    before = await stored(core)
    key = await core.accounts.reveal(workspace, 1)
    pseudonym = await core.sealing.pseudonym(workspace, "4915112345678")
    link, _ = core.media.link(await core.media.store(workspace, b"%PDF-1.4 x"), "http://here")
    use_key(NEW, OLD)
    assert not await core.sealing.is_adopted()
    await core.sealing.check(adopt=True)
    assert await core.sealing.is_adopted()
    told: list[int] = []
    assert await core.sealing.reseal(told.append) == sum(map(len, before.values())) - 1
    assert await core.sealing.reseal() == 0
    _, _, query = link.partition("?expires=")
    expires, _, signature = query.partition("&signature=")
    assert (await core.media.open_link(1, int(expires), signature)).id == 1
    use_key(NEW)
    for name, values in (await stored(core)).items():
        assert all(map(is_current, values)), name
    assert await core.accounts.reveal(workspace, 1) == key
    core.sealing._pseudonyms = None
    assert await core.sealing.pseudonym(workspace, "4915112345678") == pseudonym
    with pytest.raises(NotFound):
        await core.media.open_link(1, int(expires), signature)


async def test_a_change_that_was_cut_off_goes_on(filled: tuple[Core, int], monkeypatch: pytest.MonkeyPatch) -> None:
    core, workspace = filled
    keys = [(await core.accounts.create_key(workspace, name=f"key {n}")).key.id for n in range(5)]
    shown = [await core.accounts.reveal(workspace, one) for one in keys]
    monkeypatch.setattr(sealing, "BATCH", 2)
    use_key(NEW, OLD)

    def cut(count: int) -> None:
        if count >= 4:
            raise Cut

    with pytest.raises(Cut):
        await core.sealing.reseal(cut)
    # A server that runs meanwhile, with both keys, reads everything.
    assert [await core.accounts.reveal(workspace, one) for one in keys] == shown
    assert await core.sealing.reseal() > 0
    use_key(NEW)
    assert [await core.accounts.reveal(workspace, one) for one in keys] == shown


async def test_what_opens_with_neither_key_is_named(filled: tuple[Core, int]) -> None:
    core, _ = filled
    async with core.db.transaction() as session:
        await session.execute(text("UPDATE channels SET config = :junk"), {"junk": b"junk"})
    use_key(NEW, OLD)
    with pytest.raises(Exception, match=r"channels\.config of row 1 opens neither"):
        await core.sealing.reseal()


async def test_a_login_lasts_through_the_change(core: Core) -> None:
    made = await core.accounts.bootstrap()
    assert made is not None
    _, token = await core.accounts.login(made.email, made.password)
    use_key(NEW, OLD)
    assert (await core.accounts.authenticate_token(token)).member_id == made.member_id


async def test_pseudonyms_tell_workspaces_apart(core: Core) -> None:
    first = await core.sealing.pseudonym(1, "4915112345678")
    assert first == await core.sealing.pseudonym(1, "4915112345678") != await core.sealing.pseudonym(2, "4915112345678")
    assert pseudonym_of(b"another installation", 1, "4915112345678") != first
    async with core.db.read() as session:
        assert len((await session.scalars(select(InstanceSecret.name))).all()) == 1


def test_the_key_in_the_folder_changes_in_two_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (first,) = load_or_make(tmp_path)
    keys = SecretKeyFile(tmp_path)
    assert keys.begin()
    new, old = load_or_make(tmp_path)
    assert (old, new != first) == (first, True)
    assert not keys.begin()
    assert load_or_make(tmp_path) == [new, old]

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("jackfield.db.secrets.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        keys.finish()
    monkeypatch.undo()
    assert load_or_make(tmp_path) == [new, old], "a write that fails leaves the file as it was"
    keys.finish()
    assert load_or_make(tmp_path) == [new]
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
