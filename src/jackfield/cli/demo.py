"""demo: the main job on one command. What `make run` shows."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import tempfile
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from jackfield.app import Server
from jackfield.client import Campaign, Reason
from jackfield.core import CampaignView, ChannelView, Core, Text
from jackfield.dialects.native import shapes
from jackfield.server.log import configure_logging
from jackfield.server.startup_error import StartupError
from jackfield.settings import Settings

from ._common import clear_errors, err, out, say, settings
from .broadcasting import funnel, show_reasons
from .curl import curl_lines
from .serving import address, bind, run_loop, serve_app

LISTED = "Demo contacts"
GREETING = "Hi {first_name}, our Diwali offer is here: 20 % off until Sunday. Reply STOP to hear no more."
CONNECT_WAIT_S = 15.0
"""How long the demo waits for the simulated phone to be connected."""
QUIET_S, QUIET_MOST_S = 3.0, 15.0
"""Receipts and replies are waited for until none has come for so long, and for so long at most."""


def run_demo() -> None:
    """Run the demo. Raises typer.Exit when it cannot be run."""
    chosen = settings()
    exit_after = os.environ.get("JACKFIELD_DEMO_EXIT", "") not in ("", "0")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as stack:
        if "JACKFIELD_DATA_DIR" not in os.environ:
            # Embedded and without configuration: every run begins afresh and leaves nothing behind.
            folder = tempfile.mkdtemp(prefix="jackfield-demo-")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            chosen = chosen.model_copy(update={"data_dir": Path(folder)})
        lively = {} if "JACKFIELD_SIMULATOR_PEOPLE" in os.environ else {"simulator_people": "lively"}
        # Whoever looks at the demo wants to look at it, not to set it up.
        owner = {"owner_email": chosen.owner_email or "owner@localhost"}
        chosen = chosen.model_copy(
            update={"simulator": True, "egress_allow": _with_loopback(chosen.egress_allow), **lively, **owner}
        )
        configure_logging(chosen.model_copy(update={"log_level": "error"}))
        with clear_errors():
            listener = None if exit_after else stack.enter_context(_listener(chosen))
            try:
                run_loop(_demo(chosen, listener))
            except KeyboardInterrupt:
                say("Ended.")


def _with_loopback(listed: str) -> str:
    """The demo's receivers are on this machine."""
    return f"{listed}, localhost, 127.0.0.0/8, ::1"


def _listener(chosen: Settings) -> socket.socket:
    """The address to serve on; a free port where the usual one is taken and none was asked for."""
    try:
        return bind(chosen.host, chosen.port)
    except StartupError:
        if "JACKFIELD_PORT" in os.environ:
            raise
        return bind(chosen.host, 0)


async def _demo(chosen: Settings, listener: socket.socket | None) -> None:
    """Show the main job. With a listener it serves from the start: the page can be opened while the campaign runs."""
    async with Server(chosen) as server:
        channel = await server.core.channels.default((await server.core.accounts.first_workspace()).id)
        if listener is None:
            await _show(server.core, channel)
            return
        # Whoever is quick with a printed line waits for the answer, and is not refused.
        listener.listen()
        login = await _login(server, channel.workspace_id)
        base = address(listener)
        _addresses(base, login)
        serving = asyncio.create_task(serve_app(server.app, listener, chosen))
        showing = asyncio.create_task(_show_and_tell(server.core, channel, base, login))
        try:
            # The first to end is the show, unless a signal ends serving before.
            await asyncio.wait((serving, showing), return_when=asyncio.FIRST_COMPLETED)
            if showing.done():
                showing.result()
            await serving
        finally:
            for task in (serving, showing):
                task.cancel()
            await asyncio.wait((serving, showing))


async def _show_and_tell(core: Core, channel: ChannelView, base: str, login: Login) -> None:
    await _show(core, channel)
    for title, line in curl_lines(base, login.key, login.email, login.password):
        out.print(f"[bold]{title}[/]", highlight=False)
        # Printed without wrapping, so that it can be pasted.
        print(line)
    out.print(f"[bold]{base}/phone[/] is open for you to write as a customer. Ctrl-C ends it.", highlight=False)


async def _show(core: Core, channel: ChannelView) -> None:
    """A contacts file, a campaign, what came of it."""
    await _import(core, channel.workspace_id)
    await _templates(core, channel)
    campaign = await _campaign(core, channel)
    await _funnel(core, campaign)


