"""No engine reaches an address of this server's network unless the operator listed it: at save, and at the dial."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

from jackfield.core import Core
from jackfield.core.egress import LOOPBACK, AllowList, Resolver
from jackfield.core.ground.errors import Invalid, SendError, Unavailable
from jackfield.core.models import Workspace
from jackfield.core.port import ChannelInfo, Engine
from jackfield.engines.simulator.control import RemoteAccount, control
from jackfield.engines.simulator.engine import SimulatorEngine
from jackfield.engines.telegram_bot.engine import TelegramBotEngine
from jackfield.engines.whatsapp_cloud.engine import WhatsAppCloudEngine
from jackfield.engines.whatsapp_web.engine import WhatsAppWebEngine

ENGINES: list[tuple[Engine, str, str, dict[str, Any]]] = [
    (TelegramBotEngine(), "baseUrl", "http", {"token": "123456:" + "A" * 35}),
    (WhatsAppCloudEngine(), "baseUrl", "http", {"phoneNumberId": "123", "accessToken": "EAAJ"}),
    (SimulatorEngine(), "url", "http", {}),
    (WhatsAppWebEngine(maker="none:none"), "proxy", "socks5", {}),
]


class Inside:
    """A service of the server's own network. `reached` counts connections."""

    def __init__(self) -> None:
        self.reached = 0
        self.port = 0

    async def take(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reached += 1
        writer.close()


@pytest.fixture
async def inside() -> AsyncIterator[Inside]:
    found = Inside()
    server = await asyncio.start_server(found.take, "127.0.0.1", 0)
    found.port = server.sockets[0].getsockname()[1]
    yield found
    server.close()


@pytest.fixture
async def ws(lite: Core) -> int:
    async with lite.unit() as unit:
        workspace = Workspace(name="W", created_at=unit.now)
        unit.session.add(workspace)
        await unit.session.flush()
        return workspace.id


@pytest.fixture
def rebinding(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Name servers of the test: every name is public at the first question and this machine ever after. Gives the names
    that were asked for."""
    asked: list[str] = []

    async def resolve(_self: Any, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        address = "127.0.0.1" if host in asked else "93.184.216.34"
        asked.append(host)
        return [ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)]

    monkeypatch.setattr(Resolver, "resolve", resolve)
    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    return asked


async def dial(engine: Engine, config: dict[str, Any], folder: Path, allow: AllowList | None = None) -> None:
    async def nothing(*_: Any) -> None:
        return None

    given = {} if allow is None else {"egress_allow": allow}
    info = ChannelInfo(
        id=1,
        name="x",
        config=engine.config_model.model_validate(config),
        save_state=nothing,
        data_dir=str(folder),
        **given,
    )
    session = await engine.open(info, nothing)
    await session.close()


@pytest.mark.parametrize(("engine", "field", "scheme", "config"), ENGINES, ids=lambda one: getattr(one, "name", ""))
async def test_an_address_inside_is_refused_when_a_channel_is_saved(
    lite: Core, ws: int, engine: Engine, field: str, scheme: str, config: dict[str, Any]
) -> None:
    lite.options.egress_allow = AllowList()
    for host in ("127.0.0.1:9", "10.0.0.1:8080", "[fd00::1]:80", "169.254.169.254:80", "100.64.0.1:80", "localhost:9"):
        with pytest.raises(Invalid) as caught:
            await lite.channels.create(ws, name="x", engine=engine.name, config={**config, field: f"{scheme}://{host}"})
        assert list(caught.value.details) == [f"config.{field}"]
    assert await lite.channels.list(ws) == []

    made = await lite.channels.create(ws, name="x", engine=engine.name, config=config)
    with pytest.raises(Invalid, match="JACKFIELD_EGRESS_ALLOW"):
        await lite.channels.update(ws, made.id, config={field: f"{scheme}://10.0.0.1:8080"})

    lite.options.egress_allow = AllowList.parse("10.0.0.1:8080")
    await lite.channels.update(ws, made.id, config={field: f"{scheme}://10.0.0.1:8080"})
    with pytest.raises(Invalid):
        await lite.channels.update(ws, made.id, config={field: f"{scheme}://10.0.0.1:8081"})


@pytest.mark.parametrize(("engine", "field", "scheme", "config"), ENGINES, ids=lambda one: getattr(one, "name", ""))
async def test_an_address_inside_is_not_dialled(
    inside: Inside, tmp_path: Path, engine: Engine, field: str, scheme: str, config: dict[str, Any]
) -> None:
    """A channel that was saved before the guard, or past it."""
    with pytest.raises(Unavailable, match="may not be called") as caught:
        await dial(engine, {**config, field: f"{scheme}://127.0.0.1:{inside.port}"}, tmp_path)
    assert caught.value.code == "blocked"
    assert inside.reached == 0


@pytest.mark.parametrize(("engine", "field", "scheme", "config"), ENGINES, ids=lambda one: getattr(one, "name", ""))
async def test_a_name_that_turns_inward_after_the_save_is_not_dialled(
    lite: Core,
    ws: int,
    inside: Inside,
    rebinding: list[str],
    tmp_path: Path,
    engine: Engine,
    field: str,
    scheme: str,
    config: dict[str, Any],
) -> None:
    """DNS rebinding: the check at the save saw a public address, the dial would see this machine."""
    lite.options.egress_allow = AllowList()
    config = {**config, field: f"{scheme}://rebind.example:{inside.port}"}
    await lite.channels.create(ws, name="x", engine=engine.name, config=config)
    assert rebinding == ["rebind.example"]
    with pytest.raises(Unavailable, match="loopback"):
        await dial(engine, config, tmp_path)
    assert set(rebinding) == {"rebind.example"}
    assert inside.reached == 0


@pytest.mark.parametrize(("engine", "field", "scheme", "config"), ENGINES[:3], ids=lambda one: getattr(one, "name", ""))
async def test_a_listed_address_is_dialled(
    inside: Inside, tmp_path: Path, engine: Engine, field: str, scheme: str, config: dict[str, Any]
) -> None:
    with pytest.raises(SendError) as caught:
        await dial(engine, {**config, field: f"{scheme}://127.0.0.1:{inside.port}"}, tmp_path, LOOPBACK)
    assert caught.value.code != "blocked"
    assert inside.reached


async def test_a_number_is_not_registered_at_an_address_inside(inside: Inside) -> None:
    engine = WhatsAppCloudEngine()
    values = {"phoneNumberId": "123", "accessToken": "EAAJ", "baseUrl": f"http://127.0.0.1:{inside.port}"}
    with pytest.raises(SendError, match="may not be called"):
        await engine.register_number(engine.config_model.model_validate(values), "123456")
    assert inside.reached == 0


async def test_the_simulators_controls_reach_no_address_inside(inside: Inside) -> None:
    status, answer = await control(RemoteAccount(f"http://127.0.0.1:{inside.port}", "1"), "scan")
    assert (status, answer["error"]["code"]) == (502, "SIMULATOR_UNREACHABLE")
    assert inside.reached == 0
