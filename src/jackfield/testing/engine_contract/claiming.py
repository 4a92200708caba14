"""What an engine says of itself: claims that are methods, a configuration that can be shown, secrets that are kept."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from jackfield.core.ground.errors import Invalid, SendError, Unsupported
from jackfield.core.port import (
    CAPABILITIES,
    CanBusinessProfile,
    CanCatalog,
    CanCheckContacts,
    CanDelete,
    CanDescribeAccount,
    CanEdit,
    CanGroup,
    CanHearJoinRequests,
    CanMarkRead,
    CanNewsletter,
    CanShowPicture,
    CanTemplate,
    CanType,
    CanUpload,
    Done,
    GroupInfo,
    LoginChanged,
    claims,
    require,
)
from jackfield.core.port.content import Content, Image, Text, kind_of

from .line import Line
from .samples import OUTGOING


def _parameters(method: Any) -> list[str]:
    return [name for name in inspect.signature(method).parameters if name != "self"]


class Claiming:
    """Part of the contract."""

    async def test_the_engine_describes_itself(self, line: Line) -> None:
        """Name, title, limits, and a configuration that a form can be drawn from."""
        engine = line.adapter.engine
        assert engine.name.isidentifier()
        assert engine.title.strip()
        assert engine.limits.rate > 0
        assert engine.limits.concurrency > 0
        schema = engine.config_model.model_json_schema(by_alias=True)
        assert schema["type"] == "object"
        assert isinstance(line.config, engine.config_model)

    async def test_the_configuration_survives_storage(self, line: Line) -> None:
        """It is stored as JSON under its aliases, and says the same when it is read again."""
        from jackfield.core.channels.service import Channels

        stored = Channels.dump_config(line.config)
        assert type(line.config).model_validate_json(stored) == line.config

    async def test_secrets_do_not_show(self, line: Line) -> None:
        """Neither in the configuration's repr nor in the session's."""
        session = await line.open()
        for secret in line.adapter.secrets:
            assert secret not in repr(line.config)
            assert secret not in str(line.config)
            assert secret not in repr(session)

    async def test_claims_are_methods(self, line: Line) -> None:
        """A claimed capability has every method of its protocol, with its parameters; the rest is Unsupported."""
        session = await line.open()
        engine = line.adapter.engine
        assert isinstance(session, engine.session_type), "session_type is the class that `open` gives"
        claimed = claims(engine.session_type)
        for name, protocol in CAPABILITIES.items():
            if name not in claimed:
                with pytest.raises(Unsupported) as missing:
                    require(session, protocol, engine.name)
                assert missing.value.details == {"capability": name}
                continue
            assert require(session, protocol, engine.name) is session
            for method, wanted in vars(protocol).items():
                if method.startswith("_") or not callable(wanted):
                    continue
                given = getattr(engine.session_type, method)
                assert _parameters(given) == _parameters(wanted), f"{method} must take what its protocol says"
                is_async = inspect.iscoroutinefunction(given) or inspect.isasyncgenfunction(given)
                assert is_async, f"{method} must be async"
        await line.taken(0)

    async def test_kinds_and_claims_agree(self, line: Line) -> None:
        """Reactions and polls are claimed by whoever sends them, and by nobody else; so are the kinds that the API
        refuses or lets through."""
        claimed = claims(line.adapter.engine.session_type)
        assert ("reactions" in claimed) == ("reaction" in line.adapter.sends)
        assert ("polls" in claimed) == ("poll" in line.adapter.sends)
        assert line.adapter.engine.network.kinds == {kind_of(OUTGOING[name]) for name in line.adapter.sends}

    async def test_addresses_are_read_and_shown(self, line: Line) -> None:
        """What is shown is read again as the same address, and people are found by it."""
        adapter = line.adapter
        network = adapter.engine.network
        assert network.engine == adapter.engine.name
        assert network.name
        addressing = network.addressing
        assert addressing.identity_kinds
        assert addressing.parse(adapter.peer) == (adapter.peer, "private")
        assert addressing.parse(f" {addressing.show(adapter.peer)} ") == (adapter.peer, "private")
        assert addressing.spellings(adapter.peer)[0] == adapter.peer
        identity = addressing.identity(adapter.peer)
        assert identity is not None
        assert identity[0] in addressing.identity_kinds
        assert addressing.address(*identity) == adapter.peer
        if adapter.group is not None:
            assert addressing.parse(adapter.group) == (adapter.group, "group")
            assert addressing.identity(adapter.group) is None
        for given in ("", " ", True, None, 1.5, "x" * 200):
            with pytest.raises(Invalid) as refused:
                addressing.parse(given)
            assert refused.value.code == "INVALID_RECIPIENT"

    async def test_the_account_is_the_one_that_logged_in(self, line: Line) -> None:
        """`account` names the address that the login named."""
        session = await line.open()
        done = [report.step for report in line.heard.of(LoginChanged) if isinstance(report.step, Done)]
        assert done[0].address
        account = require_or_skip(session, CanDescribeAccount)
        assert (await account.account()).address == done[0].address

    async def test_the_business_profile_is_kept(self, line: Line) -> None:
        """What was changed of it is there afterwards, and the rest as before."""
        profile = require_or_skip(await line.open(), CanBusinessProfile)
        before = await profile.business_profile()
        await profile.update_business_profile({"about": "Soup since 1987", "websites": ["https://example.com/"]})
        after = {"about": "Soup since 1987", "websites": ["https://example.com/"]}
        assert await profile.business_profile() == before | after

    async def test_edit(self, line: Line) -> None:
        """A sent text can be changed."""
        session = await line.open()
        edits = require_or_skip(session, CanEdit)
        sent = await session.send(line.message(Text(text="Helo")))
        await edits.edit(line.adapter.peer, sent.provider_id, Text(text="Hello"))

    async def test_delete(self, line: Line) -> None:
        """A sent message can be deleted for everyone."""
        session = await line.open()
        deletes = require_or_skip(session, CanDelete)
        sent = await session.send(line.message(Text(text="Oops")))
        await deletes.delete(line.adapter.peer, sent.provider_id)

    async def test_typing_and_read_marks(self, line: Line) -> None:
        """Both refer to what the peer wrote last; neither is a message."""
        session = await line.open()
        came = await line.heard.incoming(await line.adapter.write("text"))
        if isinstance(session, CanType):
            await session.typing(came.chat, True, came.provider_id)
            await session.typing(came.chat, False, came.provider_id)
        if isinstance(session, CanMarkRead):
            await session.mark_read(came.chat, [came.provider_id], came.sender)
        await line.taken(0)

    async def test_lists_of_the_account(self, line: Line) -> None:
        """Groups, newsletters, templates and catalogs can be read where they are claimed."""
        session = await line.open()
        seen: list[list[Any]] = []
        if isinstance(session, CanGroup):
            groups = await session.list_groups()
            assert all(isinstance(one, GroupInfo) and one.kind == "group" for one in groups)
            seen.append(groups)
        if isinstance(session, CanNewsletter):
            letters = await session.list_newsletters()
            assert all(one.kind == "newsletter" for one in letters)
            seen.append(letters)
        if isinstance(session, CanTemplate):
            templates = await session.list_templates()
            assert all(one.name and one.language and one.status.isupper() for one in templates)
            seen.append(templates)
        if isinstance(session, CanCatalog):
            for catalog in await session.list_catalogs():
                products = [product async for product in session.list_products(catalog.provider_id)]
                assert all(product.retailer_id for product in products)
                seen.append(products)
        if not seen:
            pytest.skip("the engine claims none of these")

    async def test_pictures(self, line: Line) -> None:
        """A picture is an address, or none."""
        session = await line.open()
        shows = require_or_skip(session, CanShowPicture)
        found = await shows.picture(line.adapter.peer)
        assert found is None or found.startswith("http")

    async def test_who_asks_to_join(self, line: Line) -> None:
        """Those who ask are addresses; a group that there is not is an error of the port."""
        session = await line.open()
        hears = require_or_skip(session, CanHearJoinRequests)
        with pytest.raises(SendError):
            await hears.join_requests("no group")

    async def test_uploads(self, line: Line) -> None:
        """A file that was uploaded is sent by its id."""
        session = await line.open()
        keeps = require_or_skip(session, CanUpload)
        data, mime, name = line.store.files["image"]
        media_id = await keeps.upload(data, mime=mime, filename=name)
        await session.send(line.message(Image(media_id=media_id)))
        await line.taken(1)

    async def test_checking_numbers(self, line: Line) -> None:
        """Each number gets one answer, in order."""
        session = await line.open()
        checker = require_or_skip(session, CanCheckContacts)
        (answer,) = await checker.check_contacts([line.adapter.peer])
        assert answer.phone == line.adapter.peer
        assert answer.exists
        assert answer.address

    async def test_content_that_the_engine_cannot_send_is_refused_in_words(self, line: Line) -> None:
        """A kind that is not declared never reaches the network, and the refusal says why to a person."""
        session = await line.open()
        for name, content in undeclared(line).items():
            with pytest.raises((SendError, Unsupported)) as refused:
                await session.send(line.message(content))
            error: Any = refused.value
            assert getattr(error, "certain", True), f"{name}: it surely was not sent"
            assert len(error.message) > 10, f"{name}: {error.message!r} explains nothing"
        await line.taken(0)


def undeclared(line: Line) -> dict[str, Content]:
    """The samples that the adapter does not declare."""
    return {name: content for name, content in OUTGOING.items() if name not in line.adapter.sends}


def require_or_skip(session: Any, capability: Any) -> Any:
    """The session, if it claims this; else the test does not apply."""
    if not isinstance(session, capability):
        pytest.skip(f"the engine does not claim {capability.__name__}")
    return session
