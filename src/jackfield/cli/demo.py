"""demo: the main job on one command. What `make run` shows."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy import func, select

from jackfield.app import Server, StartupError, configure_logging
from jackfield.core.content import Text
from jackfield.core.core import Core
from jackfield.core.models import Campaign, Channel, Message
from jackfield.settings import Settings

from ._common import err, out, settings
from .campaigns import failures, show_failures
from .sending import funnel
from .serving import run_loop, serve_app

LISTED = "Demo contacts"
GREETING = "Hi {first_name}, our Diwali offer is here: 20 % off until Sunday. Reply STOP to hear no more."
RECEIPTS_WAIT_S = 12.0
"""How long the demo waits for receipts and replies once everything is sent."""


def run_demo() -> int:
    """Run the demo; gives the exit status."""
    chosen = settings()
    exit_after = os.environ.get("JACKFIELD_DEMO_EXIT", "") not in ("", "0")
    with ExitStack() as stack:
        if "JACKFIELD_DATA_DIR" not in os.environ:
            # Embedded and without configuration: every run begins afresh and leaves nothing behind.
            folder = tempfile.mkdtemp(prefix="jackfield-demo-")
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            chosen = chosen.model_copy(update={"data_dir": Path(folder)})
        chosen = chosen.model_copy(
            update={
                "simulator": True,
                "simulator_people": "lively"
                if "JACKFIELD_SIMULATOR_PEOPLE" not in os.environ
                else chosen.simulator_people,
                "allow_private_webhooks": True,
            }
        )
        configure_logging(chosen.model_copy(update={"log_level": "error"}))
        try:
            run_loop(_demo(chosen, exit_after))
        except StartupError as error:
            err.print(f"[red]Error:[/] {error}", highlight=False)
            return 1
        except (KeyboardInterrupt, SystemExit):
            return 0
    return 0


async def _demo(chosen: Settings, exit_after: bool) -> None:
    async with Server(chosen) as server:
        core = server.core
        async with core.db.read() as session:
            channel = (await session.execute(select(Channel).order_by(Channel.id).limit(1))).scalar_one()
        workspace_id = channel.workspace_id
        serving: asyncio.Task[None] | None = None
        if not exit_after:
            serving = asyncio.create_task(serve_app(server.app, chosen.host, chosen.port))
        await _import(core, workspace_id)
        campaign = await _campaign(core, workspace_id, channel.id)
        await _funnel(core, campaign)
        if serving is not None:
            _addresses(server, chosen)
            await serving


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
        f"[bold]1.[/] Imported a phone's contacts file: [green]{report.created} created[/], {report.merged} merged, "
        f"[yellow]{report.refused_total} refused[/] (for example: {report.refused[0].reason})"
        if report.refused
        else f"[bold]1.[/] Imported a phone's contacts file: {report.created} created, {report.merged} merged",
        highlight=False,
    )


async def _campaign(core: Core, workspace_id: int, channel_id: int) -> Campaign:
    templates: Any = getattr(core, "templates", None)
    if templates is not None:
        synced = await templates.sync_channel(channel_id)
        number = synced if isinstance(synced, int) else len(synced or [])
        out.print(f"[bold]2.[/] Synchronised {number} message templates from the network.", highlight=False)
    campaign = await core.campaigns.create(
        workspace_id,
        channel_id,
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
        read = bar.add_task("delivered or read", total=None)
        waited = 0.0
        while True:
            campaign = await core.campaigns.get(workspace_id, campaign.id)
            counts = await core.campaigns.counts(campaign)
            by = counts.by_state
            gone = counts.total - by["queued"] - by["scheduled"] - by["sending"]
            bar.update(sent, total=counts.total or None, completed=gone)
            arrived = by["delivered"] + by["read"] + by["failed"] + by["skipped"]
            bar.update(read, total=counts.total or None, completed=arrived)
            over = campaign.state == "finished"
            if over:
                waited += 0.2
            if over and (waited > RECEIPTS_WAIT_S or (waited > 3 and not await _coming(core, campaign))):
                return campaign
            await asyncio.sleep(0.2)


async def _coming(core: Core, campaign: Campaign) -> bool:
    """Whether delivery receipts are still on their way."""
    counts = await core.campaigns.counts(campaign)
    return counts.by_state["sent"] > 0


async def _funnel(core: Core, campaign: Campaign) -> None:
    counts = await core.campaigns.counts(campaign)
    async with core.db.read() as session:
        replied = (
            await session.execute(
                select(func.count(func.distinct(Message.peer))).where(
                    Message.channel_id == campaign.channel_id, Message.direction == "in", Message.kind != "reaction"
                )
            )
        ).scalar_one()
    out.print("[bold]4.[/] What came of it:")
    table = funnel(campaign, counts)
    table.add_row("Replied", str(replied), "")
    out.print(table)
    show_failures(await failures(core, campaign))


def _addresses(server: Server, chosen: Settings) -> None:
    base = f"http://{chosen.host}:{chosen.port}"
    made = server.made
    key = made.api_key if made is not None else "YOUR_KEY"
    lines = [f"[bold]API:[/] {base}/api/docs"]
    if made is not None:
        lines.append(f"[bold]Login:[/] {made.email}  {made.password}")
    lines.append(f"[bold]Key:[/] {key}")
    out.print(Panel("\n".join(lines), title="Jackfield is running; Ctrl-C ends it", title_align="left"))
    for title, line in curl_lines(base, key):
        out.print(f"[bold]{title}[/]", highlight=False)
        # Printed without wrapping, so that it can be pasted.
        print(line)


def curl_lines(base: str, key: str) -> list[tuple[str, str]]:
    """Ready-to-paste requests, one per dialect that is there."""
    from jackfield.dialects import DIALECTS

    known = {
        "native": (
            "Native API",
            f"curl -X POST {base}/api/messages/text -H 'X-API-Key: {key}' -H 'Content-Type: application/json' "
            '-d \'{"to": "628123456789", "text": "Hello from Jackfield"}\'',
        ),
        "pabbly": (
            "Pabbly Chatflow",
            f"curl -X POST {base}/pabbly/api/v1/messages -H 'Authorization: Bearer {key}' "
            '-H \'Content-Type: application/json\' -d \'{"to": 628123456789, "type": "text", "message": "Hello"}\'',
        ),
        "chitchatlabs": (
            "ChitChatLabs",
            f"curl -X POST {base}/chitchatlabs/chat-service/apis/message/single -H 'x-tenant-api-key: {key}' "
            "-H 'Content-Type: application/json' -d '"
            '{"to": {"mobile": "919739978284", "name": "Partha"}, "fb_template": "habit_run_confirmation_message", '
            '"language": "en", "file": {"type": "image", "link": "https://example.com/test.png"}, '
            '"params": ["Partha", "Habit Run", "24th Nov"]}\'',
        ),
        "chattu": (
            "Chattu",
            f"curl {base}/chattu/api/clients -H 'x-api-key: {key}'",
        ),
        "chatly": (
            "Chatly",
            f"curl -X POST {base}/chatly/auth/api/login -H 'apikey: {key}' -F email=EMAIL -F password=PASSWORD",
        ),
    }
    return [known[dialect.name] for dialect in DIALECTS if dialect.name in known]