async def _import(core: Core, workspace_id: int) -> None:
    sample = files("jackfield.data").joinpath("sample_contacts.csv")
    with as_file(sample) as path, open(path, "rb") as source:
        report = await core.contacts.import_file(
            workspace_id,
            source,
            filename="sample_contacts.csv",
            default_country="IN",
            mapping=None,
            on_duplicate="merge",
            list_name=LISTED,
        )
    out.print(
        f"[bold]1.[/] Imported a contacts file as it left a phone: [green]{report.created} created[/], "
        f"{report.merged} merged, [yellow]{report.refused_total} refused[/].",
        highlight=False,
    )
    if report.refused:
        first = report.refused[0]
        out.print(Padding(f"[dim]Refused for example, line {first.line}:[/] {escape(first.reason)}", (0, 0, 0, 3)))


async def _templates(core: Core, channel: ChannelView) -> None:
    deadline = asyncio.get_running_loop().time() + CONNECT_WAIT_S
    while (await core.channels.get(channel.workspace_id, channel.id)).status != "connected":
        if asyncio.get_running_loop().time() > deadline:
            raise StartupError(f"The simulated phone was not connected within {CONNECT_WAIT_S:.0f} s.")
        await asyncio.sleep(0.05)
    number = await core.templates.sync_channel(channel.id)
    out.print(f"[bold]2.[/] Synchronised {number} message templates from the network.", highlight=False)


async def _campaign(core: Core, channel: ChannelView) -> CampaignView:
    campaign = await core.campaigns.create(
        channel.workspace_id,
        channel.id,
        name="Diwali offer",
        content=Text(text=GREETING),
        audience={"lists": [LISTED]},
        source="demo",
    )
    out.print("[bold]3.[/] Sending a personalised campaign through the simulated network.")
    with Progress(
        TextColumn("   {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        transient=True,
    ) as bar:
        sent = bar.add_task("sent", total=None)
        arrived = bar.add_task("delivered or read", total=None)
        loop = asyncio.get_running_loop()
        seen: Any = None
        changed = finished = loop.time()
        while True:
            campaign = await core.campaigns.get(channel.workspace_id, campaign.id)
            counts = await core.campaigns.counts(campaign)
            by = counts.by_state
            gone = counts.total - by["queued"] - by["scheduled"] - by["sending"]
            bar.update(sent, total=counts.total or None, completed=gone)
            bar.update(arrived, total=counts.total or None, completed=gone - by["sent"] - by["uncertain"])
            now, state = loop.time(), (campaign.state, by, await _replied(core, channel.id))
            if state != seen:
                seen, changed = state, now
            if campaign.state in ("scheduled", "running"):
                finished = now
            elif now - changed > QUIET_S or now - finished > QUIET_MOST_S:
                return campaign
            await asyncio.sleep(0.2)


async def _replied(core: Core, channel_id: int) -> int:
    """How many people have written."""
    return await core.usage.people_who_wrote(channel_id)


async def _funnel(core: Core, campaign: CampaignView) -> None:
    counts = await core.campaigns.counts(campaign)
    out.print("[bold]4.[/] What came of it:")
    shown = msgspec.convert(shapes.campaign(campaign, counts), Campaign)
    out.print(funnel(shown, await _replied(core, campaign.channel_id)))
    show_reasons([msgspec.convert(shapes.reason(*one), Reason) for one in await core.campaigns.failures(campaign)])


class Login(NamedTuple):
    """What opens the demo's workspace."""

    key: str
    email: str
    password: str


async def _login(server: Server, workspace_id: int) -> Login:
    made = server.made
    if made is not None:
        return Login(made.api_key, made.email, made.password)
    # A data folder of an earlier run: the key can be shown again, the password cannot.
    key, email = await _known(server.core, workspace_id)
    return Login(key, email, server.settings.owner_password.get_secret_value() or "YOUR_PASSWORD")


def _addresses(base: str, login: Login) -> None:
    lines = [
        f"[bold]Dashboard:[/] {base}/",
        f"[bold]Phone:[/]     {base}/phone",
        f"[bold]API:[/]       {base}/api/docs",
        f"[bold]Login:[/]     {escape(login.email)}  {escape(login.password)}",
        f"[bold]Key:[/]       {escape(login.key)}",
    ]
    out.print(Panel("\n".join(lines), title="Jackfield is running; Ctrl-C ends it", title_align="left"))


async def _known(core: Core, workspace_id: int) -> tuple[str, str]:
    """A key that works, and the owner's e-mail."""
    key = next((one for one in (await core.accounts.keys(workspace_id)).items if "*" in one.scopes), None)
    owner = next(iter((await core.accounts.members(workspace_id, role="owner")).items), None)
    return (
        await core.accounts.reveal(workspace_id, key.id) if key is not None else "YOUR_KEY",
        owner.email if owner is not None else "YOUR_EMAIL",
    )
