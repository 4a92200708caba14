"""webhook list, add, test, deliveries, replay, enable, disable, remove."""

from __future__ import annotations

from typing import Annotated

import typer

from ._command import at_desk
from ._common import MOST_ID, AsJson, complain, say, show_json, show_table
from ._desk import Desk, upto

app = typer.Typer(help="Where events are delivered.", no_args_is_help=True)
WebhookId = Annotated[int, typer.Argument(min=1, max=MOST_ID, help="The webhook's id.")]


@app.command("list")
@at_desk
async def list_webhooks(desk: Desk, as_json: AsJson = False) -> None:
    """Show the webhooks, without their secrets."""
    rows = [one async for one in desk.api.pages("/webhooks", limit=200)]
    if as_json:
        show_json([{name: value for name, value in row.items() if name != "secret"} for row in rows])
        return
    show_table(
        ["Id", "Address", "Events", "Format", "State", "Failing since"],
        [
            [
                row["id"],
                row["url"],
                ", ".join(row["events"] or ["*"]),
                row["format"],
                "on" if row["enabled"] else f"off: {row['disabledReason'] or 'by hand'}",
                row["failingSince"],
            ]
            for row in rows
        ],
        empty="There is no webhook yet; `jackfield webhook add URL` makes one.",
    )


@app.command("add")
@at_desk
async def add(
    desk: Desk,
    address: Annotated[str, typer.Argument(help="The URL that takes the events.")],
    event: Annotated[
        list[str] | None, typer.Option(help="An event or family such as message.*; all when left out.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="In which shape: native, or a vendor's.")] = "native",
    channel: Annotated[str | None, typer.Option(help="Only events of this channel, by id or key.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add a webhook; its signing secret is shown once."""
    profile = {"profileId": (await desk.profile(channel)).id} if channel is not None else {}
    body = {"url": address, "format": format_, **({"events": event} if event else {}), **profile}
    made = await desk.api.post("/webhooks", body)
    if as_json:
        show_json(made)
        return
    say(f"Webhook {made['id']} was created. Its secret: {made['secret']}")
    say(f"Try it: jackfield webhook test {made['id']}")


@app.command("test")
@at_desk
async def send_test_event(desk: Desk, webhook_id: WebhookId, as_json: AsJson = False) -> None:
    """Deliver a test event now and tell what came back; ends with status 1 when it was not taken."""
    done = await desk.api.post(f"/webhooks/{webhook_id}/test")
    if as_json:
        show_json(done)
    elif done["delivered"]:
        say(f"Delivered: {done['responseStatus']} after {done['durationMs']} ms.")
    else:
        complain(f"Not delivered: {done['error'] or done['responseStatus']}")
    if not done["delivered"]:
        raise typer.Exit(1)


@app.command("deliveries")
@at_desk
async def deliveries(
    desk: Desk,
    webhook_id: WebhookId,
    status: Annotated[str | None, typer.Option(help="Only these: pending, delivered or failed.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what was delivered and what not, the newest first."""
    pages = desk.api.pages(f"/webhooks/{webhook_id}/deliveries", limit=min(limit, 200), status=status)
    rows = await upto(limit, pages)
    if as_json:
        show_json(rows)
        return
    keys = ["id", "createdAt", "event", "status", "attempts", "responseStatus", "error"]
    show_table(
        ["Id", "Came", "Event", "Status", "Attempts", "Answer", "Error"],
        [[row[key] for key in keys] for row in rows],
        empty="Nothing was delivered yet.",
    )


@app.command("replay")
@at_desk
async def replay(
    desk: Desk,
    webhook_id: WebhookId,
    delivery: Annotated[int | None, typer.Option(min=1, max=MOST_ID, help="Only this one.")] = None,
) -> None:
    """Deliver again what failed, or one delivery."""
    if delivery is not None:
        await desk.api.post(f"/webhooks/{webhook_id}/deliveries/{delivery}/replay")
        say(f"Delivery {delivery} goes out again.")
        return
    done = await desk.api.post(f"/webhooks/{webhook_id}/replay")
    say(f"{done['replayed']} failed deliveries go out again.")


async def _switch(desk: Desk, webhook_id: int, enabled: bool) -> None:
    await desk.api.patch(f"/webhooks/{webhook_id}", {"enabled": enabled})
    say(f"Webhook {webhook_id} is {'on' if enabled else 'off'}.")


@app.command("enable")
@at_desk
async def enable(desk: Desk, webhook_id: WebhookId) -> None:
    """Switch a webhook on."""
    await _switch(desk, webhook_id, True)


@app.command("disable")
@at_desk
async def disable(desk: Desk, webhook_id: WebhookId) -> None:
    """Switch a webhook off; what waits for it is kept."""
    await _switch(desk, webhook_id, False)


@app.command("remove")
@at_desk
async def remove(
    desk: Desk, webhook_id: WebhookId, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Remove a webhook with the log of its deliveries."""
    if not yes:
        typer.confirm(f"Remove webhook {webhook_id}?", abort=True)
    await desk.api.webhooks.delete(str(webhook_id))
    say(f"Webhook {webhook_id} is removed.")
